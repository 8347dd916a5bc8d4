"""Every error is ``{"error": {"code": str, "message": str, "hint": str | null}}`` with a fitting HTTP status.

Programs can rely on ``code``; people read ``message`` and ``hint``. No path answers an error in another shape, none
says 200, and none shows a traceback.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from askreport.answering.library import Library
from askreport.changes.folder.jobs import Jobs
from askreport.changes.folder.manage import Manager
from askreport.config import Settings
from askreport.errors import AskReportError
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from askreport.service.shared.problems import STATUS_OF
from askreport.store import writer_lock
from tests.conftest import CORPUS
from tests.tools.parts import TestClient

ASK = "/api/ask"
FORM = "multipart/form-data; boundary=x"


@pytest.fixture(scope="module")
def app(library: Library) -> FastAPI:
    return create_app(Settings(corpus=CORPUS, index=library.index), library)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def error_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    body = response.json()
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error.keys() == {"code", "message", "hint"}
    assert isinstance(error["code"], str)
    assert isinstance(error["message"], str)
    assert error["hint"] is None or isinstance(error["hint"], str)
    return error


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"question": ""}, "empty"),
        ({"question": "  \n\t "}, "empty"),
        ({"question": "x" * 100_000}, "100,000 characters"),
        ({"question": "a", "k": 0}, "k"),
        ({"question": "a", "k": 51}, "k"),
        ({"question": "a", "k": "many"}, "k"),
        ({"question": "a", "documents": []}, "documents"),
        ({"question": "a", "documents": "all"}, "documents"),
        ({"question": "a", "unknown": 1}, "unknown"),
        ({"question": 7}, "question"),
        ({}, "question"),
        ([], "body"),
    ],
)
def test_bad_questions_are_422(client: TestClient, body: Any, named: str) -> None:
    for path in (ASK, "/api/search"):
        error = error_of(client.post(path, json=body), 422)
        assert error["code"] == "bad_request"
        assert named in error["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null"])
def test_bodies_that_are_no_question_are_422(client: TestClient, content: bytes) -> None:
    error_of(client.post(ASK, content=content, headers={"content-type": "application/json"}), 422)


def test_an_unknown_document_is_404(client: TestClient) -> None:
    assert error_of(client.get("/api/documents/none"), 404)["code"] == "document_not_found"
    body = {"question": "a", "documents": ["none"]}
    assert error_of(client.post(ASK, json=body), 404)["code"] == "document_not_found"


def test_an_unknown_address_is_404_and_a_wrong_method_405(client: TestClient) -> None:
    error_of(client.get("/api/nothing"), 404)
    response = client.get(ASK)
    error_of(response, 405)
    assert response.headers["allow"] == "POST"


def test_without_an_index_every_path_that_needs_one_is_503(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path, index=tmp_path / "none")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        for response in (
            client.post(ASK, json={"question": "a"}),
            client.get("/api/documents"),
            client.get("/api/documents/x"),
            client.get("/api/index"),
        ):
            error = error_of(response, 503)
            assert error["code"] == "index_missing"
            assert "askreport index" in error["hint"]


def test_a_missing_corpus_folder_is_an_error_with_a_hint(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path / "none", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        error = error_of(client.post("/api/index/rebuild"), 503)
        assert error["code"] == "corpus_unreadable"
        assert "ASKREPORT_CORPUS" in error["hint"]


def test_an_unexpected_failure_is_500_without_its_details(app: FastAPI, client: TestClient) -> None:
    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    response = client.get("/api/broken")
    assert error_of(response, 500)["code"] == "internal_error"
    assert "secret" not in response.text


def test_a_browser_gets_the_same_words_as_a_page(client: TestClient) -> None:
    response = client.get("/documents/none", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "No document none is in the index" in response.text


def test_every_code_of_the_project_has_a_status() -> None:
    # The last one is what a client of the service raises.
    raised_before_serving = {"error", "unreadable_document", "service_failed"}
    codes = {kind.code for kind in AskReportError.__subclasses__()}
    assert codes - raised_before_serving <= STATUS_OF.keys()


def test_without_an_index_the_pages_say_503_too(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path, index=tmp_path / "none")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        for url in ("/", "/documents"):
            response = client.get(url, headers={"accept": "text/html"})
            assert response.status_code == 503
            assert "askreport index" in response.text


# Changes of the library


@pytest.fixture
def own(tmp_path: Path, encoder: Encoder) -> Iterator[TestClient]:
    """A service over a folder of its own with a note and a collection; files may have a thousandth of a megabyte."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "note.txt").write_text("The keeper of the lighthouse kept nine goats.")
    (corpus / "all.jsonl").write_text('{"id": 1, "text": "One goat."}\n{"id": 2, "text": "Two goats."}\n')
    settings = Settings(corpus=corpus, index=tmp_path / "index", max_file_mb=0.001)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        client.post("/api/index/rebuild")
        yield client


def id_of(client: TestClient, path: str) -> str:
    return next(str(document["id"]) for document in client.get("/api/documents").json() if document["path"] == path)


def left(tmp_path: Path) -> list[str]:
    """What the corpus folder holds beside its two files, folders that are empty left out."""
    names = {path.name for path in (tmp_path / "corpus").rglob("*") if path.is_file()}
    return sorted(names - {"note.txt", "all.jsonl"})


def form(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", file) for file in files]


def test_a_file_that_is_too_large_is_413_and_nothing_is_left(own: TestClient, tmp_path: Path) -> None:
    for files in (
        form(("big.txt", b"x" * 1001)),
        form(("small.txt", b"x"), ("big.txt", b"x" * 1_000_000)),
        form(*((f"{n}.txt", b"x") for n in range(101))),
        form(*((f"{n}.txt", b"x" * 999) for n in range(11))),
    ):
        error = error_of(own.post("/api/documents", files=files), 413)
        assert error["code"] == "upload_too_large"
        assert "ASKREPORT_MAX_FILE_MB" in error["hint"]
    assert left(tmp_path) == []
    assert own.get("/api/jobs").json() == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"", FORM),
        (b"nonsense", FORM),
        (b"--x--\r\n", FORM),
        (b'--x\r\ncontent-disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--x--', FORM),
        (b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\ncut', FORM),
        (b'--x\r\ncontent-disposition: form-data; name="no"; filename="a.txt"\r\n\r\na\r\n--x--', FORM),
        (b"--x\r\n" + b"a: b\r\n" * 100 + b"\r\na\r\n--x--", FORM),
        (b"--x\r\na: " + b"b" * 6_000 + b"\r\n\r\na\r\n--x--", FORM),
        (b"files=a", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)
def test_an_upload_that_is_none_is_422_and_nothing_is_left(
    own: TestClient, tmp_path: Path, content: bytes, kind: str
) -> None:
    response = own.post("/api/documents", content=content, headers={"content-type": kind})
    assert error_of(response, 422)["code"] == "bad_request"
    assert left(tmp_path) == []


def test_what_cannot_be_deleted_says_why(own: TestClient, tmp_path: Path) -> None:
    assert error_of(own.delete("/api/documents/none"), 404)["code"] == "document_not_found"
    part = error_of(own.delete(f"/api/documents/{id_of(own, 'all.jsonl#1')}"), 409)
    assert part["code"] == "part_of_collection"
    assert "all.jsonl" in part["message"]
    (tmp_path / "corpus" / "note.txt").write_text("Changed.")
    changed = error_of(own.delete(f"/api/documents/{id_of(own, 'note.txt')}"), 409)
    assert changed["code"] == "source_changed"
    assert "Re-index" in changed["hint"]


def test_a_document_from_outside_of_the_corpus_cannot_be_deleted(library: Library, tmp_path: Path) -> None:
    app = create_app(Settings(corpus=tmp_path, index=library.index), library)
    with TestClient(app) as client:
        document = client.get("/api/documents").json()[0]["id"]
        assert error_of(client.delete(f"/api/documents/{document}"), 409)["code"] == "outside_corpus"


def test_a_change_while_another_process_writes_is_409_after_a_while(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "note.txt").write_text("The keeper of the lighthouse kept nine goats.")
    settings = Settings(corpus=tmp_path, index=tmp_path / ".index")
    library = Library(settings.index, encoder)
    app = create_app(settings, library)
    app.state.jobs = Jobs(Manager(settings, library, app.state.parsers, patience=0.1))
    with TestClient(app) as client:
        client.post("/api/index/rebuild")
        # In the thread of the test: requests run in others.
        with writer_lock(settings.index):
            document = client.get("/api/documents").json()[0]["id"]
            error = error_of(client.delete(f"/api/documents/{document}"), 409)
    assert error["code"] == "index_busy"
    assert (tmp_path / "note.txt").exists()


def test_a_corpus_folder_that_cannot_be_written_is_507(own: TestClient, tmp_path: Path) -> None:
    # Also the superuser cannot make a folder where a file is.
    (tmp_path / "corpus" / ".deleted").write_text("in the way")
    error = error_of(own.delete(f"/api/documents/{id_of(own, 'note.txt')}"), 507)
    assert error["code"] == "corpus_write_failed"
    (tmp_path / "corpus" / ".uploads").write_text("in the way")
    error = error_of(own.post("/api/documents", files=form(("a.txt", b"a"))), 507)
    assert (error["code"], "ASKREPORT_CORPUS" in error["hint"]) == ("corpus_write_failed", True)
    assert (tmp_path / "corpus" / "note.txt").exists()


def test_an_original_that_is_gone_or_changed_is_409(own: TestClient, tmp_path: Path) -> None:
    url = f"/api/documents/{id_of(own, 'note.txt')}/original"
    assert own.get(url).status_code == 200
    (tmp_path / "corpus" / "note.txt").unlink()
    error = error_of(own.get(url), 409)
    assert (error["code"], "askreport index" in error["hint"]) == ("source_changed", True)
    assert error_of(own.get("/api/documents/none/original"), 404)["code"] == "document_not_found"
    assert error_of(own.get(url, params={"inline": "perhaps"}), 422)["code"] == "bad_request"


def test_an_unknown_job_is_404(own: TestClient) -> None:
    for url in ("/api/jobs/none", "/api/jobs/none/events"):
        assert error_of(own.get(url), 404)["code"] == "job_not_found"


def test_a_job_that_fails_has_the_errors_code_message_and_hint(own: TestClient, tmp_path: Path) -> None:
    (tmp_path / "corpus").rename(tmp_path / "away")
    job = own.post("/api/index/rebuild", params={"wait": False}).json()
    own.get(f"/api/jobs/{job['id']}/events")
    error = own.get(f"/api/jobs/{job['id']}").json()["error"]
    assert error.keys() == {"code", "message", "hint"}
    assert error["code"] == "corpus_unreadable"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "null"},
    ],
)
def test_a_page_of_another_site_changes_nothing(own: TestClient, tmp_path: Path, headers: dict[str, str]) -> None:
    note = id_of(own, "note.txt")
    file = form(("a.txt", b"a"))
    for path in ("/api/documents", "/documents"):
        assert error_of(own.post(path, files=file, headers=headers), 403)["code"] == "cross_site"
    for path in ("/api/index/rebuild", "/documents/reindex", f"/documents/{note}/delete"):
        assert error_of(own.post(path, headers=headers), 403)["code"] == "cross_site"
    assert error_of(own.delete(f"/api/documents/{note}", headers=headers), 403)["code"] == "cross_site"
    assert left(tmp_path) == []
    assert own.get("/api/jobs").json() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"},
        {"sec-fetch-site": "none"},
        {"origin": "http://127.0.0.1"},
    ],
)
def test_the_services_own_pages_and_programs_may_change(own: TestClient, headers: dict[str, str]) -> None:
    assert own.post("/api/index/rebuild", headers=headers).status_code == 200


def test_a_browser_is_told_of_a_failed_change_by_a_page(own: TestClient) -> None:
    html = {"accept": "text/html"}
    refused = own.post("/documents", files=form(("big.txt", b"x" * 2000)), headers=html)
    assert refused.status_code == 413
    assert "Big.txt is larger than 0.001 MB" in refused.text
    assert "Back to the documents" in refused.text
    part = own.post(f"/documents/{id_of(own, 'all.jsonl#1')}/delete", headers=html)
    assert part.status_code == 409
    assert "cannot be deleted alone" in part.text
    assert own.get("/documents/none/delete", headers=html).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"text": 7}, {"text": "x" * 500_001}, {"text": "“a” " * 1_001}, {"text": "a", "more": 1}]
)
def test_a_draft_that_cannot_be_checked_is_422(client: TestClient, body: Any) -> None:
    assert error_of(client.post("/api/check", json=body), 422)["code"] == "bad_request"
