"""Vectors of passages that were embedded before, so that no text is embedded twice."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from askreport.store.cachefile import CacheFile
from askreport.store.codec import pack_vectors, unpack_vectors
from askreport.types import FloatArray, Span

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, passage BLOB, sentences BLOB) WITHOUT ROWID"

PassageVectors = tuple[FloatArray, FloatArray]


class EmbeddingCache:
    """A table from (encoder, text, sentence spans) to vectors, in one SQLite file beside the generations.

    A damaged file is replaced by an empty one. Failures to write are IndexWriteError.
    """

    def __init__(self, file: Path, encoder: str, dimension: int) -> None:
        self._encoder = encoder
        self._dimension = dimension
        self._file = CacheFile(file, _SCHEMA)

    def key(self, text: str, sentences: Sequence[Span]) -> bytes:
        """The key of a passage's text and its sentence spans within that text."""
        spans = json.dumps([list(span) for span in sentences])
        return hashlib.sha256(f"{self._encoder}\0{spans}\0{text}".encode()).digest()

    def get(self, key: bytes) -> PassageVectors | None:
        """The passage's unit vector and its sentences' unit rows, or None."""
        query = "SELECT passage, sentences FROM vectors WHERE key = ?"
        row = self._file.use(lambda database: database.execute(query, (key,)).fetchone())
        if row is None:
            return None
        return np.frombuffer(row[0], np.float32), unpack_vectors(row[1], self._dimension)

    def put(self, items: Iterable[tuple[bytes, PassageVectors]]) -> None:
        """Stores vectors under their keys, all or none."""
        rows = [(key, passage.tobytes(), pack_vectors(sentences)) for key, (passage, sentences) in items]
        self._file.use(lambda database: _insert(database, rows))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _insert(database: sqlite3.Connection, rows: list[tuple[bytes, bytes, bytes]]) -> None:
    with database:
        database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
