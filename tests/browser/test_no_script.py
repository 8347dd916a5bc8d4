"""Without JavaScript: ask, read the source, save, check, add a file, ask about it, delete it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.scorer import Scorer
from askreport.service.app import create_app
from tests.browser.conftest import serving, visiting
from tests.tools.parts import PARSERS, folder, pdf

GOATS = "The keeper of the lighthouse kept nine goats on the island."
FERRY = "The ferry to Texel sails every hour in summer."
ASKED_GOATS = "How many goats did the keeper keep?"
ASKED_FERRY = "How often does the ferry to Texel sail?"
NOT_SAID = "The documents do not say"


@pytest.fixture
def service(tmp_path: Path, encoder: Encoder, library: Library) -> Iterator[str]:
    """A service over a folder of its own, with the corpus's reader."""
    scorer: Scorer | None = library.scorer
    corpus = folder(tmp_path / "corpus", {"goats.txt": GOATS})
    settings = Settings(corpus=corpus, index=tmp_path / "index", keys=tmp_path / "keys.json")
    ingest([corpus], settings.index, encoder, PARSERS)
    with serving(create_app(settings, Library(settings.index, encoder, scorer), PARSERS)) as address:
        yield address


@pytest.fixture
def page(browser: Browser, service: str) -> Iterator[Page]:
    with visiting(browser, service, java_script_enabled=False) as opened:
        yield opened


def ask(page: Page, question: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(question)
    page.get_by_role("button", name="Ask").click()


def test_ask_and_read_the_source_where_the_quote_is_marked(page: Page) -> None:
    ask(page, ASKED_GOATS)
    page.locator("blockquote a").first.click()
    expect(page).to_have_url(re.compile(rf"/documents/[0-9a-f]+#char=0,{len(GOATS)}$"))
    marked = page.locator(":target")
    expect(marked).to_have_text(GOATS)
    colour = marked.evaluate("(element) => getComputedStyle(element).backgroundColor")
    assert colour != "rgba(0, 0, 0, 0)"


def test_follow_up_and_save_the_conversation(page: Page) -> None:
    ask(page, ASKED_GOATS)
    page.get_by_role("searchbox").fill("And the ferry?")
    page.get_by_role("button", name="Ask").click()
    with page.expect_download() as download:
        page.locator("a[href^='/conversation.md']").click()
    saved = Path(download.value.path()).read_text()
    assert f"## {ASKED_GOATS}\n" in saved
    assert "## And the ferry?\n" in saved
    assert f"> {GOATS}" in saved


def test_what_is_behind_an_answer_is_a_page(page: Page) -> None:
    ask(page, ASKED_GOATS)
    page.locator("details.why summary").click()
    page.locator("details.why a").click()
    expect(page.get_by_role("main")).to_contain_text("goats")
    expect(page.locator(".behind li").first).to_contain_text(GOATS)


def test_a_draft_is_checked(page: Page) -> None:
    page.goto("/check")
    page.get_by_role("textbox").fill("It says “kept nine goats” and “kept ten goats”.")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#result")).to_contain_text("1 verbatim")


def test_add_a_file_ask_about_it_and_delete_it(page: Page, tmp_path: Path) -> None:
    ask(page, ASKED_FERRY)
    expect(page.get_by_role("heading", name=NOT_SAID)).to_be_visible()
    page.goto("/documents")
    data = pdf([FERRY], title="Ferries of Texel")
    page.set_input_files("#files", {"name": "ferry.pdf", "mimeType": "application/pdf", "buffer": data})
    page.get_by_role("button", name="Add to the library").click()
    # The page asks for itself again until the job is over.
    expect(page.locator("#said")).to_have_text("1 file added.", timeout=20_000)
    ask(page, ASKED_FERRY)
    page.locator("blockquote a", has_text="every hour").click()
    expect(page.locator("rect.mark").first).to_be_visible()
    page.goto("/documents")
    page.get_by_role("row").filter(has_text="ferry.pdf").get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The document was deleted")).to_be_visible()
    assert not (tmp_path / "corpus" / "ferry.pdf").exists()
    ask(page, ASKED_FERRY)
    expect(page.get_by_role("heading", name=NOT_SAID)).to_be_visible()
