"""The page with the question and its answer."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.ask import MAX_QUESTION_CHARS, Library
from askreport.config import Settings
from askreport.errors import AskReportError
from askreport.service.pages.answer import show, sureness
from askreport.service.pages.shared import EVALUATION, list_documents, recent
from askreport.service.pages.templating import FRAGMENT, layout_of, templates
from askreport.service.shared.dependencies import GateOf, LibraryOf, SettingsOf
from askreport.service.shared.problems import headers_of, status_of
from askreport.store import DocumentSummary

MAX_EXAMPLES = 6

home_pages = APIRouter(include_in_schema=False)


@home_pages.get("/")
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


def examples(documents: list[DocumentSummary]) -> list[str]:
    """Questions that documents suggest under ``questions`` in their front matter, one from each in turn."""
    suggested = [document.metadata.get("questions") for document in documents]
    lists = [[str(item) for item in items] for items in suggested if isinstance(items, list)]
    longest = max(map(len, lists), default=0)
    turns = (items[turn] for turn in range(longest) for items in lists if turn < len(items))
    return list(islice(turns, MAX_EXAMPLES))
