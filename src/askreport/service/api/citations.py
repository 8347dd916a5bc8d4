"""The JSON API of sources: what describes a document, citations in styles, and records for reference managers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from askreport.answering.citing import locator_at
from askreport.answering.describing import consulted, descriptions_of
from askreport.bibliography.description import MAX_CHARACTERS, MAX_NAMES, Description, Kind, checked, describe
from askreport.bibliography.formats import FORMATS
from askreport.bibliography.styles import STYLES, Locator, bibliography, cite
from askreport.errors import DocumentNotFoundError, QuestionError
from askreport.service.shared.dependencies import LibraryOf
from askreport.service.shared.problems import errors
from askreport.service.shared.records import chosen, records_response
from askreport.store.descriptions import correct, corrections_of

_KINDS = ", ".join([*FORMATS, *STYLES])
Format = Annotated[
    str, Query(alias="format", pattern=f"^({'|'.join([*FORMATS, *STYLES])})$", description=f"One of {_KINDS}")
]
Documents = Annotated[list[str] | None, Query(alias="document", description="Of these documents; of all without one")]
Tag = Annotated[str, Query(description="Only of documents with this tag")]
_TEXTS: dict[str, Any] = {"text/plain": {}, **{each.media_type: {} for each in FORMATS.values()}}

_Line: TypeAlias = Annotated[str, Field(max_length=MAX_CHARACTERS)]
_Lines: TypeAlias = Annotated[list[_Line], Field(max_length=MAX_NAMES)]

citations_api = APIRouter(tags=["sources"])


class Changes(BaseModel):
    """What is to be corrected; null takes a correction back, so that what the file says is taken again."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[_Line, Field(pattern=r"[^\s\x00-\x20]")] | None = None
    kind: Kind | None = None
    authors: _Lines | None = None
    date: _Line | None = None
    publisher: _Line | None = None
    place: _Line | None = None
    url: Annotated[_Line, Field(pattern=r"^(https?://[^\s<>\"{}|\\^`\x00-\x20]+)?$")] | None = None
    doi: Annotated[_Line, Field(pattern=r"^(10\.[0-9]{4,9}/[^\s<>\"\x00-\x20]+)?$")] | None = None
    accessed: (
        Annotated[_Line, Field(pattern=r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$")] | None
    ) = None
    language: Annotated[_Line, Field(pattern="^([a-z]{2,3})?$")] | None = None
    tags: _Lines | None = None


@dataclass(frozen=True, slots=True)
class DescribedDocument:
    """``description`` is what is cited: what the file says (``read``), and over it what people have corrected."""

    description: Description
    read: Description
    corrections: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StyledCitation:
    """A citation in one style: its name, as it stands in a text or in its notes, and in the list of sources."""

    style: str
    name: str
    reference: str
    entry: str


@citations_api.get(
    "/documents/{document_id}/description", summary="Describe a document", responses=errors(404, 422, 503)
)
def get_description(document_id: str, library: LibraryOf) -> DescribedDocument:
    """Who wrote a document, when and where it was published: as its file says, and as people have corrected it."""
    return _described(library, document_id)


@citations_api.patch(
    "/documents/{document_id}/description", summary="Correct a description", responses=errors(403, 404, 422, 503)
)
def patch_description(document_id: str, changes: Changes, library: LibraryOf) -> DescribedDocument:
    """Corrects the fields that the body names, and leaves the others. A new version of the file keeps corrections."""
    document = library.read(lambda store: store.document(document_id))
    correct(library.backend.desk, document, checked(changes.model_dump(exclude_unset=True)))
    return _described(library, document_id)


@citations_api.get(
    "/documents/{document_id}/citations", summary="Cite a place in a document", responses=errors(404, 422, 503)
)
def get_citations(
    document_id: str,
    library: LibraryOf,
    start: Annotated[
        int | None, Query(ge=0, description="Where the quote begins; without it, no place is cited")
    ] = None,
) -> list[StyledCitation]:
    """The citation of a quote in each style, with its page or paragraph. A page on the web is cited with today."""
    document = library.read(lambda store: store.document(document_id))
    if start is not None and start >= len(document.text):
        raise DocumentNotFoundError(f"{start} is beyond the text, which has {len(document.text)} characters")
    description = consulted(descriptions_of(library.backend.desk, [document])[document.id], datetime.now(UTC).date())
    locator = Locator() if start is None else locator_at(document, start)
    cited = [(style, cite(description, locator, style)) for style in STYLES.values()]
    return [StyledCitation(style.key, style.name, each.reference, each.entry) for style, each in cited]


@citations_api.get(
    "/bibliography",
    summary="Export sources",
    response_class=Response,
    responses={
        **errors(404, 422, 503),
        200: {"content": _TEXTS, "description": "The records, or the entries as lines"},
    },
)
def get_bibliography(
    library: LibraryOf, form: Format = "bibtex", document: Documents = None, tag: Tag = ""
) -> Response:
    """Documents as BibTeX, RIS or CSL-JSON for reference managers, or as a list of sources in a style."""
    if document and len(document) > MAX_NAMES:
        raise QuestionError(f"more than {MAX_NAMES} documents are named", "Name none to have all, or choose by a tag.")
    descriptions = chosen(library, document, tag)
    if form in STYLES:
        return Response("\n".join(bibliography(descriptions, STYLES[form])) + "\n", media_type="text/plain")
    return records_response(descriptions, form)


def _described(library: LibraryOf, document_id: str) -> DescribedDocument:
    document = library.read(lambda store: store.document(document_id))
    corrections = corrections_of(library.backend.desk, [document]).get(document.id, {})
    return DescribedDocument(describe(document, corrections), describe(document), corrections)
