"""Answers with prose over HTTP: the events, failures, and clients that leave."""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from askreport.answering.library import Library
from askreport.config import load_settings
from askreport.service.app import create_app
from tests.conftest import CORPUS
from tests.tools.parts import TestClient
from tests.tools.scripted import Reply, Script, ScriptedModel, saying, scripted
from tests.tools.serving import serving

SVR = "does the SVR spy on China?"
GOOD = "The SVR is under agreement not to spy on the Chinese [1]. The GRU sells ships [1]."
Events = list[tuple[str, Any]]


def make_app(library: Library, url: str = "", seconds: float = 10) -> FastAPI:
    environ = {
        "ASKREPORT_CORPUS": str(CORPUS),
        "ASKREPORT_INDEX": str(library.index),
        "ASKREPORT_LLM_URL": url,
        "ASKREPORT_LLM_SECONDS": str(seconds),
    }
    return create_app(load_settings(environ), library)


@contextmanager
def client_of(library: Library, script: Script) -> Iterator[tuple[TestClient, ScriptedModel]]:
    with scripted(script) as model, TestClient(make_app(library, model.url)) as client:
        yield client, model


@pytest.fixture(scope="module")
def without_model(library: Library) -> Iterator[TestClient]:
    with TestClient(make_app(library)) as client:
        yield client


def events(client: TestClient, question: str = SVR, path: str = "/api/v1/ask/stream") -> Events:
    response = client.post(path, json={"question": question})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    return parsed(response.text)


def parsed(text: str) -> Events:
    assert text.endswith("\n\n")
    found = [re.fullmatch(r"event: (\w+)\ndata: (.*)", event) for event in text[:-2].split("\n\n")]
    return [(match[1], json.loads(match[2])) for match in found if match]


def calls(client: TestClient, outcome: str) -> float:
    app: Any = client.app
    return float(app.state.metrics.llm_calls.labels(outcome)._value.get())


@pytest.mark.parametrize("path", ["/api/v1/ask/stream", "/api/ask/stream"])
def test_the_answer_comes_first_then_checked_sentences_then_the_whole(library: Library, path: str) -> None:
    with client_of(library, saying(GOOD)) as (client, _):
        (first, answer), *sentences, (last, whole) = events(client, path=path)
        plain = client.post("/api/ask", json={"question": SVR}).json()
        assert calls(client, "answered") == 1
    assert (first, last) == ("answer", "done")
    assert answer["prose"] is None
    for each in (answer, plain):
        each.pop("took_ms")
    assert answer == plain
    assert [(name, each["supported"]) for name, each in sentences] == [("sentence", True), ("sentence", False)]
    assert whole["sentences"] == [each for _, each in sentences]
    assert whole["error"] is None


def test_ask_takes_prose(library: Library) -> None:
    with client_of(library, saying(GOOD)) as (client, model):
        answer = client.post("/api/ask", json={"question": SVR, "prose": True}).json()
        client.post("/api/ask", json={"question": SVR})
        assert len(model.requests) == 1
    assert [each["supported"] for each in answer["prose"]["sentences"]] == [True, False]
    assert answer["quotes"]


def test_a_refusal_is_not_put_to_the_model(library: Library) -> None:
    question = "How do I reset my password?"
    with client_of(library, saying(GOOD)) as (client, model):
        assert [name for name, _ in events(client, question)] == ["answer", "done"]
        answer = client.post("/api/ask", json={"question": question, "prose": True}).json()
    assert (answer["status"], answer["prose"]) == ("not_found", None)
    assert model.requests == []


def test_without_a_model_prose_means_nothing(without_model: TestClient) -> None:
    assert events(without_model)[-1] == ("done", None)
    assert without_model.post("/api/ask", json={"question": SVR, "prose": True}).json()["prose"] is None


def failing(reply: Reply, body: dict[str, Any]) -> None:
    reply.head(500, "application/json")


def breaking(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.chunk(f"{GOOD} And then")


@pytest.mark.parametrize(("script", "sentences"), [(failing, 0), (breaking, 2)])
def test_a_model_that_fails_is_a_problem_and_the_answer_stands(
    library: Library, script: Script, sentences: int
) -> None:
    with client_of(library, script) as (client, _):
        (first, answer), *between, (last, problem) = events(client)
        whole = client.post("/api/ask", json={"question": SVR, "prose": True})
        assert calls(client, "failed") == 2
    assert (first, last, len(between)) == ("answer", "problem", sentences)
    assert answer["quotes"]
    assert problem.keys() == {"code", "message", "hint"}
    assert problem["code"] == "language_model_failed"
    assert whole.status_code == 200
    assert whole.json()["prose"]["error"] == problem["message"]


@pytest.mark.parametrize("body", [{"question": ""}, {"question": "x", "k": 0}, {"question": "x", "prose": "maybe"}, {}])
def test_bad_questions_are_errors_before_anything_is_streamed(without_model: TestClient, body: dict[str, Any]) -> None:
    response = without_model.post("/api/v1/ask/stream", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


def hanging(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.chunk(f"{GOOD} And")
    reply.wait_for_hang_up()


@pytest.mark.parametrize("path", ["/api/v1/ask/stream", "/api/v1/ask"])
def test_a_client_that_leaves_ends_the_call(library: Library, path: str) -> None:
    with scripted(hanging) as model, serving(make_app(library, model.url, 60)) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        body = json.dumps({"question": SVR, "prose": True})
        connection.request("POST", path, body, {"content-type": "application/json"})
        if path.endswith("stream"):
            assert connection.getresponse().read(10)
        wait_for_requests(model, 1)
        time.sleep(0.2)
        assert not model.gone.is_set()
        if connection.sock:
            connection.sock.close()
        connection.close()
        assert model.gone.wait(30)


def wait_for_requests(model: ScriptedModel, count: int) -> None:
    deadline = time.perf_counter() + 10
    while len(model.requests) < count:
        assert time.perf_counter() < deadline, "the model was not asked"
        time.sleep(0.01)


def post(netloc: str, path: str) -> int:
    connection = http.client.HTTPConnection(netloc, timeout=10)
    connection.request("POST", path, json.dumps({"question": SVR}), {"content-type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_others_are_answered_while_the_model_is_awaited(library: Library) -> None:
    with scripted(hanging) as model, serving(make_app(library, model.url, 60)) as url:
        netloc = urlsplit(url).netloc
        waiting = [threading.Thread(target=post, args=(netloc, "/api/v1/ask/stream")) for _ in range(6)]
        for each in waiting:
            each.start()
        wait_for_requests(model, 6)
        assert post(netloc, "/api/v1/ask") == 200
        assert all(each.is_alive() for each in waiting)
        model.ended.set()
        for each in waiting:
            each.join()


def test_the_page_asks_for_prose_only_where_a_model_is_set(library: Library, without_model: TestClient) -> None:
    with client_of(library, saying(GOOD)) as (client, _):
        page = client.get("/", params={"q": SVR}).text
        refusal = client.get("/", params={"q": "How do I reset my password?"}).text
        of_some = client.get("/", params={"q": SVR, "kind": "txt"}).text
        assert client.get("/static/prose.js").status_code == 200
    assert 'src="/static/prose.js"' in page
    assert json.loads(page.split("data-asked='")[1].split("'")[0]) == {"question": SVR, "history": []}
    asked = json.loads(of_some.split("data-asked='")[1].split("'")[0])
    assert asked == {"question": SVR, "history": [], "kinds": ["txt"]}
    # The script is there for the next answer, which comes without a page change.
    assert 'id="prose"' not in refusal
    assert "prose.js" not in without_model.get("/", params={"q": SVR}).text


def test_the_question_cannot_leave_its_attribute(library: Library) -> None:
    question = """does the SVR spy on China? '><script>alert("x")</script>"""
    with client_of(library, saying(GOOD)) as (client, _):
        page = client.get("/", params={"q": question}).text
    assert "<script>alert" not in page
