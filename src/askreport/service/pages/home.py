"""The page with the question and its answer."""

from functools import partial
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import AskReportError, IndexMissingError
from askreport.service.pages.answer import show, sureness
from askreport.service.pages.narrow import narrowing
from askreport.service.pages.originals import Originals, OriginalsOf
from askreport.service.pages.shared import EVALUATION, recent
from askreport.service.pages.templating import FRAGMENT, asking, layout_of, templates
from askreport.service.shared.dependencies import GateOf, LibraryOf, SettingsOf
from askreport.service.shared.filters import FilterOf
from askreport.service.shared.listing import is_empty
from askreport.service.shared.problems import headers_of, status_of
from askreport.store import DocumentSummary, Recent, Store
from askreport.types import Filter, IndexState

MAX_EXAMPLES = 6

home_pages = APIRouter(include_in_schema=False)


class Examples:
    """Questions that documents suggest, gathered once for each state of the library."""

    def __init__(self) -> None:
        self._gathered: Recent[IndexState, list[str]] = Recent(2)

    def of(self, store: Store) -> list[str]:
        """Those of this state."""
        return self._gathered.get(store.state, lambda: examples(store.documents()))


@home_pages.get("/")
async def home(
    request: Request,
    library: LibraryOf,
    settings: SettingsOf,
    originals: OriginalsOf,
    gate: GateOf,
    within: FilterOf,
    q: str = "",
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The question box and, with ``?q=``, the answer; ``after`` are the questions before it, oldest first."""
    return await gate.run(_home, request, library, settings, originals, q, recent(after), within)


def _home(
    request: Request,
    library: Library,
    settings: Settings,
    originals: Originals,
    q: str,
    history: list[str],
    within: Filter,
) -> Response:
    shown, problem = None, None
    documents, suggested = 0, list[str]()
    try:
        if q.strip():
            shown = show(library, originals, q, history, base=str(request.base_url).rstrip("/"), within=within)
            documents = shown.documents
    except AskReportError as error:
        problem = error
    if shown is None:
        gathered: Examples = request.app.state.examples
        try:
            documents, suggested = library.read(lambda store: (store.manifest.counts.documents, gathered.of(store)))
        except IndexMissingError as error:
            # Where nothing was added yet that is no problem before a question is put.
            problem = problem or (error if q.strip() or not is_empty(settings.corpus) else None)
        except AskReportError as error:
            problem = problem or error
    context = {
        "question": q[:MAX_QUESTION_CHARS],
        "history": history,
        "within": within,
        "narrow": narrowing(library, within, partial(asking, "/", q, history)),
        "shown": shown,
        "sureness": sureness,
        "problem": problem,
        "documents": documents,
        "examples": suggested,
        "writes": request.app.state.writer is not None,
        "in_postgres": library.backend.is_postgres,
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
