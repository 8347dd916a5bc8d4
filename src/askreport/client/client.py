"""The methods of the API."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote as quoted

from askreport.client.nouns import (
    Checked,
    CheckReport,
    Comparison,
    Deleted,
    DescribedDocument,
    DocumentSummary,
    Item,
    Job,
    Manifest,
    Mentions,
    Notebook,
    Overview,
    SearchResult,
    StyledCitation,
)
from askreport.client.transport import Transport
from askreport.errors import ServiceError
from askreport.types import ALL, Answer, Document, Filter, Mention, Quote

# Seconds. An answer takes less than one; but a service may be busy, and an upload be long.
TIMEOUT = 60.0
# The longest between two looks at a job.
MAX_LOOK = 2.0


class Client:
    """Talks to one service, with ``key`` if it asks for one.

    ``retries`` is how often a request that the service puts off (429 or 503 with Retry-After) is sent again, after as
    many seconds as the service says. Every method raises ServiceError, with the service's own code, message and hint.
    Of a library on several nodes, no answer is from an older state than one that this client has seen before.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8000", key: str | None = None, retries: int = 0, timeout: float = TIMEOUT
    ) -> None:
        self._service = Transport(url, key, retries, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._service.close()

    def ask(
        self,
        question: str,
        k: int = 5,
        documents: Sequence[str] | None = None,
        history: Sequence[str] = (),
        prose: bool = False,
        within: Filter = ALL,
    ) -> Answer:
        """Verified quotes, or a refusal; ``history`` are the questions before it, oldest first.

        ``documents`` or ``within`` say which documents to look in. ``prose`` asks also for what a language model makes
        of the quotes, if the service has one.
        """
        body = {"question": question, "k": k, "history": list(history), "prose": prose}
        return self._service.read(Answer, "POST", "/ask", json=body | _fields(within, documents))

    def search(
        self, question: str, k: int = 10, documents: Sequence[str] | None = None, within: Filter = ALL
    ) -> SearchResult:
        """The ``k`` passages nearest to a question, of all documents or of some."""
        body = {"question": question, "k": k} | _fields(within, documents)
        return self._service.read(SearchResult, "POST", "/search", json=body)

    def mentions(
        self, question: str, within: Filter = ALL, *, words: str = "", limit: int = 50, offset: int = 0
    ) -> Mentions:
        """Every sentence that bears on a question: how many there are, in which documents, and a part of them."""
        given: dict[str, Any] = {"q": question, "words": words, "limit": limit, "offset": offset}
        # Parameters of an address are in the singular.
        given |= {name.removesuffix("s"): value for name, value in _fields(within, None).items()}
        return self._service.read(Mentions, "GET", "/mentions", params=given)

    def compare(
        self,
        questions: Sequence[str],
        *,
        documents: Sequence[str] = (),
        folders: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Comparison:
        """For each question the best quote of each document, folder and tag; without any, of each document."""
        given = {"questions": questions, "documents": documents, "folders": folders, "tags": tags}
        body = {name: list(value) for name, value in given.items()}
        return self._service.read(Comparison, "POST", "/compare", json=body)

    def check(self, text: str) -> CheckReport:
        """Every quotation of a draft, found in the library or not."""
        return self._service.read(CheckReport, "POST", "/check", json={"text": text})

    def documents(self) -> tuple[DocumentSummary, ...]:
        """All documents, by path."""
        return self._service.listed(DocumentSummary, "/documents")

    def document(self, document_id: str) -> Document:
        """A document with its text, which all offsets count in."""
        return self._service.read(Document, "GET", f"/documents/{_id(document_id)}")

    def upload(self, *files: str | Path) -> Job:
        """Adds files to the library; the job that indexes them, which ``wait`` waits for."""
        with ExitStack() as opened:
            form = [("files", (Path(file).name, opened.enter_context(Path(file).open("rb")))) for file in files]
            return self._service.read(Job, "POST", "/documents", files=form)

    def replace(self, document_id: str, file: str | Path) -> Job:
        """Puts a new version in a document's place; the job that indexes it, which ``wait`` waits for."""
        with Path(file).open("rb") as opened:
            form = [("files", (Path(file).name, opened))]
            return self._service.read(Job, "POST", f"/documents/{_id(document_id)}/replace", files=form)

    def rename(self, document_id: str, name: str) -> Job:
        """Gives a document's file another name; the job by which the library follows."""
        return self._service.read(Job, "PATCH", f"/documents/{_id(document_id)}", json={"name": name})

    def delete(self, document_id: str) -> Deleted:
        """Takes a document out of the library; no question finds it any more."""
        return self._service.read(Deleted, "DELETE", f"/documents/{_id(document_id)}")

    def job(self, job_id: str) -> Job:
        """How far a job is, or what came of it."""
        return self._service.read(Job, "GET", f"/jobs/{_id(job_id)}")

    def cancel(self, job_id: str) -> Job:
        """Ends a job at its next step, whatever file it is at; what it has changed is taken back."""
        return self._service.read(Job, "POST", f"/jobs/{_id(job_id)}/cancel")

    def wait(self, job: Job, seconds: float = 600) -> Job:
        """The job once it is done; ServiceError if it fails or is cancelled, or takes longer than so many seconds."""
        deadline = time.monotonic() + seconds
        pause = 0.05
        while not job.is_over:
            if time.monotonic() > deadline:
                raise ServiceError(f"the job {job.id} is not done after {seconds:g} seconds", "It goes on; ask later.")
            time.sleep(pause)
            pause = min(MAX_LOOK, 1.5 * pause)
            job = self.job(job.id)
        if job.error:
            raise ServiceError(job.error.message, job.error.hint, job.error.code)
        return job

    def overview(self, document_id: str) -> Overview:
        """What is in a document, in its own words: outline, key sentences, conclusions, and what it answers."""
        return self._service.read(Overview, "GET", f"/documents/{_id(document_id)}/overview")

    def description(self, document_id: str) -> DescribedDocument:
        """Who wrote a document, when and where: as its file says, and as people have corrected it."""
        return self._service.read(DescribedDocument, "GET", f"/documents/{_id(document_id)}/description")

    def describe(self, document_id: str, **changes: str | Sequence[str] | None) -> DescribedDocument:
        """Corrects fields of a description, such as ``title`` or ``authors``; None has the file say it again."""
        body = {name: _plain(value) for name, value in changes.items()}
        return self._service.read(DescribedDocument, "PATCH", f"/documents/{_id(document_id)}/description", json=body)

    def citations(self, document_id: str, start: int | None = None) -> tuple[StyledCitation, ...]:
        """A document's citation in every style, of the place where a quote begins if that is given."""
        params = {} if start is None else {"start": start}
        path = f"/documents/{_id(document_id)}/citations"
        return self._service.read(tuple[StyledCitation, ...], "GET", path, params=params)

    def bibliography(self, form: str = "bibtex", documents: Sequence[str] = (), tag: str = "") -> str:
        """Sources as BibTeX ("bibtex"), RIS or CSL-JSON, or as entries in a style; of some documents or of all."""
        params = {"format": form, "document": list(documents), "tag": tag}
        return self._service.bytes("/bibliography", params=params).decode()

    def notebooks(self) -> tuple[Notebook, ...]:
        """The notebooks of the key, and those that others share, the one that was changed last first."""
        return self._service.listed(Notebook, "/notebooks")

    def notebook(self, notebook_id: str) -> Checked:
        """What is in a notebook, each quote compared anew with its document as it is now."""
        return self._service.read(Checked, "GET", f"/notebooks/{_id(notebook_id)}")

    def create_notebook(self, name: str) -> Notebook:
        """Makes a notebook."""
        return self._service.read(Notebook, "POST", "/notebooks", json={"name": name})

    def change_notebook(self, notebook_id: str, name: str | None = None, shared: bool | None = None) -> Notebook:
        """Renames a notebook, or lets all keys read it or not."""
        body = {"name": name, "shared": shared}
        return self._service.read(Notebook, "PATCH", f"/notebooks/{_id(notebook_id)}", json=body)

    def delete_notebook(self, notebook_id: str) -> Notebook:
        """Deletes a notebook with all that is in it."""
        return self._service.read(Notebook, "DELETE", f"/notebooks/{_id(notebook_id)}")

    def pin(self, notebook_id: str, quote: Quote | Mention, question: str = "", note: str = "") -> Item:
        """Keeps a quote with its context and a note; its words are cut from the document's text again."""
        body = {
            "kind": "quote",
            "document": quote.document.id,
            "start": quote.start,
            "end": quote.end,
            "context": [{"role": each.role, "start": each.start, "end": each.end} for each in quote.context],
            "emphasis": [{"start": each.start, "end": each.end} for each in quote.emphasis],
            "question": question,
            "note": note,
        }
        return self._service.read(Item, "POST", f"/notebooks/{_id(notebook_id)}/items", json=body)

    def keep(self, notebook_id: str, questions: Sequence[str], note: str = "") -> Item:
        """Keeps a conversation: questions, each asked after those before it, with their answers."""
        body = {"kind": "conversation", "questions": list(questions), "note": note}
        return self._service.read(Item, "POST", f"/notebooks/{_id(notebook_id)}/items", json=body)

    def note(self, notebook_id: str, item_id: str, note: str) -> Item:
        """Replaces the note of something that is kept."""
        path = f"/notebooks/{_id(notebook_id)}/items/{_id(item_id)}"
        return self._service.read(Item, "PATCH", path, json={"note": note})

    def remove(self, notebook_id: str, item_id: str) -> Item:
        """Takes something out of a notebook."""
        return self._service.read(Item, "DELETE", f"/notebooks/{_id(notebook_id)}/items/{_id(item_id)}")

    def export(self, notebook_id: str, form: str = "docx", style: str = "chicago") -> bytes:
        """A notebook as a file: "docx", "markdown", "html" or "json", cited in a style, with a list of sources."""
        params = {"format": form, "style": style}
        return self._service.bytes(f"/notebooks/{_id(notebook_id)}/export", params=params)

    def index(self) -> Manifest:
        """What the index holds and what it was made with."""
        return self._service.read(Manifest, "GET", "/index")


def _fields(within: Filter, documents: Sequence[str] | None) -> dict[str, Any]:
    """The fields of a body that say which documents to look in."""
    fields = {name: value if isinstance(value, str) else list(value) for name, value in asdict(within).items() if value}
    return fields if documents is None else fields | {"documents": list(documents)}


def _plain(value: str | Sequence[str] | None) -> str | list[str] | None:
    return value if value is None or isinstance(value, str) else list(value)


def _id(identity: str) -> str:
    """An id as part of an address."""
    return quoted(identity, safe="")
