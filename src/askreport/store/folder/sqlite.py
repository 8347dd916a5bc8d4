"""What the index and its caches have in common in their use of SQLite."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Row = tuple[Any, ...]
# SQLite takes so many parameters in one statement whatever it was built with.
_PARAMETERS = 900


def select_in(
    select: Callable[[str, Sequence[Any]], Iterable[Row]], query: str, values: Sequence[Any]
) -> Iterator[Row]:
    """The rows that ``select`` gives for a query with a list of any length for ``{}``."""
    for start in range(0, len(values), _PARAMETERS):
        some = values[start : start + _PARAMETERS]
        yield from select(query.format(",".join("?" * len(some))), some)


def is_damage(error: Exception) -> bool:
    """Whether SQLite says by this error that a file is not a sound database."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
