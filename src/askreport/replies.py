"""What the service replies, as a client has it: the nouns of types.py, and those that only the service has.

Each of these has the fields of the API's JSON that a script needs; others are left aside, so that a client goes on
working with a service that tells more.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter

from askreport.types import DocumentRef, Hit, IndexState, OutcomeStatus

Reply = TypeVar("Reply")
JobStatus: TypeAlias = Literal["queued", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Found:
    """The passages nearest to a question, without a judgement of whether they answer it."""

    question: str
    passages: tuple[Hit, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A document without its text; ``characters`` counts code points, ``pages`` is 0 where the source has none."""

    id: str
    title: str
    path: str
    sha256: str
    characters: int
    passages: int
    pages: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """Where the library has the words of a quotation."""

    document: DocumentRef
    start: int
    end: int
    page: int | None
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that turns the draft's words into the source's."""

    op: Literal["equal", "replace", "insert", "delete"]
    draft: str
    source: str


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Checked:
    """All quotations of a draft, in order; ``unpaired`` are lines where one is opened but not closed."""

    quotations: tuple[CheckedQuotation, ...]
    counts: dict[str, int]
    unpaired: tuple[int, ...]
    index: IndexState


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
        return self.status in ("done", "failed")


@dataclass(frozen=True, slots=True)
class Deleted:
    """A document that was deleted: the names its files had in the library, and the folder that keeps them now."""

    id: str
    title: str
    files: tuple[str, ...]
    kept_in: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What an index holds."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Index:
    """The published generation: its number, when it was built (ISO 8601, UTC), by which encoder, and what it holds."""

    generation: int
    built_at: str
    encoder: str
    counts: Counts


def read_reply(kind: type[Reply], content: bytes) -> Reply:
    """The reply's JSON as an instance of ``kind``, all the way down; ValueError if it is not that."""
    adapter: TypeAdapter[Reply] = _adapter(cast(Hashable, kind))
    return adapter.validate_json(content)


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
