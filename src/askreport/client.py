"""A client for scripts: the service's API as methods that return dataclasses.

with Client("http://127.0.0.1:8000") as client:
    for quote in client.ask("does the SVR spy on China?").quotes:
        print(quote.text, quote.document.path, quote.start, quote.end)

What an answer and a document consist of is in types.py. The other nouns are here, under the service's own names: those
of the service are in modules that load its index and its readers. Each has the fields of the API's JSON that a script
needs. Other fields are ignored, so that a client goes on working with a service that tells more.
"""

import time
from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, TypeVar, cast
from urllib.parse import quote

from httpx2 import Client as HttpClient
from httpx2 import Response, TransportError
from pydantic import TypeAdapter

from askreport.errors import ServiceError
from askreport.freshness import HEADER
from askreport.types import (
    ALL,
    Answer,
    Document,
    DocumentRef,
    Filter,
    Hit,
    IndexState,
    Mention,
    Mentioned,
    OutcomeStatus,
    Quote,
    Reach,
    Status,
)

API = "/api/v1"
# Seconds. An answer takes less than one; but a service may be busy, and an upload be long.
TIMEOUT = 60.0
# The longest that is waited before a request is sent again, and between two looks at a job.
MAX_PAUSE = 60.0
MAX_LOOK = 2.0
# The documents that are listed at a time.
PART = 1_000
_ASK_AGAIN = (429, 503)
_Reply = TypeVar("_Reply")
JobStatus: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The passages nearest to a question, without a judgement of whether they answer it."""

    question: str
    passages: tuple[Hit, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """A document without its text; ``characters`` counts code points, ``pages`` is 0 where the source has none."""

    id: str
    title: str
    path: str
    sha256: str
    characters: int
    passages: int
    pages: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The sentences that bear on a question: how many there are, in which documents, and a part of them.

    ``subject`` is what of the question they were compared with.
    """

    question: str
    understood: str
    subject: str
    total: int
    documents: tuple[Mentioned, ...]
    mentions: tuple[Mention, ...]
    reach: Reach
    index: IndexState


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a comparison: a document (``value`` is its id), or all documents of a folder or with a tag."""

    kind: Literal["document", "folder", "tag"]
    value: str
    name: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a column says to a question, both counted from 0: the best quote, None if it does not say."""

    question: int
    column: int
    status: Status
    confidence: float
    quote: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Questions in rows, documents and collections in columns."""

    questions: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    index: IndexState


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """Where the library has the words of a quotation."""

    document: DocumentRef
    start: int
    end: int
    page: int | None
    text: str
    url: str
    page_label: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that turns the draft's words into the source's."""

    op: Literal["equal", "replace", "insert", "delete"]
    draft: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuotation:
    """A quotation of a draft (``start`` and ``end`` in code points, ``line`` from 1) and what the library says."""

    text: str
    start: int
    end: int
    line: int
    status: Literal["verbatim", "different", "not_found"]
    tolerated: tuple[str, ...]
    similarity: float
    places: tuple[SourcePlace, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """All quotations of a draft, in order; ``unpaired`` are lines where one is opened but not closed."""

    quotations: tuple[CheckedQuotation, ...]
    counts: dict[str, int]
    unpaired: tuple[int, ...]
    index: IndexState


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of one file that was uploaded; ``path`` is its name in the library, "" if it was not kept."""

    name: str
    path: str
    status: OutcomeStatus
    reason: str
    documents: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed."""

    code: str
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A change of the library: ``done`` of ``total`` in its stage, and, once it is over, what came of it."""

    id: str
    status: JobStatus
    stage: str
    done: int
    total: int
    outcomes: tuple[Added, ...]
    documents: tuple[str, ...]
    error: JobError | None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A document that was deleted: the names its files had in the library, and the folder that keeps them now."""

    id: str
    title: str
    files: tuple[str, ...]
    kept_in: str


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What an index holds."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The published generation: its number, when it was built (ISO 8601, UTC), by which encoder, and what it holds.

    ``embedded`` is the share of its passages that have vectors: the others are found by words alone.
    """

    generation: int
    built_at: str
    encoder: str
    counts: IndexCounts
    embedded: float = 1.0


class Client:
    """Talks to one service, with ``key`` if it asks for one.

    ``retries`` is how often a request that the service puts off (429 or 503 with Retry-After) is sent again, after as
    many seconds as the service says. Every method raises ServiceError, with the service's own code, message and hint.
    Of a library on several nodes, no answer is from an older state than one that this client has seen before.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8000", key: str | None = None, retries: int = 0, timeout: float = TIMEOUT
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = HttpClient(base_url=url.rstrip("/") + API, headers=headers, timeout=timeout)
        self._retries = retries
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

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
        return self._send(Answer, "POST", "/ask", json=body | _fields(within, documents))

    def search(
        self, question: str, k: int = 10, documents: Sequence[str] | None = None, within: Filter = ALL
    ) -> SearchResult:
        """The ``k`` passages nearest to a question, of all documents or of some."""
        body = {"question": question, "k": k} | _fields(within, documents)
        return self._send(SearchResult, "POST", "/search", json=body)

    def mentions(
        self, question: str, within: Filter = ALL, *, words: str = "", limit: int = 50, offset: int = 0
    ) -> Mentions:
        """Every sentence that bears on a question: how many there are, in which documents, and a part of them."""
        given: dict[str, Any] = {"q": question, "words": words, "limit": limit, "offset": offset}
        # Parameters of an address are in the singular.
        given |= {name.removesuffix("s"): value for name, value in _fields(within, None).items()}
        return self._send(Mentions, "GET", "/mentions", params=given)

    def compare(
        self,
        questions: Sequence[str],
        *,
        documents: Sequence[str] = (),
        folders: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Comparison:
        """For each question the best quote of each document, folder and tag; without any, of each document."""
        body = {"questions": questions, "documents": documents, "folders": folders, "tags": tags}
        return self._send(Comparison, "POST", "/compare", json={name: list(value) for name, value in body.items()})

    def check(self, text: str) -> CheckReport:
        """Every quotation of a draft, found in the library or not."""
        return self._send(CheckReport, "POST", "/check", json={"text": text})

    def documents(self) -> tuple[DocumentSummary, ...]:
        """All documents, by path."""
        listed: tuple[DocumentSummary, ...] = ()
        while True:
            part = self._send(
                tuple[DocumentSummary, ...], "GET", "/documents", params={"limit": PART, "offset": len(listed)}
            )
            listed += part
            if len(part) < PART:
                return listed

    def document(self, document_id: str) -> Document:
        """A document with its text, which all offsets count in."""
        return self._send(Document, "GET", f"/documents/{quote(document_id, safe='')}")

    def upload(self, *files: str | Path) -> Job:
        """Adds files to the library; the job that indexes them, which ``wait`` waits for."""
        with ExitStack() as opened:
            form = [("files", (Path(file).name, opened.enter_context(Path(file).open("rb")))) for file in files]
            return self._send(Job, "POST", "/documents", files=form)

    def replace(self, document_id: str, file: str | Path) -> Job:
        """Puts a new version in a document's place; the job that indexes it, which ``wait`` waits for."""
        with Path(file).open("rb") as opened:
            form = [("files", (Path(file).name, opened))]
            return self._send(Job, "POST", f"/documents/{quote(document_id, safe='')}/replace", files=form)

    def rename(self, document_id: str, name: str) -> Job:
        """Gives a document's file another name; the job by which the library follows."""
        return self._send(Job, "PATCH", f"/documents/{quote(document_id, safe='')}", json={"name": name})

    def delete(self, document_id: str) -> Deleted:
        """Takes a document out of the library; no question finds it any more."""
        return self._send(Deleted, "DELETE", f"/documents/{quote(document_id, safe='')}")

    def job(self, job_id: str) -> Job:
        """How far a job is, or what came of it."""
        return self._send(Job, "GET", f"/jobs/{quote(job_id, safe='')}")

    def cancel(self, job_id: str) -> Job:
        """Ends a job at its next step, whatever file it is at; what it has changed is taken back."""
        return self._send(Job, "POST", f"/jobs/{quote(job_id, safe='')}/cancel")

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

    def index(self) -> Manifest:
        """What the index holds and what it was made with."""
        return self._send(Manifest, "GET", "/index")

    def _send(self, kind: type[_Reply], method: str, path: str, **content: Any) -> _Reply:
        for left in range(self._retries, -1, -1):
            sent = self._seen
            try:
                response = self._http.request(method, path, headers={HEADER: str(sent)} if sent else {}, **content)
            except TransportError as error:
                raise ServiceError(
                    f"there is no answer from {self._http.base_url}: {error or type(error).__name__}",
                    "Start it by `askreport serve`, or give its address.",
                    "service_unreachable",
                ) from None
            self._note(sent, response.headers.get(HEADER, ""))
            pause = _pause(response)
            if pause is None or not left:
                break
            time.sleep(pause)
        return _read(kind, response)

    def _note(self, sent: int, said: str) -> None:
        """Remembers the generation that an answer is from."""
        if said.isdecimal():
            # One before that which was asked for: there is none newer, as after a return to a backup.
            self._seen = int(said) if int(said) < sent else max(self._seen, int(said))


def _fields(within: Filter, documents: Sequence[str] | None) -> dict[str, Any]:
    """The fields of a body that say which documents to look in."""
    fields = {name: value if isinstance(value, str) else list(value) for name, value in asdict(within).items() if value}
    return fields if documents is None else fields | {"documents": list(documents)}


def _pause(response: Response) -> float | None:
    """After how many seconds the service wants the request again, if it does."""
    after = response.headers.get("retry-after", "")
    return min(MAX_PAUSE, float(after)) if response.status_code in _ASK_AGAIN and after.isdecimal() else None


def _read(kind: type[_Reply], response: Response) -> _Reply:
    try:
        if response.is_success:
            return read_reply(kind, response.content)
        error = response.json()["error"]
        raise ServiceError(error["message"], error["hint"], error["code"])
    except (ValueError, KeyError, TypeError):
        raise ServiceError(
            f"{response.url} answers with status {response.status_code} and something that is not askreport's",
            "Give the address of an askreport service, or look at what stands between.",
        ) from None


def read_reply(kind: type[_Reply], content: bytes) -> _Reply:
    """The reply's JSON as an instance of ``kind``, all the way down; ValueError if it is not that."""
    adapter: TypeAdapter[_Reply] = _adapter(cast(Hashable, kind))
    return adapter.validate_json(content)


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
