"""What the index and its caches have in common in their use of SQLite."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
# SQLite takes so many parameters in one statement whatever it was built with.
_PARAMETERS = 900
# What SQLite calls what goes wrong around a file.
_SURROUNDINGS = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT),
)


def select_in(
    select: Callable[[str, Sequence[Any]], Iterable[Row]], query: str, values: Sequence[Any]
) -> Iterator[Row]:
    """The rows that ``select`` gives for a query with a list of any length for ``{}``."""
    for start in range(0, len(values), _PARAMETERS):
        some = values[start : start + _PARAMETERS]
        yield from select(query.format(",".join("?" * len(some))), some)


def is_damage(error: Exception) -> bool:
    """Whether SQLite says by this error that a file is not a sound database."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_of_the_file(error: sqlite3.Error, file: Path) -> bool:
    """Whether an error may come from what a file says, and not from the disk, other processes, or the program.

    A changed bit may look like anything: a table that is missing, a column of another name, a text that is none, a
    number out of range, or a file that is only to be read although it may be written.
    """
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return False
    if _code(error) == sqlite3.SQLITE_READONLY:
        return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    return _code(error) not in _SURROUNDINGS


def said(error: BaseException) -> str:
    """What may be told of an error: of SQLite's only the kind, for its words may be those of a document."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "a row is not what it was")
    return str(error)


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
