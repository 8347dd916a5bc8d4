"""Connections to a PostgreSQL database: to any of its nodes for reading, to the one that takes writes for the rest."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import conninfo, errors
from psycopg_pool import ConnectionPool, PoolTimeout

from askreport.errors import SettingError, StoreError

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

SCHEMA = "askreport"
# Milliseconds after which the server ends a statement: of a question, and of a change, which writes whole documents.
READ_TIMEOUT = 10_000
WRITE_TIMEOUT = 600_000
# Seconds to wait for a connection while all are in use.
PATIENCE = 10.0
# Seconds between attempts to connect while no node answers: short, so that a client soon gets an error, and a node that
# is back, or is the primary now, is soon found.
HURRY = 1.0
# Seconds after which a connection is replaced by a new one, by which nodes that came back get their share.
LIFETIME = 300.0
# What a connection is made with unless the address says otherwise: a node that is gone is noticed in seconds.
_DEFAULTS = {
    "connect_timeout": "2",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "askreport",
}
_READING = {"target_session_attrs": "any", "load_balance_hosts": "random"}
_WRITING = {"target_session_attrs": "read-write"}
# Each statement is planned for its values: how many passages have a term decides how it is looked for. Compiling one
# takes longer than any of ours runs. The graph of vectors is followed until so many near ones are found, of which the
# nearest are taken (LOG.md has the recall), and what is counted for a question stays in memory.
_ALWAYS = {
    "search_path": f"{SCHEMA}, public",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "hnsw.ef_search": "800",
    "work_mem": "64MB",
}

# What the server or the network may do to a statement that would succeed if it were tried again.
PASSING = (errors.OperationalError, errors.InterfaceError, errors.ReadOnlySqlTransaction, PoolTimeout)

# What a pool says of its attempts is for a log where there is one; people read the error.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())


class Database:
    """Pools of connections over one address (a URI, as libpq takes it; all its TLS settings included).

    Reads go to any node, or to the one that takes writes, which is never behind. SettingError if the address cannot be
    understood.
    """

    def __init__(self, address: str, readers: int = 8, writers: int = 2) -> None:
        given = _parts(address)
        self.name = shown(given)
        self._address = _DEFAULTS | {name: str(value) for name, value in given.items()}
        self._anywhere = self._pool(_READING, readers, READ_TIMEOUT, reads=True)
        self._newest = self._pool(_WRITING, readers, READ_TIMEOUT, reads=True)
        self._writers = self._pool(_WRITING, writers, WRITE_TIMEOUT, reads=False)
        self._opening = threading.Lock()

    def _pool(self, attributes: dict[str, str], size: int, timeout: int, reads: bool) -> "ConnectionPool[Connection]":
        def configure(connection: Connection) -> None:
            if reads:
                # One snapshot for all that is read until the connection is given back.
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
            for name, value in (_ALWAYS | {"statement_timeout": str(timeout)}).items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            connection.commit()

        return ConnectionPool(
            conninfo.make_conninfo(**(self._address | attributes)),
            min_size=0,
            max_size=size,
            max_lifetime=LIFETIME,
            # A pool tries ever more rarely, until it gives up; one that has tries again when it is next asked.
            reconnect_timeout=HURRY,
            configure=configure,
            open=False,
        )

    @contextmanager
    def reading(self, newest: bool = False) -> Iterator[Connection]:
        """A connection that shows one state of the database, to any node or to the one that takes writes."""
        yield from self._connected(self._newest if newest else self._anywhere, commits=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection to the node that takes writes, in a transaction that is committed in the end."""
        yield from self._connected(self._writers, commits=True)

    def _connected(self, pool: "ConnectionPool[Connection]", commits: bool) -> Iterator[Connection]:
        with self._opening:
            if pool.closed:
                pool.open()
        with unavailable(self.name), ExitStack() as stack:
            connection = self._taken(pool, stack)
            try:
                yield connection
            except BaseException:
                # Also of a connection that is broken, which the pool then replaces.
                _give_up(connection)
                raise
            if not commits:
                _give_up(connection)

    def _taken(self, pool: "ConnectionPool[Connection]", stack: ExitStack) -> Connection:
        """A connection of the pool, which gets it back with the stack; the error of a server that gives none."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return stack.enter_context(pool.connection(HURRY))
            except PoolTimeout:
                if time.monotonic() > until:
                    raise
                # Why there is none, a pool only writes to the log.
                assert isinstance(pool.conninfo, str)
                psycopg.connect(pool.conninfo).close()

    def connect(self) -> Connection:
        """A connection of its own to the node that takes writes, with every statement its own transaction."""
        with unavailable(self.name):
            connection = psycopg.connect(conninfo.make_conninfo(**(self._address | _WRITING)), autocommit=True)
            connection.execute("SELECT set_config('search_path', %s, false)", (_ALWAYS["search_path"],))
            return connection

    def refresh(self) -> None:
        """Drops the connections that are broken: after a node was lost every one would fail who gets one of them."""
        for pool in (self._anywhere, self._newest, self._writers):
            if not pool.closed:
                pool.check()

    def close(self) -> None:
        """Closes all connections."""
        for pool in (self._anywhere, self._newest, self._writers):
            if not pool.closed:
                pool.close()


def _parts(address: str) -> dict[str, Any]:
    """The parts of an address; SettingError, which says nothing of it, since a part of it may be a password."""
    try:
        given = conninfo.conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise _no_address() from None
    # What follows a password in which such a character was not written as %40, %2F and so on.
    host, name = str(given.get("host", "")), str(given.get("dbname", ""))
    ports = str(given.get("port", "")).split(",")
    if "@" in host + name or not all(each.isdecimal() for each in ports if each):
        raise _no_address()
    return given


def _no_address() -> SettingError:
    return SettingError(
        "ASKREPORT_STORE is no address of a database",
        "It reads postgresql://user:password@host:5432/name, with characters such as @ : / ? # % of a password "
        "written as %40, %3A, %2F, %3F, %23, %25.",
    )


def _give_up(connection: Connection) -> None:
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()


@contextmanager
def unavailable(name: str) -> Iterator[None]:
    """Turns what the server or the network does to a statement into StoreError, which says whether to try again."""
    try:
        yield
    except PASSING as error:
        reason = str(error).strip().split("\n")[0]
        raise StoreError(f"the database {name} cannot be used: {reason}", "Is it running?", retry_after=2) from error
    except psycopg.Error as error:
        raise StoreError(f"the database {name} refused: {str(error).strip()}", "See its log.") from error


def shown(given: dict[str, Any]) -> str:
    """An address without what must not be shown."""
    port = f":{given['port']}" if given.get("port") else ""
    return f"{given.get('host', 'localhost')}{port}/{given.get('dbname', '')}"
