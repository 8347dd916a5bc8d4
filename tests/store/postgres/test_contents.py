"""What is read of whole documents of a database is what a question finds there, however much is read at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from askreport.boxes import unpack_boxes
from askreport.errors import IndexDamagedError, IndexMissingError, StoreError
from askreport.store import LocalStore
from askreport.store.postgres import contents as postgres_contents
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.contents import PostgresContents
from askreport.store.postgres.pool import Connection
from tests.tools.engine.postgres import Server
from tests.tools.moving import ENCODER, move, opened, publish_in
from tests.tools.parts import document, prose

DOCUMENTS = [*(document(prose(n, 7 * n + 1), f"{n}.txt") for n in range(8)), document("", "empty.txt")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contents")
    publish_in(folder / "index", DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def source(folder: Path) -> LocalStore:
    return opened(folder / "index")


@pytest.fixture(scope="module")
def backend(folder: Path, engine: Server, _vectors: str) -> Iterator[PostgresBackend]:
    address = engine.create_database(_vectors)
    move(folder, folder / "index", address)
    backend = PostgresBackend(address)
    yield backend
    backend.close()
    engine.drop_database(address)


@pytest.fixture
def connection(backend: PostgresBackend) -> Iterator[Connection]:
    with backend.database.reading() as connection:
        yield connection


@pytest.mark.parametrize("read", [1, 3, 500])
def test_every_document_is_given_as_the_index_it_came_from_has_it(
    source: LocalStore, connection: Connection, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    monkeypatch.setattr(postgres_contents, "READ", read)
    found, wanted = list(PostgresContents(connection, "d").contents()), list(source.contents())
    assert [each.document for each in found] == [each.document for each in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        assert (mine.passages, mine.layout) == (theirs.passages, theirs.layout)
        assert mine.vectors.tobytes() == theirs.vectors.tobytes()
        assert mine.vectors.shape == (len(mine.passages), ENCODER.dimension)
        assert mine.checksum() == theirs.checksum()


def test_it_is_what_the_store_has(backend: PostgresBackend, connection: Connection) -> None:
    store, contents = backend.store, PostgresContents(connection, "d")
    assert contents.manifest == store.manifest
    assert contents.entries() == store.entries()
    listed = {identity: (path, source) for identity, path, source in contents.listed()}
    assert listed == {each.id: (each.path, store.source(each.id)) for each in store.documents()}
    for stored in contents.contents():
        assert stored.document == store.document(stored.document.id)
        for number, packed in stored.layout.items():
            boxes = store.boxes(stored.document.id, number)
            assert boxes is not None
            assert np.array_equal(unpack_boxes(packed), boxes)


@pytest.mark.parametrize("statement", ["UPDATE documents SET structure = 'x'", "UPDATE passages SET heading = '['"])
def test_what_cannot_be_read_is_damage(backend: PostgresBackend, statement: str) -> None:
    # The error takes the change back.
    with pytest.raises(IndexDamagedError), backend.database.writing() as connection:
        list(PostgresContents(_changed(connection, statement), "d").contents())


def _changed(connection: Connection, statement: str) -> Connection:
    connection.execute(statement.encode())
    return connection


def test_a_snapshot_stays_what_it_was(backend: PostgresBackend, connection: Connection) -> None:
    contents = PostgresContents(connection, "d")
    with backend.database.writing() as writing:
        writing.execute("UPDATE documents SET path = 'new/' || path")
    try:
        assert not any(each.document.path.startswith("new/") for each in contents.contents())
    finally:
        with backend.database.writing() as writing:
            writing.execute("UPDATE documents SET path = substr(path, 5)")


def test_a_database_that_fails_is_named(backend: PostgresBackend) -> None:
    with backend.database.connect() as connection:
        contents = PostgresContents(connection, "harbour")
        with backend.database.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with pytest.raises(StoreError, match="the database harbour cannot be used"):
            list(contents.contents())


def test_a_database_without_a_library_has_no_contents(database: str) -> None:
    backend = PostgresBackend(database)
    backend.bring_up_to_date()
    with pytest.raises(IndexMissingError), backend.database.reading() as connection:
        PostgresContents(connection, "d")
    backend.close()
