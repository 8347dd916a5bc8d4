"""A library in a cluster with its services and workers as processes, and whether the cluster holds it rightly."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from httpx2 import TransportError, get

from tests.tools.engine.cluster import NODES, Cluster
from tests.tools.engine.process import HOST, EngineError, family, free_ports, kill_all, tail, wait_until
from tests.tools.storm_clients import Service

DATABASE = "library"
READY_SECONDS = 90
# The counts that a library keeps, and what they count.
COUNTS = """SELECT name, counted FROM (SELECT documents, passages, sentences, tokens FROM library) l,
    LATERAL (VALUES
        ('documents', documents, (SELECT count(*) FROM documents)),
        ('passages', passages, (SELECT count(*) FROM passages)),
        ('passages of documents', passages, (SELECT sum(passages) FROM documents)),
        ('vectors', passages, (SELECT count(*) FROM vectors)),
        ('sentences', sentences, (SELECT count(*) FROM sentences)),
        ('tokens', tokens, (SELECT sum(tokens) FROM documents))) v(name, kept, counted) WHERE kept <> counted"""
# What should find nothing: where it does, something was done twice, half, or not at all.
NONE = {
    "contents with several documents": "SELECT content FROM documents GROUP BY content HAVING count(*) > 1",
    "files without their documents": """SELECT name FROM files f
        WHERE documents <> (SELECT count(*) FROM documents d WHERE d.file = f.name)""",
    "documents without a file": "SELECT id FROM documents d WHERE NOT EXISTS (SELECT 1 FROM files WHERE name = d.file)",
    "files without their bytes": """SELECT name FROM files f
        WHERE NOT EXISTS (SELECT 1 FROM originals o WHERE o.content = f.content)""",
    "bytes without a file": """SELECT content FROM originals o
        WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.content = o.content)""",
    "terms counted wrongly": """SELECT term FROM terms
        FULL JOIN (SELECT term, count(*) AS counted FROM postings GROUP BY term) p USING (term)
        WHERE passages IS DISTINCT FROM counted""",
    "postings of no passage": """SELECT 1 FROM postings
        WHERE (document, ordinal) NOT IN (SELECT document, ordinal FROM passages)""",
    "jobs that are not over": "SELECT id FROM jobs WHERE finished IS NULL",
    "files that are not done": "SELECT number FROM job_files WHERE status <> 'done'",
}


class Site:
    """The processes over a cluster, which end with the context; their logs are in the folder."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with psycopg.connect(self.cluster.write_dsn(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        kill_all(family([process.pid for process in self._running if process.poll() is None]))

    def add(self, files: Mapping[str, str]) -> None:
        """Adds files to the library by the command."""
        folder = self._folder / "files"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        process = self._start("add", "add", *sorted(folder.iterdir()))
        if process.wait(2 * READY_SECONDS):
            raise EngineError(f"the files could not be added:\n{self.log('add')}")

    def serve(self, name: str) -> Service:
        """A service that leaves the work to the workers, once it answers."""
        port = free_ports(1)[0]
        process = self._start(name, "serve", "--port", port)
        service = Service(f"http://{HOST}:{port}", process)

        def answers() -> bool:
            with suppress(TransportError):
                return bool(get(f"{service.url}/api/v1/index", timeout=10).is_success)
            return False

        self._await(name, answers)
        return service

    def work(self, name: str) -> "subprocess.Popen[bytes]":
        """A worker, once it waits for files."""
        process = self._start(name, "worker")
        self._await(name, lambda: "waits for files" in self.log(name))
        return process

    def wait_busy(self, process: "subprocess.Popen[bytes]", seconds: float) -> bool:
        """Returns as soon as a worker is at a file; whether it was before so many seconds."""
        query = "SELECT 1 FROM askreport.job_files WHERE status = 'running' AND worker LIKE %s"
        with psycopg.connect(self.cluster.write_dsn(DATABASE), autocommit=True) as connection:
            mine = (f"% {process.pid}",)
            return wait_until(lambda: bool(connection.execute(query, mine).fetchall()), seconds, every=0.005)

    def follower(self) -> str:
        """The replica that a commit waits for, whose loss is the worst."""
        query = "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'"
        with psycopg.connect(self.cluster.write_dsn()) as connection:
            rows = connection.execute(query).fetchall()
        return str(rows[0][0]) if rows else self.cluster.replicas()[0]

    def takes_writes(self) -> bool:
        """Whether a node takes writes now."""
        with suppress(psycopg.Error), psycopg.connect(self.cluster.write_dsn()):
            return True
        return False

    def wait_done(self, seconds: float) -> None:
        """Returns once nothing waits in the queue, or after so many seconds."""

        def is_done() -> bool:
            with suppress(psycopg.Error):
                return not self.rows("SELECT 1 FROM jobs WHERE finished IS NULL LIMIT 1")
            return False

        wait_until(is_done, seconds, every=0.3)

    def rows(self, query: str, node: str = "") -> list[tuple[Any, ...]]:
        """The rows of a query, on the node that takes writes or on another."""
        address = self.cluster.node_dsn(node, DATABASE) if node else self.cluster.write_dsn(DATABASE)
        with psycopg.connect(address, options="-c search_path=askreport,public") as connection:
            return connection.execute(query.encode()).fetchall()

    def faults(self) -> list[str]:
        """What the cluster holds that does not agree with the rest, and nodes that hold something else."""
        found = inconsistent(self.rows)
        query = "SELECT generation, documents, passages, sentences, tokens FROM library"
        newest = self.rows(query)
        behind = [name for name in NODES if not wait_until(lambda name=name: self.rows(query, name) == newest, 10)]  # type: ignore[misc]
        return found + [f"{name} is behind" for name in behind]

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return tail(self._folder / f"{name}.log")

    def _start(self, name: str, *arguments: object) -> "subprocess.Popen[bytes]":
        own = {"STORE": self.cluster.dsn(DATABASE), "WORK": "false", "INDEX": self._folder / name}
        variables = {key: value for key, value in os.environ.items() if not key.startswith("ASKREPORT_")}
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "askreport", *map(str, arguments)],
                cwd=self._folder,
                env=variables | {f"ASKREPORT_{key}": str(value) for key, value in own.items()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal reaches only this process, which ends the others.
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        if not wait_until(ready, READY_SECONDS, every=0.2):
            raise EngineError(f"{name} does not start:\n{self.log(name)}")


def inconsistent(rows: Callable[[str], list[tuple[Any, ...]]]) -> list[str]:
    """What a library's tables say that does not agree, by a function that gives the rows of a query."""
    found = [f"{name}: {counted} counted" for name, counted in rows(COUNTS)]
    return found + [f"{name}: {there[:3]}" for name, query in NONE.items() if (there := rows(query))]


def share(values: Sequence[float], of: float) -> float:
    """The value that this share of the values does not exceed; 0 if there are none."""
    return sorted(values)[min(len(values) - 1, int(of * len(values)))] if values else 0.0


def seconds_since(moment: float) -> float:
    """Seconds since a moment (monotonic)."""
    return time.monotonic() - moment
