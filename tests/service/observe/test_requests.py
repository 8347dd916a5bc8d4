"""Every request has an id, is counted and logged; what was asked stays out of the log unless it is wanted there."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from askreport.answering.library import Library
from askreport.config import Log, Settings
from askreport.service.app import create_app
from askreport.service.observe.log import REQUESTS, JsonLines, with_request_id
from askreport.service.observe.metrics import Metrics
from askreport.service.observe.requests import Observe, request_id
from tests.conftest import CORPUS
from tests.service.observe.test_metrics import figures
from tests.tools.parts import PARSERS

MARKER = "quagmirequestion"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Lines(logging.Handler):
    """What the log's lines are, as they are written."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.written: list[str] = []
        self.setFormatter(JsonLines(log == "questions"))
        self.addFilter(with_request_id)

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    def parsed(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.written]


@contextmanager
def logged(log: Log) -> Iterator[Lines]:
    lines = Lines(log)
    root = logging.getLogger()
    level = REQUESTS.level
    root.addHandler(lines)
    REQUESTS.setLevel(logging.WARNING if log == "problems" else logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(lines)
        REQUESTS.setLevel(level)


@contextmanager
def service(library: Library, log: Log = "problems") -> Iterator[tuple[TestClient, FastAPI]]:
    app = create_app(Settings(corpus=CORPUS, index=library.index, log=log), library, PARSERS)

    @app.post("/api/broken")
    def broken(body: dict[str, str]) -> None:
        library.ask(body["question"])
        raise RuntimeError(f"cannot answer {body['question']}")

    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    with client:
        yield client, app


@pytest.mark.parametrize("log", ["problems", "requests", "questions"])
def test_what_was_asked_is_logged_only_if_it_is_wanted(library: Library, log: Log) -> None:
    question = {"question": f"What is a {MARKER}?"}
    with service(library, log) as (client, _), logged(log) as lines:
        assert client.post("/api/v1/ask", json=question).status_code == 200
        assert client.post("/api/search", json=question).status_code == 200
        assert client.post("/api/v1/ask", json={**question, "k": 0}).status_code == 422
        assert client.post("/api/v1/ask", json={"question": MARKER * 1000}).status_code == 422
        assert client.get("/", params={"q": MARKER, "after": f"{MARKER} before?"}).status_code == 200
        assert client.get(f"/api/v1/{MARKER}").status_code == 404
        assert client.post("/api/broken", json=question).status_code == 500
    text = "\n".join(lines.written)
    assert (MARKER in text) == (log == "questions")
    requests = [each for each in lines.parsed() if each["logger"] == REQUESTS.name]
    assert len(requests) == (1 if log == "problems" else 7)
    # The failure is told whatever the setting: where it was, and under which request.
    (failure,) = [each for each in lines.parsed() if "exception" in each]
    assert "in broken" in failure["exception"]
    assert failure["id"] == requests[-1]["id"]


def test_a_line_says_what_became_of_a_request(library: Library) -> None:
    with service(library, "requests") as (client, _), logged("requests") as lines:
        answered = client.post(
            "/api/v1/ask", json={"question": "so does the SVR spy on China?"}, headers={"x-request-id": "a-1"}
        )
    (line,) = lines.parsed()
    assert (line["id"], line["method"], line["route"], line["status"]) == ("a-1", "POST", "/api/v1/ask", 200)
    assert line["bytes"] == len(answered.content)
    assert line["answers"] == ["answered"]
    assert line["stages"].keys() == {"retrieve", "read", "quote"}
    assert sum(line["stages"].values()) <= line["ms"] + 0.2
    assert "key" not in line


def test_every_response_has_an_id_that_the_hint_of_a_failure_names(library: Library) -> None:
    with service(library) as (client, _):
        for path in ("/healthz", "/api/v1/documents", "/api/nothing", "/static/style.css", "/", "/documents/none"):
            assert SANE.fullmatch(client.get(path).headers["x-request-id"])
        failed = client.post("/api/broken", json={"question": "why?"}, headers={"x-request-id": "b-2"})
        refused = client.get("/healthz", headers={"host": "elsewhere.example", "x-request-id": "c-3"})
    assert failed.headers["x-request-id"] == "b-2"
    assert "under request b-2" in failed.json()["error"]["hint"]
    assert (refused.status_code, refused.headers["x-request-id"]) == (421, "c-3")


@given(st.binary(max_size=80))
def test_an_id_that_comes_along_is_taken_only_if_it_is_sane(given_id: bytes) -> None:
    taken = request_id({"headers": [(b"x-request-id", given_id)]})
    assert SANE.fullmatch(taken)
    if re.fullmatch(rb"[A-Za-z0-9._-]{1,64}", given_id):
        assert taken == given_id.decode()


def test_requests_are_counted_by_templates_and_known_methods(library: Library) -> None:
    document = library.store.documents()[0].id
    with service(library) as (client, app):
        client.get(f"/api/v1/documents/{document}")
        client.get("/api/documents/none")
        client.get(f"/documents/{document}")
        client.get("/static/style.css")
        client.get("/openapi.json")
        client.get("/nowhere/at/all")
        client.request("BREW", "/healthz")
        shown = figures(app.state.metrics.render(library)[0])
    counted = {name for name in shown if name.startswith("askreport_requests_total")}
    prefix = "askreport_requests_total"
    assert counted == {
        f"{prefix}{{method=GET,route=/api/v1/documents/{{document_id}},status=200}}",
        f"{prefix}{{method=GET,route=/api/documents/{{document_id}},status=404}}",
        f"{prefix}{{method=GET,route=/documents/{{document_id}},status=200}}",
        f"{prefix}{{method=GET,route=/static,status=200}}",
        f"{prefix}{{method=GET,route=/openapi.json,status=200}}",
        f"{prefix}{{method=GET,route=none,status=404}}",
        f"{prefix}{{method=other,route=/healthz,status=405}}",
    }
    assert shown["askreport_requests_in_flight"] == 0


def test_the_share_of_refusals_can_be_seen_whatever_asked(library: Library) -> None:
    with service(library) as (client, app):
        # Asked by no other test: what was asked before is answered without these stages.
        client.post("/api/ask", json={"question": "does the SVR really spy on China?"})
        client.get("/", params={"q": "How do I ever reset my password?"})
        shown = figures(app.state.metrics.render(library)[0])
    assert shown["askreport_answers_total{status=answered}"] == 1
    assert shown["askreport_answers_total{status=not_found}"] == 1
    # What the page of a refusal says of its words is a view of the same reading.
    assert shown["askreport_stage_seconds_count{stage=read}"] == 2


def test_a_client_that_goes_away_is_counted_as_gone(library: Library) -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nobody reads or writes")

    metrics = Metrics()
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Observe(gone, metrics, "problems", nothing)(scope, nothing, nothing))  # type: ignore[arg-type]
    shown = figures(metrics.render(library)[0])
    assert shown["askreport_requests_total{method=GET,route=none,status=499}"] == 1
    assert shown["askreport_requests_in_flight"] == 0
