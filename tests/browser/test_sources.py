"""From a quote to its citation, its description and its record: in a real browser, with and without JavaScript."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rispy
from playwright.sync_api import Browser, Page, Route, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.browser.axe import CONTRAST, axe_source, violations
from tests.browser.conftest import serving, visiting
from tests.tools.parts import PARSERS, folder

QUESTION = "How many goats did the keeper keep?"
FILES = {
    "goats.md": (
        "---\nauthor: Ann Lee\ndate: 2024-03-05\n---\n# On goats\n\nThe lighthouse was lit in 1880.\n\n"
        "The keeper of the lighthouse kept nine goats on the island.\n"
    )
}
WITH_AND_WITHOUT = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])


@pytest.fixture
def service(tmp_path: Path, encoder: Encoder, library: Library) -> Iterator[str]:
    corpus = folder(tmp_path / "corpus", FILES)
    settings = Settings(corpus=corpus, index=tmp_path / "index", keys=tmp_path / "keys.json")
    ingest([corpus], settings.index, encoder, PARSERS)
    with serving(create_app(settings, Library(settings.index, encoder, library.scorer), PARSERS)) as address:
        yield address


def ask(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    page.locator("details.cite summary").first.click()


@WITH_AND_WITHOUT
def test_a_quote_is_cited_described_and_exported(browser: Browser, service: str, scripts: bool) -> None:
    with visiting(browser, service, java_script_enabled=scripts) as page:
        ask(page)
        if not scripts:
            page.locator("details.cite .loaded a").first.click()
        cited = page.locator(".cite section.loaded")
        expect(cited).to_contain_text("(Lee, 2024, para. 2)")
        page.get_by_role("link", name="Correct the description").last.click()
        page.get_by_label("Authors").fill("Ann Lee\nBo Roe")
        page.get_by_label("Publisher").fill("Harbour Press")
        page.get_by_label("Tags").fill("goats & co")
        page.get_by_role("button", name="Save").click()
        expect(page).to_have_url(re.compile(r"/documents/\w+/cite$"))
        expect(page.locator("section.loaded")).to_contain_text("Lee, A., & Roe, B. (2024). On goats. Harbour Press.")
        with page.expect_download() as download:
            page.get_by_role("link", name="RIS").click()
        assert rispy.loads(Path(download.value.path()).read_text())[0]["authors"] == ["Lee, Ann", "Roe, Bo"]
        page.goto("/documents")
        page.get_by_role("link", name="goats & co").click()
        expect(page.locator(".shelf tbody tr")).to_have_count(1)
        with page.expect_download() as download:
            page.get_by_role("link", name="BibTeX").click()
        assert "keywords = {goats \\& co}" in Path(download.value.path()).read_text()
        ask(page)
        expect(page.locator("details.cite").first).to_contain_text("Ann Lee and Bo Roe, On goats, Harbour Press")


def late(route: Route) -> None:
    """Lets a request go on after a second."""
    time.sleep(1)
    route.continue_()


def test_a_citation_is_copied_by_its_button_and_by_the_keyboard(browser: Browser, service: str) -> None:
    with visiting(browser, service, permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page)
        button = page.get_by_role("button", name="Copy APA", exact=True)
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#live")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == "(Lee, 2024, para. 2)"
        page.get_by_role("link", name="Correct the description").last.click()
        # The page is shown with its script, however late that is: a click before it would do nothing.
        page.route("**/static/copy.js", late)
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Copy BibTeX").click()
        expect(page.locator("#live")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{lee2024goats,")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_fit_for_everybody(browser: Browser, service: str, width: int) -> None:
    source = axe_source()
    with visiting(browser, service, viewport={"width": width, "height": 800}) as page:
        page.goto("/documents")
        address = page.locator(".shelf tbody a").first.get_attribute("href")
        for view in ("", "/cite", "/describe"):
            page.emulate_media(color_scheme="light")
            page.goto(f"{address}{view}")
            assert violations(page, source) == []
            page.emulate_media(color_scheme="dark")
            assert violations(page, source, CONTRAST) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
