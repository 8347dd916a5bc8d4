"""The JSON API over the real corpus."""

import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.changes.types import Original
from askreport.config import Settings
from askreport.models.encoder import Encoder
from askreport.service.api.documents import original_response
from askreport.service.app import create_app
from askreport.store import writer_lock
from askreport.types import Answer, Quote
from tests.tools.parts import TestClient
from tests.tools.timing import ratio

SVR = "does the SVR spy on China?"


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
    called: dict[str, Any] = asdict(library.ask(SVR, 3))
    for answer in (served, called):
        answer.pop("took_ms")
    for quote in called["quotes"]:
        quote["selector"] = list(quote["selector"])
    assert served == _as_json(called)


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/search", "/api/v1/why", "/api/v1/ask/stream"])
def test_every_question_can_be_put_to_some_documents(client: TestClient, path: str) -> None:
    body = {"question": SVR, "kinds": ["txt"], "languages": ["en"]}
    assert client.post(path, json=body).status_code == 200
    refused = client.post(path, json=body | {"kinds": ["docx"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "nothing_chosen")
    assert client.post(path, json=body | {"since": "May"}).json()["error"]["code"] == "bad_request"


def test_the_filters_say_what_there_is_to_choose_by(client: TestClient) -> None:
    found = client.get("/api/v1/filters").json()
    assert found["kinds"] == {"md": 10, "txt": 1}
    answer = client.post("/api/v1/ask", json={"question": SVR, "kinds": ["txt"]}).json()
    assert answer["reach"] == {"documents": 1, "of": 11}
    assert {each["document"]["path"] for each in answer["passages"]} == {"china-russia-report.txt"}


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
    assert answer["index"].keys() == {"generation", "built_at", "embedded"}


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


def test_the_index_describes_itself(client: TestClient, library: Library) -> None:
    index = client.get("/api/index").json()
    assert index["counts"]["documents"] == len(client.get("/api/documents").json())
    assert index["encoder"] == library.encoder.fingerprint


def test_a_warm_server_adds_a_bare_request_to_the_time_of_an_answer(client: TestClient, library: Library) -> None:
    # None of them twice: what was asked before is given again.
    numbers = count()

    def served() -> None:
        client.post("/api/ask", json={"question": f"{SVR} {next(numbers)}"})

    def called() -> None:
        client.get("/healthz")
        ask(library.store, library.encoder, f"{SVR} {next(numbers)}", scorer=library.scorer)

    for _ in range(5):
        served()
    assert ratio(served, called, rounds=30) < 1.5


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


# The library's files


def uploaded(client: TestClient, *files: tuple[str, bytes], key: str = "files") -> dict[str, Any]:
    """The job of an upload when it is over."""
    response = client.post("/api/documents", files=[(key, file) for file in files])
    assert response.status_code == 202
    job: dict[str, Any] = response.json()
    deadline = time.monotonic() + 30
    while job["status"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        job = client.get(f"/api/jobs/{job['id']}").json()
    return job


FERRY = b"The ferry to Texel sails every hour. It takes twenty minutes."
FERRY_QUESTION = {"question": "How often does the ferry to Texel sail?"}


def test_an_uploaded_file_answers_as_soon_as_its_job_is_done_and_a_deleted_one_never(own_client: TestClient) -> None:
    job = uploaded(own_client, ("ferry.txt", FERRY), ("bad.pdf", b"no pdf"))
    assert (job["status"], job["error"]) == ("done", None)
    assert [(each["name"], each["status"]) for each in job["outcomes"]] == [
        ("ferry.txt", "indexed"),
        ("bad.pdf", "damaged"),
    ]
    answer = own_client.post("/api/ask", json=FERRY_QUESTION).json()
    assert "every hour" in answer["quotes"][0]["text"]
    assert [answer["quotes"][0]["document"]["id"]] == job["documents"]
    deleted = own_client.delete(f"/api/documents/{job['documents'][0]}")
    assert (deleted.status_code, deleted.json()["files"]) == (200, ["ferry.txt"])
    answer = own_client.post("/api/ask", json=FERRY_QUESTION).json()
    assert (answer["status"], answer["quotes"]) == ("not_found", [])
    assert not any("Texel" in hit["text"] for hit in answer["passages"])


def test_a_large_upload_comes_through_whole(own_client: TestClient, tmp_path: Path) -> None:
    # Larger than any chunk of a request, with what could be taken for a boundary, and with little text to embed.
    page = b"<p>" + FERRY + b"</p><!--" + b"\r\n--x\r\n".join(str(n).encode() for n in range(300_000)) + b"-->"
    job = uploaded(own_client, ("long.html", page), ("ferry.txt", FERRY))
    assert [outcome["status"] for outcome in job["outcomes"]] == ["indexed", "indexed"]
    assert (tmp_path / "corpus" / "long.html").read_bytes() == page


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt",
        "C:\\x\\y.txt",
        "<script>.txt",
        "x" * 300 + ".txt",
        "CON.txt",
        ".hidden.txt",
        "a\nb.txt",
        "é.txt",
    ],
)
def test_a_hostile_name_becomes_a_file_in_the_corpus_and_nothing_else(
    own_client: TestClient, tmp_path: Path, name: str
) -> None:
    before = {path for path in tmp_path.rglob("*") if ".uploads" not in path.parts and "index" not in path.parts}
    job = uploaded(own_client, (name, FERRY))
    after = {path for path in tmp_path.rglob("*") if ".uploads" not in path.parts and "index" not in path.parts}
    (new,) = after - before
    assert (job["outcomes"][0]["status"], job["outcomes"][0]["path"]) == ("indexed", new.name)
    assert new.parent == tmp_path / "corpus"
    assert new.read_bytes() == FERRY


def test_jobs_are_listed_newest_first_and_followed_by_events(own_client: TestClient) -> None:
    job = uploaded(own_client, ("ferry.txt", FERRY))
    rebuild = own_client.post("/api/index/rebuild", params={"wait": False})
    assert rebuild.status_code == 202
    assert [each["id"] for each in own_client.get("/api/jobs").json()] == [rebuild.json()["id"], job["id"]]
    events = own_client.get(f"/api/jobs/{rebuild.json()['id']}/events")
    assert events.headers["content-type"].startswith("text/event-stream")
    states = [json.loads(line.removeprefix("data: ")) for line in events.text.split("\n\n") if line.startswith("data")]
    assert states[-1]["status"] == "done"
    assert states[-1]["counts"]["documents"] == 2


def test_outcomes_are_those_of_the_last_run(own_client: TestClient, tmp_path: Path) -> None:
    assert own_client.get("/api/outcomes").json() == []
    (tmp_path / "corpus" / "bad.pdf").write_bytes(b"no pdf")
    own_client.post("/api/index/rebuild")
    outcomes = own_client.get("/api/outcomes").json()
    assert [(each["path"], each["status"]) for each in outcomes] == [("bad.pdf", "damaged"), ("note.txt", "indexed")]


@pytest.mark.parametrize(
    ("name", "inline", "kind", "disposition"),
    [
        ("naïve “x”.txt", False, "text/plain; charset=utf-8", "attachment"),
        ("naïve “x”.txt", True, "text/plain; charset=utf-8", "inline"),
        ("page.html", True, "application/octet-stream", "attachment"),
        ("rows.csv", False, "application/octet-stream", "attachment"),
    ],
)
def test_an_original_comes_back_as_it_was_and_can_do_nothing_in_a_browser(
    own_client: TestClient, tmp_path: Path, name: str, inline: bool, kind: str, disposition: str
) -> None:
    content = "<p>The naïve <script>alert(1)</script> ferry to Texel sails every hour.</p>".encode()
    (tmp_path / "corpus" / name).write_bytes(content)
    own_client.post("/api/index/rebuild")
    document = next(each for each in own_client.get("/api/documents").json() if each["path"] == name)
    response = own_client.get(f"/api/documents/{document['id']}/original", params={"inline": inline})
    assert response.content == content
    assert response.headers["content-type"] == kind
    assert (
        response.headers["content-disposition"] == f"{disposition}; filename*=UTF-8''{percent_encoded(name, safe='')}"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "sandbox"


def test_a_pdf_may_be_shown_in_the_browser() -> None:
    shown = original_response(Original("scan.PDF", io.BytesIO(b"%PDF"), ""), inline=True)
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''scan.PDF"
    assert shown.headers["content-security-policy"] == "sandbox"


def test_a_text_of_an_old_encoding_names_none(own_client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "old.txt").write_bytes(
        "Die Fähre nach Texel fährt stündlich über das Meer.".encode("latin-1")
    )
    own_client.post("/api/index/rebuild")
    document = next(each for each in own_client.get("/api/documents").json() if each["path"] == "old.txt")
    response = own_client.get(f"/api/documents/{document['id']}/original", params={"inline": True})
    assert response.headers["content-type"] == "text/plain"


def test_questions_are_answered_while_files_are_uploaded(own_client: TestClient) -> None:
    own_client.post("/api/index/rebuild")
    answered = 0
    job = own_client.post("/api/documents", files=[("files", ("long.txt", b"Texel is an island. " * 50_000))]).json()
    while own_client.get(f"/api/jobs/{job['id']}").json()["status"] != "done":
        assert own_client.post("/api/ask", json={"question": f"Who kept {answered} goats?"}).status_code == 200
        answered += 1
    # One that had to wait for the upload would be the only one.
    assert answered > 5


def test_health_needs_no_index(own_client: TestClient) -> None:
    assert own_client.get("/healthz").json() == {"status": "ok"}


def test_the_openapi_document_describes_every_error_by_the_one_shape(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if not status.startswith("2"):
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (path, status)


def test_docs_need_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200


def test_a_drafts_quotations_are_checked(client: TestClient) -> None:
    draft = {"text": "It says “He got none of those things” and “the SVR is under agreement to spy on the Chinese”."}
    report = client.post("/api/check", json=draft).json()
    assert report["counts"] == {"verbatim": 1, "different": 1, "not_found": 0}
    found, changed = report["quotations"]
    place = found["places"][0]
    text = client.get(f"/api/documents/{place['document']['id']}").json()["text"]
    assert text[place["start"] : place["end"]] == found["text"]
    assert {"op": "insert", "draft": "", "source": "not"} in changed["differences"]


def test_a_follow_up_comes_with_the_questions_before_it(client: TestClient) -> None:
    body = {"question": "And the GRU?", "history": ["does the SVR spy on China?"]}
    answer = client.post("/api/ask", json=body).json()
    assert answer["understood"] == "does the GRU spy on China?"
    assert answer["status"] == "answered"


@pytest.mark.parametrize("history", [["x"] * 21, [1], "x", [""]])
def test_a_history_out_of_bounds_is_refused(client: TestClient, history: object) -> None:
    answer = client.post("/api/ask", json={"question": "And the GRU?", "history": history})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"]


def test_a_search_has_no_history(client: TestClient) -> None:
    assert client.post("/api/search", json={"question": "x", "history": []}).status_code == 422
