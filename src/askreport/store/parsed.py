"""What was read of files before, so that no unchanged file is read twice."""

import sqlite3
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askreport.store.cachefile import CacheFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, data BLOB);
CREATE TABLE IF NOT EXISTS seen (file TEXT PRIMARY KEY, stamp TEXT, key BLOB, listing TEXT, sum INTEGER);
"""
# SQLite takes so many parameters in one statement whatever it was built with.
_PARAMETERS = 900


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was last seen: its stamp tells it from changed ones, and ``key`` is where what was read of it is.

    ``listing`` is what a run must know of it (sources.py), without the text.
    """

    file: str
    stamp: str
    key: bytes
    listing: str


class ParsedCache:
    """A table from keys to byte strings (parse/wire.py makes them), in one SQLite file beside the generations.

    A second table has the files that were seen, by their paths.

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

    def seen(self, files: Sequence[str]) -> dict[str, Seen]:
        """Those of the files that were seen before, by their paths."""
        query = "SELECT * FROM seen WHERE file IN ({})"
        found = {}
        for start in range(0, len(files), _PARAMETERS):
            some = files[start : start + _PARAMETERS]
            for row in self._all(query.format(",".join("?" * len(some))), some):
                if _sum(seen := Seen(*row[:4])) == row[4]:
                    found[seen.file] = seen
        return found

    def remember(self, files: Iterable[Seen]) -> None:
        """Keeps what was seen of files, instead of what was before."""
        rows = [(each.file, each.stamp, each.key, each.listing, _sum(each)) for each in files]
        if rows:
            self._file.use(
                lambda database: _change(database, "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", rows)
            )

    def forget_seen(self) -> None:
        """Removes what was seen of all files, so that the next run opens each of them."""
        self._file.use(lambda database: _change(database, "DELETE FROM seen", [()]))

    def _all(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._file.use(lambda database: database.execute(query, values).fetchall())

    def keep_only(self, keys: Collection[bytes], files: Collection[str]) -> None:
        """Removes everything that is stored under other keys, and what was seen of other files."""
        others = [(file,) for (file,) in self._all("SELECT file FROM seen") if file not in files]
        if others:
            self._file.use(lambda database: _change(database, "DELETE FROM seen WHERE file = ?", others))
        gone = [(key,) for (key,) in self._all("SELECT key FROM files") if key not in keys]
        if gone:
            self._file.use(lambda database: _change(database, "DELETE FROM files WHERE key = ?", gone))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _sum(seen: Seen) -> int:
    return zlib.crc32("\0".join((seen.file, seen.stamp, seen.listing)).encode("utf-8", "surrogateescape") + seen.key)


def _change(database: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    with database:
        database.executemany(statement, rows)
