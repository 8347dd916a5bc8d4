"""A generation is read to the end whatever becomes of it, and taken over under a number of its own."""

import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from askreport.errors import IndexDamagedError, IndexMissingError
from askreport.store import LocalStore, generation_folder, latest_generation, read_manifest, writer_lock
from askreport.store.folder.handover import adopt_generation, copy_database, open_generation, replace_database
from tests.tools.parts import document, publish


def test_a_generation_that_is_removed_is_still_read(tmp_path: Path) -> None:
    publish(tmp_path, [document("One sentence.")])
    with ExitStack() as opened:
        manifest, files = open_generation(tmp_path, opened)
        shutil.rmtree(generation_folder(tmp_path, 1))
        assert {name: len(files[name].read()) for name in manifest.files} == {
            name: size for name, (size, _) in manifest.files.items()
        }
    assert all(stream.closed for stream in files.values())


def test_what_is_missing_or_damaged_is_an_error(tmp_path: Path) -> None:
    with ExitStack() as opened, pytest.raises(IndexMissingError):
        open_generation(tmp_path, opened)
    publish(tmp_path, [document("One sentence.")])
    next(generation_folder(tmp_path, 1).glob("segment-*/library.sqlite")).unlink()
    with ExitStack() as opened, pytest.raises(IndexDamagedError):
        open_generation(tmp_path, opened)


def test_a_generation_is_adopted_as_the_newest(tmp_path: Path) -> None:
    other = tmp_path / "other"
    publish(tmp_path, [document("One.")])
    publish(tmp_path, [document("Two.")])
    publish(other, [document("Three sentences are here.")])
    with writer_lock(tmp_path):
        assert adopt_generation(tmp_path, other) == 3
    assert read_manifest(tmp_path, 3).generation == 3
    store = LocalStore(tmp_path, latest_generation(tmp_path))
    assert [store.document(each.id).text for each in store.documents()] == ["Three sentences are here."]
    assert not generation_folder(tmp_path, 1).exists()


def test_a_database_is_copied_while_another_writes_to_it(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (1)")
        database.commit()
        database.execute("INSERT INTO t VALUES (2)")
        copy_database(tmp_path / "a.sqlite", tmp_path / "b.sqlite")
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as copied:
        assert copied.execute("SELECT x FROM t").fetchall() == [(1,)]
    (tmp_path / "c.sqlite").write_bytes(b"no database, not at all, whatever it says of itself" * 100)
    with pytest.raises(OSError, match="cannot be copied"):
        copy_database(tmp_path / "c.sqlite", tmp_path / "d.sqlite")


def test_a_database_takes_the_place_of_another_with_its_log(tmp_path: Path) -> None:
    for name in ("new", "old", "old-wal", "old-shm"):
        (tmp_path / name).write_text(name)
    replace_database(tmp_path / "new", tmp_path / "old")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "new"
