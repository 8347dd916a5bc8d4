"""The files of a library in PostgreSQL come out as they went in, whatever version the library is of."""

from pathlib import Path

import pytest

from askreport.errors import CopyError, IndexMissingError
from askreport.store.postgres.pool import Database
from askreport.transfer.originals import write_originals
from tests.tools.moving import move, of_files


@pytest.fixture
def filled(tmp_path: Path, database: str) -> str:
    of_files(tmp_path)
    move(tmp_path, tmp_path / "index", database)
    return database


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_file_is_written_once(filled: str, tmp_path: Path) -> None:
    written = write_originals(filled, "", tmp_path / "out")
    assert (written.files, written.known, written.lost) == (4, 0, ())
    assert contents(tmp_path / "out") == contents(tmp_path / "corpus")
    written = write_originals(filled, "", tmp_path / "out")
    assert (written.files, written.known) == (0, 4)


def test_nothing_is_overwritten(filled: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("Another.")
    with pytest.raises(CopyError, match=r"a\.txt"):
        write_originals(filled, "", tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").read_text() == "Another."


def test_nothing_is_written_outside_the_folder(filled: str, tmp_path: Path) -> None:
    database = Database(filled)
    with database.writing() as connection:
        connection.execute("UPDATE files SET name = '../outside.txt' WHERE name = 'a.txt'")
    database.close()
    with pytest.raises(CopyError, match="outside"):
        write_originals(filled, "", tmp_path / "out")
    assert not (tmp_path / "outside.txt").exists()


def test_lost_bytes_are_named(filled: str, tmp_path: Path) -> None:
    database = Database(filled)
    with database.writing() as connection:
        connection.execute("UPDATE files SET content = 'gone' WHERE name = 'a.txt'")
    database.close()
    written = write_originals(filled, "", tmp_path / "out")
    assert (written.files, written.lost) == (3, ("a.txt",))


def test_a_database_without_a_library_is_refused(database: str, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        write_originals(database, "", tmp_path)
