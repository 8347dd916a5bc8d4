"""Every error is ``{"error": {"code": str, "message": str, "hint": str | null}}`` with a fitting HTTP status.

Programs can rely on ``code``; people read ``message`` and ``hint``. No path answers an error in another shape, none
says 200, and none shows a traceback.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from askreport.app import create_app
from askreport.ask import Library
from askreport.config import Settings
from askreport.embed import Encoder
from askreport.errors import AskReportError
from askreport.pages import STATUS_OF
from tests.conftest import CORPUS

ASK = "/api/ask"


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
    raised_before_serving = {"error", "unreadable_document"}
    codes = {kind.code for kind in AskReportError.__subclasses__()}
    assert codes - raised_before_serving <= STATUS_OF.keys()


def test_without_an_index_the_pages_say_503_too(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path, index=tmp_path / "none")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        for url in ("/", "/documents"):
            response = client.get(url, headers={"accept": "text/html"})
            assert response.status_code == 503
            assert "askreport index" in response.text
