"""The web page with the question and its answer, and what all pages share."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.followup import MAX_HISTORY
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import AskReportError
from askreport.service.api.questions import LibraryOf, SettingsOf
from askreport.service.pages.answer import show, sureness
from askreport.service.pages.templating import FRAGMENT, layout_of, templates
from askreport.service.shared.gate import GateOf
from askreport.store import DocumentSummary

MAX_EXAMPLES = 6
# In the index's folder: what this library was last measured at (evaluation_pages.py).
EVALUATION = "evaluation.json"

# The HTTP status of each error of the project, for pages and API alike.
STATUS_OF = {
    "bad_request": 422,
    "bad_dataset": 422,
    "bad_setting": 422,
    "document_not_found": 404,
    "job_not_found": 404,
    "cross_site": 403,
    "unauthorized": 401,
    "forbidden": 403,
    "unknown_host": 421,
    "body_too_large": 413,
    "rate_limited": 429,
    "model_not_found": 404,
    "overloaded": 503,
    "bad_keys": 503,
    "bad_backup": 422,
    "bad_copy": 422,
    "language_model_failed": 502,
    "upload_too_large": 413,
    "source_changed": 409,
    "part_of_collection": 409,
    "outside_corpus": 409,
    "index_busy": 409,
    "taken": 409,
    "index_write_failed": 507,
    "corpus_write_failed": 507,
    "service_stopped": 503,
    "corpus_unreadable": 503,
    "index_missing": 503,
    "index_mismatch": 503,
    "index_damaged": 503,
    "store_unavailable": 503,
    "encoder_unavailable": 503,
}

pages_router = APIRouter(include_in_schema=False)


@pages_router.get("/")
async def home(
    request: Request,
    library: LibraryOf,
    settings: SettingsOf,
    gate: GateOf,
    q: str = "",
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The question box and, with ``?q=``, the answer; ``after`` are the questions before it, oldest first."""
    return await gate.run(_home, request, library, settings, q, recent(after))


def _home(request: Request, library: Library, settings: Settings, q: str, history: list[str]) -> Response:
    documents, problem = list_documents(library)
    shown = None
    if q.strip() and problem is None:
        try:
            shown = show(library, settings, q, history, str(request.base_url).rstrip("/"))
        except AskReportError as error:
            problem = error
    context = {
        "question": q[:MAX_QUESTION_CHARS],
        "history": history,
        "shown": shown,
        "sureness": sureness,
        "problem": problem,
        "documents": documents,
        "titles": {document.id: document.title for document in documents},
        "examples": examples(documents),
        "writes": request.app.state.writer is not None,
        "in_database": bool(settings.store.get_secret_value()),
        "is_measured": (library.index / EVALUATION).exists(),
        "layout": layout_of(request),
    }
    # The page and its main part have one address: a cache is not to take one for the other.
    headers = {"vary": FRAGMENT, **headers_of(problem)}
    return templates.TemplateResponse(request, "home.html", context, status_of(problem), headers=headers)


def recent(after: list[str] | None) -> list[str]:
    """The questions before one, as an address has them, oldest first; of many the last."""
    return [each for each in after or [] if each.strip()][-MAX_HISTORY:]


def is_page(request: Request) -> bool:
    """Whether a browser asks for a page, not a program for data."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, status: int, message: str, hint: str | None) -> Response:
    """An error as a page."""
    context = {"status": status, "message": message, "hint": hint}
    return templates.TemplateResponse(request, "error.html", context, status)


def examples(documents: list[DocumentSummary]) -> list[str]:
    """Questions that documents suggest under ``questions`` in their front matter, one from each in turn."""
    suggested = [document.metadata.get("questions") for document in documents]
    lists = [[str(item) for item in items] for items in suggested if isinstance(items, list)]
    longest = max(map(len, lists), default=0)
    turns = (items[turn] for turn in range(longest) for items in lists if turn < len(items))
    return list(islice(turns, MAX_EXAMPLES))


def list_documents(library: Library) -> tuple[list[DocumentSummary], AskReportError | None]:
    """The documents of the library, or none and why."""
    try:
        return library.read(lambda store: store.documents()), None
    except AskReportError as error:
        return [], error


def status_of(problem: AskReportError | None) -> int:
    """The HTTP status of a page that shows this problem, or none."""
    return 200 if problem is None else STATUS_OF.get(problem.code, 500)


def headers_of(problem: AskReportError | None) -> dict[str, str]:
    """The headers of a response that tells of this problem, or none: after how many seconds to come again."""
    return {} if problem is None or problem.retry_after is None else {"retry-after": str(problem.retry_after)}
