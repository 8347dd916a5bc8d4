"""What a server says of itself, before and after there is a library."""

from dataclasses import replace

import psycopg
import pytest

from askreport.errors import IndexMismatchError
from askreport.store.postgres.pool import Database
from askreport.store.postgres.schema import migrate
from askreport.store.postgres.status import About, about

NEW = About(server="18.6", vector="0.8.6", size=1, is_current=True, has_graph=False, replicas=())


def test_a_database_before_and_after_its_tables_are_made(database: str) -> None:
    pools = Database(database)
    before = about(pools)
    assert not before.is_current
    assert not before.has_graph
    assert before.is_new_enough
    assert before.size > 1_000_000
    migrate(pools)
    assert about(pools).is_current
    with pools.connect() as connection:
        connection.execute("CREATE INDEX ON vectors USING hnsw ((vector::halfvec(3)) halfvec_ip_ops)")
    found = about(pools)
    assert found.has_graph
    with pools.writing() as connection:
        connection.execute("INSERT INTO steps VALUES (1000)")
    with pytest.raises(IndexMismatchError):
        about(pools)
    pools.close()
    with psycopg.connect(database) as connection:
        assert found.server == connection.execute("SHOW server_version").fetchall()[0][0]


@pytest.mark.parametrize(
    ("server", "vector", "is_new_enough"),
    [
        ("18.6", "0.8.6", True),
        ("15.0 (Debian 15.0-1)", "0.7.0", True),
        ("16beta1", "1.0", True),
        ("14.9", "0.8.0", False),
        ("17.2", "0.6.2", False),
        ("17.2", "", False),
    ],
)
def test_versions(server: str, vector: str, is_new_enough: bool) -> None:
    assert replace(NEW, server=server, vector=vector).is_new_enough == is_new_enough
