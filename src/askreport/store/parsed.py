"""What was read of files before, so that no unchanged file is read twice."""

import sqlite3
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

from askreport.store.cachefile import CacheFile

_SCHEMA = "CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, data BLOB)"


class ParsedCache:
    """A table from keys to byte strings (parse/wire.py makes them), in one SQLite file beside the generations.

    A damaged file is replaced by an empty one. Failures to write are IndexWriteError.
    """

    def __init__(self, file: Path) -> None:
        self._file = CacheFile(file, _SCHEMA)

    def get(self, key: bytes) -> bytes | None:
        """What is stored under a key, or None."""
        query = "SELECT data FROM files WHERE key = ?"
        row = self._file.use(lambda database: database.execute(query, (key,)).fetchone())
        try:
            return zlib.decompress(row[0]) if row else None
        except zlib.error:
            return None

    def put(self, key: bytes, data: bytes) -> None:
        """Stores a byte string under a key."""
        row = (key, zlib.compress(data, 1))
        self._file.use(lambda database: _change(database, "INSERT OR REPLACE INTO files VALUES (?, ?)", [row]))

    def keep_only(self, keys: Collection[bytes]) -> None:
        """Removes everything that is stored under other keys."""
        stored = self._file.use(lambda database: database.execute("SELECT key FROM files").fetchall())
        gone = [(key,) for (key,) in stored if key not in keys]
        if gone:
            self._file.use(lambda database: _change(database, "DELETE FROM files WHERE key = ?", gone))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _change(database: sqlite3.Connection, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
    with database:
        database.executemany(statement, rows)
