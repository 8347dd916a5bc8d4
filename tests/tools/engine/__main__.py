"""PostgreSQL for developers: `make postgres` starts one server, `make cluster` three nodes; both run until Ctrl-C.

``cluster --check`` kills the leader of a new cluster instead, prints how long it takes until a write succeeds again and
until the node that was killed is back, and fails if an acknowledged write is lost.
"""

import argparse
import signal
import sys
import time
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from types import FrameType

import psycopg

from .cluster import NODES, Cluster
from .postgres import Server, missing
from .process import EngineError, make_folder, wait_until

BEFORE_SECONDS = 3
WRITES_SECONDS = 30


def main() -> None:
    """Starts what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.engine", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    postgres = commands.add_parser("postgres", help="one server")
    postgres.add_argument("--folder", type=Path, default=Path("build/postgres"), help="where its data are")
    postgres.add_argument("--port", type=int, default=5432, help="where it listens")
    cluster = commands.add_parser("cluster", help="three nodes")
    cluster.add_argument("--folder", type=Path, default=Path("build/cluster"), help="where their data are")
    cluster.add_argument("--check", action="store_true", help="try a failover in a temporary folder, and end")
    options = parser.parse_args()
    # SIGTERM ends this as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(run(options))
    except EngineError as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        print("\nstopped")


def run(options: argparse.Namespace) -> int:
    """Runs one server or a cluster until a signal, or the check; the exit status."""
    if reason := missing():
        raise EngineError(reason)
    if options.command == "postgres":
        with Server(usable(options.folder), options.port) as server:
            wait(server.dsn(), server.folder)
    elif options.check:
        return check()
    else:
        print("starting; this takes about a quarter of a minute", flush=True)
        with Cluster(usable(options.folder)) as nodes:
            wait(nodes.dsn(), nodes.folder)
    return 0


def usable(folder: Path) -> Path | None:
    """The folder, or none if the server's user cannot write there: then a temporary one is made."""
    try:
        return make_folder(folder)
    except EngineError as error:
        print(f"{error}: the data go into a temporary folder, which is removed at the end", flush=True)
        return None


def wait(dsn: str, folder: Path) -> None:
    """Says how to use the database, and waits for a signal."""
    # The address has characters that a shell would take for its own.
    print(f"export ASKREPORT_STORE='{dsn}'\nThe data and the log are in {folder}. Ctrl-C ends it.", flush=True)
    while True:
        signal.pause()


def check() -> int:
    """Kills the leader while a client writes, and prints the figures; the exit status."""
    begin = time.monotonic()
    with Cluster() as cluster:
        print(f"start: {time.monotonic() - begin:.1f} s", flush=True)
        numbers = count()
        write(cluster, "CREATE TABLE kept (n int)")
        until = time.monotonic() + BEFORE_SECONDS
        kept = [keep(cluster, n) for n in takewhile(lambda _: time.monotonic() < until, numbers)]
        killed = cluster.leader()
        cluster.kill(killed)
        begin = time.monotonic()
        back = wait_until(lambda: try_to_keep(cluster, next(numbers), kept), 4 * WRITES_SECONDS)
        away = time.monotonic() - begin
        print(f"{killed} killed; writes are back after {away:.1f} s, now on {cluster.leader()}", flush=True)
        cluster.start(killed)
        print(f"{killed} started; it follows after {cluster.wait_ready(120):.1f} s", flush=True)
        complete = [holds(cluster, name, kept) for name in NODES]
        begin = time.monotonic()
    print(f"end: {time.monotonic() - begin:.1f} s")
    return int(not back or away > WRITES_SECONDS or not all(complete))


def holds(cluster: Cluster, name: str, kept: list[int]) -> bool:
    """Whether a node has all that was acknowledged; a replica may show it a moment later than the leader."""

    def lost() -> set[int]:
        with psycopg.connect(cluster.node_dsn(name)) as connection:
            return set(kept) - {n for (n,) in connection.execute("SELECT n FROM kept")}

    wait_until(lambda: not lost(), 10)
    print(f"{len(kept)} writes acknowledged, {len(lost())} lost on {name}", flush=True)
    return not lost()


def try_to_keep(cluster: Cluster, n: int, kept: list[int]) -> bool:
    """Whether a number could be written; it is added to those that were."""
    with suppress(psycopg.Error):
        kept.append(keep(cluster, n))
        return True
    return False


def keep(cluster: Cluster, n: int) -> int:
    """Writes a number, and returns it once that is acknowledged."""
    write(cluster, f"INSERT INTO kept VALUES ({n})")
    return n


def write(cluster: Cluster, statement: str) -> None:
    """Executes a statement on the leader."""
    with psycopg.connect(cluster.write_dsn()) as connection:
        connection.execute(statement.encode())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
