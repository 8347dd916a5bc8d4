"""No client is answered from a state of the library that is older than one it has seen.

Where a library stands on several nodes, one may be a moment behind another. So each response says the newest
generation that was seen on its way, in a header and, for browsers, in a cookie; and the next request brings it along.
"""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askreport.freshness import HEADER, seeing

COOKIE = "askreport_generation"
# Anything else is ignored; no library has had so many changes.
_GENERATION = re.compile(r"[0-9]{1,15}")


class Consistency:
    """ASGI middleware: what a client has seen comes with its request, and goes with the response.

    A client that sends the header keeps count by itself, and gets no cookie.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        header, cookie = request.headers.get(HEADER), _number(request.cookies.get(COOKIE, ""))
        with seeing(cookie if header is None else _number(header)) as seen:

            async def send_seen(message: Message) -> None:
                if message["type"] == "http.response.start" and (generation := seen.generation):
                    own = [(HEADER.encode(), str(generation).encode())]
                    # Also one that is smaller than what came: that was cut.
                    if header is None and generation != cookie:
                        own.append((b"set-cookie", _cookie(generation)))
                    message = {**message, "headers": [*message.get("headers", ()), *own]}
                await send(message)

            await self._app(scope, receive, send_seen)


def _number(text: str) -> int:
    return int(text) if _GENERATION.fullmatch(text) else 0


def _cookie(generation: int) -> bytes:
    return f"{COOKIE}={generation}; HttpOnly; Path=/; SameSite=Lax".encode()
