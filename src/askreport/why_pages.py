"""Why an answer is what it is, as a page and as a part of one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.api import LibraryOf
from askreport.gate import GateOf
from askreport.pages import recent
from askreport.templating import FRAGMENT, layout_of, templates
from askreport.why import why

why_pages = APIRouter(include_in_schema=False)


@why_pages.get("/why")
async def show_why(
    request: Request,
    library: LibraryOf,
    gate: GateOf,
    q: str,
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Which words of a question each sentence has, and the figures; ``q`` and ``after`` as on the question page."""
    history = recent(after)
    found = await gate.run(why, library, q, history=history)
    store = library.store
    documents = {each.document_id: store.document(each.document_id) for each in found.sentences}
    context = {"why": found, "documents": documents, "history": history, "layout": layout_of(request)}
    return templates.TemplateResponse(request, "why.html", context, headers={"vary": FRAGMENT})
