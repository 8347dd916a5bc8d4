"""What people keep beside a library in PostgreSQL: tables of the same database (migrations/0004.sql)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from askreport.store.desk import Execute, Row
from askreport.store.postgres.pool import Connection, Database


class DeskTables:
    """The tables; ``prepare`` makes them if they are not there. A Desk."""

    def __init__(self, database: Database, prepare: Callable[[], None]) -> None:
        self._database = database
        self._prepare = prepare

    @contextmanager
    def reading(self) -> Iterator[Execute]:
        """One state of the tables, on the node that takes writes: people see what they have just kept."""
        self._prepare()
        with self._database.reading(newest=True) as connection:
            yield _executing(connection)

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        """A transaction."""
        self._prepare()
        with self._database.writing() as connection:
            yield _executing(connection)


def _executing(connection: Connection) -> Execute:
    def execute(query: str, values: Sequence[Any] = ()) -> list[Row]:
        # What a file or a person has said may hold what PostgreSQL has no character for.
        clean = [value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in values]
        cursor = connection.execute(query.replace("?", "%s"), clean)
        return cursor.fetchall() if cursor.description else []

    return execute
