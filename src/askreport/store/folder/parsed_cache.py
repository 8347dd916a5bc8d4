"""What was read of files before, so that no unchanged file is read twice."""

import zlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from askreport.store.folder.cache_file import CacheFile
from askreport.store.folder.sqlite import select_in

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, data BLOB);
CREATE TABLE IF NOT EXISTS seen (file TEXT PRIMARY KEY, stamp TEXT, key BLOB, listing TEXT, sum INTEGER);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
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
        rows = self._file.rows("SELECT data FROM files WHERE key = ?", (key,))
        try:
            # The key is part of what is compressed: a changed bit may lead from one key to the row of another.
            data = zlib.decompress(rows[0][0]) if rows else b""
        except (zlib.error, TypeError):
            return None
        return data.removeprefix(key) if data.startswith(key) else None

    def put(self, key: bytes, data: bytes) -> None:
        """Stores a byte string under a key."""
        self._file.put("files", [(key, zlib.compress(key + data, 1))])

    def seen(self, files: Sequence[str]) -> dict[str, Seen]:
        """Those of the files that were seen before, by their paths."""
        found = {}
        rows = select_in(self._file.rows, "SELECT file, stamp, key, listing, sum FROM seen WHERE file IN ({})", files)
        for file, stamp, key, listing, written in rows:
            seen = Seen(file=file, stamp=stamp, key=key, listing=listing)
            # In a damaged row a text may be a number, or nothing.
            with suppress(TypeError):
                if _sum(seen) == written:
                    found[file] = seen
        return found

    def remember(self, files: Iterable[Seen]) -> None:
        """Keeps what was seen of files, instead of what was before."""
        rows = [(each.file, each.stamp, each.key, each.listing, _sum(each)) for each in files]
        self._file.put("seen", rows)

    def forget_seen(self) -> None:
        """Removes what was seen of all files, so that the next run opens each of them."""
        self._file.change("DELETE FROM seen", [()])

    def forget(self, keys: Sequence[bytes]) -> None:
        """Removes what is stored under these keys, and what was seen of the files that have them."""
        for table in ("seen", "files"):
            self._file.change(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])  # noqa: S608

    def keep_only(self, keys: Collection[bytes], files: Collection[str]) -> None:
        """Removes everything that is stored under other keys, and what was seen of other files."""
        for table, column, wanted in (("seen", "file", files), ("files", "key", keys)):
            gone = [row for row in self._file.rows(f"SELECT {column} FROM {table}") if row[0] not in wanted]  # noqa: S608
            self._file.change(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _sum(seen: Seen) -> int:
    return zlib.crc32("\0".join((seen.file, seen.stamp, seen.listing)).encode("utf-8", "surrogateescape") + seen.key)
