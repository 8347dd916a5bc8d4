"""The PostgreSQL server that other tests use: it starts, keeps its data, and does not outlive whoever started it."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.tools.engine.postgres import PACKAGE, PROGRAMS, Server, missing
from tests.tools.engine.process import EngineError, is_root, make_folder, may_run, reachable, wait_until
from tests.tools.parts import kill, start_python

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "")

SERVE = """
import sys
from pathlib import Path
from tests.tools.engine.postgres import Server

with Server(Path(sys.argv[1])) as server:
    print(server.pid, server.port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def reached() -> Iterator[Path]:
    """A folder that the server's user can reach; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        yield make_folder(Path(folder))


def names(server: Server) -> set[str]:
    with psycopg.connect(server.dsn()) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def name(dsn: str) -> str:
    return dsn.rsplit("/", 1)[1]


def test_a_database_is_made_and_dropped_whoever_uses_it(engine: Server) -> None:
    first, second = engine.create_database(), engine.create_database()
    assert {name(first), name(second)} < names(engine)
    with psycopg.connect(first):
        engine.drop_database(first)
    assert not {name(first)} & names(engine)
    engine.drop_database(second)


def test_the_server_listens_on_loopback_only(engine: Server) -> None:
    with psycopg.connect(engine.dsn()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    listening = [each.laddr.ip for each in psutil.Process(engine.pid).net_connections() if each.status == "LISTEN"]
    assert listening == ["127.0.0.1"]


def test_a_test_has_a_database_of_its_own_with_half_precision_vectors(database: str, engine: Server) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE passages (id int, vector halfvec(3))")
        connection.execute("INSERT INTO passages VALUES (1, '[1,0,0]'), (2, '[0,1,0]'), (3, '[0.6,0.8,0]')")
        connection.execute("CREATE INDEX ON passages USING hnsw (vector halfvec_ip_ops)")
        nearest = connection.execute("SELECT id, vector <#> '[0,1,0]' FROM passages ORDER BY 2, 1").fetchall()
    assert [row[0] for row in nearest] == [2, 3, 1]
    assert [row[1] for row in nearest] == pytest.approx([-1, -0.8, 0], abs=1e-3)


def test_a_new_database_has_no_extension_yet_and_takes_it(engine: Server) -> None:
    dsn = engine.create_database()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SELECT '[1,2]'::halfvec <-> '[1,4]'").fetchone() == (2.0,)
    engine.drop_database(dsn)


def test_the_data_are_kept_when_the_server_stops_and_when_it_is_killed(reached: Path) -> None:
    with Server(reached) as server:
        dsn = server.create_database()
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        server.stop()
        server.start()
        with psycopg.connect(dsn) as connection:
            connection.execute("INSERT INTO kept VALUES (1)")
        server.kill()
        server.start()
    with Server(reached) as again, psycopg.connect(again.dsn(name(dsn))) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_temporary_folder_is_removed() -> None:
    with Server(durable=False) as server:
        assert server.folder.exists()
    assert not server.folder.exists()


def test_a_killed_parent_leaves_no_server_and_the_data_need_no_recovery(reached: Path) -> None:
    parent = start_python(SERVE, reached)
    assert parent.stdout
    pid = int(parent.stdout.readline().split()[0])
    assert psutil.pid_exists(pid)
    kill(parent)
    assert wait_until(lambda: not psutil.pid_exists(pid), 10)
    assert "database system is shut down" in (reached / "log").read_text()


def test_an_interrupted_parent_ends_its_server(reached: Path) -> None:
    parent = start_python(SERVE, reached)
    assert parent.stdout
    pid = int(parent.stdout.readline().split()[0])
    parent.send_signal(signal.SIGINT)
    _, errors = parent.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert not psutil.pid_exists(pid)


def test_a_server_that_does_not_start_says_why(reached: Path, engine: Server) -> None:
    with pytest.raises(EngineError, match=f"port {engine.port} is in use"):
        Server(reached, engine.port).start()
    with Server(reached):
        pass
    (reached / "data" / "postgresql.conf").write_text("shared_buffers = many\n")
    with pytest.raises(EngineError, match=r'(?s)does not start:.*"shared_buffers": "many"'):
        Server(reached).start()


@pytest.mark.skipif(not is_root(), reason="only root has to run the server as another user")
def test_a_folder_that_the_servers_user_cannot_reach_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(EngineError, match="may not write to"):
        Server(tmp_path / "closed")


def test_where_only_root_can_reach_the_package_a_copy_of_it_is_run(reached: Path) -> None:
    def check(path: Path) -> bool:
        return (
            reached in path.parents and may_run(path / "postgres", "--version") and may_run(path / "psql", "--version")
        )

    copy = reachable(PACKAGE, PROGRAMS, check, reached)
    made = (copy / "postgres").stat().st_mtime_ns, copy.stat().st_ino
    assert reachable(PACKAGE, PROGRAMS, check, reached) == copy
    assert ((copy / "postgres").stat().st_mtime_ns, copy.stat().st_ino) == made
    with pytest.raises(EngineError, match="can run neither"):
        reachable(PACKAGE, PROGRAMS, lambda path: False, reached)


def test_a_package_that_is_not_there_or_has_no_server_is_named(reached: Path) -> None:
    with pytest.raises(EngineError, match="package no-such-thing is not installed"):
        reachable("no-such-thing", "bin", bool, reached)
    with pytest.raises(EngineError, match="package psycopg has no server for this platform"):
        reachable("psycopg", "psycopg/bin", bool, reached)
