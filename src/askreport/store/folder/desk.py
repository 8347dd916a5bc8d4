"""What people keep beside a library in a folder: one SQLite file among the generations, which no rebuild touches."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from askreport.errors import KeptError
from askreport.store.desk import SCHEMA, Execute, Row
from askreport.store.folder.sqlite import said

DESK = "desk.sqlite"
# Of the tables in it.
VERSION = 1
# Seconds that a change waits for another one.
_PATIENCE = 20.0


class DeskFile:
    """The file, opened for each use: whoever restores a library may replace it. A Desk."""

    def __init__(self, index: Path) -> None:
        self._file = index / DESK

    @contextmanager
    def reading(self) -> Iterator[Execute]:
        """One state of the tables; empty ones where nothing was kept yet."""
        if not self._file.exists():
            yield _nothing
            return
        with self._told("read"), closing(self._connect()) as database:
            database.execute("BEGIN")
            yield _executing(database) if _is_made(database) else _nothing

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        """A transaction, which is on the disk once the block has ended."""
        with self._told("written"):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as database:
                database.execute("PRAGMA journal_mode=WAL")
                # In WAL mode, only this makes each transaction durable before it returns.
                database.execute("PRAGMA synchronous=FULL")
                database.execute("PRAGMA foreign_keys=ON")
                database.execute("BEGIN IMMEDIATE")
                if not _is_made(database):
                    for statement in filter(str.strip, SCHEMA.split(";")):
                        database.execute(statement)
                    database.execute(f"PRAGMA user_version={VERSION}")
                yield _executing(database)
                database.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        """The database; one that nobody may write is read without the files that writers need beside it."""
        if self._file.exists() and not os.access(self._file.parent, os.W_OK):
            address = f"{self._file.resolve().as_uri()}?mode=ro&immutable=1"
            return sqlite3.connect(address, uri=True, isolation_level=None)
        return sqlite3.connect(self._file, timeout=_PATIENCE, isolation_level=None)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            hint = "Free space, see who may write there, or restore it from a backup."
            raise KeptError(f"{self._file} cannot be {what}: {said(error)}", hint) from error


def _is_made(database: sqlite3.Connection) -> bool:
    """Whether the tables are there: a file may be older than the end of its first transaction."""
    return bool(database.execute("PRAGMA user_version").fetchone()[0])


def _nothing(_query: str, _values: Sequence[Any] = ()) -> list[Row]:
    return []


def _executing(database: sqlite3.Connection) -> Execute:
    def execute(query: str, values: Sequence[Any] = ()) -> list[Row]:
        return database.execute(query, values).fetchall()

    return execute
