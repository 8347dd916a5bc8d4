"""Add files, see what became of them, ask about them, delete them: in a real browser, with and without JavaScript."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, FilePayload, Page, expect

from askreport.answering.library import Library
from askreport.changes.types import Job
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from askreport.service.pages.documents import time_left
from tests.browser.conftest import serving, visiting
from tests.tools.parts import PARSERS, folder, prose

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
QUESTION = "/?q=How often does the ferry to Texel sail?"


def file(name: str, data: str | bytes) -> FilePayload:
    content = data.encode() if isinstance(data, str) else data
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


FILES = [file("ferry <i>times</i>.txt", FERRY), file("bad.pdf", "no pdf")]
DROP = """files => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }
}"""


@pytest.fixture
def app(tmp_path: Path, encoder: Encoder) -> FastAPI:
    """A service over a folder of its own."""
    corpus = folder(tmp_path / "corpus", {"goats.txt": "The keeper of the lighthouse kept nine goats."})
    settings = Settings(corpus=corpus, index=tmp_path / "index", max_file_mb=1)
    ingest([corpus], settings.index, encoder, PARSERS)
    return create_app(settings, Library(settings.index, encoder), PARSERS)


@pytest.fixture
def service(app: FastAPI) -> Iterator[str]:
    """Its address."""
    with serving(app) as address:
        yield address


def outcomes(page: Page) -> list[str]:
    expect(page.locator("#said")).to_have_text("1 file added, 1 not.")
    return page.locator("#detail .verdict").all_text_contents()


def test_added_files_answer_and_a_deleted_one_does_not(page: Page) -> None:
    page.goto("/documents")
    page.set_input_files("#files", FILES)
    page.get_by_role("button", name="Add to the library").click()
    assert outcomes(page) == ["Added", "Damaged"]
    expect(page.locator("#detail .why")).to_contain_text("not a PDF")
    expect(page.locator("#shelf-name")).to_have_text("2 documents")
    page.goto(QUESTION)
    expect(page.locator(".quotes blockquote").first).to_contain_text("every hour")
    page.goto("/documents")
    page.locator("tr", has_text="i_.txt").get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("i_.txt")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The document was deleted")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(QUESTION)
    expect(page.locator("#verdict")).to_have_text("The documents do not say")


def test_files_may_be_dropped_anywhere_on_the_page(page: Page) -> None:
    page.goto("/documents")
    page.evaluate(DROP, [["ferry.txt", FERRY], ["bad.pdf", "no pdf"]])
    assert outcomes(page) == ["Added", "Damaged"]
    expect(page.locator("body")).not_to_have_class("dropping")
    page.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("heading", name="Ferry")).to_be_visible()


def test_files_may_be_dropped_on_any_page(page: Page) -> None:
    page.goto("/check")
    page.evaluate(DROP, [["ferry.txt", FERRY]])
    expect(page.locator("#said")).to_have_text("1 file added.")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_each_file_says_what_became_of_it_before_the_slowest_is_done(page: Page) -> None:
    page.goto("/documents")
    page.set_input_files("#files", [file("big.txt", prose(7, 3_000)), file("bad.pdf", "no pdf"), file("a.txt", FERRY)])
    page.get_by_role("button", name="Add to the library").click()
    states = page.locator("#states .verdict")
    expect(states).to_have_text(["Read", "Damaged", "Read"])
    expect(page.locator("#said")).to_have_text("Preparing the search")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#said")).to_contain_text("Cancelled", timeout=60_000)
    expect(page.locator("tbody tr")).to_have_count(1)


def manage(page: Page) -> None:
    """Adds two files, renames one and replaces it, and deletes both together."""
    page.goto("/documents")
    page.set_input_files("#files", [file("a.txt", FERRY), file("b.txt", "Nine goats graze on the hill.")])
    page.get_by_role("button", name="Add to the library").click()
    expect(page.locator("#said")).to_have_text("2 files added.")
    page.locator("tr", has_text="a.txt").get_by_role("link", name="Change").click()
    page.get_by_label("Rename its file").fill("Ferries")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("tr", has_text="Ferries.txt")).to_be_visible()
    page.locator("tr", has_text="Ferries.txt").get_by_role("link").first.click()
    old = page.url
    page.get_by_role("link", name="Change").click()
    page.set_input_files("#file", [file("new.txt", "The ferry to Texel sails twice a day.")])
    page.get_by_role("button", name="Replace").click()
    expect(page.locator("#said")).to_have_text("1 file added.")
    response = page.goto(old)
    assert response is not None
    assert response.status == 410
    page.get_by_role("link", name="Open the new version").click()
    expect(page.locator("#text")).to_contain_text("twice a day")
    page.goto("/documents?sort=-title")
    expect(page.locator("td .file").first).to_have_text("goats.txt")
    for name in ("Ferries.txt", "b.txt"):
        page.locator("tr", has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete the chosen ones").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("2 documents were deleted")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_documents_are_renamed_replaced_sorted_and_deleted_together(
    browser: Browser, service: str, script: bool, problems: list[str]
) -> None:
    with visiting(browser, service, java_script_enabled=script) as page:
        manage(page)
    # The old version's address is answered by 410.
    problems[:] = [each for each in problems if "410" not in each]


def test_progress_is_shown_and_the_page_stays(page: Page) -> None:
    page.goto("/documents")
    page.set_input_files("#files", [file("big.txt", prose(7, 3_000))])
    page.get_by_role("button", name="Add to the library").click()
    expect(page.locator("#said")).to_have_text("Preparing the search")
    page.evaluate("window.marked = true")
    expect(page.locator("progress")).not_to_have_js_property("position", 0, timeout=60_000)
    expect(page.locator("#said")).to_have_text("1 file added.", timeout=60_000)
    expect(page.locator("progress")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(2)
    assert page.evaluate("window.marked")


@pytest.mark.parametrize("seconds", [None, 0.0, 29.0, 125.0, 3_569.0, 9_000.0])
def test_the_time_left_is_said_as_without_javascript(page: Page, app: FastAPI, seconds: float | None) -> None:
    app.state.jobs.stop()
    app.state.jobs.reindex()
    job = Job(
        id="id",
        kind="upload",
        status="running",
        created="2026",
        stage="embedding",
        done=5,
        total=10,
        seconds_left=seconds,
    )
    event = f"data: {json.dumps(asdict(job))}\n\n"
    page.route("**/api/jobs/*/events", lambda route: route.fulfill(content_type="text/event-stream", body=event))
    page.goto("/documents")
    expect(page.locator("progress")).to_have_js_property("position", 0.5)
    expect(page.locator("#left")).to_have_text(time_left(seconds))


def test_a_file_that_is_too_large_is_not_even_sent(page: Page) -> None:
    page.goto("/documents")
    page.set_input_files("#files", [file("big.txt", b"x" * 1_000_001)])
    page.get_by_role("button", name="Add to the library").click()
    assert page.evaluate("document.getElementById('files').validationMessage") == "big.txt is larger than 1 MB."
    assert page.url.endswith("/documents")


def test_the_keyboard_alone_opens_and_leaves_the_question_before_deleting(page: Page) -> None:
    page.goto("/documents")
    link = page.get_by_role("link", name="Delete")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_re_indexing_finds_what_was_put_into_the_folder(page: Page, tmp_path: Path) -> None:
    folder(tmp_path / "corpus", {"ferry.txt": FERRY})
    page.goto("/documents")
    page.get_by_role("button", name="Re-index").click()
    expect(page.locator("#said")).to_have_text("Done. The library has 2 documents.")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_without_javascript_the_same_can_be_done(browser: Browser, service: str) -> None:
    context = browser.new_context(base_url=service, java_script_enabled=False)
    page = context.new_page()
    page.goto("/documents")
    page.set_input_files("#files", FILES)
    page.get_by_role("button", name="Add to the library").click()
    assert outcomes(page) == ["Added", "Damaged"]
    page.goto(QUESTION)
    expect(page.locator(".quotes blockquote").first).to_contain_text("every hour")
    page.goto("/documents")
    page.locator("tr", has_text="i_.txt").get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The document was deleted")).to_be_visible()
    page.goto(QUESTION)
    expect(page.locator("#verdict")).to_have_text("The documents do not say")
    context.close()


def test_long_names_are_not_wider_than_a_phone(page: Page, tmp_path: Path) -> None:
    folder(tmp_path / "corpus", {f"{'x' * 140}.txt": FERRY, f"{'y' * 140}.pdf": "no pdf"})
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/documents")
    page.get_by_role("button", name="Re-index").click()
    expect(page.locator("#said")).to_have_text("Done. The library has 2 documents.")
    page.set_input_files("#files", [file("z" * 200 + ".pdf", "no pdf")])
    page.get_by_role("button", name="Add to the library").click()
    expect(page.locator("#said")).to_have_text("0 files added, 1 not.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Delete").last.click()
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 320


def test_the_original_is_saved_under_its_name(page: Page) -> None:
    page.goto("/documents")
    with page.expect_download() as download:
        page.get_by_role("link", name="Original").click()
    assert download.value.suggested_filename == "goats.txt"
    assert Path(download.value.path()).read_text() == "The keeper of the lighthouse kept nine goats."
