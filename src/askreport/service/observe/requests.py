"""Every request observed: an id on each response, its figures, and its line in the log."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askreport.config import Log
from askreport.service.observe.log import REQUESTS
from askreport.service.observe.metrics import Metrics
from askreport.trace import Trace, traced

ID_HEADER = b"x-request-id"
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Each label is a series that is kept for good: a client must not be able to make new ones.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
NO_ROUTE = "none"
# As nginx writes it: the client went away before there was an answer.
CLIENT_GONE = 499
_log = logging.getLogger(__name__)


class Observe:
    """ASGI middleware around all others, so that it sees what they refuse.

    ``failed`` makes the response to an exception that nobody expected; the exception is then logged and raised on.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, log: Log, failed: Callable[[Request, Exception], Response]
    ) -> None:
        self.app = app
        self._metrics = metrics
        self._log = log
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request, and then counts and logs it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with traced(request_id(scope)) as trace, self._metrics.in_flight.track_inprogress():
            exchange = _Exchange(trace.id, send)
            try:
                await self.app(scope, receive, exchange.send)
            except Exception as error:
                _log.exception("a request failed")
                if not exchange.is_answered:
                    await self._failed(Request(scope), error)(scope, receive, exchange.send)
                raise
            finally:
                self._record(scope, trace, exchange)

    def _record(self, scope: Scope, trace: Trace, exchange: "_Exchange") -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route, seconds = route_of(scope), time.perf_counter() - exchange.started
        self._metrics.count_request(trace, method, route, exchange.status, seconds)
        # Being asked to come again is an answer; under load there are hundreds a second.
        is_problem = exchange.status >= 500 and exchange.status != 503
        level = logging.WARNING if is_problem else logging.INFO
        if not REQUESTS.isEnabledFor(level):
            return
        fields: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": exchange.status,
            "ms": round(1000 * seconds, 1),
            "bytes": exchange.size,
            "key": scope.get("state", {}).get("key"),
            "answers": trace.answers or None,
            "stages": {name: round(1000 * took, 1) for name, took in trace.stages} or None,
            "questions": (trace.questions or None) if self._log == "questions" else None,
        }
        REQUESTS.log(level, "request", extra={"fields": fields})


class _Exchange:
    """The response as it goes out."""

    def __init__(self, request_id: str, send: Send) -> None:
        self.started = time.perf_counter()
        self.status = CLIENT_GONE
        self.size = 0
        self.is_answered = False
        self._header = (ID_HEADER, request_id.encode())
        self._send = send

    async def send(self, message: Message) -> None:
        """Passes a message on; the first one with the request's id."""
        if message["type"] == "http.response.start":
            self.status, self.is_answered = message["status"], True
            message = {**message, "headers": [*message.get("headers", ()), self._header]}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def request_id(scope: Scope) -> str:
    """The id that came with the request if it is a sane one, else a new one."""
    given = next((value for name, value in scope["headers"] if name == ID_HEADER), b"")
    return given.decode() if _SANE_ID.fullmatch(given) else uuid.uuid4().hex


def route_of(scope: Scope) -> str:
    """The template of the route that a request took, with the prefix its router was included under."""
    if template := getattr(scope.get("route"), "path", ""):
        # No parameter of ours spans a slash: the end of the path has as many parts as the template.
        return "/".join(scope["path"].split("/")[: -template.count("/")]) + template
    mounted: str = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    fixed: str = scope["path"] if "endpoint" in scope and not scope.get("path_params") else ""
    return mounted or fixed or NO_ROUTE
