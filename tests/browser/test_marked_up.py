"""Markdown and its sources as they are read in a real browser, with and without JavaScript; the API's page at night."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import visiting

QUESTION = "What did Gabuev write about keeping spy cases quiet?"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visitor(browser: Browser, service: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(browser, service, java_script_enabled=request.param) as page:
        yield page


def test_a_quotes_place_in_markdown_is_read_without_marks_and_leads_to_its_source(visitor: Page) -> None:
    visitor.goto(f"/?q={QUESTION}")
    quote = visitor.locator(".quotes > li", has_text="[24]").first
    words = quote.locator("blockquote").inner_text()
    quote.locator(".source a").first.click()
    # The marks are hidden by the style sheet.
    visitor.wait_for_load_state()
    article = visitor.locator("#text")
    expect(article.locator(".sentence:target")).to_have_text(words)
    seen = article.inner_text()
    assert "##" not in seen
    assert "sources:" not in seen
    article.locator("a.ref", has_text="[24]").first.click()
    expect(visitor.locator(".sources li:target")).to_contain_text("Gabuev, thread")
    expect(visitor.locator(".sources li:target")).to_be_in_viewport()


def test_any_span_of_markdown_is_marked_where_its_offsets_say(page: Page) -> None:
    page.goto("/documents")
    page.get_by_role("link", name="Espionage and treason cases").first.click()
    text = page.evaluate("document.getElementById('text').textContent")
    start = text.index("held the Chinese national")
    page.goto(f"{page.url.split('#')[0]}#char={start},{start + 25}")
    expect(page.locator("#text mark")).to_have_text("held the Chinese national")


def test_the_apis_page_is_dark_at_night_and_leads_back(browser: Browser, service: str) -> None:
    with visiting(browser, service, color_scheme="dark") as page:
        page.goto("/docs")
        expect(page.locator(".swagger-ui .info")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 27)"
        page.get_by_role("link", name="Documents", exact=True).click()
        expect(page.locator("h1")).to_have_text("Documents")
