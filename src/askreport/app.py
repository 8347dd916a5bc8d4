"""The service: the API and the pages on one application, with one shape of error, and the server that runs it."""

import importlib.util
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from rich.console import Console
from rich.markup import escape
from starlette.exceptions import HTTPException

from askreport.api import api_router
from askreport.ask import Library
from askreport.config import Settings
from askreport.errors import AskReportError, SettingError
from askreport.evaluation_pages import evaluation_router
from askreport.ingest import parser_pool
from askreport.jobs import Jobs
from askreport.library_api import library_api
from askreport.library_pages import library_pages
from askreport.manage import Manager
from askreport.pages import STATUS_OF, error_page, pages_router
from askreport.parse import ParserPool
from askreport.templating import WEB
from askreport.viewer import Pictures, viewer_router
from askreport.watch import Watcher

DESCRIPTION = "Questions answered by verified quotes from your own documents, or refused."

# What is still being answered then, a page that follows a job for one, is cut off.
SHUTDOWN_SECONDS = 2
EXIT_INTERRUPTED = 130


def create_app(settings: Settings, library: Library | None = None, parsers: ParserPool | None = None) -> FastAPI:
    """The application over the settings' index; the encoder is loaded now unless ``library`` brings one.

    ``parsers`` are its own, and end with it, unless they are given.
    """
    app = FastAPI(
        title="askreport", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=_lifespan
    )
    app.state.settings = settings
    app.state.library = library or Library.open(settings)
    app.state.parsers = parsers or parser_pool(settings)
    # Pages are drawn by processes of their own: nobody waits for a picture until a scanned archive has been read.
    app.state.painters = parsers or parser_pool(settings)
    app.state.owns_parsers = parsers is None
    app.state.pictures = Pictures()
    app.state.jobs = Jobs(Manager(settings, app.state.library, app.state.parsers))
    app.state.watcher = Watcher(app.state.jobs, settings.index) if settings.watch else None
    app.include_router(api_router)
    app.include_router(library_api)
    app.include_router(pages_router)
    app.include_router(library_pages)
    app.include_router(viewer_router)
    app.include_router(evaluation_router)
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    # The package brings Swagger UI's files along, so that /docs needs no other host.
    spec = importlib.util.find_spec("fastapi_offline")
    assets = Path(spec.origin or "").parent / "static" if spec else WEB / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets), name="docs-assets")
    app.add_api_route("/docs", _docs, include_in_schema=False)
    app.add_exception_handler(AskReportError, _on_own_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.jobs.start()
    if app.state.watcher:
        app.state.watcher.start()
    yield
    if app.state.watcher:
        app.state.watcher.stop()
    app.state.jobs.stop()
    if app.state.owns_parsers:
        app.state.parsers.close()
        app.state.painters.close()


def run(settings: Settings) -> None:
    """Serves until interrupted; SettingError if the address cannot be listened on."""
    listener = _listen(settings.host, settings.port)
    app = create_app(settings)
    host, port = listener.getsockname()[:2]
    shown = f"\\[{host}]" if ":" in host else host
    console = Console(stderr=True)
    console.print(f"askreport answers on [bold]http://{shown}:{port}[/bold] (Ctrl+C ends it)")
    if settings.watch:
        console.print(f"and indexes what changes in {escape(str(settings.corpus))}")
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_SECONDS)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        if app.state.jobs.is_working:
            # Reading a file may take minutes more, and nobody waits for it: the published index is whole at any moment,
            # and what was uploaded is cleaned up at the next start.
            os._exit(EXIT_INTERRUPTED)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Before the address is announced: whoever connects now waits until the service accepts.
        listener.listen(128)
    except OSError as error:
        raise SettingError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            "Choose another by --port or ASKREPORT_PORT; another askreport may be running there.",
        ) from None
    return listener


def _docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="askreport API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/static/icon.svg",
    )


def _error(request: Request, status: int, code: str, message: str, hint: str | None = None) -> Response:
    """The one shape of an error: JSON, or the same words as a page for a browser."""
    is_page = not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
    if is_page:
        return error_page(request, status, message, hint)
    body: dict[str, Any] = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(body, status)


def _on_own_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AskReportError)
    return _error(request, STATUS_OF.get(error.code, 400), error.code, error.message, error.hint)


def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(part for part in first["loc"][1:] if isinstance(part, str)) or str(first["loc"][0])
    return _error(request, 422, "bad_request", f"{where}: {first['msg']}", "GET /docs describes every request.")


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    response = _error(request, error.status_code, code, str(error.detail), "GET /docs lists the addresses.")
    response.headers.update(error.headers or {})
    return response


def _on_unexpected_error(request: Request, error: Exception) -> Response:
    return _error(request, 500, "internal_error", "the service failed", "The log of the service says why.")
