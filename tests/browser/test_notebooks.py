"""Keep quotes and a conversation, write notes, find what has changed, export: in a real browser, with and without
JavaScript."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.browser.axe import CONTRAST, axe_source, violations
from tests.browser.conftest import serving, visiting
from tests.browser.test_sources import FILES, QUESTION, WITH_AND_WITHOUT
from tests.tools.parts import PARSERS, folder

GOATS = "The keeper of the lighthouse kept nine goats on the island."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    corpus = folder(tmp_path / "corpus", FILES)
    return Settings(corpus=corpus, index=tmp_path / "index", keys=tmp_path / "keys.json")


@pytest.fixture
def service(settings: Settings, encoder: Encoder, library: Library) -> Iterator[str]:
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    with serving(create_app(settings, Library(settings.index, encoder, library.scorer), PARSERS)) as address:
        yield address


def ask(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".quotes blockquote").first).to_contain_text(GOATS)


def keep(page: Page, name: str, scripts: bool) -> None:
    """Presses a button that keeps something, and goes to the notebook that it is in."""
    page.get_by_role("button", name=name, exact=True).first.click()
    if scripts:
        page.get_by_role("link", name="Kept in “My notebook”").click()
    expect(page).to_have_url(re.compile(r"/notebooks/\w+#item-\w+$"))


@WITH_AND_WITHOUT
def test_from_a_quote_to_a_document_that_can_be_handed_in(
    browser: Browser, service: str, settings: Settings, encoder: Encoder, scripts: bool
) -> None:
    with visiting(browser, service, java_script_enabled=scripts) as page:
        ask(page)
        keep(page, "Keep quote 1 in a notebook", scripts)
        expect(page.locator(".kept blockquote")).to_contain_text(GOATS)
        page.get_by_role("textbox", name="Note").fill("Ask the keeper.")
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_role("textbox", name="Note")).to_have_value("Ask the keeper.")
        ask(page)
        keep(page, "Keep", scripts)
        expect(page.locator(".kept > li")).to_have_count(2)
        # The document changes, and then it is gone.
        file = settings.corpus / "goats.md"
        file.write_text(file.read_text().replace("nine goats", "ten goats"))
        ingest([settings.corpus], settings.index, encoder, PARSERS)
        page.reload()
        expect(page.locator(".kept > li").first).to_contain_text("It now says:")
        expect(page.locator(".kept del").first).to_have_text("nine")
        expect(page.locator(".kept ins").first).to_have_text("ten")
        file.unlink()
        ingest([settings.corpus], settings.index, encoder, PARSERS)
        page.reload()
        expect(page.locator(".kept > li").first).to_contain_text("not in the library any more")
        expect(page.locator(".kept blockquote").first).to_contain_text(GOATS)
        page.get_by_label("cited in").select_option("apa")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        assert download.value.suggested_filename == "My-notebook.docx"
        words = [each.text for each in docx.Document(BytesIO(Path(download.value.path()).read_bytes())).paragraphs]
        assert words[:2] == ["My notebook", QUESTION]
        assert "Note: Ask the keeper." in words
        assert "(Lee, 2024, para. 2)" in words
        assert words[-1] == "Lee, A. (2024, March 5). On goats."
        page.get_by_role("link", name="Notebooks", exact=True).first.click()
        page.get_by_role("textbox", name="Name").fill("Other")
        page.get_by_role("button", name="New notebook").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Other")
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("tbody tr")).to_have_count(1)


def test_the_keyboard_keeps_a_quote(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        ask(page)
        button = page.get_by_role("button", name="Keep quote 1 in a notebook")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Kept in “My notebook”")).to_be_visible()
        expect(page.locator("#live")).to_have_text("Kept")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_fit_for_everybody(browser: Browser, service: str, width: int) -> None:
    source = axe_source()
    with visiting(browser, service, viewport={"width": width, "height": 800}) as page:
        ask(page)
        assert violations(page, source) == []
        keep(page, "Keep quote 1 in a notebook", scripts=True)
        for address in (page.url, "/notebooks", f"{page.url.partition('#')[0]}/delete"):
            page.emulate_media(color_scheme="light")
            page.goto(address)
            assert violations(page, source) == []
            page.emulate_media(color_scheme="dark")
            assert violations(page, source, CONTRAST) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
