"""Connections that cost only so much: how many there are, how slowly a request may come and a response may go.

uvicorn waits for ever for a request that has begun, and for whoever does not read. So this extends its protocol by
deadlines, by a limit with an answer of the service's own form, and by the headers that every response has.
"""

import asyncio
import json
import sys
from typing import Any

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from askreport.guard.headers import SECURE_HEADERS

if sys.platform != "win32":
    import resource

# A request may take so many seconds, and one more for each so many bytes of it that have come.
REQUEST_SECONDS = 15.0
BYTES_A_SECOND = 1_000
# Seconds in which a client must have taken what was sent to it, which is at most a piece of so many bytes.
STALLED_SECONDS = 20.0
PIECE = 65_536
# Connections beyond the limit that are told so; still further ones are closed without a word.
TOLD = 64
RETRY_AFTER = 1
_HEADERS = [(b"content-type", b"application/json")]
_HEADERS += [(name.encode(), value.encode()) for name, value in SECURE_HEADERS.items()]


class Connection(H11Protocol):
    """A connection with deadlines; ``Config.limit_concurrency`` is how many there may be in this process."""

    def __init__(self, config: Config, *given: Any, **named: Any) -> None:
        super().__init__(config, *given, **named)
        self._limit = config.limit_concurrency
        # uvicorn's own limit answers in another form, and writes a line to the log for each request.
        self.limit_concurrency = None
        self._sending: asyncio.TimerHandle | None = None
        self._receiving: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        # So that each byte that is not taken counts, and no more than a piece is held.
        transport.set_write_buffer_limits(high=0)
        if self._limit is not None and len(self.connections) > self._limit:
            self.app = _busy
            if len(self.connections) > self._limit + TOLD:
                transport.abort()
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the deadlines."""
        super().connection_lost(exc)
        self._cancel_receiving()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Takes a part of a request, whose deadline begins with its first one."""
        if self._receiving is None:
            self._begin()
        self._received += len(data)
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._cancel_receiving()

    def pause_writing(self) -> None:
        """Begins to wait for a client that has not taken what was sent."""
        super().pause_writing()
        self._sending = self._sending or self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Goes on: the client has taken all of it."""
        super().resume_writing()
        if self._sending:
            self._sending.cancel()
            self._sending = None

    def send_400_response(self, msg: str) -> None:
        """Answers what is no request at all, as all errors are answered."""
        self.transport.write(_response(400, "bad_request", "the request is not HTTP"))
        self.transport.close()

    def _begin(self) -> None:
        self._began, self._received = self.loop.time(), 0
        self._receiving = self.loop.call_later(REQUEST_SECONDS, self._check_received)

    def _check_received(self) -> None:
        """Ends the connection if its request comes too slowly; not while it is the service that does not read."""
        left = self._began + REQUEST_SECONDS + self._received / BYTES_A_SECOND - self.loop.time()
        if left <= 0 and not self.flow.read_paused:
            self.transport.abort()
            return
        self._receiving = self.loop.call_later(max(left, 1.0), self._check_received)

    def _cancel_receiving(self) -> None:
        if self._receiving:
            self._receiving.cancel()
            self._receiving = None


class InPieces:
    """Sends what is large in pieces, each when the one before has been taken: a server would buffer all of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""

        async def send_pieces(message: Message) -> None:
            body = message.get("body", b"")
            last = max(0, len(body) - 1) // PIECE * PIECE
            for at in range(0, last, PIECE):
                await send({**message, "body": body[at : at + PIECE], "more_body": True})
            await send({**message, "body": body[last:]} if last else message)

        await self._app(scope, receive, send_pieces)


def most_connections(wanted: int) -> int:
    """How many connections there may be: as many as wanted, but no more than half of what the process may open."""
    if sys.platform == "win32":
        return wanted
    open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if open_files == resource.RLIM_INFINITY else max(1, min(wanted, open_files // 2))


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request on a connection that is one too many."""
    body = _body("overloaded", "the service has as many connections as it can have")
    headers = [*_HEADERS, (b"retry-after", str(RETRY_AFTER).encode()), *_last(body)]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _response(status: int, code: str, message: str) -> bytes:
    """A whole response, after which the connection ends."""
    body = _body(code, message)
    head = b"".join(b"%b: %b\r\n" % field for field in (*_HEADERS, *_last(body)))
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, STATUS_PHRASES[status], head, body)


def _last(body: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a body after which the connection ends."""
    return (b"content-length", str(len(body)).encode()), (b"connection", b"close")


def _body(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "hint": None}}).encode()
