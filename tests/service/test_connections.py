"""Connections end when their request or reader is too slow; one too many is told so, in the form of all errors."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from askreport.guard.headers import SECURE_HEADERS
from askreport.service import connections
from askreport.service.connections import PIECE, TOLD, Connection, InPieces, most_connections

LIMIT = 4
LARGE = b"x" * 30_000_000
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body, or with something large."""
    if scope["type"] != "http":
        return
    size, is_open = 0, True
    while is_open:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, is_open = size + len(message.get("body", b"")), message.get("more_body", False)
    body = LARGE if scope["path"] == "/large" else str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The address of a server of few connections."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            InPieces(app), http=Connection, ws="none", lifespan="off", limit_concurrency=LIMIT, log_level="critical"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield listener.getsockname()
        server.force_exit = server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    with served() as given:
        yield given


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server that waits for a second only."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(connections, "STALLED_SECONDS", 1.0)
    with served() as given:
        yield given


def open_to(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=20)


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a response, after which the connection may stay open."""
    stream = connection.makefile("rb")
    status = int(stream.readline().split()[1])
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, stream.read(int(headers["content-length"]))


def asked(address: tuple[str, int], request: bytes) -> tuple[int, dict[str, str], bytes]:
    with open_to(address) as connection:
        connection.sendall(request)
        return answer(connection)


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side ends the connection, within the socket's patience."""
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_what_is_no_request_is_answered_as_all_errors_are(address: tuple[str, int]) -> None:
    status, headers, body = asked(address, b"\x16\x03\x01 no request\r\n\r\n")
    assert status == 400
    assert json.loads(body)["error"]["code"] == "bad_request"
    assert {name: headers[name] for name in SECURE_HEADERS} == SECURE_HEADERS


def test_one_connection_too_many_is_503_and_the_others_are_answered(address: tuple[str, int]) -> None:
    with ExitStack() as held:
        first = [held.enter_context(open_to(address)) for _ in range(LIMIT)]
        for connection in first:
            connection.sendall(GET)
            assert answer(connection)[0] == 200
        status, headers, body = asked(address, GET)
        assert status == 503
        assert json.loads(body)["error"]["code"] == "overloaded"
        assert headers["retry-after"] == "1"
        assert headers["connection"] == "close"
        assert {name: headers[name] for name in SECURE_HEADERS} == SECURE_HEADERS
        first[0].sendall(GET)
        assert answer(first[0])[0] == 200
    time.sleep(0.2)
    assert asked(address, GET)[0] == 200


def test_further_ones_are_closed_without_a_word(address: tuple[str, int]) -> None:
    with ExitStack() as held:
        for _ in range(LIMIT + TOLD):
            held.enter_context(open_to(address))
        time.sleep(0.3)
        assert is_closed(held.enter_context(open_to(address)))


@pytest.mark.parametrize("begun", [b"", b"G", GET[:-4], b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 90\r\n\r\nabc"])
def test_a_request_that_does_not_come_is_not_waited_for(impatient: tuple[str, int], begun: bytes) -> None:
    with open_to(impatient) as connection:
        connection.sendall(begun)
        assert is_closed(connection)


def test_neither_is_the_second_one_on_a_connection(impatient: tuple[str, int]) -> None:
    with open_to(impatient) as connection:
        connection.sendall(GET)
        assert answer(connection)[0] == 200
        connection.sendall(GET[:9])
        assert is_closed(connection)


def test_a_slow_request_that_goes_on_is_waited_for(impatient: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n"
    with open_to(impatient) as connection:
        connection.sendall(head)
        for _ in range(10):
            time.sleep(0.2)
            connection.sendall(b"x" * 500)
        assert answer(connection)[2] == b"5000"


def test_whoever_does_not_read_is_not_waited_for(impatient: tuple[str, int]) -> None:
    with open_to(impatient) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        time.sleep(2.5)
        # What the system holds for both sides is still read; the rest never comes.
        read = b"".join(iter(lambda: receive(connection), b""))
    assert 0 < len(read) < len(LARGE)


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1_000_000)
    except ConnectionError:
        return b""


def test_whoever_reads_gets_all_of_it(address: tuple[str, int]) -> None:
    assert asked(address, b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")[2] == LARGE


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
@pytest.mark.parametrize("more", [False, True])
def test_pieces_are_the_body_and_the_last_one_says_so(size: int, more: bool) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    sent: list[Message] = []

    async def one(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": body[:size], "more_body": more})

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(InPieces(one)({"type": "http"}, None, keep))  # type: ignore[arg-type]
    start, *pieces = sent
    assert start["type"] == "http.response.start"
    assert b"".join(piece["body"] for piece in pieces) == body[:size]
    assert all(len(piece["body"]) <= PIECE for piece in pieces)
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [more]


def test_there_are_no_more_than_half_of_the_files_that_may_be_open() -> None:
    resource = pytest.importorskip("resource")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most_connections(10) == 10
    assert most_connections(10**9) in (10**9, soft // 2)
