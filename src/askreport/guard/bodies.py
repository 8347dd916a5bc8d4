"""A limit for the bodies of requests, which is kept without keeping what is beyond it."""

from collections import deque

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askreport.errors import BodyTooLargeError
from askreport.guard.middleware import READING, OnError, unversioned

MAX_BODY_BYTES = 1_000_000
# A draft has up to half a million characters, each of up to six bytes in JSON; as a file it may have pictures.
_LARGER_BODIES = {"/api/check": 3_100_000, "/check": 25_000_000}
# Their files have limits of their own and go to the disk as they come (uploads.py).
_UPLOADS = ("/api/documents", "/documents")
# So much of a body that is refused is received and dropped: a client that cannot send it to the end, does not read
# the answer.
_DROPPED_BYTES = 20_000_000


class BodyLimit:
    """Refuses bodies that are larger than any that means something, by what they say of themselves if they do.

    Starlette's own limit answers in plain text; every error of this service has one shape.
    """

    def __init__(self, app: ASGIApp, on_error: OnError) -> None:
        self._app = app
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "http" and scope["method"] not in READING:
            request, body = Request(scope), _Body(receive)
            limit = body_limit(request)
            if limit is not None and not await body.fits(request, limit):
                await body.drop()
                await self._on_error(request, _too_large(limit))(scope, receive, send)
                return
            receive = body.replay
        await self._app(scope, receive, send)


class _Body:
    """A request's body: received as far as it must be to know whether it fits, and handed on from its beginning."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._is_open = True
        self._held: deque[Message] = deque()

    async def fits(self, request: Request, limit: int) -> bool:
        """Whether it has no more than ``limit`` bytes; the server sees to it that it has those it declares."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal():
            return int(declared) <= limit
        while self._is_open and self._size <= limit:
            self._held.append(await self._next())
        return self._size <= limit

    async def drop(self) -> None:
        """Receives what is left, up to a limit, and keeps nothing."""
        while self._is_open and self._size < _DROPPED_BYTES:
            await self._next()

    async def replay(self) -> Message:
        """The next message, of those that are held first."""
        return self._held.popleft() if self._held else await self._receive()

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._is_open = message.get("more_body", False)
        return message


def body_limit(request: Request) -> int | None:
    """How many bytes the request's body may have; None for an upload."""
    path = unversioned(request.scope["path"])
    if request.method == "POST" and path in _UPLOADS:
        return None
    return _LARGER_BODIES.get(path, MAX_BODY_BYTES)


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"the request's body is larger than {limit / 1e6:g} MB",
        "Ask shorter; files are added by POST /api/documents, as multipart/form-data.",
    )
