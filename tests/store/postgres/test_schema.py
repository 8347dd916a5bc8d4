"""The tables are made once, whoever is first, and only by a version that knows them."""

import threading

import pytest

from askreport.errors import IndexMismatchError
from askreport.store.postgres.pool import Database
from askreport.store.postgres.schema import is_current, migrate, steps


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


def test_tables_of_a_later_version_are_left_alone(database: str) -> None:
    pools = Database(database)
    migrate(pools)
    with pools.writing() as connection:
        connection.execute("INSERT INTO askreport.steps VALUES (1000)")
    with pytest.raises(IndexMismatchError, match="later version"):
        migrate(pools)
    pools.close()
