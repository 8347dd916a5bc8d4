"""What the question path needs of an index, whatever holds it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from askreport.boxes import BoxArray
from askreport.store.folder.generations import Manifest
from askreport.types import Document, FloatArray, IndexState, Passage, Place, Source, Span


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the index returns it; ``sentence_vectors`` has one unit row for each of its sentences."""

    number: int
    passage: Passage
    digest: bytes
    sentence_vectors: FloatArray


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage that may answer a question.

    ``dense`` is its cosine to the question, ``lexical`` its BM25, which is 0 if they share no word. ``score`` orders
    the candidates: the two fused (fusion.py), and what reading adds later.
    """

    stored: StoredPassage
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Mix:
    """How two searches make one: so many passages of either, and the share of the cosine in the fused score."""

    each: int
    share: float


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
        self, question: str, vector: FloatArray, mix: Mix, limit: int, documents: Collection[str] | None = None
    ) -> list[Candidate]:
        """The ``limit`` best passages by meaning and words fused (fusion.py), of those with one text the first."""

    def search_dense(
        self, vector: FloatArray, limit: int, documents: Collection[str] | None = None
    ) -> dict[int, float]:
        """The ``limit`` passages nearest to a unit vector, with their cosines, best first."""

    def search_lexical(self, question: str, limit: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The ``limit`` passages with the highest BM25 for the question's terms, with their scores, best first."""

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> list[float]:
        """The cosine of each of the passages to a unit vector."""

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the order asked for."""

    def document(self, document_id: str) -> Document:
        """A document with its text, checked against its SHA-256; DocumentNotFoundError if there is none."""

    def source(self, document_id: str) -> Source:
        """The file a document was read from; DocumentNotFoundError if there is no such document."""

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page (boxes.py), shape (characters, 4); None if the page has no layout."""

    def documents(self) -> list[DocumentSummary]:
        """All documents, by path."""

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order."""

    def terms(self, text: str) -> list[str]:
        """The index's terms of a text, in order: words in lower case, without accents, stemmed."""

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """The inverse document frequency of each term over passages, as BM25 has it; highest for unknown terms."""

    def unknown(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that no passage has."""

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, and how many passages have each; those of deleted ones may still be counted."""

    def places(self, sentence: str) -> list[Place]:
        """Every place where this sentence stands, but for case and white space."""
