"""What a PostgreSQL server says of itself, of those that follow it, and of a library's database."""

import re
from dataclasses import dataclass

from askreport.store.postgres.pool import SCHEMA, Database
from askreport.store.postgres.schema import is_current

# The oldest versions that have everything that is used.
MIN_SERVER = (15,)
MIN_VECTOR = (0, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A database: its server's version and pgvector's ("" if it is not there), and its size in bytes.

    ``format`` is that of the library in it, None if there is none. ``has_graph`` is whether near vectors are found by
    a graph that is whole; ``replicas`` are the names and states of the nodes that follow, as far as this user may see
    them.
    """

    server: str
    vector: str
    size: int
    is_current: bool
    format: int | None = None
    has_graph: bool
    replicas: tuple[str, ...]

    @property
    def is_new_enough(self) -> bool:
        """Whether the versions are those that are needed."""
        return _numbers(self.server) >= MIN_SERVER and _numbers(self.vector) >= MIN_VECTOR


_ABOUT = """SELECT current_setting('server_version'),
    coalesce((SELECT coalesce(installed_version, default_version) FROM pg_available_extensions
        WHERE name = 'vector'), ''),
    pg_database_size(current_database()),
    EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE i.indrelid = to_regclass('vectors') AND a.amname = 'hnsw' AND i.indisvalid)"""
_REPLICAS = "SELECT application_name, state, sync_state FROM pg_stat_replication ORDER BY application_name"


def about(database: Database) -> About:
    """The database, as the node has it that takes writes; its tables need not be there.

    Raises StoreError, or IndexMismatchError if a later version has changed the tables.
    """
    with database.reading(newest=True) as connection:
        server, vector, size, has_graph = connection.execute(_ABOUT).fetchall()[0]
        rows = connection.execute(_REPLICAS).fetchall()
        is_there = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.library",)).fetchall() != [(None,)]
        formats = connection.execute("SELECT format FROM library").fetchall() if is_there else []
        replicas = tuple(" ".join(filter(None, map(str, row))) for row in rows)
        return About(
            server=server,
            vector=vector,
            size=size,
            is_current=is_current(connection),
            format=formats[0][0] if formats else None,
            has_graph=has_graph,
            replicas=replicas,
        )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with."""
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
