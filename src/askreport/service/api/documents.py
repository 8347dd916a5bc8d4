"""The JSON API of the library: its documents and their files, uploads, deletions, the index, and the jobs on it."""

from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import PurePath
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from askreport.answering.describing import descriptions_of
from askreport.answering.overview import Overview
from askreport.changes.originals import (
    file_of,
    list_outcomes,
    open_original,
    read_document,
    read_overview,
    with_dates,
)
from askreport.changes.types import PIECE, Deleted, Job, LibraryJobs, Original, Replacing
from askreport.errors import AskReportError
from askreport.indexing.ingest import IngestReport, ingest
from askreport.service.shared.dependencies import GateOf, JobsOf, LibraryOf, PaintersOf, ParsersOf, SettingsOf
from askreport.service.shared.downloads import STREAMED, DownloadOf
from askreport.service.shared.listing import Order, ordered
from askreport.service.shared.paging import PAGED, WindowOf
from askreport.service.shared.problems import ErrorDetail, errors
from askreport.service.shared.records import has_tag
from askreport.service.shared.sse import comment, event, stream
from askreport.service.shared.uploads import MAX_CHOSEN, MAX_PASSWORD, Limits, receive, upload_version
from askreport.store import DocumentSummary, Manifest
from askreport.types import Document, Outcome

_TEXT_ENDINGS = (".txt", ".md", ".markdown")


def _form(**limits: int) -> dict[str, Any]:
    """The description of a form with files."""
    files = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}, **limits}
    password = {
        "type": "string",
        "maxLength": MAX_PASSWORD,
        "description": "Of PDFs that need one; they are kept without it",
    }
    schema = {"type": "object", "required": ["files"], "properties": {"files": files, "password": password}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


Inline = Annotated[bool, Query(description="Show a PDF or a plain text in the browser instead of saving it")]
Wait = Annotated[bool, Query(description="Answer when it is done; otherwise at once, by the job that does it")]
Tag = Annotated[str, Query(description="Only documents with this tag")]
Retry = Annotated[bool, Query(description="Also read the files again that could not be read before")]

Sort = Annotated[Order, Query(description="By what they are ordered; with a hyphen before it, the other way round")]
Replace = Annotated[bool, Query(description="A file of the same name as one in the library is a new version of it")]


class NewName(BaseModel):
    """What a document's file is to be called."""

    name: str = Field(min_length=1, max_length=500, examples=["Annual report 2026.pdf"])


class Chosen(BaseModel):
    """The ids of documents."""

    ids: list[str] = Field(min_length=1, max_length=MAX_CHOSEN)


class Deletion(BaseModel):
    """What became of a document that was to be deleted: it is ``deleted``, or there is an ``error``."""

    id: str
    deleted: Deleted | None
    error: ErrorDetail | None


documents_api = APIRouter(tags=["library"])


@documents_api.get("/documents", summary="List documents", responses={**PAGED, **errors(503)})
def get_documents(
    library: LibraryOf, settings: SettingsOf, window: WindowOf, response: Response, sort: Sort = "path", tag: Tag = ""
) -> list[DocumentSummary]:
    """The documents of the index, with when they came into it; with a tag those that have it."""
    documents = library.titled(library.read(lambda store: store.documents()))
    if tag:
        described = descriptions_of(library.backend.desk, documents)
        documents = [each for each in documents if has_tag(described[each.id], tag)]
    in_order = ordered(documents, sort, library.backend, settings.corpus)
    return with_dates(library.backend, settings.corpus, window.of(in_order, response))


@documents_api.get("/documents/{document_id}", summary="Read a document", responses=errors(404, 410, 422, 503))
def get_document(document_id: str, library: LibraryOf, settings: SettingsOf, download: DownloadOf) -> Document:
    """A document with its canonical text, which all offsets count in."""
    document = read_document(library.backend, settings.index, document_id, lambda store: store.document(document_id))
    document = library.titled(document)
    download.weigh(len(document.text))
    return document


@documents_api.post(
    "/documents",
    summary="Add files",
    status_code=202,
    responses=errors(403, 413, 422, 507),
    openapi_extra=_form(),
)
async def post_documents(
    request: Request, jobs: JobsOf, settings: SettingsOf, painters: PaintersOf, replace: Replace = False
) -> Job:
    """Takes files (field ``files``, several) into the corpus folder; answers at once, by the job that indexes them."""
    staging = await receive(request, jobs.manager, Limits.of(settings), painters)
    return await run_in_threadpool(jobs.upload, staging, Replacing(same_name=replace))


@documents_api.post(
    "/documents/{document_id}/replace",
    summary="Replace a document by a new version",
    status_code=202,
    responses=errors(403, 404, 409, 413, 422, 507),
    openapi_extra=_form(maxItems=1),
)
async def replace_document(
    request: Request, document_id: str, library: LibraryOf, jobs: JobsOf, settings: SettingsOf, painters: PaintersOf
) -> Job:
    """Takes one file (field ``files``) in the place of the document's, which must be of the same kind.

    Answers at once, by the job that indexes it. Until then the old version answers; afterwards its id is answered by
    410, with the id of the new one.
    """
    file = await run_in_threadpool(file_of, library.backend, document_id)
    staging = await receive(request, jobs.manager, Limits.of(settings), painters)
    return await run_in_threadpool(upload_version, jobs, staging, file)


@documents_api.patch(
    "/documents/{document_id}",
    summary="Rename a document's file",
    status_code=202,
    responses=errors(403, 404, 409, 422, 503, 507),
)
def rename_document(document_id: str, body: NewName, library: LibraryOf, jobs: JobsOf) -> Job:
    """Gives the file another name in its folder, with the ending that it has; answers at once, by a job.

    The document keeps its id and its links. Its title changes with the name where it has none of its own.
    """
    file_of(library.backend, document_id)
    return jobs.rename(document_id, body.name)


@documents_api.post("/deletions", summary="Delete several documents", responses=errors(403, 422, 503))
def delete_documents(body: Chosen, jobs: JobsOf) -> list[Deletion]:
    """Deletes each document as ``DELETE`` does, and says of each what became of it, in the order asked for."""
    return [_deletion(jobs, document_id) for document_id in dict.fromkeys(body.ids)]


@documents_api.get(
    "/documents/{document_id}/overview", summary="What is in a document", responses=errors(404, 410, 422, 503)
)
async def get_overview(document_id: str, library: LibraryOf, settings: SettingsOf, gate: GateOf) -> Overview:
    """Its outline, key sentences, conclusions, dates, names and figures, and questions that it answers.

    Everything is the document's own words, with their places; a question is listed only if the reader answers it from
    this document.
    """
    return await gate.run(read_overview, library, settings.index, document_id)


@documents_api.delete(
    "/documents/{document_id}", summary="Delete a document", responses=errors(403, 404, 409, 422, 503, 507)
)
def delete_document(document_id: str, jobs: JobsOf) -> Deleted:
    """Moves a document's file to the folder ``.deleted`` of the corpus; once this answers, no question finds it.

    From a library in PostgreSQL the file is removed with the document, and ``kept_in`` is empty.
    """
    return jobs.manager.delete(document_id)


@documents_api.get(
    "/documents/{document_id}/original",
    summary="A document's file",
    response_class=Response,
    responses=errors(404, 409, 422, 503),
)
def get_original(
    document_id: str, library: LibraryOf, settings: SettingsOf, download: DownloadOf, inline: Inline = False
) -> Response:
    """The file a document was read from, byte for byte, provided it still is the one that was indexed."""
    # From a database it comes as a whole, and is held as a whole.
    is_streamed = library.backend.files is None

    def weigh(size: int) -> None:
        download.weigh(min(size, STREAMED) if is_streamed else size)

    original = open_original(library.backend, document_id, settings.corpus, weigh)
    return original_response(original, inline)


@documents_api.get("/outcomes", summary="What became of each file", responses={**PAGED, **errors(503)})
def get_outcomes(library: LibraryOf, settings: SettingsOf, window: WindowOf, response: Response) -> list[Outcome]:
    """The outcome of each file of the last run, those that could not be read included."""
    return window.of(list_outcomes(library.backend, settings.index), response)


@documents_api.get("/index", summary="Describe the index", responses=errors(503))
def get_index(library: LibraryOf) -> Manifest:
    """What the index holds and what it was made with."""
    return library.read(lambda store: store.manifest)


@documents_api.post(
    "/index/rebuild",
    summary="Rebuild the index",
    responses={**errors(403, 409, 422, 503, 507), 202: {"model": Job, "description": "The job, without ``wait``"}},
)
def post_rebuild(
    response: Response,
    library: LibraryOf,
    settings: SettingsOf,
    parsers: ParsersOf,
    jobs: JobsOf,
    wait: Wait = True,
    retry: Retry = False,
) -> IngestReport | Job:
    """Read the corpus folder again and publish what changed; answers when it is done, or by a job.

    A library in PostgreSQL is always re-indexed by a job: its files are read again if they would be read otherwise now.
    """
    if not wait or library.backend.is_postgres:
        response.status_code = 202
        return jobs.reindex(retry)
    index, size = settings.index, settings.max_file_mb
    return ingest([settings.corpus], index, library.encoder, parsers, max_file_mb=size, retry=retry)


@documents_api.get("/jobs", summary="List jobs", responses=PAGED)
def get_all_jobs(jobs: JobsOf, window: WindowOf, response: Response) -> list[Job]:
    """The last jobs since the service started, the newest first."""
    return window.of(jobs.all(), response)


@documents_api.get("/jobs/{job_id}", summary="Follow a job", responses=errors(404, 422))
def get_job(job_id: str, jobs: JobsOf) -> Job:
    """A job: how far it is, and what came of it."""
    return jobs.get(job_id)


@documents_api.post("/jobs/{job_id}/cancel", summary="Cancel a job", responses=errors(403, 404, 422, 503))
def cancel_job(job_id: str, jobs: JobsOf) -> Job:
    """End a job at its next step, whatever file it is at; the job as it is now. What it has changed is taken back."""
    return jobs.cancel(job_id)


@documents_api.get(
    "/jobs/{job_id}/events",
    summary="Follow a job by server-sent events",
    response_class=StreamingResponse,
    responses={**errors(404, 422), 200: {"content": {"text/event-stream": {}}, "description": "A job in each event"}},
)
async def get_job_events(job_id: str, jobs: JobsOf) -> StreamingResponse:
    """The job as an event now and after each change, until it is over."""
    await run_in_threadpool(jobs.get, job_id)
    return stream(_job_events(jobs, job_id))


def _deletion(jobs: LibraryJobs, document_id: str) -> Deletion:
    try:
        return Deletion(id=document_id, deleted=jobs.manager.delete(document_id), error=None)
    except AskReportError as error:
        told = ErrorDetail(code=error.code, message=error.message, hint=error.hint)
        return Deletion(id=document_id, deleted=None, error=told)


async def _job_events(jobs: LibraryJobs, job_id: str) -> AsyncIterator[bytes]:
    async for job in jobs.states(job_id):
        yield event(asdict(job)) if job else comment("still at work")


def original_response(original: Original, inline: bool) -> Response:
    """The file as a download, or to be shown if it is of a kind that cannot do anything in the browser."""
    ending = PurePath(original.name).suffix.lower()
    kind = "application/pdf" if ending == ".pdf" else _plain(original.stream) if ending in _TEXT_ENDINGS else ""
    shown = "inline" if inline and kind else "attachment"
    headers = {
        # RFC 5987: any name, in ASCII.
        "content-disposition": f"{shown}; filename*=UTF-8''{quote(original.name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox",
        "cache-control": "private, no-cache",
        "content-length": str(original.size),
    }
    # Not given to the response as its media type, which would add a character set that nobody knows.
    return StreamingResponse(original.pieces(), headers={**headers, "content-type": kind or "application/octet-stream"})


def _plain(stream: IO[bytes]) -> str:
    """The media type of a plain text; a browser takes one whose encoding is not named for an old one."""
    stream.seek(0)
    decoder = getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "text/plain"
    return "text/plain; charset=utf-8"
