"""A database takes a library in transactions of whole documents, each with its file."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from askreport.digest import content_id
from askreport.errors import CopyError, IndexMismatchError, IndexMissingError
from askreport.store import MadeWith
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.files import File, files, put_file
from askreport.store.postgres.writer import writing
from askreport.transfer import postgres_place
from askreport.transfer.postgres_place import PostgresPlace
from tests.tools.moving import ENCODER, index_files, move, of_files, publish_in
from tests.tools.parts import document, prose


@pytest.fixture
def backend(database: str) -> Iterator[PostgresBackend]:
    backend = PostgresBackend(database)
    yield backend
    backend.close()


def known(backend: PostgresBackend) -> dict[str, File]:
    with backend.database.reading() as connection:
        return {file.name: file for file in files(connection)}


def test_files_come_with_their_documents(tmp_path: Path, database: str, backend: PostgresBackend) -> None:
    of_files(tmp_path)
    move(tmp_path, tmp_path / "index", database)
    found = known(backend)
    assert found.keys() == {"a.txt", "b/ü.md", "c.jsonl", "d.pdf"}
    with backend.database.reading() as connection:
        originals = dict(connection.execute("SELECT content, bytes FROM originals").fetchall())
    for name, file in found.items():
        data = (tmp_path / "corpus" / name).read_bytes()
        assert (file.content, file.size, file.status) == (content_id(data), len(data), "indexed")
        assert file.documents == (2 if name == "c.jsonl" else 1)
        # A run over another folder must not take them for gone.
        assert not file.folder
        assert originals[file.content] == data
    store = backend.store
    assert {str(store.source(each.id).file) for each in store.documents()} == found.keys()


def test_a_transaction_ends_after_every_step(
    tmp_path: Path, database: str, backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_place._PostgresWriting, "step", 3)
    publish_in(tmp_path / "index", [document(prose(n, 20), f"{n}.txt") for n in range(6)])
    copied = move(tmp_path, tmp_path / "index", database)
    assert copied.comparison.is_same
    assert backend.store.state.generation > 2


def test_a_name_that_another_file_has_is_an_error_before_anything_is_done(
    tmp_path: Path, database: str, backend: PostgresBackend
) -> None:
    of_files(tmp_path)
    backend.bring_up_to_date()
    with backend.database.writing() as connection:
        put_file(connection, File(name="a.txt", content="0" * 16, size=3, folder=False, status="unreadable"))
    with pytest.raises(CopyError, match=r"other files have the names .*: a\.txt"):
        move(tmp_path, tmp_path / "index", database)
    with pytest.raises(IndexMissingError):
        _ = backend.store


def test_a_file_that_was_there_under_another_name_gets_the_one_it_comes_with(
    tmp_path: Path, database: str, backend: PostgresBackend
) -> None:
    of_files(tmp_path)
    move(tmp_path, tmp_path / "index", database)
    (tmp_path / "corpus" / "a.txt").rename(tmp_path / "corpus" / "new.txt")
    index_files(tmp_path)
    copied = move(tmp_path, tmp_path / "index", database)
    assert (copied.documents, copied.comparison.is_same) == (1, True)
    assert known(backend).keys() == {"new.txt", "b/ü.md", "c.jsonl", "d.pdf"}


def test_a_library_made_otherwise_is_refused(tmp_path: Path, database: str, backend: PostgresBackend) -> None:
    publish_in(tmp_path / "index", [document(prose(1, 3))])
    backend.bring_up_to_date()
    with writing(backend.database, MadeWith("other", ENCODER.dimension, "chunking")):
        pass
    with pytest.raises(IndexMismatchError, match="was made with other"):
        move(tmp_path, tmp_path / "index", database)


def test_a_database_that_is_only_read_stays_as_it_is(database: str) -> None:
    place = PostgresPlace(database, "")
    with pytest.raises(IndexMissingError, match="holds no library"):  # noqa: SIM117
        with place.reading():
            pass
    place.close()
    with psycopg.connect(database) as connection:
        schemas = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'askreport'").fetchall()
    assert not schemas


def test_a_library_of_no_documents_is_one(tmp_path: Path, database: str, backend: PostgresBackend) -> None:
    publish_in(tmp_path / "index", [])
    assert move(tmp_path, tmp_path / "index", database).comparison.is_same
    assert backend.store.manifest.counts.documents == 0


def test_files_whose_bytes_are_gone_are_said(tmp_path: Path, database: str, backend: PostgresBackend) -> None:
    of_files(tmp_path)
    (tmp_path / "corpus" / "a.txt").write_text("something else")
    copied = move(tmp_path, tmp_path / "index", database)
    assert (copied.lost, copied.comparison.is_same) == (("a.txt",), True)
    assert known(backend)["a.txt"].size == 0
    with backend.database.writing() as connection:
        connection.execute(
            "UPDATE originals SET bytes = 'damaged' WHERE content = %s", (known(backend)["d.pdf"].content,)
        )
    again = move(tmp_path / "new", database, tmp_path / "new" / "index")
    assert set(again.lost) == {"a.txt", "d.pdf"}
    assert sorted(path.name for path in (tmp_path / "new" / "corpus").iterdir() if path.name[0] != ".") == [
        "b",
        "c.jsonl",
    ]
