"""The service: the API and the pages on one application, with one shape of error, and the server that runs it."""

import importlib.util
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Route

from askreport.answering.library import Library
from askreport.changes.open import open_jobs, open_watcher
from askreport.changes.types import LibraryJobs
from askreport.config import Settings
from askreport.errors import AskReportError, DocumentReplacedError, UnauthorizedError
from askreport.guard.access import Access
from askreport.guard.bodies import BodyLimit
from askreport.guard.consistency import Consistency
from askreport.guard.headers import DOCS_POLICY, SECURE_HEADERS, SecureHeaders
from askreport.guard.hosts import KnownHosts
from askreport.guard.middleware import Guard, check_site
from askreport.models.session import available_cores
from askreport.parse import ParserPool, parser_pool
from askreport.prose.writer import Writer
from askreport.service.api.citations import citations_api
from askreport.service.api.compare import compare_api
from askreport.service.api.documents import documents_api
from askreport.service.api.mcp import MCP_PATH, McpEndpoint
from askreport.service.api.notebooks import notebooks_api
from askreport.service.api.openai import CHAT_PATHS, chat_error, openai_api
from askreport.service.api.openapi import DESCRIPTION, TAGS, allowed_methods, describe, operation_id
from askreport.service.api.probes import PROBE_THREADS, probes_api
from askreport.service.api.questions import questions_api
from askreport.service.observe.metrics import Metrics
from askreport.service.observe.requests import Observe
from askreport.service.pages.check import check_pages
from askreport.service.pages.citations import citations_pages
from askreport.service.pages.compare import compare_pages
from askreport.service.pages.conversation import conversation_pages
from askreport.service.pages.document import Pictures, document_pages
from askreport.service.pages.documents import documents_pages
from askreport.service.pages.evaluation import evaluation_pages
from askreport.service.pages.excerpt import excerpt_pages
from askreport.service.pages.home import Examples, home_pages
from askreport.service.pages.mentions import mentions_pages
from askreport.service.pages.notebooks import notebooks_pages
from askreport.service.pages.originals import Originals
from askreport.service.pages.overview import overview_pages
from askreport.service.pages.shared import error_page, is_page
from askreport.service.pages.signin import ask_for_key, signin_pages
from askreport.service.pages.templating import WEB, templates
from askreport.service.pages.why import why_pages
from askreport.service.shared.downloads import Downloads
from askreport.service.shared.gate import Gate
from askreport.service.shared.problems import STATUS_OF, headers_of, known
from askreport.trace import current
from askreport.whereabouts import Whereabouts

EXIT_INTERRUPTED = 130


def create_app(
    settings: Settings,
    library: Library | None = None,
    parsers: ParserPool | None = None,
    access: Access | None = None,
) -> FastAPI:
    """The application over the settings' index; the encoder is loaded now unless ``library`` brings one.

    ``parsers`` are its own, and end with it, unless they are given. ``access`` are the keys it asks for, those of the
    settings unless they are given.
    """
    app = FastAPI(
        title="askreport",
        version=version("askreport"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    describe(app)
    app.state.access = access or Access(settings)
    _make_parts(app, settings, library, parsers)
    _add_routes(app)
    _add_guards(app, settings)
    return app


def _make_parts(app: FastAPI, settings: Settings, library: Library | None, parsers: ParserPool | None) -> None:
    """What the routes work with, in ``app.state``."""
    state = app.state
    state.settings = settings
    state.whereabouts = Whereabouts(settings)
    state.library = library or Library.open(settings)
    state.owns_library = library is None
    state.parsers = parsers or parser_pool(settings)
    # Separate processes draw pages, so that a picture does not wait for a scanned archive that is being read.
    state.painters = parsers or parser_pool(settings)
    state.owns_parsers = parsers is None
    state.painting = CapacityLimiter(state.painters.workers)
    state.pictures = Pictures()
    state.downloads = Downloads()
    state.originals = Originals(state.library, settings.corpus)
    state.examples = Examples()
    state.metrics = Metrics()
    llm_calls = state.metrics.llm_calls
    encoder, scorer = state.library.encoder, state.library.scorer
    state.writer = Writer.open(settings, encoder, scorer, over=lambda outcome: llm_calls.labels(outcome).inc())
    state.probes = CapacityLimiter(PROBE_THREADS)
    cores = settings.threads or available_cores()
    # While one question waits for PostgreSQL, another can be read.
    state.gate = Gate(2 * cores if state.library.backend.is_postgres else cores, settings.waiting)
    state.jobs = open_jobs(settings, state.library, state.parsers, state.metrics.count_job)
    state.ends_hard = False
    state.watcher = open_watcher(settings, state.jobs)


def _add_routes(app: FastAPI) -> None:
    for router in (questions_api, compare_api, documents_api, citations_api, notebooks_api):
        app.include_router(router, prefix="/api/v1")
        # The newest version, for those who follow it.
        app.include_router(router, prefix="/api", include_in_schema=False)
    for router in (
        probes_api,
        home_pages,
        conversation_pages,
        mentions_pages,
        compare_pages,
        documents_pages,
        document_pages,
        excerpt_pages,
        overview_pages,
        why_pages,
        citations_pages,
        notebooks_pages,
        check_pages,
        evaluation_pages,
        signin_pages,
        openai_api,
    ):
        app.include_router(router)
    app.router.routes.append(
        Route(MCP_PATH, McpEndpoint(app.state.library, app.state.gate, app.state.whereabouts), methods=["POST"])
    )
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    # The package brings Swagger UI's files along, so that /docs needs no other host.
    spec = importlib.util.find_spec("fastapi_offline")
    assets = Path(spec.origin or "").parent / "static" if spec else WEB / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets), name="docs-assets")
    app.add_api_route("/docs", _docs, include_in_schema=False)


def _add_guards(app: FastAPI, settings: Settings) -> None:
    """What stands around the routes; the last one added sees a request first."""
    if app.state.library.backend.is_postgres:
        app.add_middleware(Consistency)
    app.add_middleware(BodyLimit, on_error=_on_own_error)
    hosts = KnownHosts(settings.host, settings.hosts)
    app.add_middleware(Guard, checks=(hosts.check, check_site, app.state.access.check), on_error=_on_own_error)
    app.add_middleware(SecureHeaders)
    app.add_exception_handler(AskReportError, _on_own_error_of_route)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)
    # Around all others, so that what they refuse is seen as well.
    app.add_middleware(Observe, metrics=app.state.metrics, log=settings.log, failed=_on_unexpected_error)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.jobs.start()
    if app.state.watcher:
        app.state.watcher.start()
    _end_streams_when_told(app.state.jobs)
    yield
    if app.state.watcher:
        app.state.watcher.stop()
    app.state.jobs.stop()
    if app.state.owns_parsers:
        app.state.parsers.close()
        app.state.painters.close()
    app.state.gate.close()
    if app.state.owns_library:
        app.state.library.backend.close()
    if app.state.ends_hard:
        end_hard(app.state.jobs)


def _end_streams_when_told(jobs: LibraryJobs) -> None:
    """Has the signals that end the service also end the streams that follow jobs, which it would wait for."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, partial(_hang_up, jobs, before))


def _hang_up(
    jobs: LibraryJobs, before: Callable[[int, FrameType | None], Any], number: int, frame: FrameType | None
) -> None:
    jobs.hang_up()
    before(number, frame)


def end_hard(jobs: LibraryJobs) -> None:
    """Ends the process at once if a job is at a step that takes long.

    Reading a file may take minutes more. Stopping at once is safe: the published index is complete at any moment, and
    the next start removes unfinished uploads.
    """
    if jobs.is_working:
        os._exit(EXIT_INTERRUPTED)


def _docs(request: Request) -> Response:
    return templates.TemplateResponse(request, "docs.html", headers={"content-security-policy": DOCS_POLICY})


def _error(
    request: Request, status: int, code: str, message: str, hint: str | None = None, instead: str = ""
) -> Response:
    """The one shape of an error: JSON, or the same words as a page for a browser; ``instead`` is where that leads."""
    hide = request.app.state.whereabouts.hide
    message, hint = hide(message), hint and hide(hint)
    if is_page(request):
        return error_page(request, status, message, hint, instead)
    if request.url.path.startswith(CHAT_PATHS):
        return JSONResponse(chat_error(status, code, message, hint), status)
    body: dict[str, Any] = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(body, status)


async def _on_own_error_of_route(request: Request, error: Exception) -> Response:
    # Not in a thread, as what is not a coroutine would be: putting a question off must cost next to nothing.
    return _on_own_error(request, error)


def _on_own_error(request: Request, error: Exception) -> Response:
    told = known(error)
    assert told
    instead = f"/documents/{told.by}" if isinstance(told, DocumentReplacedError) else ""
    response = _error(request, STATUS_OF.get(told.code, 400), told.code, told.message, told.hint, instead=instead)
    response.headers.update(headers_of(told))
    return ask_for_key(request, response) if isinstance(told, UnauthorizedError) else response


def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(part for part in first["loc"][1:] if isinstance(part, str)) or str(first["loc"][0])
    return _error(request, 422, "bad_request", f"{where}: {first['msg']}", "GET /docs describes every request.")


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    response = _error(request, error.status_code, code, str(error.detail), "GET /docs lists the addresses.")
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["allow"] = ", ".join(allowed_methods(request.app, request.url.path))
    return response


def _on_unexpected_error(request: Request, error: Exception) -> Response:
    trace = current()
    where = f", under request {trace.id}" if trace else ""
    hint = f"The log of the service says why{where}."
    told = known(error)
    response = (
        _on_own_error(request, told) if told else _error(request, 500, "internal_error", "the service failed", hint)
    )
    # Sent past the middlewares.
    response.headers.update(SECURE_HEADERS)
    return response
