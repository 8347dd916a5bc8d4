"""Vectors of passages that were embedded before, so that no text is embedded twice."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from askreport.store.codec import pack_vectors, unpack_vectors
from askreport.store.manifest import write_failures
from askreport.types import FloatArray, Span

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, passage BLOB, sentences BLOB) WITHOUT ROWID"

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

PassageVectors = tuple[FloatArray, FloatArray]
_Result = TypeVar("_Result")


class EmbeddingCache:
    """A table from (encoder, text, sentence spans) to vectors, in one SQLite file beside the generations.

    It holds nothing that cannot be computed again: a damaged file is replaced by an empty one. Failures to write are
    IndexWriteError.
    """

    def __init__(self, file: Path, encoder: str, dimension: int) -> None:
        self._encoder = encoder
        self._dimension = dimension
        self._file = file
        with write_failures(file.parent):
            self._database = sqlite3.connect(file)
        self._use(_prepare)

    def _use(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """The result of the action on the database, which is replaced by an empty one if it proves to be damaged."""
        with write_failures(self._file.parent):
            try:
                return action(self._database)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
                    raise
            self._database.close()
            self._file.unlink()
            self._database = sqlite3.connect(self._file)
            _prepare(self._database)
            return action(self._database)

    def key(self, text: str, sentences: Sequence[Span]) -> bytes:
        """The key of a passage's text and its sentence spans within that text."""
        spans = json.dumps([list(span) for span in sentences])
        return hashlib.sha256(f"{self._encoder}\0{spans}\0{text}".encode()).digest()

    def get(self, key: bytes) -> PassageVectors | None:
        """The passage's unit vector and its sentences' unit rows, or None."""
        query = "SELECT passage, sentences FROM vectors WHERE key = ?"
        row = self._use(lambda database: database.execute(query, (key,)).fetchone())
        if row is None:
            return None
        return np.frombuffer(row[0], np.float32), unpack_vectors(row[1], self._dimension)

    def put(self, items: Iterable[tuple[bytes, PassageVectors]]) -> None:
        """Stores vectors under their keys, all or none."""
        rows = [(key, passage.tobytes(), pack_vectors(sentences)) for key, (passage, sentences) in items]
        self._use(lambda database: _insert(database, rows))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(_SCHEMA)


def _insert(database: sqlite3.Connection, rows: list[tuple[bytes, bytes, bytes]]) -> None:
    with database:
        database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
