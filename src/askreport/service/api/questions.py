"""The JSON API. Every answer is one of the project's dataclasses; every error has one shape (app.py)."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from askreport.answering.ask import MAX_QUESTION_CHARS, MAX_RESULTS, SearchResult
from askreport.answering.followup import MAX_HISTORY
from askreport.answering.library import Library
from askreport.check.check import MAX_DRAFT_CHARS, CheckReport, check
from askreport.config import Settings
from askreport.parse import ParserPool
from askreport.prose.writer import Writer
from askreport.service.shared.gate import GateOf
from askreport.service.shared.paging import PAGED, WindowOf
from askreport.service.shared.presence import while_connected
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


# Documented only: ask.py checks it, after white space is made even, and says more of what is wrong. The pattern asks
# for more than white space, of which Python knows more kinds than regular expressions do.
_QUESTION: Any = Field(
    json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_CHARS, "pattern": r"[^\s\u001c-\u001f\u0085]"}
)


class Search(BaseModel):
    """A question, how many passages to return, and optionally the ids of the documents to look in."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "does the SVR spy on China?", "k": 5}]}
    )

    question: str = _QUESTION
    k: int = Field(5, ge=1, le=MAX_RESULTS)
    documents: list[str] | None = Field(None, min_length=1)


class FollowUp(Search):
    """A question as for a search, and the questions before it, oldest first, that it may follow up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "And the GRU?", "history": ["does the SVR spy on China?"], "k": 5}]
        },
    )

    history: list[Annotated[str, _QUESTION]] = Field(default=[], max_length=MAX_HISTORY)


class Query(FollowUp):
    """A question that may follow up others, and whether a language model is to write about its answer."""

    prose: bool = Field(False, description="Also what a language model makes of the quotes, if one is set")


class Draft(BaseModel):
    """A draft, as text or Markdown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "It says “He got none of those things”."}]}
    )

    text: str = Field(json_schema_extra={"maxLength": MAX_DRAFT_CHARS})


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


async def get_library(request: Request) -> Library:
    """The library the application was made with."""
    library: Library = request.app.state.library
    return library


async def get_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_parsers(request: Request) -> ParserPool:
    """The processes that read files for the application."""
    parsers: ParserPool = request.app.state.parsers
    return parsers


async def get_painters(request: Request) -> ParserPool:
    """The processes that draw pages for the application."""
    painters: ParserPool = request.app.state.painters
    return painters


async def get_writer(request: Request) -> Writer | None:
    """What asks the language model for the application, None if there is none."""
    writer: Writer | None = request.app.state.writer
    return writer


LibraryOf = Annotated[Library, Depends(get_library)]
ParsersOf = Annotated[ParserPool, Depends(get_parsers)]
PaintersOf = Annotated[ParserPool, Depends(get_painters)]
SettingsOf = Annotated[Settings, Depends(get_settings)]
WriterOf = Annotated[Writer | None, Depends(get_writer)]

api_router = APIRouter()


@api_router.post("/ask", tags=["questions"], summary="Ask", responses=errors(404, 422, 503))
async def post_ask(query: Query, request: Request, library: LibraryOf, gate: GateOf, writer: WriterOf) -> Answer:
    """Answer a question by verified quotes, or refuse."""
    answer = await gate.run(library.ask, query.question, query.k, query.documents, query.history)
    if not query.prose or writer is None:
        return answer
    return replace(answer, prose=await while_connected(request, writer.prose(answer)))


@api_router.post("/search", tags=["questions"], summary="Search", responses=errors(404, 422, 503))
async def post_search(query: Search, library: LibraryOf, gate: GateOf) -> SearchResult:
    """The nearest passages, without judging whether they answer."""
    return await gate.run(library.search, query.question, query.k, query.documents)


@api_router.post("/check", tags=["questions"], summary="Check quotations", responses=errors(422, 503))
async def post_check(draft: Draft, library: LibraryOf, gate: GateOf) -> CheckReport:
    """Every quotation of a draft: verbatim in the library, with differences, or not found; each with its place."""
    return await gate.run(library.read, lambda store: check(store, draft.text))


@api_router.get("/documents", tags=["library"], summary="List documents", responses={**PAGED, **errors(503)})
def get_documents(library: LibraryOf, window: WindowOf, response: Response) -> list[DocumentSummary]:
    """The documents of the index, by path."""
    return window.of(library.read(lambda store: store.documents()), response)


@api_router.get(
    "/documents/{document_id}", tags=["library"], summary="Read a document", responses=errors(404, 422, 503)
)
def get_document(document_id: str, library: LibraryOf) -> Document:
    """A document with its canonical text, which all offsets count in."""
    return library.read(lambda store: store.document(document_id))


@api_router.get("/index", tags=["library"], summary="Describe the index", responses=errors(503))
def get_index(library: LibraryOf) -> Manifest:
    """What the index holds and what it was made with."""
    return library.read(lambda store: store.manifest)
