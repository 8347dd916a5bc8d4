"""A SQLite file beside the generations that holds nothing that cannot be computed again."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from askreport.store.folder.generations import write_failures
from askreport.store.folder.sqlite import Row, is_of_the_file, select_in

_Result = TypeVar("_Result")
# The column of each table by which its rows are found.
_KEYS = {"files": "key", "seen": "file", "embeddings": "key"}


class CacheFile:
    """The file, opened; one that is damaged is replaced by an empty one. Any thread may use it, one at a time.

    Failures to write are IndexWriteError.
    """

    def __init__(self, file: Path, schema: str) -> None:
        self._file = file
        self._schema = schema
        self._using = threading.Lock()
        with write_failures(file.parent):
            self._database = self._connect()
        self._use(self._prepare)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, check_same_thread=False)

    def _prepare(self, database: sqlite3.Connection) -> None:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        # What is removed from a cache is removed from the disk: a deleted document's text must not stay behind.
        database.execute("PRAGMA secure_delete=ON")
        database.executescript(self._schema)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""
        return self._use(lambda database: database.execute(query, values).fetchall())

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Puts rows into a table, whose first column is its key, in place of those with the same keys."""
        if not rows:
            return
        self._put(table, rows)
        # In a damaged tree a row may go where nobody finds it, without an error.
        if not self._has(table, [row[0] for row in rows]):
            with self._using, write_failures(self._file.parent):
                self._renew()
            self._put(table, rows)

    def _put(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self.change(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608

    def _has(self, table: str, keys: Sequence[object]) -> bool:
        column = _KEYS[table]
        found = select_in(self.rows, f"SELECT {column} FROM {table} WHERE {column} IN ({{}})", keys)  # noqa: S608
        return {row[0] for row in found} >= set(keys)

    def change(self, statement: str, rows: Sequence[Row]) -> None:
        """Executes a statement for each of the rows, for all or none."""
        if rows:
            self._use(lambda database: _change(database, statement, rows))

    def _use(self, action: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """The result of the action on the database, which is replaced by an empty one if it proves to be damaged."""
        with self._using, write_failures(self._file.parent):
            try:
                return action(self._database)
            except sqlite3.Error as error:
                if not is_of_the_file(error, self._file):
                    raise
            self._renew()
            return action(self._database)

    def _renew(self) -> None:
        """Replaces the file by an empty one."""
        # Not all that was written may get into a file that is damaged.
        with suppress(sqlite3.Error):
            self._database.close()
        for ending in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        self._database = self._connect()
        self._prepare(self._database)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


def _change(database: sqlite3.Connection, statement: str, rows: Sequence[Row]) -> None:
    with database:
        database.executemany(statement, rows)
