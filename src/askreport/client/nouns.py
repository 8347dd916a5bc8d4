"""What the service's API tells, as dataclasses under the service's own names, beside those of types.py.

Each has the fields of the API's JSON that a script needs. Other fields are ignored, so that a client goes on working
with a service that tells more.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from askreport.types import DocumentRef, Hit, IndexState, Mention, Mentioned, OutcomeStatus, Quote, Reach, Status

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
    paragraph: int | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Words of a document, under these headings, with their place as a quote's."""

    text: str
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    heading: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of an outline: its level from 1, its words, and its place."""

    level: int
    title: str
    page: int | None
    page_label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A date, name or figure that a document speaks of: how often, and where first."""

    text: str
    count: int
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """A question that a document answers, with the quote that does."""

    question: str
    answer: Extract
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is in a document; ``concludes`` says whether the document itself calls its ``conclusions`` so."""

    document: DocumentRef
    characters: int
    pages: int
    outline: tuple[Section, ...]
    key_sentences: tuple[Extract, ...]
    conclusions: tuple[Extract, ...]
    concludes: bool
    dates: tuple[Detail, ...]
    names: tuple[Detail, ...]
    figures: tuple[Detail, ...]
    questions: tuple[Answerable, ...]
    index: IndexState


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A document as a source; what is not known is empty."""

    title: str
    kind: str
    authors: tuple[str, ...]
    date: str
    publisher: str
    place: str
    url: str
    doi: str
    accessed: str
    language: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedDocument:
    """``description`` is what is cited: what the file says (``read``), and over it what people have corrected."""

    description: Description
    read: Description
    corrections: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledCitation:
    """A citation in one style: its name, as it stands in a text or in its notes, and in the list of sources."""

    style: str
    name: str
    reference: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook; ``items`` counts what is in it. All keys may read one that is shared."""

    id: str
    owner: str
    name: str
    shared: bool
    created: str
    updated: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that is kept: a quote, a conversation or a comparison, which ``content`` has as JSON."""

    id: str
    kind: str
    note: str
    content: dict[str, Any]
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step from the words that were kept to those of the document now; equal ones are in both."""

    kept: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What has become of a quote; of one that is said otherwise now, ``steps`` lead from its words to the new ones."""

    status: Literal["same", "moved", "different", "missing", "gone"]
    url: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A notebook with its items, and by each item's id the states of the quotes in it."""

    notebook: Notebook
    items: tuple[Item, ...]
    states: dict[str, tuple[State, ...]]
