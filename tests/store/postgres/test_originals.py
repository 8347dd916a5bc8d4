"""Files by the ids of their contents: in the database, in a folder, and in a real object store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.digest import content_id
from askreport.errors import SettingError, StoreError
from askreport.store.postgres.originals import Originals, open_originals
from askreport.store.postgres.pool import Database
from askreport.store.postgres.schema import migrate
from tests.tools.behind import Behind
from tests.tools.engine.objects import ObjectStore, missing
from tests.tools.engine.postgres import Server

DATA = b"the bytes of a file"
CONTENT = content_id(DATA)


@pytest.fixture(scope="module")
def database(engine: Server, _vectors: str) -> Iterator[Database]:
    made = Database(engine.create_database(_vectors))
    migrate(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket, which the environment says how to reach."""
    if reason := missing():
        pytest.skip(reason)
    with ObjectStore() as server, exported(server.variables):
        yield "s3://files/of/tests"


@contextmanager
def exported(values: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module", params=["database", "folder", "bucket"])
def originals(
    request: pytest.FixtureRequest, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Originals:
    if request.param == "bucket":
        return open_originals(request.getfixturevalue("bucket"), database)
    folder = str(tmp_path_factory.mktemp("originals") / "new")
    return open_originals(folder if request.param == "folder" else "", database)


def put(originals: Originals, database: Database, data: bytes, content: str = "") -> str:
    content = content or content_id(data)
    with database.writing() as connection:
        originals.put(content, data, connection)
    return content


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary())
def test_what_is_put_is_given_back(originals: Originals, database: Database, data: bytes) -> None:
    content = put(originals, database, data)
    put(originals, database, data)
    assert originals.has(content)
    assert originals.get(content) == data
    with database.writing() as connection:
        originals.delete(content, connection)
        originals.delete(content, connection)
    assert not originals.has(content)
    assert originals.get(content) is None


def test_a_large_file_is_given_back(originals: Originals, database: Database) -> None:
    data = os.urandom(12_000_000)
    assert originals.get(put(originals, database, data)) == data


def test_what_is_not_what_was_put_is_not_given(originals: Originals, database: Database) -> None:
    put(originals, database, b"other bytes", CONTENT)
    assert originals.has(CONTENT)
    assert originals.get(CONTENT) is None


def test_in_the_database_bytes_come_with_the_transaction(database: Database) -> None:
    originals = open_originals("", database)
    content = content_id(b"never committed")
    with database.writing() as connection:
        originals.put(content, b"never committed", connection)
        connection.rollback()
    assert not originals.has(content)


def test_a_node_that_is_behind_is_not_the_last_one_asked(engine: Server) -> None:
    newer, older = (engine.create_database() for _ in range(2))
    for address in (newer, older):
        migrate(made := Database(address))
        made.close()
    behind = Behind(newer, older)
    originals = open_originals("", behind)
    assert originals.get(put(originals, behind, b"new bytes")) == b"new bytes"
    behind.close()


def test_a_file_that_is_cut_short_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        put(open_originals(str(tmp_path), database), database, DATA)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_is_a_file_says_so(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    originals = open_originals(str(tmp_path / "file"), database)
    with pytest.raises(StoreError, match="cannot be used") as caught:
        put(originals, database, DATA)
    assert caught.value.retry_after == 2


def test_a_wrong_key_says_what_to_set(bucket: str, database: Database) -> None:
    with exported({"AWS_SECRET_ACCESS_KEY": "of somebody else"}):
        originals = open_originals(bucket, database)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        originals.get(CONTENT)
    assert "AWS_SECRET_ACCESS_KEY" in (caught.value.hint or "")
    assert "of somebody else" not in caught.value.message
    assert caught.value.retry_after is None


def test_an_object_store_that_is_away_is_asked_again_later(database: Database) -> None:
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true"}
    with exported(away | {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}):
        originals = open_originals("s3://files", database)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        originals.get(CONTENT)
    assert caught.value.retry_after == 2
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("setting", ["s3://", "s3://a b/c", "gs://bucket", "https://127.0.0.1/x"])
def test_another_place_is_refused(database: Database, setting: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_ORIGINALS"):
        open_originals(setting, database)
