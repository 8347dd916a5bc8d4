"""The address of the service where agents reach the MCP server, which is made when the first one does."""

import threading
from collections.abc import Awaitable, Callable

from fastapi.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from askreport.answering.library import Library
from askreport.service.shared.gate import Gate
from askreport.whereabouts import Whereabouts

MCP_PATH = "/mcp"


class McpEndpoint:
    """An ASGI application for POST requests: every message is answered by itself, and there are no sessions.

    The tools do their work through the gate, as other questions do.
    """

    def __init__(self, library: Library, gate: Gate, whereabouts: Whereabouts) -> None:
        self._library = library
        self._whereabouts = whereabouts
        self._gate = gate
        self._handler: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None
        self._making = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; the service has checked its host, its site and its key."""
        handler = await run_in_threadpool(self._made)
        await handler(scope, receive, send)

    def _made(self) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        with self._making:
            if self._handler is None:
                # Half a second that a service without agents need not spend.
                from askreport.agents.server import http_handler  # noqa: PLC0415

                self._handler = http_handler(self._library, self._gate.run, self._whereabouts.hide)
            return self._handler
