"""Files of a library in PostgreSQL: names are unique, bytes stay as long as somebody has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from askreport.changes.staging import names_like
from askreport.store.postgres.files import (
    File,
    at_work,
    begin_file,
    choose_name,
    copies_of,
    drop_original,
    files,
    find_file,
    hold_contents,
    put_file,
    remove_file,
    rename_file,
    same_content,
)
from askreport.store.postgres.originals import PostgresOriginals
from askreport.store.postgres.pool import Connection, Database
from askreport.store.postgres.queue import Task, Wanted, put, take
from askreport.store.postgres.schema import migrate


@pytest.fixture
def queue(database: str) -> Iterator[Database]:
    made = Database(database)
    migrate(made)
    yield made
    made.close()


@contextmanager
def task_for(queue: Database, name: str) -> Iterator[tuple[Connection, Task]]:
    with queue.writing() as connection:
        put(connection, f"job of {name}", "upload", [Wanted(name=name, content="bytes", size=5)])
    task = take(queue, "me", f"job of {name}")
    assert task
    with queue.writing() as connection:
        yield connection, task


def test_a_file_is_known_by_its_name_and_by_its_bytes(queue: Database) -> None:
    one = File(name="one.txt", content="1", size=5, folder=False, status="indexed", reason="", documents=1, made="made")
    copy = File(name="copy.txt", content="1", size=5, folder=True, status="duplicate", reason="same content as one.txt")
    with queue.writing() as connection:
        for each in (one, copy):
            put_file(connection, each)
        begin_file(connection, File(name="one.txt", content="2", size=6, folder=False, status="indexed"))
        assert find_file(connection, "one.txt") == one
        assert files(connection) == [copy, one]
        assert (same_content(connection, "1", ""), same_content(connection, "1", "one.txt")) == ("one.txt", "")
        assert copies_of(connection, "1", "one.txt") == ["copy.txt"]
        rename_file(connection, "one.txt", "two.txt")
        assert find_file(connection, "one.txt") is None
        renamed = find_file(connection, "two.txt")
        assert renamed
        assert (renamed.content, renamed.made) == ("1", "")


def test_a_name_is_given_once_also_to_files_that_wait(queue: Database) -> None:
    for expected in ("a.txt", "a (2).txt", "a (3).txt"):
        with task_for(queue, expected) as (connection, task):
            names = list(map(str, [path for path, _ in zip(names_like(Path("a.txt")), range(5), strict=False)]))
            assert choose_name(connection, task, names) == expected
            assert at_work(connection, expected)
    with queue.reading() as connection:
        assert not at_work(connection, "a (4).txt")


def test_bytes_go_with_the_last_who_has_them(queue: Database) -> None:
    originals = PostgresOriginals(queue)
    with queue.writing() as connection:
        hold_contents(connection, ["1", "2", "1"])
        originals.put("1", b"one", connection)
        for name in ("a", "b"):
            put_file(connection, File(name=name, content="1", size=3, folder=False, status="indexed"))
        remove_file(connection, "a", originals)
    assert originals.has("1")
    with queue.writing() as connection:
        put(connection, "waits", "upload", [Wanted(name="c", content="1", size=3)])
        remove_file(connection, "b", originals)
    assert originals.has("1")
    with queue.writing() as connection:
        connection.execute("DELETE FROM jobs")
        drop_original(connection, "1", originals)
    assert not originals.has("1")
