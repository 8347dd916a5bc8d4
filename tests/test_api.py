"""The JSON API over the real corpus."""

import statistics
import threading
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from askreport.app import create_app
from askreport.ask import Library, ask
from askreport.config import Settings
from askreport.embed import Encoder
from askreport.store import writer_lock
from askreport.types import Answer, Quote
from tests.conftest import CORPUS

SVR = "does the SVR spy on China?"


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(corpus=CORPUS, index=library.index), library)) as made:
        yield made


@pytest.fixture
def own_client(tmp_path: Path, encoder: Encoder) -> Iterator[TestClient]:
    """A service over a folder of its own, with nothing indexed yet."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "note.txt").write_text("The lighthouse of Kjeungskjær was lit in 1880. Its keeper kept nine goats.")
    settings = Settings(corpus=corpus, index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as made:
        yield made


def test_ask_quotes_the_sentence_and_its_place(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": SVR}).json()
    quote = answer["quotes"][0]
    document = client.get(f"/api/documents/{quote['document']['id']}").json()
    assert answer["status"] == "answered"
    assert "under agreement not to spy on the Chinese" in quote["text"]
    assert document["text"][quote["start"] : quote["end"]] == quote["text"]
    assert document["sha256"] == quote["document"]["sha256"]


def test_ask_returns_what_the_function_returns(client: TestClient, library: Library) -> None:
    served = client.post("/api/ask", json={"question": SVR, "k": 3}).json()
    called: dict[str, Any] = asdict(ask(library.store, library.encoder, SVR, 3))
    for answer in (served, called):
        answer.pop("took_ms")
    for quote in called["quotes"]:
        quote["selector"] = list(quote["selector"])
    assert served == _as_json(called)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, tuple | list) else value


def test_the_answer_has_the_agreed_fields(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": SVR}).json()
    assert list(answer) == [field.name for field in fields(Answer)]
    assert list(answer["quotes"][0]) == [field.name for field in fields(Quote)]
    position, quotation = answer["quotes"][0]["selector"]
    assert (position["type"], quotation["type"]) == ("TextPositionSelector", "TextQuoteSelector")
    assert {"text", "document", "start", "end", "score", "url"} <= answer["passages"][0].keys()
    assert answer["index"].keys() == {"generation", "built_at"}


def test_a_question_about_nothing_in_the_corpus_is_refused_without_quotes(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": "How do I reset my password?"}).json()
    assert (answer["status"], answer["quotes"]) == ("not_found", [])
    assert answer["answer"] == "The documents do not say."


def test_documents_restrict_the_answer(client: TestClient) -> None:
    demography = next(d for d in client.get("/api/documents").json() if d["path"] == "demography.md")
    query = {"question": "How fast is the population of China shrinking?", "documents": [demography["id"]]}
    answer = client.post("/api/ask", json=query).json()
    places = [*answer["quotes"], *answer["passages"]]
    assert places
    assert {place["document"]["id"] for place in places} == {demography["id"]}


def test_search_lists_passages_that_are_slices(client: TestClient) -> None:
    result = client.post("/api/search", json={"question": "unit 54777", "k": 4}).json()
    assert 1 <= len(result["passages"]) <= 4
    for hit in result["passages"]:
        text = client.get(f"/api/documents/{hit['document']['id']}").json()["text"]
        assert text[hit["start"] : hit["end"]] == hit["text"]


def test_the_index_describes_itself(client: TestClient) -> None:
    index = client.get("/api/index").json()
    assert index["counts"]["documents"] == len(client.get("/api/documents").json())
    assert index["encoder"].startswith("all-MiniLM-L6-v2:")


def test_a_warm_server_answers_within_25_milliseconds(client: TestClient) -> None:
    took = [client.post("/api/ask", json={"question": f"{SVR} {n}"}).json()["took_ms"] for n in range(40)]
    assert statistics.median(took[5:]) < 25


def test_rebuild_publishes_and_is_visible_at_once(own_client: TestClient, tmp_path: Path) -> None:
    assert own_client.post("/api/index/rebuild").json()["published"] is True
    question = {"question": "When was the lighthouse of Kjeungskjær lit?"}
    assert "1880" in own_client.post("/api/ask", json=question).json()["quotes"][0]["text"]
    (tmp_path / "corpus" / "note.txt").unlink()
    (tmp_path / "corpus" / "other.txt").write_text("Potatoes are harvested in September on the island of Texel.")
    assert own_client.post("/api/index/rebuild").json()["counts"]["documents"] == 1
    assert own_client.post("/api/ask", json=question).json()["status"] == "not_found"


def test_a_rebuild_while_another_writes_is_409_and_the_index_still_answers(
    own_client: TestClient, tmp_path: Path
) -> None:
    own_client.post("/api/index/rebuild")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writer_lock(tmp_path / "index"):
            holding.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    refused = own_client.post("/api/index/rebuild")
    answered = own_client.post("/api/ask", json={"question": "Who kept goats?"})
    done.set()
    holder.join()
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "index_busy")
    assert "goats" in answered.json()["quotes"][0]["text"]


def test_health_needs_no_index(own_client: TestClient) -> None:
    assert own_client.get("/healthz").json() == {"status": "ok"}


def test_the_openapi_document_describes_every_error_by_the_one_shape(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status != "200":
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (path, status)


def test_docs_need_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200
