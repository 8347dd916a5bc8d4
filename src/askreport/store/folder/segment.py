"""One segment of a generation, opened for reading: the documents of a folder that never changes."""

import json
import math
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from askreport.boxes import BoxArray, unpack_boxes
from askreport.errors import IndexDamagedError
from askreport.store.base import REBUILD_HINT, DocumentSummary, Segment, StoredPassage
from askreport.store.codec import unpack_vectors
from askreport.store.folder.sqlite import said, select_in
from askreport.store.folder.vectors import Positions, Vectors
from askreport.store.lru import Recent
from askreport.store.names import MANY
from askreport.store.rows import document_of, not_found, summary_of
from askreport.store.words import terms_of
from askreport.types import Document, FloatArray, Passage, Place, Source, Span

LIBRARY = "library.sqlite"
VECTORS = "passages.faiss"
NUMBERS = "numbers.npy"
_KEPT_MASKS = 4
# Passages whose sentences are read at a time: some megabytes.
_AT_A_TIME = 1_000

# What is long comes last in a row: SQLite reads a row up to the last column that is asked for.
SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, path TEXT, title TEXT, sha256 TEXT, first_passage INTEGER,
    passages INTEGER, sentences INTEGER, characters INTEGER, pages INTEGER, file TEXT, source TEXT, entry TEXT,
    metadata TEXT, structure TEXT, text TEXT);
CREATE TABLE layouts (document TEXT, page INTEGER, boxes BLOB, PRIMARY KEY (document, page)) WITHOUT ROWID;
CREATE TABLE passages (number INTEGER PRIMARY KEY, document TEXT, start INTEGER, "end" INTEGER, heading TEXT,
    digest BLOB, sentences TEXT, sentence_vectors BLOB);
CREATE TABLE sentences (digest BLOB, document TEXT, start INTEGER, "end" INTEGER,
    PRIMARY KEY (digest, document, start)) WITHOUT ROWID;
CREATE TABLE names (word TEXT, document TEXT, PRIMARY KEY (word, document)) WITHOUT ROWID;
"""


class OpenSegment:
    """The documents of a segment but for those that are deleted; nothing it reads ever changes.

    ``numbers`` are those of its passages, ascending, at the positions of their vectors; ``live`` tells for each
    position whether its document is not deleted. One that is not embedded has no file of vectors, and what its
    passages have in their place are zeros. What cannot be read is IndexDamagedError. All methods may be called by any
    thread.
    """

    def __init__(self, folder: Path, segment: Segment, dimension: int) -> None:
        self.segment = segment
        self._folder = folder / segment.name
        self._dimension = dimension
        self._reading = threading.Lock()
        self._deleted = frozenset(segment.deleted)
        self._masks: Recent[tuple[str, ...], npt.NDArray[np.bool_]] = Recent(_KEPT_MASKS)
        try:
            self._vectors = Vectors(self._folder / VECTORS) if segment.embedded else None
            self.numbers: npt.NDArray[np.int64] = np.load(self._folder / NUMBERS, mmap_mode="r")
            self._database = connect(self._folder / LIBRARY)
            # A service drops a store when a newer generation is there and the last request has done with it.
            weakref.finalize(self, self._database.close)
            counted = self._database.execute("SELECT count(*), sum(passages) FROM documents").fetchone()
        # FAISS raises RuntimeError for files it cannot read.
        except (RuntimeError, ValueError, OSError, sqlite3.Error) as error:
            raise IndexDamagedError(
                f"the index in {self._folder} cannot be opened: {said(error)}", REBUILD_HINT
            ) from error
        held = (segment.documents, segment.passages, segment.passages)
        vectors = self.numbers if self._vectors is None else self._vectors
        if (*counted, len(vectors)) != held or len(self.numbers) != segment.passages:
            raise IndexDamagedError(f"{self._folder} does not hold what the manifest says", REBUILD_HINT)
        self.live = ~self._mask(self._deleted)

    def __contains__(self, number: int) -> bool:
        """Whether a passage of a document that is not deleted has this number."""
        if len(self.numbers) == 0 or not self.numbers[0] <= number <= self.numbers[-1]:
            return False
        at = np.searchsorted(self.numbers, number)
        return bool(self.numbers[at] == number and self.live[at])

    def search(self, vector: FloatArray, limit: int, documents: Collection[str] | None) -> dict[int, float]:
        """The nearest passages' numbers and cosines, best first; of these documents, unless that is None."""
        if self._vectors is None or len(self.numbers) == 0:
            return {}
        among = (self.live if self._deleted else None) if documents is None else self._chosen(documents)
        scores, positions = self._vectors.search(vector, limit, among, exact=documents is not None)
        return {int(self.numbers[at]): float(score) for at, score in zip(positions, scores, strict=True)}

    def among(self, documents: Collection[str], numbers: Sequence[int]) -> set[int]:
        """Those of these passages that are of one of the documents; all of them are of this segment."""
        chosen = self._chosen(documents)[np.searchsorted(self.numbers, np.asarray(numbers, np.int64))]
        return {number for number, is_chosen in zip(numbers, chosen, strict=True) if is_chosen}

    def packed_sentences(self, documents: Collection[str] | None) -> Iterator[tuple[list[int], list[bytes]]]:
        """The numbers of the passages, ascending, of these documents or of all, and their sentences' packed vectors."""
        zeros = f"zeroblob({self._dimension} * json_array_length(sentences))"
        packed = "sentence_vectors" if self.segment.embedded else zeros
        query = f"SELECT number, {packed} FROM passages WHERE number BETWEEN ? AND ? ORDER BY number"  # noqa: S608
        chosen = self.live if documents is None else self._chosen(documents)
        for start, stop in _runs(chosen):
            for first in range(start, stop, _AT_A_TIME):
                ends = self.numbers[first], self.numbers[min(first + _AT_A_TIME, stop) - 1]
                # The database is free between two parts: reading all of a large library takes a while.
                with self._library() as library:
                    rows = library.execute(query, [int(each) for each in ends]).fetchall()
                yield [row[0] for row in rows], [row[1] for row in rows]

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> dict[int, float]:
        """The cosine of each of these passages to a unit vector; NaN where there are no vectors."""
        if self._vectors is None:
            return dict.fromkeys(numbers, math.nan)
        rows = self.rows(np.searchsorted(self.numbers, np.asarray(numbers, np.int64)))
        return {number: float(cosine) for number, cosine in zip(numbers, rows @ vector, strict=True)}

    def rows(self, positions: Positions) -> FloatArray:
        """The passage vectors at these positions, shape (n, dimension)."""
        if self._vectors is None:
            return np.zeros((len(positions), self._dimension), np.float32)
        return self._vectors.rows(positions)

    def passages(self, numbers: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages with these numbers, by their number; LookupError for one of a deleted document."""
        found = {}
        with self._library() as library:
            for row in select_in(library.execute, "SELECT * FROM passages WHERE number IN ({})", numbers):
                if row[1] in self._deleted:
                    raise LookupError(f"passage {row[0]} is of a deleted document")
                found[row[0]] = self._passage(row)
        return found

    def document(self, document_id: str) -> Document | None:
        """A document with its text, checked against its SHA-256; None if it is not here, or deleted."""
        query = "SELECT id, path, title, text, sha256, structure, metadata FROM documents WHERE id = ?"
        with self._library() as library:
            row = self._row(library, query, document_id)
            return document_of(row) if row else None

    def first(self, document_id: str) -> tuple[int, int] | None:
        """The number of a document's first passage, and how many it has; None as for ``document``."""
        with self._library() as library:
            row = self._row(library, "SELECT first_passage, passages FROM documents WHERE id = ?", document_id)
        return (row[0], row[1]) if row else None

    def source(self, document_id: str) -> Source | None:
        """The file a document was read from; None as for ``document``."""
        with self._library() as library:
            row = self._row(library, "SELECT file, source FROM documents WHERE id = ?", document_id)
        return Source(Path(row[0]), row[1]) if row else None

    def holds(self, document_id: str) -> bool:
        """Whether the document is here and not deleted."""
        return bool(self.held([document_id]))

    def held(self, documents: Collection[str]) -> set[str]:
        """Those of the documents that are here and not deleted."""
        query = "SELECT id FROM documents WHERE id IN ({})"
        with self._library() as library:
            return {row[0] for row in select_in(library.execute, query, list(documents))} - self._deleted

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page; None if the page has no layout."""
        with self._library() as library:
            row = library.execute(
                "SELECT boxes FROM layouts WHERE document = ? AND page = ?", (document_id, page)
            ).fetchone()
            return unpack_boxes(row[0]) if row else None

    def documents(self) -> Iterator[DocumentSummary]:
        """The documents, in no order."""
        columns = (
            "id, title, path, sha256, characters, passages, pages, metadata, json_extract(structure, '$.language')"
        )
        with self._library() as library:
            rows = library.execute(f"SELECT {columns} FROM documents").fetchall()  # noqa: S608
            return iter([summary_of(row) for row in rows if row[0] not in self._deleted])

    def paths(self) -> dict[str, str]:
        """The path of each document, by its id."""
        with self._library() as library:
            rows = library.execute("SELECT id, path FROM documents").fetchall()
        return {identity: path for identity, path in rows if identity not in self._deleted}

    def entries(self) -> dict[str, str]:
        """The digest of what was listed of each document when it was added (indexing/entries.py), by its id."""
        with self._library() as library:
            rows = library.execute("SELECT id, entry FROM documents").fetchall()
        return {identity: entry for identity, entry in rows if identity not in self._deleted}

    def sizes(self, documents: Collection[str]) -> dict[str, tuple[int, int, str]]:
        """How many passages and sentences those of the documents have that are here, and their languages."""
        query = "SELECT id, passages, sentences, structure FROM documents WHERE id IN ({})"
        with self._library() as library:
            rows = list(select_in(library.execute, query, [each for each in documents if each not in self._deleted]))
            return {row[0]: (row[1], row[2], json.loads(row[3])["language"]) for row in rows}

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order; none if it is not here, or deleted."""
        if document_id in self._deleted:
            return []
        query = """SELECT passages.sentences FROM passages, documents WHERE documents.id = ?
            AND number BETWEEN first_passage AND first_passage + documents.passages - 1"""
        with self._library() as library:
            rows = library.execute(query, (document_id,)).fetchall()
            return sorted({Span(*span) for row in rows for span in json.loads(row[0])})

    def places(self, digest: bytes) -> list[Place]:
        """Every place where a sentence with this digest stands."""
        query = 'SELECT document, start, "end" FROM sentences WHERE digest = ?'
        with self._library() as library:
            rows = library.execute(query, (digest,)).fetchall()
            return [Place(*row) for row in rows if row[0] not in self._deleted]

    def named(self, word: str, among: Collection[str] | None) -> set[str]:
        """The documents that a word is a name of, of all (then at most MANY and one more) or of some."""
        with self._library() as library:
            if among is None:
                most = MANY + 1 + len(self._deleted)
                rows = library.execute("SELECT document FROM names WHERE word = ? LIMIT ?", (word, most)).fetchall()
            else:
                pairs = (
                    library.execute("SELECT document FROM names WHERE word = ? AND document = ?", (word, each))
                    for each in among
                )
                rows = [row for found in pairs for row in found]
            return {row[0] for row in rows} - self._deleted

    def terms(self, first: int) -> Iterator[tuple[int, str, list[str]]]:
        """Number, document and terms of each passage from number ``first`` on, documents one after another."""
        query = 'SELECT number, start, "end" FROM passages WHERE number >= ? AND number BETWEEN ? AND ?'
        about = "SELECT id, first_passage, passages FROM documents ORDER BY first_passage"
        with self._library() as library:
            documents = library.execute(about).fetchall()
        for identity, begin, count in documents:
            document = self.document(identity) if begin + count > first else None
            if document is None:
                continue
            with self._library() as library:
                rows = library.execute(query, (first, begin, begin + count - 1)).fetchall()
            for number, start, end in rows:
                text = document.context + document.text[start:end]
                yield number, identity, terms_of(text, document.language)

    def select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the segment's tables (``SCHEMA``), those of deleted documents among them."""
        with self._library() as library:
            return library.execute(query, values).fetchall()

    @contextmanager
    def _library(self) -> Iterator[sqlite3.Connection]:
        """The database; whatever in it cannot be read is IndexDamagedError.

        One thread at a time: from Python 3.12 on, threads that share a connection may get each other's rows
        (https://github.com/python/cpython/issues/118172).
        """
        with self._reading, damage(self._folder):
            yield self._database

    def _row(self, library: sqlite3.Connection, query: str, document_id: str) -> tuple[Any, ...] | None:
        if document_id in self._deleted:
            return None
        row: tuple[Any, ...] | None = library.execute(query, (document_id,)).fetchone()
        return row

    def _passage(self, row: tuple[Any, ...]) -> StoredPassage:
        number, document, start, end, heading, digest, sentences, vectors = row
        spans = tuple(Span(int(first), int(last)) for first, last in json.loads(sentences))
        passage = Passage(
            document_id=document, start=int(start), end=int(end), heading=tuple(json.loads(heading)), sentences=spans
        )
        embedded = self.segment.embedded
        sentence_vectors = unpack_vectors(vectors if embedded else bytes(self._dimension * len(spans)), self._dimension)
        if len(sentence_vectors) != len(spans):
            raise ValueError(f"passage {number} has {len(spans)} sentences and {len(sentence_vectors)} vectors")
        return StoredPassage(
            number=int(number), passage=passage, digest=digest, sentence_vectors=sentence_vectors, embedded=embedded
        )

    def _chosen(self, documents: Collection[str]) -> npt.NDArray[np.bool_]:
        """For each position whether its passage is there and of one of these documents."""
        # What somebody looks in, several searches look in.
        return self._masks.get(tuple(documents), lambda: self._mask(documents) & self.live)

    def _mask(self, documents: Collection[str]) -> npt.NDArray[np.bool_]:
        """For each position whether its passage is of one of these documents."""
        mask = np.zeros(len(self.numbers), np.bool_)
        query = "SELECT first_passage, passages FROM documents WHERE id IN ({})"
        with self._library() as library:
            for first, count in select_in(library.execute, query, list(documents)):
                start = int(np.searchsorted(self.numbers, first))
                mask[start : start + count] = True
        return mask


def _runs(chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The runs of positions that are chosen, each by its first and the one after its last."""
    changes = np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])).astype(np.int8)))
    yield from ((int(start), int(stop)) for start, stop in changes.reshape(-1, 2))


def connect(file: Path) -> sqlite3.Connection:
    """Opens a library that never changes: without locks and journal, so that readers share a read-only folder."""
    return sqlite3.connect(location(file), uri=True, check_same_thread=False)


def location(file: Path) -> str:
    """The address under which SQLite opens a library that never changes."""
    return f"{file.resolve().as_uri()}?mode=ro&immutable=1"


@contextmanager
def damage(folder: Path) -> Iterator[None]:
    """Turns what goes wrong when a library is read into IndexDamagedError."""
    try:
        yield
    except UnicodeEncodeError as error:
        # What was looked for is no text that any document could have.
        raise not_found(str(error.object)) from None
    except (sqlite3.Error, ValueError, TypeError, LookupError, AttributeError) as error:
        raise IndexDamagedError(f"the index in {folder} cannot be read: {said(error)}", REBUILD_HINT) from error
