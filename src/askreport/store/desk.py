"""The tables of what people keep beside a library: corrected descriptions and notebooks. One SQL for both stores.

Nothing in them can be computed again, so a change is on the disk before whoever made it hears that it was made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]
# The columns of each table, their keys first. `position` orders the items of a notebook.
TABLES = {
    "descriptions": ("path", "document", "corrections", "updated"),
    "notebooks": ("id", "owner", "name", "shared", "created", "updated"),
    "notebook_items": ("id", "notebook", "position", "kind", "note", "content", "created"),
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS descriptions (
    path TEXT PRIMARY KEY, document TEXT NOT NULL, corrections TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS descriptions_document ON descriptions (document);
CREATE TABLE IF NOT EXISTS notebooks (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, shared INTEGER NOT NULL, created TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notebook_items (
    id TEXT PRIMARY KEY, notebook TEXT NOT NULL REFERENCES notebooks ON DELETE CASCADE, position INTEGER NOT NULL,
    kind TEXT NOT NULL, note TEXT NOT NULL, content TEXT NOT NULL, created TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS notebook_items_notebook ON notebook_items (notebook, position);
"""
# So many parameters are in one statement at most.
_AT_ONCE = 400


class Execute(Protocol):
    """Executes a statement, with ``?`` for its values, and gives its rows."""

    def __call__(self, query: str, values: Sequence[Any] = (), /) -> list[Row]:
        """The rows, none of a statement that has none."""


class Desk(Protocol):
    """The tables in one place; all methods may be called by any thread. KeptError and StoreError if they fail."""

    def reading(self) -> AbstractContextManager[Execute]:
        """One state of the tables."""

    def writing(self) -> AbstractContextManager[Execute]:
        """A transaction: all of it is durable once the block has ended, or none is if it fails."""


def select_in(execute: Execute, query: str, values: Iterable[str]) -> Iterator[Row]:
    """The rows of a query with a list of any length for ``{}``."""
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        some = listed[start : start + _AT_ONCE]
        yield from execute(query.format(", ".join("?" * len(some))), some)


def carry(source: Desk, target: Desk) -> int:
    """Has a desk hold what another one holds, and keeps what else is there; of one thing the newer state.

    Returns how many rows were new or newer.
    """
    with source.reading() as execute:
        rows = {table: execute(f"SELECT {', '.join(columns)} FROM {table}") for table, columns in TABLES.items()}  # noqa: S608
    if not any(rows.values()):
        return 0
    with target.writing() as execute:
        known: Mapping[str, Mapping[str, str]] = {
            table: dict(execute(f"SELECT {columns[0]}, updated FROM {table}"))  # noqa: S608
            for table, columns in TABLES.items()
            if "updated" in columns
        }
        carried = 0
        newer: set[str] = set()
        for table in ("descriptions", "notebooks"):
            for row in rows[table]:
                if known[table].get(row[0], "") >= row[-1]:
                    continue
                execute(f"DELETE FROM {table} WHERE {TABLES[table][0]} = ?", (row[0],))  # noqa: S608
                _insert(execute, table, row)
                carried += 1
                newer |= {row[0]} if table == "notebooks" else set()
        for row in rows["notebook_items"]:
            if row[1] in newer:
                _insert(execute, "notebook_items", row)
                carried += 1
    return carried


def _insert(execute: Execute, table: str, row: Row) -> None:
    columns = TABLES[table]
    execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", row)  # noqa: S608
