"""Reads one published generation: its segments, and tantivy for words."""

import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TypeVar

import askreport.store.fusion as fusion
from askreport.boxes import BoxArray
from askreport.digest import text_digest
from askreport.errors import IndexDamagedError
from askreport.store.base import REBUILD_HINT, Candidate, DocumentSummary, Mix, StoredPassage
from askreport.store.codec import all_cosines
from askreport.store.contents import StoredDocument
from askreport.store.folder.contents import contents, listed
from askreport.store.folder.generations import changed, generation_folder, read_manifest
from askreport.store.folder.integrity import Integrity
from askreport.store.folder.lexical import LexicalIndex
from askreport.store.folder.segment import OpenSegment, damage
from askreport.store.folder.writer import LEXICAL
from askreport.store.lru import Recent
from askreport.store.names import MANY
from askreport.store.rows import not_found
from askreport.store.words import forms_of, terms_of
from askreport.types import Document, FloatArray, IndexState, IntArray, Place, SentenceCosines, Source, Span

# Bytes of an index that are compared with their checksums before it is opened: a fifth of a second's work. What is
# larger is opened at once, and whoever keeps it open compares it meanwhile (ask.py).
CHECKED_AT_OPENING = 256_000_000
_DOCUMENTS_IN_MEMORY = 64
_KEPT_CHOICES = 4
# For more documents, tantivy takes longer to leave the others out than to find passages of all.
_MANY_CHOSEN = 300
_Found = TypeVar("_Found")


class LocalStore:
    """The Store on this machine's disk; nothing it reads ever changes. IndexDamagedError if it is not as written."""

    def __init__(self, index: Path, generation: int, integrity: Integrity | None = None) -> None:
        self.manifest = read_manifest(index, generation)
        self.state = IndexState(self.manifest.generation, self.manifest.built_at, self.manifest.embedded)
        self._folder = generation_folder(index, generation)
        integrity = integrity or Integrity()
        try:
            unread = integrity.unread(index, self.manifest)
            self.is_checked = unread <= CHECKED_AT_OPENING
            if unread and self.is_checked and (damaged := integrity.damaged(index, self.manifest)):
                raise changed(damaged)
            self._lexical = LexicalIndex(self._folder / LEXICAL)
        # tantivy raises ValueError for files it cannot read.
        except (ValueError, OSError) as error:
            raise IndexDamagedError(f"the index in {self._folder} cannot be opened: {error}", REBUILD_HINT) from error
        dimension = self.manifest.dimension
        self._segments = [OpenSegment(self._folder, segment, dimension) for segment in self.manifest.segments]
        counts = self.manifest.counts
        if self._lexical.passages != counts.passages or sum(int(each.live.sum()) for each in self._segments) != (
            counts.passages
        ):
            raise IndexDamagedError(f"the index in {self._folder} does not hold what its manifest says", REBUILD_HINT)
        self._there: Recent[tuple[str, ...], None] = Recent(_KEPT_CHOICES)
        # By a weak reference, so that a store and its open files go with its last reader, not at some later collection.
        read = weakref.WeakMethod(self._read_document)

        @lru_cache(_DOCUMENTS_IN_MEMORY)
        def document(document_id: str) -> Document:
            alive = read()
            assert alive is not None
            return alive(document_id)

        self._document = document

    def search_dense(
        self, vector: FloatArray, limit: int, documents: Collection[str] | None = None
    ) -> dict[int, float]:
        """The nearest passages and their cosines, best first."""
        if documents is not None:
            self._there.get(tuple(documents), lambda: self._check_there(documents))
        found: dict[int, float] = {}
        for segment in self._segments:
            found |= segment.search(vector, limit, documents)
        best = sorted(found, key=lambda number: (-found[number], number))[:limit]
        return {number: found[number] for number in best}

    def search_lexical(self, question: str, limit: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The passages with the highest BM25, best first."""
        forms = self.forms(question)
        if documents is None or len(documents) <= _MANY_CHOSEN:
            return self._lexical.search(forms, limit, documents)
        wanted = limit
        while True:
            wanted *= 4
            found = self._lexical.search(forms, wanted, None)
            among = self._among(documents, list(found))
            chosen = [number for number in found if number in among]
            if len(chosen) >= limit or len(found) < wanted:
                return {number: found[number] for number in chosen[:limit]}

    def _among(self, documents: Collection[str], numbers: Sequence[int]) -> set[int]:
        """Those of the passages that are of one of the documents."""
        own = (segment.among(documents, [each for each in numbers if each in segment]) for segment in self._segments)
        return set().union(*own)

    def search(
        self, question: str, vector: FloatArray, *, mix: Mix, limit: int, documents: Collection[str] | None = None
    ) -> list[Candidate]:
        """The best passages by meaning and words, each text once."""
        return fusion.search(self, question, vector, mix=mix, limit=limit, documents=documents)

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> list[float]:
        """The cosine of each of the passages to a unit vector."""
        found = self._by_segment(numbers, lambda segment, own: segment.cosines(vector, own))
        with damage(self._folder):
            return [found[number] for number in numbers]

    def sentence_cosines(self, vector: FloatArray, documents: Collection[str] | None = None) -> SentenceCosines:
        """The cosine of every sentence to a unit vector, of all passages or of those of some documents."""
        if documents is not None:
            self._there.get(tuple(documents), lambda: self._check_there(documents))
        parts = chain.from_iterable(segment.packed_sentences(documents) for segment in self._segments)
        with damage(self._folder):
            return all_cosines(parts, vector)

    def having(self, terms: Collection[str]) -> dict[str, IntArray]:
        """The numbers of the passages that have each of the terms, ascending."""
        return self._lexical.having(terms)

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the order asked for."""
        found = self._by_segment(numbers, lambda segment, own: segment.passages(own))
        with damage(self._folder):
            return [found[number] for number in numbers]

    def _by_segment(
        self, numbers: Sequence[int], get: Callable[[OpenSegment, Sequence[int]], dict[int, _Found]]
    ) -> dict[int, _Found]:
        """What each segment gives for the passages it has."""
        found: dict[int, _Found] = {}
        for segment in self._segments:
            if own := [number for number in numbers if number in segment]:
                found |= get(segment, own)
        return found

    def document(self, document_id: str) -> Document:
        """A document with its text, checked against its SHA-256; DocumentNotFoundError if there is none."""
        return self._document(document_id)

    def texts(self, documents: Collection[str]) -> dict[str, Document]:
        """Several documents by their ids, each as ``document`` gives it."""
        return {each: self.document(each) for each in documents}

    def _read_document(self, document_id: str) -> Document:
        return self._first(document_id, lambda segment: segment.document(document_id))

    def source(self, document_id: str) -> Source:
        """The file a document was read from; DocumentNotFoundError if there is no such document."""
        return self._first(document_id, lambda segment: segment.source(document_id))

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page; None if the page has no layout."""
        holders = (segment for segment in self._segments if segment.holds(document_id))
        return next((segment.boxes(document_id, page) for segment in holders), None)

    def documents(self) -> list[DocumentSummary]:
        """All documents, by path."""
        found = [summary for segment in self._segments for summary in segment.documents()]
        return sorted(found, key=lambda summary: summary.path)

    def entries(self) -> dict[str, str]:
        """What ``GenerationWriter.add`` was given as each document's entry, by its id."""
        return {identity: entry for segment in self._segments for identity, entry in segment.entries().items()}

    def paths(self) -> dict[str, str]:
        """The path of each document, by its id."""
        return {identity: path for segment in self._segments for identity, path in segment.paths().items()}

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        """The id, the path and the file of each document, in no order."""
        return chain.from_iterable(listed(segment) for segment in self._segments)

    def contents(self) -> Iterator[StoredDocument]:
        """The documents with everything that is stored of them, in the order of their passages' numbers."""
        for segment in self._segments:
            with damage(self._folder):
                yield from contents(segment)

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order."""
        return [span for segment in self._segments for span in segment.sentences(document_id)]

    def terms(self, text: str, language: str = "") -> list[str]:
        """The terms of a text in this language, in order."""
        return terms_of(text, language)

    def forms(self, question: str) -> dict[str, frozenset[str]]:
        """The terms of a question, each with its forms in documents of all the library's languages."""
        return forms_of(question, self.manifest.languages)

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """The inverse document frequency of each term over passages."""
        return self._lexical.idf(terms)

    def unknown(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that no passage has."""
        return self._lexical.unknown(terms)

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, and how many passages have each."""
        return self._lexical.vocabulary(prefix)

    def named(self, words: Collection[str], among: Collection[str] | None = None) -> dict[str, set[str]]:
        """The ids of the documents that each of the words is a name of, of all or of some documents."""
        found = {word: set().union(*(each.named(word, among) for each in self._segments)) for word in words}
        return {word: own for word, own in found.items() if own and (among is not None or len(own) <= MANY)}

    def places(self, sentence: str) -> list[Place]:
        """Every place where this sentence stands, but for case and white space."""
        digest = text_digest(sentence)
        return [place for segment in self._segments for place in segment.places(digest)]

    def _check_there(self, documents: Collection[str]) -> None:
        """Raises DocumentNotFoundError for the first of the documents that there is not."""
        held = set().union(*(segment.held(documents) for segment in self._segments))
        for document_id in documents:
            if document_id not in held:
                raise not_found(document_id)

    def _first(self, document_id: str, get: Callable[[OpenSegment], _Found | None]) -> _Found:
        """What the first segment that has the document gives; DocumentNotFoundError if none has."""
        # What was asked about lately was often added lately.
        for segment in reversed(self._segments):
            if (found := get(segment)) is not None:
                return found
        raise not_found(document_id)
