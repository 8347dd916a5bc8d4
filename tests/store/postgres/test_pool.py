"""Connections are the ones that were asked for, and what goes wrong with them is an error of the project's own."""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import psycopg
import pytest

from askreport.errors import SettingError, StoreError
from askreport.store.postgres.pool import PATIENCE, Connection, Database, unavailable
from tests.tools.engine.postgres import Server
from tests.tools.timing import seconds


@pytest.fixture
def pools(database: str) -> Iterator[Database]:
    pools = Database(database)
    yield pools
    pools.close()


def shown(connection: Connection, name: str) -> str:
    return str(connection.execute("SELECT current_setting(%s)", (name,)).fetchall()[0][0])


def test_reading_is_one_snapshot_that_cannot_write(pools: Database) -> None:
    with pools.writing() as connection:
        connection.execute("CREATE TABLE public.notes (note text)")
    with pools.reading() as reader:
        assert reader.execute("SELECT count(*) FROM notes").fetchall() == [(0,)]
        with pools.writing() as writer:
            writer.execute("INSERT INTO notes VALUES ('one')")
        assert reader.execute("SELECT count(*) FROM notes").fetchall() == [(0,)]
    with pools.reading(newest=True) as reader:
        assert reader.execute("SELECT count(*) FROM notes").fetchall() == [(1,)]
    with pytest.raises(StoreError), pools.reading() as reader:
        reader.execute("INSERT INTO notes VALUES ('two')")


def test_statements_end_in_time(pools: Database) -> None:
    with pools.reading() as reader, pools.writing() as writer:
        assert shown(reader, "statement_timeout") == "10s"
        assert shown(writer, "statement_timeout") == "10min"
    with pools.reading() as reader:
        reader.execute("SET LOCAL statement_timeout = 10")
        with pytest.raises(StoreError, match="timeout") as caught, unavailable("here"):
            reader.execute("SELECT pg_sleep(5)")
    assert caught.value.retry_after


def test_a_connection_that_the_server_ends_is_replaced(pools: Database) -> None:
    with pools.reading() as reader:
        process = reader.info.backend_pid
    with pools.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (process,))
    # The one that is broken is noticed by whoever gets it, once.
    with pytest.raises(StoreError) as caught, pools.reading() as reader:
        reader.execute("SELECT 1")
    assert caught.value.retry_after
    with pools.reading() as reader:
        assert reader.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://h/%zz",
        "postgresql://h/?no_such_option=1",
        "postgresql://u:secret@[::1:5432/db",
        "postgresql://u:a/secret@h/db",
        "postgresql://u:1/secret@h/db",
        "postgresql://u:a@secret@h/db",
        "postgresql://u:a%secret@h/db",
    ],
)
def test_an_address_that_is_none_is_an_error_without_what_it_says(address: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_STORE") as caught:
        Database(address)
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgresql://u:secret@h1,h2:5433/db", "h1,h2:,5433/db"),
        ("postgresql://u:se%40cret@[::1]:5/db", "::1:5/db"),
        ("postgresql:///db", "localhost/db"),
    ],
)
def test_the_name_of_a_database_has_no_password(address: str, name: str) -> None:
    assert Database(address).name == name


def test_while_no_node_answers_nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.05)
    pools = Database("postgresql://127.0.0.1:1/library")

    def ask() -> None:
        with pytest.raises(StoreError), pools.reading():
            pass

    # As long as while all connections are in use.
    assert all(seconds(ask) < PATIENCE / 3 for _ in range(3))
    pools.close()


def test_while_all_connections_are_in_use_one_is_waited_for(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.05)
    monkeypatch.setattr("askreport.store.postgres.pool.PATIENCE", 0.5)
    pools = Database(database, readers=1)
    with ExitStack() as others:
        others.enter_context(pools.reading())
        began = time.monotonic()
        with pytest.raises(StoreError), pools.reading():
            pass
        assert time.monotonic() - began >= 0.5
        monkeypatch.setattr("askreport.store.postgres.pool.PATIENCE", PATIENCE)
        threading.Timer(0.2, others.close).start()
        with pools.reading() as reader:
            assert reader.execute("SELECT 1").fetchall() == [(1,)]
    pools.close()


def test_a_database_that_was_away_for_a_while_is_found_again_at_once(
    engine: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pool left to itself tries again 3 seconds after its first attempt, and then 7.
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 300)
    left = Database(database)
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.1)
    pools = Database(database)
    name = database.rpartition("/")[2]
    with psycopg.connect(engine.dsn(), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        until = time.monotonic() + 1.4
        while time.monotonic() < until:
            for each in (left, pools):
                with pytest.raises(StoreError, match="not currently accepting"), each.writing():
                    pass
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())

    def found(database: Database) -> None:
        while True:
            with suppress(StoreError), database.writing() as writer:
                writer.execute("SELECT 1")
                return

    with ThreadPoolExecutor(1) as other:
        slowly = other.submit(seconds, lambda: found(left))
        at_once = seconds(lambda: found(pools))
        assert at_once < slowly.result() / 2
    for each in (left, pools):
        each.close()


def test_a_server_that_is_not_there_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.3)
    pools = Database("postgresql://somebody:secret@127.0.0.1:1/library")
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreError) as caught, pools.reading():
        pass
    pools.close()
    assert "127.0.0.1:1/library" in caught.value.message
    assert caught.value.retry_after
    assert "secret" not in caught.value.message + caplog.text


def test_settings_of_tls_reach_the_server(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.3)
    pools = Database(database + "?sslmode=require")
    with pytest.raises(StoreError, match="SSL"), pools.reading():
        pass
    pools.close()


def test_an_address_may_name_several_servers(database: str, engine: Server) -> None:
    name = database.rpartition("/")[2]
    hosts = f"127.0.0.1:1,127.0.0.1:{engine.port}"
    pools = Database(f"postgresql://postgres@{hosts}/{name}")
    for _ in range(4):
        with pools.reading() as reader, pools.writing() as writer:
            assert reader.execute("SELECT 1").fetchall() == writer.execute("SELECT 1").fetchall()
    pools.close()
