"""The JSON API. Every answer is one of the project's dataclasses; every error has one shape (app.py)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from askreport.ask import MAX_RESULTS, Library, SearchResult, search
from askreport.check import CheckReport, check
from askreport.config import Settings
from askreport.followup import MAX_HISTORY
from askreport.parse import ParserPool
from askreport.store import DocumentSummary, Manifest
from askreport.types import Answer, Document


class ErrorDetail(BaseModel):
    """``code`` for programs, ``message`` and ``hint`` for people."""

    code: str
    message: str
    hint: str | None


class ErrorBody(BaseModel):
    """The one shape of an error."""

    error: ErrorDetail


class Search(BaseModel):
    """A question, how many passages to return, and optionally the ids of the documents to look in."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "does the SVR spy on China?", "k": 5}]}
    )

    question: str
    k: int = Field(5, ge=1, le=MAX_RESULTS)
    documents: list[str] | None = Field(None, min_length=1)


class Query(Search):
    """A question as for a search, and the questions before it, oldest first, that it may follow up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "And the GRU?", "history": ["does the SVR spy on China?"], "k": 5}]
        },
    )

    history: list[str] = Field(default=[], max_length=MAX_HISTORY)


class Draft(BaseModel):
    """A draft, as text or Markdown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "It says “He got none of those things”."}]}
    )

    text: str


_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": ErrorBody, "description": "A page of another site asked for a change"},
    404: {"model": ErrorBody, "description": "No such document or job"},
    409: {"model": ErrorBody, "description": "Not possible as things are; the message says why"},
    413: {"model": ErrorBody, "description": "More than is taken at once"},
    422: {"model": ErrorBody, "description": "The request cannot be processed as it is"},
    503: {"model": ErrorBody, "description": "No index, or not one that can be used"},
    507: {"model": ErrorBody, "description": "The index or the corpus folder could not be written"},
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of an operation's errors for the API's own documentation."""
    return {status: _ERRORS[status] for status in statuses}


def get_library(request: Request) -> Library:
    """The library the application was made with."""
    library: Library = request.app.state.library
    return library


def get_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_parsers(request: Request) -> ParserPool:
    """The processes that read files for the application."""
    parsers: ParserPool = request.app.state.parsers
    return parsers


def get_painters(request: Request) -> ParserPool:
    """The processes that draw pages for the application."""
    painters: ParserPool = request.app.state.painters
    return painters


LibraryOf = Annotated[Library, Depends(get_library)]
ParsersOf = Annotated[ParserPool, Depends(get_parsers)]
PaintersOf = Annotated[ParserPool, Depends(get_painters)]
SettingsOf = Annotated[Settings, Depends(get_settings)]

api_router = APIRouter()


@api_router.post("/api/ask", tags=["questions"], summary="Ask", responses=errors(404, 422, 503))
def post_ask(query: Query, library: LibraryOf) -> Answer:
    """Answer a question by verified quotes, or refuse."""
    return library.ask(query.question, query.k, query.documents, query.history)


@api_router.post("/api/search", tags=["questions"], summary="Search", responses=errors(404, 422, 503))
def post_search(query: Search, library: LibraryOf) -> SearchResult:
    """The nearest passages, without judging whether they answer."""
    return search(library.store, library.encoder, query.question, query.k, query.documents)


@api_router.post("/api/check", tags=["questions"], summary="Check quotations", responses=errors(422, 503))
def post_check(draft: Draft, library: LibraryOf) -> CheckReport:
    """Every quotation of a draft: verbatim in the library, with differences, or not found; each with its place."""
    return check(library.store, draft.text)


@api_router.get("/api/documents", tags=["library"], summary="List documents", responses=errors(503))
def get_documents(library: LibraryOf) -> list[DocumentSummary]:
    """All documents of the index, by path."""
    return library.store.documents()


@api_router.get(
    "/api/documents/{document_id}", tags=["library"], summary="Read a document", responses=errors(404, 422, 503)
)
def get_document(document_id: str, library: LibraryOf) -> Document:
    """A document with its canonical text, which all offsets count in."""
    return library.store.document(document_id)


@api_router.get("/api/index", tags=["library"], summary="Describe the index", responses=errors(503))
def get_index(library: LibraryOf) -> Manifest:
    """What the index holds and what it was made with."""
    return library.store.manifest


@api_router.get("/healthz", tags=["service"], summary="Health")
def get_health() -> dict[str, str]:
    """Whether the service runs; it says nothing of the index."""
    return {"status": "ok"}
