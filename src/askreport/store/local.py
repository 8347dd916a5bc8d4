"""Reads one published generation: FAISS for vectors, tantivy for words, SQLite for everything that is shown."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from askreport.boxes import BoxArray, unpack_boxes
from askreport.digest import text_digest, text_sha256
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store.base import DocumentSummary, StoredPassage
from askreport.store.codec import unpack_vectors
from askreport.store.lexical import LexicalIndex
from askreport.store.manifest import REBUILD_HINT, generation_folder, read_manifest
from askreport.store.write import LEXICAL, LIBRARY, VECTORS
from askreport.types import Document, FloatArray, Heading, IndexState, Page, Passage, Place, Source, Span

_DOCUMENTS_IN_MEMORY = 64
# Its type stubs do not know the constructor's arguments.
_SearchParameters: Any = faiss.SearchParameters


class LocalStore:
    """The Store on this machine's disk; nothing it reads ever changes."""

    def __init__(self, index: Path, generation: int) -> None:
        self.manifest = read_manifest(index, generation)
        self.state = IndexState(self.manifest.generation, self.manifest.built_at)
        # By a weak reference, so that a store and its open files go with its last reader, not at some later collection.
        read = weakref.WeakMethod(self._read_document)

        @lru_cache(_DOCUMENTS_IN_MEMORY)
        def document(document_id: str) -> Document:
            alive = read()
            assert alive is not None
            return alive(document_id)

        self.document = document
        self._reading = threading.Lock()
        self._folder = folder = generation_folder(index, generation)
        try:
            self._vectors = faiss.read_index(str(folder / VECTORS))
            self._lexical = LexicalIndex(folder / LEXICAL)
            # immutable: no locks and no journal, so that any number of readers share a read-only folder.
            location = f"{(folder / LIBRARY).resolve().as_uri()}?mode=ro&immutable=1"
            self._database = sqlite3.connect(location, uri=True, check_same_thread=False)
            # A service drops a store when a newer generation is there and the last request has done with it.
            weakref.finalize(self, self._database.close)
            counted = self._database.execute("SELECT count(*) FROM documents").fetchone()[0]
        # FAISS raises RuntimeError and tantivy ValueError for files they cannot read.
        except (RuntimeError, ValueError, OSError, sqlite3.Error) as error:
            raise IndexDamagedError(f"the index in {folder} cannot be opened: {error}", REBUILD_HINT) from error
        if counted != self.manifest.counts.documents or self._vectors.ntotal != self.manifest.counts.passages:
            raise IndexDamagedError(f"the index in {folder} does not hold what its manifest says", REBUILD_HINT)

    def search_dense(
        self, vector: FloatArray, limit: int, documents: Collection[str] | None = None
    ) -> dict[int, float]:
        """The nearest passages and their cosines, best first."""
        chosen = None
        if documents is not None:
            chosen = _SearchParameters(sel=faiss.IDSelectorBatch(self._numbers_of(documents)))
        limit = min(limit, self._vectors.ntotal)
        if limit == 0:
            return {}
        scores, numbers = self._vectors.search(vector[None], limit, params=chosen)
        return {int(n): float(score) for n, score in zip(numbers[0], scores[0], strict=True) if n >= 0}

    def search_lexical(self, question: str, limit: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The passages with the highest BM25, best first."""
        return self._lexical.search(question, limit, documents)

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> list[float]:
        """The cosine of each of the passages to a unit vector."""
        if not numbers:
            return []
        stored = self._vectors.reconstruct_batch(np.asarray(numbers, np.int64))
        return [float(cosine) for cosine in stored @ vector]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the order asked for."""
        marks = ",".join("?" * len(numbers))
        with self._library() as library:
            rows = library.execute(f"SELECT * FROM passages WHERE number IN ({marks})", list(numbers))  # noqa: S608
            found = {row[0]: self._passage(row) for row in rows}
            return [found[number] for number in numbers]

    @contextmanager
    def _library(self) -> Iterator[sqlite3.Connection]:
        """The database; whatever in it cannot be read is IndexDamagedError.

        One thread at a time: from Python 3.12 on, threads that share a connection may get each other's rows
        (https://github.com/python/cpython/issues/118172).
        """
        with self._reading:
            try:
                yield self._database
            except UnicodeEncodeError as error:
                # What was looked for is no text that any document could have.
                raise _not_found(repr(error.object)) from None
            except (sqlite3.Error, ValueError, TypeError, LookupError, AttributeError) as error:
                raise IndexDamagedError(f"the index in {self._folder} cannot be read: {error}", REBUILD_HINT) from error

    def _passage(self, row: tuple[Any, ...]) -> StoredPassage:
        number, document, start, end, heading, digest, sentences, vectors = row
        spans = tuple(Span(int(first), int(last)) for first, last in json.loads(sentences))
        passage = Passage(document, int(start), int(end), tuple(json.loads(heading)), spans)
        sentence_vectors = unpack_vectors(vectors, self.manifest.dimension)
        if len(sentence_vectors) != len(spans):
            raise ValueError(f"passage {number} has {len(spans)} sentences and {len(sentence_vectors)} vectors")
        return StoredPassage(int(number), passage, digest, sentence_vectors)

    def _read_document(self, document_id: str) -> Document:
        with self._library() as library:
            query = "SELECT id, path, title, text, sha256, structure, metadata FROM documents WHERE id = ?"
            row = library.execute(query, (document_id,)).fetchone()
            if row is None:
                raise _not_found(document_id)
            return self._document(row)

    def _document(self, row: tuple[Any, ...]) -> Document:
        identity, path, title, text, sha256, structure, metadata = row
        if text_sha256(text) != sha256:
            raise IndexDamagedError(f"the stored text of {path} is not the one that was indexed", REBUILD_HINT)
        parts = json.loads(structure)
        return Document(
            identity,
            path,
            title,
            text,
            sha256,
            tuple(Heading(*heading) for heading in parts["headings"]),
            tuple(Page(*page) for page in parts["pages"]),
            tuple(Span(*span) for span in parts["furniture"]),
            json.loads(metadata),
            parts["has_title"],
        )

    def source(self, document_id: str) -> Source:
        """The file a document was read from; DocumentNotFoundError if there is no such document."""
        with self._library() as library:
            row = library.execute("SELECT file, source FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise _not_found(document_id)
        return Source(Path(row[0]), row[1])

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page; None if the page has no layout."""
        query = "SELECT boxes FROM layouts WHERE document = ? AND page = ?"
        with self._library() as library:
            row = library.execute(query, (document_id, page)).fetchone()
            return unpack_boxes(row[0]) if row else None

    def documents(self) -> list[DocumentSummary]:
        """All documents, by path."""
        columns = "id, title, path, sha256, characters, passages, json_array_length(structure, '$.pages'), metadata"
        query = f"SELECT {columns} FROM documents ORDER BY path"  # noqa: S608
        with self._library() as library:
            return [_summary(row) for row in library.execute(query)]

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order."""
        with self._library() as library:
            rows = library.execute("SELECT sentences FROM passages WHERE document = ?", (document_id,))
            return sorted({Span(*span) for row in rows for span in json.loads(row[0])})

    def terms(self, text: str) -> list[str]:
        """The analysed terms of a text, in order."""
        return self._lexical.terms(text)

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """The inverse document frequency of each term over passages."""
        return self._lexical.idf(terms)

    def places(self, sentence: str) -> list[Place]:
        """Every place where this sentence stands, but for case and white space."""
        query = 'SELECT document, start, "end" FROM sentences WHERE digest = ?'
        with self._library() as library:
            return [Place(*row) for row in library.execute(query, (text_digest(sentence),))]

    def _numbers_of(self, documents: Collection[str]) -> Any:
        """Passage numbers of the documents, shape (n,); DocumentNotFoundError for an unknown id."""
        ranges = [np.zeros(0, np.int64)]
        query = "SELECT first_passage, passages FROM documents WHERE id = ?"
        with self._library() as library:
            for document_id in documents:
                row = library.execute(query, (document_id,)).fetchone()
                if row is None:
                    raise _not_found(document_id)
                ranges.append(np.arange(row[0], row[0] + row[1], dtype=np.int64))
        return np.concatenate(ranges)


def _summary(row: Sequence[Any]) -> DocumentSummary:
    identity, title, path, sha256, characters, passages, pages, metadata = row
    return DocumentSummary(identity, title, path, sha256, characters, passages, pages, json.loads(metadata))


def _not_found(document_id: str) -> DocumentNotFoundError:
    return DocumentNotFoundError(
        f"no document {document_id} is in the index", "GET /api/documents lists those that are."
    )
