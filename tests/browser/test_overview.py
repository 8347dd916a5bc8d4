"""From a question about a whole document to its overview and to what that quotes, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import visiting


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visitor(browser: Browser, service: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(browser, service, java_script_enabled=request.param) as page:
        yield page


def test_a_summary_that_is_asked_for_leads_to_the_documents_own_words(visitor: Page) -> None:
    visitor.goto("/")
    visitor.fill("#q", "summarise the china russia report")
    visitor.keyboard.press("Enter")
    expect(visitor.locator("#verdict")).to_have_text("That is asked of a whole document")
    visitor.get_by_role("link", name="China Russia Report").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("China Russia Report")
    first = visitor.locator("section[aria-labelledby=key] blockquote a").first
    words = first.inner_text()
    first.click()
    expect(visitor.locator("#text .sentence:target")).to_have_text(words)
    visitor.go_back()
    question = visitor.locator(".question").first
    answer = visitor.locator("section[aria-labelledby=questions] blockquote a").first.inner_text()
    question.click()
    expect(visitor.locator(".quotes blockquote", has_text=answer).first).to_be_visible()
