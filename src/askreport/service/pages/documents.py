"""The documents page: what the library holds, adding to it, deleting from it, and what could not be read."""

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from askreport.answering.describing import descriptions_of
from askreport.answering.library import Library
from askreport.bibliography.formats import FORMATS
from askreport.changes.originals import file_of, list_outcomes, renamed, with_dates
from askreport.changes.types import Job, LibraryJobs, Replacing
from askreport.errors import (
    AskReportError,
    DocumentNotFoundError,
    IndexMissingError,
    JobNotFoundError,
    NameTakenError,
    OtherKindError,
    QuestionError,
)
from askreport.parse import SUPPORTED
from askreport.service.pages.templating import templates, texts
from askreport.service.shared.dependencies import JobsOf, LibraryOf, PaintersOf, SettingsOf
from askreport.service.shared.listing import Order, is_empty, ordered
from askreport.service.shared.problems import headers_of, status_of
from askreport.service.shared.records import has_tag
from askreport.service.shared.uploads import MAX_CHOSEN, Limits, receive, upload_version
from askreport.store import DocumentSummary
from askreport.types import IndexState, Outcome

MAX_SHOWN = 500
MAX_FAILURES_SHOWN = 200
_COLLECTION = ".jsonl#"

# What people call what programs call a status or a stage.
STATUS_WORDS = texts.group("outcome")
STAGE_WORDS = texts.group("stage")

documents_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the page lists: documents and files that are not among them, each as many as fit on a page.

    ``fixed`` are the ids of documents that cannot be deleted without others of their file.
    """

    total: int
    passages: int
    found: int
    documents: list[DocumentSummary]
    fixed: frozenset[str]
    failed: int
    failures: list[Outcome]
    notes: dict[str, str]


@documents_pages.get("/documents")
def show_library(
    request: Request,
    library: LibraryOf,
    settings: SettingsOf,
    jobs: JobsOf,
    q: str = "",
    tag: str = "",
    job: str = "",
    deleted: str = "",
    sort: Order = "path",
) -> Response:
    """The library: the documents (``?q=``: whose title or file has all the words; ``?tag=``), and the job at work."""
    # First: what it has added is to be among the documents.
    followed = _job(jobs, job)
    documents, index, problem = _listed(library, settings.corpus)
    documents = list(ordered(documents, sort, library.backend, settings.corpus))
    tagged = _tagged(library, documents, tag) if tag else None
    found = shelf(documents, list_outcomes(library.backend, settings.index), q, tagged)
    context = {
        "problem": problem,
        "index": index,
        "q": q,
        "tag": tag,
        "formats": FORMATS,
        "described": descriptions_of(library.backend.desk, found.documents),
        "shelf": replace(found, documents=with_dates(library.backend, settings.corpus, found.documents)),
        "sort": sort,
        "job": followed,
        "said": said(followed) if followed else "",
        "left": time_left(followed.seconds_left) if followed else "",
        "deleted": int(deleted) if deleted.isascii() and deleted.isdigit() and len(deleted) < 7 else 0,
        "in_postgres": library.backend.is_postgres,
        "status_words": STATUS_WORDS,
        "stage_words": STAGE_WORDS,
        "state_words": STATUS_WORDS | texts.group("state"),
        "supported": SUPPORTED,
        "limits": Limits.of(settings),
        "watched": settings.watch,
    }
    return templates.TemplateResponse(
        request, "documents.html", context, status_of(problem), headers=headers_of(problem)
    )


@documents_pages.post("/documents")
async def add_documents(
    request: Request, settings: SettingsOf, jobs: JobsOf, painters: PaintersOf, keep: bool = False
) -> Response:
    """Takes the form's files, and shows how they are added.

    One of a name that is there is a new version of that file, unless both are to be kept.
    """
    staging = await receive(request, jobs.manager, Limits.of(settings), painters)
    job = await run_in_threadpool(jobs.upload, staging, Replacing(same_name=not keep))
    return _see(f"/documents?job={job.id}")


@documents_pages.post("/documents/delete")
def delete_chosen(
    request: Request,
    library: LibraryOf,
    jobs: JobsOf,
    ids: Annotated[list[str] | None, Form(max_length=MAX_CHOSEN)] = None,
    confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Asks whether the chosen documents are to be deleted; deletes them once that is confirmed."""
    chosen = list(dict.fromkeys(ids or ()))
    if not chosen:
        return _see("/documents")
    if confirmed:
        for document_id in chosen:
            # Perhaps somebody else has deleted it meanwhile.
            with suppress(DocumentNotFoundError):
                jobs.manager.delete(document_id)
        return _see(f"/documents?deleted={len(chosen)}")
    listed = library.titled(library.read(lambda store: store.documents()))
    documents = [each for each in listed if each.id in set(chosen)]
    context = {"documents": documents, "in_postgres": library.backend.is_postgres}
    return templates.TemplateResponse(request, "delete_chosen.html", context)


@documents_pages.get("/documents/{document_id}/change")
def show_changes(request: Request, document_id: str, library: LibraryOf) -> Response:
    """The forms that rename a document's file and replace it by a new version."""
    return _change_page(request, library, document_id)


@documents_pages.post("/documents/{document_id}/rename")
def rename_document(
    request: Request, document_id: str, library: LibraryOf, jobs: JobsOf, name: Annotated[str, Form(max_length=500)]
) -> Response:
    """Gives a document's file another name, and shows how the library follows."""
    try:
        renamed(PurePosixPath(file_of(library.backend, document_id)).name, name)
        job = jobs.rename(document_id, name)
    except (NameTakenError, QuestionError) as error:
        return _change_page(request, library, document_id, error)
    return _see(f"/documents?job={job.id}")


@documents_pages.post("/documents/{document_id}/replace")
async def replace_document(
    request: Request, document_id: str, library: LibraryOf, jobs: JobsOf, settings: SettingsOf, painters: PaintersOf
) -> Response:
    """Takes a new version of a document's file, and shows how it is added."""
    file = await run_in_threadpool(file_of, library.backend, document_id)
    try:
        staging = await receive(request, jobs.manager, Limits.of(settings), painters)
        job = await run_in_threadpool(upload_version, jobs, staging, file)
    except (OtherKindError, QuestionError) as error:
        return await run_in_threadpool(_change_page, request, library, document_id, error)
    return _see(f"/documents?job={job.id}")


@documents_pages.post("/documents/reindex")
def reindex(jobs: JobsOf, retry: bool = False) -> Response:
    """Makes the index follow the corpus folder, and shows how."""
    return _see(f"/documents?job={jobs.reindex(retry).id}")


@documents_pages.post("/documents/jobs/{job_id}/cancel")
def cancel_job(job_id: str, jobs: JobsOf) -> Response:
    """Cancels a job, and shows what has become of it."""
    return _see(f"/documents?job={jobs.cancel(job_id).id}")


@documents_pages.get("/documents/{document_id}/delete")
def confirm_deletion(request: Request, document_id: str, library: LibraryOf) -> Response:
    """Asks whether a document is to be deleted."""
    document = library.titled(library.read(lambda store: store.document(document_id)))
    context = {"document": document, "in_postgres": library.backend.is_postgres}
    return templates.TemplateResponse(request, "delete.html", context)


@documents_pages.post("/documents/{document_id}/delete")
def delete_document(document_id: str, jobs: JobsOf) -> Response:
    """Deletes a document and goes back to the others."""
    jobs.manager.delete(document_id)
    return _see("/documents?deleted=1")


def _change_page(
    request: Request, library: Library, document_id: str, problem: AskReportError | None = None
) -> Response:
    document = library.titled(library.read(lambda store: store.document(document_id)))
    file = file_of(library.backend, document_id)
    context = {"document": document, "file": PurePosixPath(file), "problem": problem}
    return templates.TemplateResponse(request, "change.html", context, status_of(problem), headers=headers_of(problem))


def shelf(
    documents: Sequence[DocumentSummary], outcomes: Sequence[Outcome], q: str, among: Collection[str] | None = None
) -> Shelf:
    """The documents whose title or file has all words of ``q``, and the files that could not be read.

    ``among`` are the ids of those that are listed, of all unless they are given.
    """
    words = q.casefold().split()
    listed = documents if among is None else [document for document in documents if document.id in among]
    found = [document for document in listed if _has(document, words)]
    sizes = Counter(name for document in documents if (name := _collection(document)))
    fixed = frozenset(document.id for document in documents if sizes[_collection(document)] > 1)
    failures = [outcome for outcome in outcomes if outcome.status != "indexed"]
    return Shelf(
        total=len(documents),
        passages=sum(document.passages for document in documents),
        found=len(found),
        documents=found[:MAX_SHOWN],
        fixed=fixed,
        failed=len(failures),
        failures=failures[:MAX_FAILURES_SHOWN],
        notes={outcome.path: outcome.reason for outcome in outcomes if outcome.status == "indexed" and outcome.reason},
    )


def said(job: Job) -> str:
    """A job's state in a sentence."""
    if job.status == "cancelled":
        return texts("said.cancelled")
    if job.error:
        return texts("said.failed", message=job.error.message)
    if job.status == "queued":
        return texts("said.queued")
    if job.status == "running":
        return STAGE_WORDS.get(job.stage) or texts("said.starting")
    if job.counts:
        return texts("said.done", job.counts.documents)
    kept = sum(outcome.path != "" for outcome in job.outcomes)
    added, others = texts("said.added", kept), len(job.outcomes) - kept
    return texts("said.others", added=added, others=others) if others else texts("said.all", added=added)


def time_left(seconds: float | None) -> str:
    """How long a stage still takes, in words; "" while that is unknown. ``timeLeft`` in library.js says the same."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return texts("job.less")
    return (
        texts("job.minutes", minutes=minutes)
        if minutes < 60
        else texts("job.hours", hours=minutes // 60, minutes=minutes % 60)
    )


def _listed(library: Library, corpus: Path) -> tuple[list[DocumentSummary], IndexState | None, AskReportError | None]:
    """The documents of the library and its state, or why there are none."""
    try:
        documents, state = library.read(lambda store: (store.documents(), store.state))
        return library.titled(documents), state, None
    except IndexMissingError as error:
        return [], None, None if is_empty(corpus) else error
    except AskReportError as error:
        return [], None, error


def _tagged(library: Library, documents: Sequence[DocumentSummary], tag: str) -> set[str]:
    """The ids of the documents with a tag."""
    described = descriptions_of(library.backend.desk, documents)
    return {identity for identity, description in described.items() if has_tag(description, tag)}


def _has(document: DocumentSummary, words: Sequence[str]) -> bool:
    searched = f"{document.title}\n{document.path}".casefold()
    return all(word in searched for word in words)


def _collection(document: DocumentSummary) -> str:
    """The file of a document that stands in a collection, otherwise ""."""
    file, mark, _ = document.path.partition(_COLLECTION)
    return file if mark else ""


def _job(jobs: LibraryJobs, job_id: str) -> Job | None:
    """The job that was asked for, or the one at work."""
    if job_id:
        with suppress(JobNotFoundError):
            return jobs.get(job_id)
        return None
    return next((job for job in jobs.all() if not job.is_over), None)


def _see(url: str) -> Response:
    return RedirectResponse(url, 303)
