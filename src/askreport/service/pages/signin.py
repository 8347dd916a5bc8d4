"""The sign-in page, where people show a key once for twelve hours."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from askreport.guard.access import Access
from askreport.guard.sessions import COOKIE, SESSION_SECONDS, open_session
from askreport.service.pages.shared import is_page
from askreport.service.pages.templating import templates

_MAX_KEY = 200
_MAX_NEXT = 2_000

signin_pages = APIRouter(include_in_schema=False)


@signin_pages.get("/signin")
def show_signin(request: Request, next: str = "/") -> Response:  # noqa: A002
    """The page that asks for a key; where none is asked for, the page that was wanted."""
    if _access(request).ring() is None:
        return RedirectResponse(safe_next(next), 303)
    return _page(request, next)


@signin_pages.post("/signin")
def sign_in(
    request: Request,
    key: Annotated[str, Form(max_length=_MAX_KEY)],
    next: Annotated[str, Form(max_length=_MAX_NEXT)] = "/",  # noqa: A002
) -> Response:
    """Opens a session for who shows a key, and goes on to the page that was wanted."""
    ring = _access(request).ring()
    found = ring.find(key.strip()) if ring else None
    if ring and not found:
        return _page(request, next, is_wrong=True)
    response = RedirectResponse(safe_next(next), 303)
    if ring and found:
        response.set_cookie(
            COOKIE,
            open_session(ring, found),
            max_age=SESSION_SECONDS,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
    return response


@signin_pages.post("/signout")
def sign_out() -> Response:
    """Ends the browser's session."""
    response = RedirectResponse("/signin", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def ask_for_key(request: Request, refusal: Response) -> Response:
    """The answer to a request without a key: the sign-in page for a browser that wants to read, else the refusal."""
    if request.method == "GET" and is_page(request):
        wanted = quote(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/signin?next={quote(wanted, safe='/')}", 303)
    refusal.headers["www-authenticate"] = "Bearer"
    return refusal


def safe_next(wanted: str) -> str:
    """The address if it is one of this site, written as a path; otherwise that of the first page."""
    # Browsers read a backslash as a slash and leave control characters out; two slashes begin another host.
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if is_path and wanted.isprintable() else "/"


def _page(request: Request, wanted: str, is_wrong: bool = False) -> Response:
    context = {"next": safe_next(wanted), "is_wrong": is_wrong}
    response = templates.TemplateResponse(request, "signin.html", context, 401 if is_wrong else 200)
    if is_wrong:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
