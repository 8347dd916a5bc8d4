"""What a library stores and how it is read: the protocols that a folder and PostgreSQL both fulfil."""

from collections.abc import Collection, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from askreport.boxes import BoxArray
from askreport.store.desk import Desk
from askreport.types import (
    Document,
    FloatArray,
    IndexState,
    IntArray,
    Outcome,
    Passage,
    Place,
    SentenceCosines,
    Source,
    Span,
)

# Raise it when what a generation's files hold changes: an index of another format is refused and built anew.
FORMAT = 5
REBUILD_HINT = "Run `askreport index` to build it."


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage:
    """A passage as the index returns it; ``sentence_vectors`` has one unit row for each of its sentences.

    Of a passage that is not yet ``embedded`` these rows are zeros.
    """

    number: int
    passage: Passage
    digest: bytes
    sentence_vectors: FloatArray
    embedded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """A document without its text; ``characters`` counts code points, ``pages`` is 0 where the source has none.

    ``language`` is the text's, an ISO 639-1 code, or empty if it is not known.
    ``added`` is when its file came into the library (ISO 8601, UTC), "" where the store does not know it.
    """

    id: str
    title: str
    path: str
    sha256: str
    characters: int
    passages: int
    pages: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    added: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The id of the document that has taken another's place, and when (ISO 8601, UTC)."""

    id: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage that may answer a question.

    ``dense`` is its cosine to the question, 0 while it has no vector; ``lexical`` its BM25, 0 if they share no word.
    ``score`` orders the candidates: the two fused (fusion.py), and what reading adds later. ``named`` says how surely
    the question names its document (answering/named.py), from 0 to 1.
    """

    stored: StoredPassage
    score: float
    dense: float
    lexical: float
    named: float = 0.0


@dataclass(frozen=True, slots=True)
class Mix:
    """How two searches make one: so many passages of either, and the share of the cosine in the fused score."""

    each: int
    share: float


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What a generation holds."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Documents that were written together, in a folder of this name that never changes.

    ``documents`` and ``passages`` are what the folder holds; ``deleted`` are the ids of those documents that are not
    part of the generation any more, and ``dead`` counts their passages. Those of a segment that is not ``embedded``
    have no vectors yet.
    """

    name: str
    documents: int
    passages: int
    deleted: tuple[str, ...] = ()
    dead: int = 0
    embedded: bool = True

    @property
    def live(self) -> int:
        """How many of its passages are part of the generation."""
        return self.passages - self.dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation is: with what it was made, from what, when, and its files' sizes and SHA-256.

    ``library`` is a digest of the documents and of everything that decides how they are read, chunked and embedded:
    equal digests mean equal libraries. Segments are in the order in which they were written, which is that of their
    passages' numbers, but for documents that got their vectors later. The next passage to be added gets
    ``next_number``. ``languages`` counts the documents in each language, those of which it is not
    known by an empty name. ``embedded`` is the share of the passages that have vectors.
    """

    generation: int
    built_at: str
    encoder: str
    dimension: int
    chunking: str
    library: str
    counts: IndexCounts
    segments: tuple[Segment, ...]
    next_number: int
    files: dict[str, tuple[int, str]]
    languages: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT
    embedded: float = 1.0


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What decides what is made of documents: the encoder, by its fingerprint, its dimension, and the chunking."""

    encoder: str
    dimension: int
    chunking: str


class Store(Protocol):
    """One published generation of an index. Passages have numbers; all methods may be called by any thread."""

    @property
    def state(self) -> IndexState:
        """The generation and when it was built."""

    @property
    def manifest(self) -> Manifest:
        """What the index holds and what it was made with; without files where it is not made of files."""

    def search(
        self, question: str, vector: FloatArray, *, mix: Mix, limit: int, documents: Collection[str] | None = None
    ) -> list[Candidate]:
        """The ``limit`` best passages by meaning and words fused (fusion.py), of those with one text the first."""

    def search_dense(
        self, vector: FloatArray, limit: int, documents: Collection[str] | None = None
    ) -> dict[int, float]:
        """The ``limit`` passages nearest to a unit vector, with their cosines, best first."""

    def search_lexical(self, question: str, limit: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The ``limit`` passages with the highest BM25 for the question's terms, with their scores, best first."""

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> list[float]:
        """The cosine of each of the passages to a unit vector; NaN of one that has no vector yet."""

    def sentence_cosines(self, vector: FloatArray, documents: Collection[str] | None = None) -> SentenceCosines:
        """The cosine of every sentence to a unit vector, of all passages or of those of some documents.

        0 where there are no vectors yet.
        """

    def having(self, terms: Collection[str]) -> dict[str, IntArray]:
        """The numbers of the passages that have each of the terms, ascending; terms that none has are left out."""

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the order asked for."""

    def document(self, document_id: str) -> Document:
        """A document with its text, checked against its SHA-256; DocumentNotFoundError if there is none."""

    def texts(self, documents: Collection[str]) -> dict[str, Document]:
        """Several documents by their ids, each as ``document`` gives it; no more than fit into memory."""

    def source(self, document_id: str) -> Source:
        """The file a document was read from; DocumentNotFoundError if there is no such document."""

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page (boxes.py), shape (characters, 4); None if the page has no layout."""

    def documents(self) -> list[DocumentSummary]:
        """All documents, by path."""

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order."""

    def terms(self, text: str, language: str = "") -> list[str]:
        """The index's terms of a text in this language, in order (words.py)."""

    def forms(self, question: str) -> dict[str, frozenset[str]]:
        """The terms of a question, each with its forms in documents of all the library's languages (words.py)."""

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """The inverse document frequency of each term over passages, as BM25 has it; highest for unknown terms."""

    def unknown(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that no passage has."""

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, and how many passages have each; those of deleted ones may still be counted."""

    def named(self, words: Collection[str], among: Collection[str] | None = None) -> dict[str, set[str]]:
        """The ids of the documents that each of the words is a name of (names.py), of all or of some documents.

        Words that none is called by are left out, and, of all documents, those that more than ``MANY`` are called by.
        """

    def places(self, sentence: str) -> list[Place]:
        """Every place where this sentence stands, but for case and white space."""


class Files(Protocol):
    """The files that a library's documents were read from; StoreError where they cannot be reached."""

    def get(self, content: str) -> bytes | None:
        """The bytes of this content (a Source's id), None if they are not there or not as they were."""

    def has(self, content: str) -> bool:
        """Whether there are bytes of this content, which ``get`` may still find changed."""

    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each file, by name."""

    def replaced(self, document_id: str) -> Replacement | None:
        """What has taken a document's place, None if that is not known."""


class Backend(Protocol):
    """Where a library stands; all methods may be called by any thread.

    ``files`` are those of a library that keeps them itself, None where they lie in the corpus folder. ``is_postgres``
    tells which of the two it is; what changes, checks and shows a library goes by that, and by no setting. ``desk`` has
    what people keep beside the library.
    """

    files: Files | None
    desk: Desk
    is_postgres: bool

    @property
    def store(self) -> Store:
        """The library as it is, for calls that need not agree with each other.

        Raises IndexMissingError, IndexDamagedError, IndexMismatchError, or StoreError.
        """

    def reading(self) -> AbstractContextManager[tuple[Hashable, Store]]:
        """One state of the library for as long as the block lasts, and what is equal for equal states; errors as above.

        Nothing that it gives changes meanwhile.
        """

    def close(self) -> None:
        """Gives back what it holds of a server."""
