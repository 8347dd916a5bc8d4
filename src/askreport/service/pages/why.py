"""Why an answer is what it is, as a page and as a part of one."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.ask import Findings
from askreport.answering.library import Library
from askreport.answering.why import Why, explain
from askreport.service.pages.shared import recent
from askreport.service.pages.templating import FRAGMENT, layout_of, templates
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.filters import FilterOf
from askreport.store import Store
from askreport.types import Answer, Document, Filter

why_pages = APIRouter(include_in_schema=False)


@why_pages.get("/why")
async def show_why(
    request: Request,
    library: LibraryOf,
    gate: GateOf,
    within: FilterOf,
    q: str,
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Which words of a question each sentence has, and the figures; ``q`` and ``after`` as on the question page."""
    history = recent(after)
    found, documents = await gate.run(_explained, library, q, history, within)
    context = {"why": found, "documents": documents, "history": history, "within": within, "layout": layout_of(request)}
    return templates.TemplateResponse(request, "why.html", context, headers={"vary": FRAGMENT})


def _explained(
    library: Library, question: str, history: Sequence[str], within: Filter
) -> tuple[Why, dict[str, Document]]:
    """What is behind an answer, and the documents whose sentences it is."""

    def view(store: Store, _answer: Answer, findings: Findings) -> tuple[Why, dict[str, Document]]:
        found = explain(store, findings)
        return found, {each.document_id: store.document(each.document_id) for each in found.sentences}

    return library.titled(library.investigate(question, view, within=within, history=history))
