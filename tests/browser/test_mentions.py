"""All mentions in a real browser: beside an answer, on a page of their own, narrowed, and opened in their place."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe_source, violations
from tests.browser.conftest import ServeFiles, visiting
from tests.browser.test_speed import SHIFT

NORTH = "# North\n\nIn summer the last ferry to Texel leaves at nine in the evening. Dogs travel for free.\n"
SOUTH = "# South\n\nThe ferry of the south was built in 1998. Nobody counts gulls on the quay. A ferry carries cars.\n"
PHONE = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def service(serve_files: ServeFiles) -> str:
    return serve_files({"north/a.md": NORTH, "south/b.md": SOUTH})


def said(page: Page) -> list[str]:
    return page.locator(".of-document blockquote").all_text_contents()


def ask(page: Page, question: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".asked")).to_have_text(question)


def test_a_list_shows_all_mentions_below_the_answer_by_itself(page: Page) -> None:
    ask(page, "What do the documents say about ferries?")
    expect(page.locator("details.mentions #found")).to_have_text("3 sentences in 2 documents")
    assert sum("ferry" in each for each in said(page)) == 3
    page.reload()
    expect(page.locator("details.mentions .of-document")).to_have_count(2)


def test_nothing_moves_when_they_come(page: Page) -> None:
    page.goto("/?q=List+all+ferries")
    expect(page.locator("details.mentions .of-document")).to_have_count(2)
    assert page.evaluate(SHIFT) == 0


def test_for_another_question_they_are_fetched_when_they_are_opened(page: Page) -> None:
    ask(page, "When does the last ferry to Texel leave?")
    expect(page.locator("details.mentions .of-document")).to_have_count(0)
    page.locator("details.mentions summary").press("Enter")
    expect(page.locator("details.mentions .of-document").first).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False])
def test_they_are_listed_narrowed_and_opened_in_their_place(browser: Browser, service: str, scripted: bool) -> None:
    with visiting(browser, service, java_script_enabled=scripted) as page:
        page.goto("/")
        page.get_by_role("link", name="Mentions").click()
        page.get_by_role("searchbox").fill("ferries")
        page.get_by_role("button", name="List").click()
        expect(page.locator("#found")).to_have_text("3 sentences in 2 documents")
        page.get_by_text("How many in each document").click()
        page.locator(".counts").get_by_role("link", name="South").click()
        expect(page.locator("#found")).to_have_text("2 sentences in 1 document")
        expect(page).to_have_url(re.compile("document="))
        page.get_by_role("searchbox", name="With these words").fill("1998")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("#found")).to_have_text("1 sentence in 1 document")
        page.locator(".of-document blockquote a").click()
        expect(page.locator(":target")).to_have_text("The ferry of the south was built in 1998.")


def test_without_a_script_an_answer_links_to_them(browser: Browser, service: str) -> None:
    with visiting(browser, service, java_script_enabled=False) as page:
        page.goto("/?q=List+all+ferries")
        page.get_by_role("link", name="Every sentence that bears on it").click()
        expect(page.locator("#found")).to_have_text("3 sentences in 2 documents")


def test_axe_finds_nothing_and_nothing_is_too_wide(browser: Browser, service: str) -> None:
    source = axe_source()
    for scheme in ("light", "dark"):
        with visiting(browser, service, viewport=PHONE, color_scheme=scheme) as page:
            page.goto("/mentions?q=ferries&folder=south")
            page.get_by_text("Only some documents").click()
            assert violations(page, source) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
