"""Hands out what a PostgreSQL library holds now, from any of its nodes that is not behind what a client has seen."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from askreport import freshness
from askreport.store.base import FORMAT, Files, MadeWith, Replacement
from askreport.store.desk import Desk
from askreport.store.postgres.desk import DeskTables
from askreport.store.postgres.files import find_replaced
from askreport.store.postgres.originals import open_originals
from askreport.store.postgres.pool import Connection, Database
from askreport.store.postgres.schema import is_current, migrate
from askreport.store.postgres.store import Kept, PostgresStore, Snapshot
from askreport.store.postgres.writer import check_made_with
from askreport.types import Outcome


class PostgresBackend:
    """A library in PostgreSQL; the first use creates its tables, or migrates them."""

    is_postgres = True

    def __init__(
        self, address: str, made_with: MadeWith | None = None, originals: str = "", *, readers: int = 8
    ) -> None:
        self._address = (address, originals)
        self.database = Database(address, readers)
        self.originals = open_originals(originals, self.database)
        self.files: Files | None = self
        self.desk: Desk = DeskTables(self.database, self.bring_up_to_date)
        self._made_with = made_with
        self._kept = Kept()
        self._store = PostgresStore(self._connected, self._kept)
        self._is_current = False
        self._migrating = threading.Lock()

    @property
    def store(self) -> PostgresStore:
        """The library as it is at each call."""
        self._check(self._store)
        return self._store

    @contextmanager
    def reading(self) -> Iterator[tuple[Hashable, Snapshot]]:
        """The library as it is now."""
        with self._connected() as connection:
            snapshot = Snapshot(connection, self._kept)
            self._check(snapshot)
            yield snapshot.version, snapshot

    def get(self, content: str) -> bytes | None:
        """The bytes of a file, None if they are not kept, or not as they were."""
        return self.originals.get(content)

    def has(self, content: str) -> bool:
        """Whether there are bytes of a file."""
        return self.originals.has(content)

    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each file, by name."""
        query = 'SELECT name, status, reason, documents FROM files ORDER BY name COLLATE "C"'
        with self._connected() as connection:
            return tuple(
                Outcome(path=name, status=status, reason=reason, documents=documents)
                for name, status, reason, documents in connection.execute(query).fetchall()
            )

    def replaced(self, document_id: str) -> Replacement | None:
        """What has taken a document's place, None if that is not known."""
        with self._connected() as connection:
            return find_replaced(connection, document_id)

    def with_own_connections(self, made_with: MadeWith, readers: int) -> "PostgresBackend":
        """The same library over connections of its own, for as many readers at a time; whoever asks closes it."""
        address, originals = self._address
        return PostgresBackend(address, made_with, originals, readers=readers)

    def close(self) -> None:
        """Closes the connections."""
        self.database.close()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """One state of the database, on a node that is not behind what this request's client has seen."""
        self.bring_up_to_date()
        wanted = freshness.wanted()
        with self.database.reading() as connection:
            if not wanted or _generation(connection) >= wanted:
                yield connection
                return
        with self.database.reading(newest=True) as connection:
            # The primary has nothing newer, so a client that claims more is wrong: its claim is lowered.
            freshness.cut(_generation(connection))
            yield connection

    def bring_up_to_date(self) -> None:
        """Makes the tables if they are not there."""
        with self._migrating:
            if self._is_current:
                return
            with self.database.reading() as connection:
                self._is_current = is_current(connection)
            if not self._is_current:
                migrate(self.database, self._check_earlier)
                self._is_current = True

    def _check_earlier(self, connection: Connection) -> None:
        """Raises IndexMismatchError if a library in an earlier version's tables could not be used in this one's."""
        rows = connection.execute("SELECT encoder, dimension, chunking, format FROM library").fetchall()
        for found in rows:
            wanted = self._made_with or MadeWith(*found[:-1])
            check_made_with(found, (wanted.encoder, wanted.dimension, wanted.chunking, FORMAT))

    def _check(self, store: PostgresStore) -> None:
        """Raises IndexMissingError if there is no library, IndexMismatchError if it was made with something else."""
        manifest = store.manifest
        freshness.note(manifest.generation)
        if made_with := self._made_with:
            found = (manifest.encoder, manifest.dimension, manifest.chunking, manifest.format)
            check_made_with(found, (made_with.encoder, made_with.dimension, made_with.chunking, FORMAT))


def _generation(connection: Connection) -> int:
    rows = connection.execute("SELECT generation FROM library").fetchall()
    return int(rows[0][0]) if rows else 0
