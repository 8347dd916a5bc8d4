"""What people keep beside a library is kept alike in a folder and in a database, and goes where the library goes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.errors import KeptError
from askreport.store.descriptions import correct, corrections_of
from askreport.store.desk import Desk, carry
from askreport.store.folder.desk import DESK, DeskFile
from askreport.store.postgres.backend import PostgresBackend
from tests.tools.parts import document

FERRY = document("The ferry sails.", "ferry.txt")


@pytest.fixture(params=["folder", "database"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "folder":
        yield DeskFile(tmp_path / "index")
        return
    with closing(PostgresBackend(request.getfixturevalue("database"))) as backend:
        yield backend.desk


def test_what_was_corrected_is_kept_field_by_field(desk: Desk) -> None:
    assert corrections_of(desk, [FERRY]) == {}
    assert correct(desk, FERRY, {"date": "2024", "authors": ["Ann\0 Lee"]})["date"] == "2024"
    assert correct(desk, FERRY, {"date": "2025", "place": "Texel"})["place"] == "Texel"
    found = corrections_of(desk, [FERRY, document("Other.", "other.txt")])[FERRY.id]
    assert (found["date"], found["place"]) == ("2025", "Texel")
    assert correct(desk, FERRY, {"date": None, "authors": None, "place": None}) == {}
    assert corrections_of(desk, [FERRY]) == {}


def test_a_new_version_and_a_moved_file_keep_what_was_corrected(desk: Desk) -> None:
    correct(desk, FERRY, {"date": "2024"})
    version = document("The ferry sails no more.", "ferry.txt")
    moved = replace(FERRY, path="moved/ferry.txt")
    for other in (version, moved):
        assert corrections_of(desk, [other]) == {other.id: {"date": "2024"}}
    # Corrected under its new name, it is kept once.
    correct(desk, moved, {"place": "Texel"})
    assert corrections_of(desk, [moved]) == {moved.id: {"date": "2024", "place": "Texel"}}
    assert corrections_of(desk, [version]) == {}


def test_thousands_of_documents_are_looked_up(desk: Desk) -> None:
    documents = [document(f"Text {n}.", f"{n}.txt") for n in range(1_000)]
    correct(desk, documents[999], {"date": "2024"})
    assert corrections_of(desk, documents) == {documents[999].id: {"date": "2024"}}


def test_a_change_that_fails_leaves_nothing(desk: Desk) -> None:
    def fail() -> None:
        with desk.writing() as execute:
            row = ("a.txt", "a", "{}", "now")
            execute("INSERT INTO descriptions (path, document, corrections, updated) VALUES (?, ?, ?, ?)", row)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with desk.reading() as execute:
        assert execute("SELECT * FROM descriptions") == []


def test_a_desk_is_carried_to_another_and_the_newer_state_wins(desk: Desk, tmp_path: Path) -> None:
    other = DeskFile(tmp_path / "other")
    assert carry(other, desk) == 0
    correct(other, FERRY, {"date": "1999"})
    correct(desk, FERRY, {"date": "2024"})
    assert carry(other, desk) == 0
    assert corrections_of(desk, [FERRY])[FERRY.id] == {"date": "2024"}
    assert carry(desk, other) == 1
    assert corrections_of(other, [FERRY])[FERRY.id] == {"date": "2024"}
    assert carry(desk, other) == 0


def test_a_desk_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / DESK).write_bytes(b"not a database, but long enough to be taken for one" * 20)
    desk = DeskFile(tmp_path)
    with pytest.raises(KeptError, match=DESK):
        corrections_of(desk, [FERRY])
    with pytest.raises(KeptError, match=DESK):
        correct(desk, FERRY, {"date": "2024"})


def test_each_change_is_on_the_disk_before_it_is_told(tmp_path: Path) -> None:
    desk = DeskFile(tmp_path)
    with desk.writing() as execute:
        assert execute("PRAGMA synchronous") == [(2,)]
        assert execute("PRAGMA journal_mode") == [("wal",)]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_nobody_may_write_is_read(tmp_path: Path) -> None:
    desk = DeskFile(tmp_path)
    correct(desk, FERRY, {"date": "2024"})
    tmp_path.chmod(0o500)
    assert corrections_of(desk, [FERRY])[FERRY.id] == {"date": "2024"}
    tmp_path.chmod(0o700)


def test_the_file_is_one_that_sqlite_calls_sound(tmp_path: Path) -> None:
    correct(DeskFile(tmp_path), FERRY, {"date": "2024"})
    with closing(sqlite3.connect(tmp_path / DESK)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
