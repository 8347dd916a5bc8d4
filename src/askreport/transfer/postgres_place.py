"""A PostgreSQL database as a place to copy a library from and to. Imported only where an address asks for it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from askreport.digest import content_id
from askreport.errors import IndexMissingError
from askreport.store import MadeWith, Manifest, Replacement
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.contents import PostgresContents
from askreport.store.postgres.files import File, add_replaced, find_file, hold_contents, list_replaced, put_file
from askreport.store.postgres.originals import Originals, open_originals
from askreport.store.postgres.pool import SCHEMA, Connection, Database
from askreport.store.postgres.writer import PostgresWriter, group, writing
from askreport.transfer.places import Arrival, LibraryFile, Reading, Writing, check_made_alike, taken_error
from askreport.types import Source

# So many passages are one transaction: what a copy that is cut short has to do again, and others wait for.
STEP = 2_000


class PostgresPlace:
    """A database, and where its library's files are (ASKREPORT_ORIGINALS).

    All is read from one snapshot, on the node that takes writes: no other one may end it for being in its way.
    """

    def __init__(self, address: str, originals: str) -> None:
        self._backend = PostgresBackend(address)
        self._database = self._backend.database
        self._originals = open_originals(originals, self._database)
        self.name = self._database.name
        self.desk = self._backend.desk

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """What the database holds now; a database without a library stays as it is."""
        with self._database.reading(newest=True) as connection:
            if connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.library",)).fetchall() == [(None,)]:
                raise IndexMissingError(f"the database {self.name} holds no library", "Is this the right address?")
        self._backend.bring_up_to_date()
        with self._database.reading(newest=True) as connection:
            yield _PostgresReading(connection, self.name, self._originals)

    @contextmanager
    def writing(self, like: Manifest) -> Iterator[Writing]:
        """The database, with its tables, whatever others write there meanwhile."""
        self._backend.bring_up_to_date()
        yield _PostgresWriting(self._database, self._originals, like, self._known(like))

    def _known(self, like: Manifest) -> dict[str, str]:
        with self._database.reading(newest=True) as connection:
            try:
                there = PostgresContents(connection, self.name)
            except IndexMissingError:
                return {}
            check_made_alike(self.name, there.manifest, like)
            return there.entries()

    def close(self) -> None:
        """Closes the connections."""
        self._backend.close()


class _PostgresReading(PostgresContents):
    def __init__(self, connection: Connection, name: str, originals: Originals) -> None:
        super().__init__(connection, name)
        self._originals = originals

    def original(self, name: str, source: Source) -> bytes | None:
        data = self._originals.get(source.id)
        return data if data is not None and content_id(data) == source.id else None

    def replaced(self) -> dict[str, Replacement]:
        return list_replaced(self._connection)


class _PostgresWriting:
    step = STEP

    def __init__(self, database: Database, originals: Originals, like: Manifest, known: dict[str, str]) -> None:
        self.known = known
        self._database = database
        self._originals = originals
        self._made_with = MadeWith(like.encoder, like.dimension, like.chunking)
        self._put: set[str] = set()

    def place_of(self, name: str) -> Path:
        return Path(name)

    def taken(self, files: Mapping[str, str]) -> list[str]:
        with self._database.reading(newest=True) as connection:
            there = connection.execute("SELECT name, content FROM files").fetchall()
        return [name for name, content in there if files.get(name, content) != content]

    def write(self, arrivals: Iterable[Arrival]) -> None:
        with writing(self._database, self._made_with) as writer:
            for arrival in arrivals:
                self._add(writer, arrival)

    def _add(self, writer: PostgresWriter, arrival: Arrival) -> None:
        stored, file = arrival.stored, arrival.file
        source = None
        if file:
            self._put_file(writer.connection, file)
            source = Source(self.place_of(file.name), file.content)
        passages = [each.passage for each in stored.passages]
        layout, entry = stored.pages(), arrival.entry
        writer.add(stored.document, passages, stored.unpacked(), source=source, layout=layout, entry=entry)

    def _put_file(self, connection: Connection, file: LibraryFile) -> None:
        """Adds a file with the first of its documents; it takes the place of one with the same bytes."""
        if file.name in self._put:
            return
        hold_contents(connection, [file.content])
        there = find_file(connection, file.name)
        if there and there.content != file.content:
            raise taken_error([file.name], self._database.name)
        data = file.read()
        if data is not None:
            self._originals.put(file.content, data, connection)
        connection.execute("DELETE FROM files WHERE content = %s AND name <> %s", (file.content, file.name))
        # Not as a folder's: no run over a folder shall find it gone.
        size = len(data or b"")
        put_file(
            connection,
            File(
                name=file.name,
                content=file.content,
                size=size,
                folder=False,
                status="indexed",
                reason="",
                documents=file.documents,
            ),
        )
        self._put.add(file.name)

    def add_replaced(self, replaced: Mapping[str, Replacement]) -> None:
        with self._database.writing() as connection:
            add_replaced(connection, replaced)

    def finish(self) -> None:
        """Makes sure of a library, also of no documents, and of the graph of its vectors."""
        self.write(())
        group(self._database)
