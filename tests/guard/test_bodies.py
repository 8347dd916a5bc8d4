"""How large a body may be, whatever it says of itself, and what becomes of one that is too large."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from askreport.guard.bodies import MAX_BODY_BYTES, BodyLimit
from askreport.service.pages.shared import error_page
from tests.tools.parts import TestClient
from tests.tools.serving import serving
from tests.tools.small import application, settings_in
from tests.tools.timing import ratio

ASK = "/api/ask"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return application(settings_in(tmp_path_factory.mktemp("service")))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made


def test_a_body_that_says_it_is_too_large_is_413(client: TestClient) -> None:
    for path in (ASK, "/api/search", "/signin", "/documents/reindex", "/nothing"):
        response = client.post(path, content=b"x" * (MAX_BODY_BYTES + 1))
        assert response.status_code == 413
        assert response.json()["error"]["code"] == "body_too_large"


def pieces(count: int) -> Iterator[bytes]:
    """A body without a length; each piece has 100,000 bytes."""
    yield from (b" " * 100_000 for _ in range(count))


def test_a_body_of_unknown_length_is_counted(client: TestClient) -> None:
    assert client.post(ASK, content=pieces(11)).status_code == 413
    body = json.dumps({"question": "When does the ferry sail?"}).encode()

    def padded() -> Iterator[bytes]:
        yield from pieces(9)
        yield body

    response = client.post(ASK, content=padded(), headers={"content-type": "application/json"})
    assert response.status_code == 200


def test_a_draft_may_be_as_long_as_the_check_allows(client: TestClient) -> None:
    # Half a million characters of four bytes in UTF-8.
    for path in ("/api/check", "/api/v1/check"):
        body = json.dumps({"text": "𝒳" * 500_000}, ensure_ascii=False)
        assert client.post(path, content=body, headers={"content-type": "application/json"}).status_code == 200
        assert client.post(path, content=b" " * 3_200_000).status_code == 413


def test_uploads_have_limits_of_their_own(client: TestClient) -> None:
    files = [("files", ("big.bin", b"x" * (MAX_BODY_BYTES + 1)))]
    assert client.post("/api/documents", files=files).status_code == 202
    assert client.post("/api/v1/documents", files=files).status_code == 202
    assert client.put("/api/documents", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


def test_a_body_that_is_refused_is_not_kept() -> None:
    """The application never starts, and of an endless body no more than a fixed number of bytes is received."""
    received = 0

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("must not be reached")

    async def receive() -> Message:
        nonlocal received
        received += 1_000_000
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    limit = BodyLimit(inner, on_error=lambda request, error: error_page(request, 413, error.message, error.hint))
    scope = {"type": "http", "method": "POST", "path": ASK, "headers": [], "query_string": b"", "server": ("a", 1)}
    asyncio.run(limit({**scope, "scheme": "http"}, receive, send))
    assert sent[0]["status"] == 413
    assert received <= 25_000_000


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 900_000,
        b'{"a":' * 150_000,
        b'{"question":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'"' + b"\\u0000" * 9,
        b'{"question": ' + b"9" * 900_000 + b"}",
        b'{"question": "a", "k": 1e999999}',
    ],
)
def test_nested_and_endless_json_is_an_error_of_the_client(client: TestClient, bomb: bytes) -> None:
    def statuses(content: bytes) -> list[int]:
        headers = {"content-type": "application/json"}
        paths = (ASK, "/api/check", "/v1/chat/completions")
        return [client.post(path, content=content, headers=headers).status_code for path in paths]

    assert all(400 <= status < 500 for status in statuses(bomb))
    ordinary = json.dumps({"question": "a " * (len(bomb) // 2)}).encode()
    assert ratio(lambda: statuses(bomb), lambda: statuses(ordinary)) < 5


def test_over_a_real_connection_the_answer_is_read_though_the_body_was_refused(tmp_path: Path) -> None:
    with serving(application(settings_in(tmp_path))) as address:
        for content in (b"x" * 8_000_000, pieces(80)):
            response: Any = httpx2.post(f"{address}{ASK}", content=content)
            assert response.status_code == 413
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as raw:
            raw.settimeout(10)
            raw.sendall(b"GET /healthz HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")
            assert b" 421 " in raw.recv(100)
