"""The tables are made once, whoever is first, and only by a version that knows them."""

import threading

import pytest

from askreport.errors import IndexMismatchError
from askreport.store import MadeWith
from askreport.store.postgres import schema
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.pool import Database
from askreport.store.postgres.schema import is_current, migrate, steps
from askreport.text.chunk import CHUNKING


def test_steps_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in steps()] == list(range(1, len(steps()) + 1))


def test_many_that_come_at_once_make_the_tables_once(database: str) -> None:
    pools = Database(database, writers=4)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            migrate(pools)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with pools.reading() as connection:
        assert is_current(connection)
        taken = connection.execute("SELECT step FROM askreport.steps ORDER BY step").fetchall()
        assert taken == [(number,) for number, _ in steps()]
    pools.close()


def test_a_library_of_another_version_is_refused_and_left_to_it(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = Database(database)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "steps", lambda: steps()[:2])
        migrate(earlier)
    with earlier.writing() as connection:
        connection.execute(
            "INSERT INTO library (encoder, dimension, chunking, format) VALUES ('all-MiniLM-L6-v2', 384, 'nupunkt', 4)"
        )
    for made_with in (None, MadeWith("all-MiniLM-L6-v2", 384, CHUNKING)):
        backend = PostgresBackend(database, made_with)
        with pytest.raises(IndexMismatchError, match="another version") as raised:
            _ = backend.store.manifest
        assert "`askreport originals FOLDER`" in str(raised.value.hint)
        backend.close()
    with earlier.reading() as connection:
        assert connection.execute("SELECT max(step) FROM askreport.steps").fetchall() == [(2,)]
    earlier.close()


def test_tables_of_a_later_version_are_left_alone(database: str) -> None:
    pools = Database(database)
    migrate(pools)
    with pools.writing() as connection:
        connection.execute("INSERT INTO askreport.steps VALUES (1000)")
    with pytest.raises(IndexMismatchError, match="later version"):
        migrate(pools)
    pools.close()
