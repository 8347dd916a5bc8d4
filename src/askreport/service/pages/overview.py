"""The page that says what is in a document."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from askreport.changes.originals import read_overview
from askreport.service.pages.templating import templates
from askreport.service.shared.dependencies import GateOf, LibraryOf, SettingsOf

overview_pages = APIRouter(include_in_schema=False)


@overview_pages.get("/documents/{document_id}/overview")
async def show_overview(
    request: Request, document_id: str, library: LibraryOf, settings: SettingsOf, gate: GateOf
) -> Response:
    """Its outline, key sentences, conclusions, what it speaks of, and questions that it answers."""

    def read() -> dict[str, object]:
        found = read_overview(library, settings.index, document_id)
        own = library.read(lambda store: store.document(document_id))
        return {"overview": found, "document": library.titled(own), "own_title": own.title}

    return templates.TemplateResponse(request, "overview.html", await gate.run(read))
