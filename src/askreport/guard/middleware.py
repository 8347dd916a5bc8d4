"""What stands before the application: checks of each request, and who may ask for a change."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from askreport.errors import AskReportError, CrossSiteError

# Raises one of the project's errors if the request is not to be answered.
Check: TypeAlias = Callable[[Request], None]
OnError: TypeAlias = Callable[[Request, AskReportError], Response]

READING = ("GET", "HEAD", "OPTIONS")
_VERSION = "/api/v1/"


class Guard:
    """Lets a request in once all checks have passed; otherwise answers with the error."""

    def __init__(self, app: ASGIApp, checks: Sequence[Check], on_error: OnError) -> None:
        self._app = app
        self._checks = checks
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "http":
            request = Request(scope)
            try:
                for check in self._checks:
                    check(request)
            except AskReportError as error:
                await self._on_error(request, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def check_site(request: Request) -> None:
    """Raises CrossSiteError if a page of another site wants more than to read; a program sends neither header."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    # Browsers do not let a page choose these. "same-site" is another port of this machine: another site to us.
    own = request.headers.get("host", "")
    # Compared as it stands: what is no address at all is another site too.
    is_own = site in ("same-origin", "none") if site else not origin or origin in (f"http://{own}", f"https://{own}")
    if request.method not in READING and not is_own:
        raise CrossSiteError("a page of another site may only link to this one", "Use the service's own pages.")


def unversioned(path: str) -> str:
    """The path without the version that addresses of the API may name."""
    return f"/api/{path.removeprefix(_VERSION)}" if path.startswith(_VERSION) else path
