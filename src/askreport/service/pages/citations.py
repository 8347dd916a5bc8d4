"""The pages of a document as a source: its description, to be corrected, and its citations, to be copied."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from askreport.answering.citing import locator_at
from askreport.answering.describing import consulted, descriptions_of
from askreport.answering.library import Library
from askreport.bibliography.description import KINDS, Description, checked, describe
from askreport.bibliography.formats import FORMATS
from askreport.bibliography.styles import STYLES, Cited, Locator, Style, cite
from askreport.errors import QuestionError
from askreport.service.pages.document import MarkOf, marked_span
from askreport.service.pages.templating import FRAGMENT, layout_of, templates
from askreport.service.shared.dependencies import LibraryOf
from askreport.service.shared.problems import status_of
from askreport.service.shared.records import chosen, records_response
from askreport.store.descriptions import correct, corrections_of
from askreport.types import Document

FormatOf = Annotated[str, Query(alias="format", pattern=f"^({'|'.join(FORMATS)})$")]
# The fields of the form, in its order; authors and tags are a line each.
SHOWN = ("title", "kind", "authors", "date", "publisher", "place", "url", "doi", "accessed", "language", "tags")
LINES = ("authors", "tags")

citations_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Styled:
    """A citation and the style that it is in."""

    style: Style
    cited: Cited


@citations_pages.get("/documents/{document_id}/cite")
def show_citations(request: Request, document_id: str, library: LibraryOf, mark: MarkOf = "") -> Response:
    """The citations of a document, or of a span of it (``mark=start-end``), in every style, and its records."""
    document = library.read(lambda store: store.document(document_id))
    span = marked_span(document, mark)
    if mark and span is None:
        raise QuestionError(f"{mark} is not a span of the document", "Give mark=start-end.")
    description = _consulted(library, document)
    locator = locator_at(document, span.start) if span else Locator()
    context = {
        "document": document,
        "description": description,
        "quote": document.text[span.start : span.end] if span else "",
        "mark": mark,
        "cited": [Styled(style, cite(description, locator, style)) for style in STYLES.values()],
        "formats": FORMATS,
        "records": {key: each.write([description]) for key, each in FORMATS.items()},
        "layout": layout_of(request),
    }
    return templates.TemplateResponse(request, "cite.html", context, headers={"vary": FRAGMENT})


@citations_pages.get("/documents/{document_id}/record")
def download_record(document_id: str, library: LibraryOf, form: FormatOf) -> Response:
    """A document's record for reference managers."""
    return records_response(chosen(library, [document_id]), form)


@citations_pages.get("/sources")
def download_records(library: LibraryOf, form: FormatOf, tag: str = "") -> Response:
    """The records of all documents, or of those with a tag."""
    return records_response(chosen(library, None, tag), form)


@citations_pages.get("/documents/{document_id}/describe")
def show_description(request: Request, document_id: str, library: LibraryOf) -> Response:
    """The form that corrects a description."""
    document = library.read(lambda store: store.document(document_id))
    corrections = corrections_of(library.backend.desk, [document]).get(document.id, {})
    return _form(request, document, describe(document, corrections), corrections)


@citations_pages.post("/documents/{document_id}/describe")
async def change_description(request: Request, document_id: str, library: LibraryOf) -> Response:
    """Takes the form: what differs from what the file says is a correction, and what does not is none any more."""
    async with request.form(max_files=0, max_fields=2 * len(SHOWN)) as form:
        given = {name: str(form.get(name, "")) for name in SHOWN}
    return await run_in_threadpool(_changed, request, document_id, library, given)


def _changed(request: Request, document_id: str, library: Library, given: dict[str, str]) -> Response:
    document = library.read(lambda store: store.document(document_id))
    read = describe(document)
    try:
        wanted = checked({name: text.splitlines() if name in LINES else text for name, text in given.items()})
    except QuestionError as error:
        corrections = corrections_of(library.backend.desk, [document]).get(document.id, {})
        return _form(request, document, read, corrections, given=given, problem=error)
    changes = {name: None if value == _plain(getattr(read, name)) else value for name, value in wanted.items()}
    correct(library.backend.desk, document, changes)
    return RedirectResponse(f"/documents/{document_id}/cite", 303)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _form(
    request: Request,
    document: Document,
    shown: Description,
    corrections: dict[str, Any],
    given: dict[str, str] | None = None,
    problem: QuestionError | None = None,
) -> Response:
    read = describe(document)
    values = given or {
        name: "\n".join(each) if isinstance(each := getattr(shown, name), tuple) else each for name in SHOWN
    }
    context = {
        "document": document,
        "values": values,
        "read": {name: ", ".join(each) if isinstance(each := getattr(read, name), tuple) else each for name in SHOWN},
        "corrections": corrections,
        "fields": SHOWN,
        "lines": LINES,
        "kinds": KINDS,
        "problem": problem,
    }
    return templates.TemplateResponse(request, "describe.html", context, status_of(problem))


def _consulted(library: Library, document: Document) -> Description:
    described = descriptions_of(library.backend.desk, [document])[document.id]
    return consulted(described, datetime.now(UTC).date())
