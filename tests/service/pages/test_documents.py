"""The documents page as a browser without JavaScript gets it."""

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from httpx2 import Response
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.changes.folder.jobs import Jobs
from askreport.changes.types import Job, JobError
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from askreport.service.pages.documents import MAX_FAILURES_SHOWN, MAX_SHOWN, STATUS_WORDS, said, shelf, time_left
from askreport.store import DocumentSummary
from askreport.types import Outcome, OutcomeStatus
from tests.conftest import shared
from tests.service.conftest import tree
from tests.tools.parts import PARSERS, TestClient, folder


def test_the_list_is_filtered_by_words_of_title_and_file(client: TestClient) -> None:
    page = tree(client, "/documents", q="RUSSIA txt")
    assert [row.xpath(".//a")[0].text_content() for row in page.xpath("//tbody/tr")] == ["China Russia Report"]
    assert page.xpath("//input[@name='q']/@value") == ["RUSSIA txt"]
    assert "0 with “none of this”" in tree(client, "/documents", q="none of this").text_content()


def test_a_long_list_is_cut_and_says_so() -> None:
    documents = [
        DocumentSummary(id=str(n), title=f"Title {n}", path=f"{n}.txt", sha256="sha", characters=1, passages=1)
        for n in range(10_000)
    ]
    failures = [Outcome(path=f"{n}.pdf", status="damaged", reason="why") for n in range(1_000)]
    shown = shelf(documents, [*failures, Outcome(path="0.txt", status="indexed")], "")
    assert (shown.total, shown.found, len(shown.documents)) == (10_000, 10_000, MAX_SHOWN)
    assert (shown.failed, len(shown.failures)) == (1_000, MAX_FAILURES_SHOWN)
    assert [document.id for document in shelf(documents, (), "TITLE 77.txt").documents][:3] == ["77", "177", "277"]


def test_documents_of_a_collection_have_no_button_to_delete_them() -> None:
    paths = ["a.jsonl#1", "a.jsonl#2", "b.jsonl#1", "c.txt"]
    documents = [
        DocumentSummary(id=path, title="Title", path=path, sha256="sha", characters=1, passages=1) for path in paths
    ]
    assert shelf(documents, (), "").fixed == {"a.jsonl#1", "a.jsonl#2"}


def test_files_that_could_not_be_read_are_listed_in_words(tmp_path: Path, encoder: Encoder) -> None:
    corpus = folder(
        tmp_path / "corpus", {"a.txt": "Nine goats.", "b.txt": "Nine goats.", "bad.pdf": "no pdf", "x.exe": ""}
    )
    settings = Settings(corpus=corpus, index=tmp_path / "index")
    ingest([corpus], settings.index, encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        page = tree(client, "/documents", None)
        listed = {li.find("b").text: li.xpath("span[@class='verdict']/text()")[0] for li in page.xpath("//details//li")}
        assert listed == {
            "b.txt": STATUS_WORDS["duplicate"],
            "bad.pdf": "Damaged",
            "x.exe": STATUS_WORDS["unsupported"],
        }
        assert page.xpath("//details//form/@action") == ["/documents/reindex?retry=1"]


def test_every_outcome_has_words() -> None:
    assert STATUS_WORDS.keys() == set(get_args(OutcomeStatus))


def test_forms_add_follow_and_delete_without_javascript(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        files = [("files", ("<img src=x>.txt", b"Nine goats.")), ("files", ("<b>bad</b>.pdf", b"<i>no</i> pdf"))]
        sent = client.post("/documents", files=files, follow_redirects=False)
        assert (sent.status_code, sent.headers["location"][:15]) == (303, "/documents?job=")
        url = sent.headers["location"]
        while "http-equiv" in client.get(url).text:
            time.sleep(0.02)
        page = tree(client, url, None)
        assert page.get_element_by_id("said").text == "1 file added, 1 not."
        assert [b.text for b in page.xpath("//*[@id='detail']//b")] == ["_img src=x_.txt", "b_.pdf"]
        document = page.xpath("//tbody//a/@href")[0]
        asked = tree(client, f"{document}/delete")
        assert "_img src=x_.txt" in asked.xpath("//form")[0].text_content()
        gone = client.post(f"{document}/delete", headers={"origin": "http://127.0.0.1"})
        assert gone.url.query == b"deleted=1"
        assert "The document was deleted" in gone.text
        assert not lxml_html.document_fromstring(gone.text).xpath("//tbody")


def test_re_indexing_by_the_button_shows_its_job(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {"a.txt": "Nine goats."}), index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        url = str(client.post("/documents/reindex?retry=1").url)
        while "http-equiv" in (page := client.get(url).text):
            time.sleep(0.02)
        assert "Done. The library has 1 document." in page


def test_a_locked_pdf_is_offered_a_field_for_its_password(tmp_path: Path, encoder: Encoder) -> None:
    locked = shared("documents/r6-both-passwords.pdf").read_bytes()
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        files = [("files", ("locked.pdf", locked)), ("files", ("a.txt", b"Nine goats."))]
        page = finished(client, client.post("/documents", files=files))
        # Not all was added, so nothing is green.
        assert "partly" in page.xpath("//section[@id='job']/@class")[0].split()
        assert "ASKREPORT" not in page.text_content()
        (form,) = page.xpath("//form[@class='unlock']")
        assert (form.get("action"), form.get("enctype")) == ("/documents", "multipart/form-data")
        assert form.xpath(".//input/@name") == ["password", "files"]
        opened = client.post("/documents", files={"files": ("locked.pdf", locked)}, data={"password": "foo"})
        page = finished(client, opened)
        assert page.xpath("string(//section[@id='job']//span[@class='verdict'])") == STATUS_WORDS["indexed"]
        assert "partly" not in page.xpath("//section[@id='job']/@class")[0].split()


def finished(client: TestClient, shown: Response) -> lxml_html.HtmlElement:
    """The page once its job is over."""
    page = lxml_html.document_fromstring(shown.text)
    while page.xpath("//section[@id='job']/@data-follow"):
        time.sleep(0.05)
        page = tree(client, str(shown.url), None)
    return page


def test_a_job_says_where_it_is() -> None:
    job = Job(id="id", kind="upload", status="queued", created="2026")
    assert said(job) == "Waiting for its turn"
    assert said(replace(job, status="running", stage="embedding")) == "Preparing the search"
    failed = replace(job, status="failed", error=JobError("index_busy", "another process is writing", None))
    assert said(failed) == "It failed: another process is writing."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "less than a minute left"),
        (29.0, "less than a minute left"),
        (125.0, "about 2 min left"),
        (3_569.0, "about 59 min left"),
        (3_600.0, "about 1 h 0 min left"),
        (9_000.0, "about 2 h 30 min left"),
    ],
)
def test_the_time_left_is_said_in_words(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_the_time_left_stands_beside_the_bar(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {}), index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        jobs: Jobs = client.app.state.jobs  # type: ignore[attr-defined]
        jobs.stop()
        job = jobs.reindex()
        jobs._change(job.id, status="running", stage="embedding", done=5, total=10, seconds_left=125.0)
        page = tree(client, "/documents", None)
        assert page.xpath("//progress/@value") == ["5"]
        assert page.get_element_by_id("left").text == "about 2 min left"
        assert client.get(f"/api/jobs/{job.id}").json()["seconds_left"] == 125.0


def test_the_page_says_whether_the_folder_is_watched(tmp_path: Path, encoder: Encoder) -> None:
    for watch, words in ((True, "is indexed at once"), (False, "after you changed files")):
        settings = Settings(corpus=folder(tmp_path / "corpus", {}), index=tmp_path / "index", watch=watch)
        with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
            assert words in tree(client, "/documents", None).get_element_by_id("reindex-why").text


def test_a_run_that_found_nothing_to_do_still_says_how_it_ended(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {"a.txt": "Nine goats."}), index=tmp_path / "index")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        jobs: Jobs = client.app.state.jobs  # type: ignore[attr-defined]
        url = f"/documents?job={jobs.follow().id}"
        while "http-equiv" in client.get(url).text:
            time.sleep(0.02)
        assert client.get("/api/jobs").json() == []
        assert "Done. The library has 1 document." in client.get(url).text


def test_the_list_is_sorted_by_any_column_both_ways(client: TestClient) -> None:
    def listed(order: str) -> list[str]:
        return [str(each) for each in tree(client, "/documents", sort=order).xpath("//td/span[@class='file']/text()")]

    numbers = [
        int(each) for each in tree(client, "/documents", sort="-passages").xpath("//td[@class='number'][2]/text()")
    ]
    assert numbers == sorted(numbers, reverse=True) != sorted(numbers)
    assert listed("title") == listed("-title")[::-1] != listed("path")
    assert (
        tree(client, "/documents", sort="-added").xpath("//th[@aria-sort='descending']//text()")[0].startswith("Added")
    )
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", each) for each in tree(client, "/documents").xpath("//td/time/text()"))


def test_chosen_documents_are_deleted_together_once_that_is_confirmed(tmp_path: Path, encoder: Encoder) -> None:
    files = {f"{name}.txt": f"{name} goats graze on the hill." for name in ("Nine", "Ten", "Eleven")}
    settings = Settings(corpus=folder(tmp_path / "corpus", files), index=tmp_path / "index")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        ids = tree(client, "/documents").xpath("//input[@name='ids']/@value")
        asked = lxml_html.document_fromstring(client.post("/documents/delete", data={"ids": ids[:2]}).text)
        assert str(asked.xpath("string(//h1)")) == "Delete 2 documents?"
        assert len(tree(client, "/documents").xpath("//tbody/tr")) == 3
        confirmed = {"ids": asked.xpath("//input[@name='ids']/@value"), "confirmed": "1"}
        done = lxml_html.document_fromstring(client.post("/documents/delete", data=confirmed).text)
        assert "2 documents were deleted" in str(done.xpath("string(//p[@role='status'])"))
        assert done.xpath("//input[@name='ids']/@value") == ids[2:]
        assert client.post("/documents/delete").url.path == "/documents"


def test_a_document_is_renamed_and_replaced_by_forms(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {"a.txt": "Nine goats graze."}), index=tmp_path / "index")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        address = tree(client, "/documents").xpath("//td/a/@href")[0]
        forms = tree(client, f"{address}/change").xpath("//form/@action")
        assert forms == [f"{address}/rename", f"{address}/replace"]
        page = finished(client, client.post(forms[0], data={"name": "Goats"}))
        assert page.xpath("string(//td/span[@class='file'])") == "Goats.txt"
        wrong = client.post(forms[1], files={"files": ("b.md", b"Ten goats graze.")})
        assert (wrong.status_code, "another kind" in wrong.text) == (409, True)
        assert client.post(forms[0], data={"name": " "}).status_code == 422
        page = finished(client, client.post(forms[1], files={"files": ("b.txt", b"Ten goats graze.")}))
        new = page.xpath("//td/a/@href")[0]
        assert new != address
        gone = client.get(address, headers={"accept": "text/html"})
        assert (gone.status_code, f'href="{new}"' in gone.text) == (410, True)


def test_a_file_of_the_same_name_is_a_new_version_unless_both_are_kept(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        for count in ("Nine", "Ten"):
            sent = {"files": ("a.txt", f"{count} goats graze.".encode())}
            page = finished(client, client.post("/documents", files=sent))
        assert page.xpath("//td/span[@class='file']/text()") == ["a.txt"]
        sent = {"files": ("a.txt", b"Eleven goats graze.")}
        page = finished(client, client.post("/documents?keep=1", files=sent))
        assert page.xpath("//td/span[@class='file']/text()") == ["a (2).txt", "a.txt"]
