"""What was read of files is kept under its key, byte for byte, and gone when it is no longer wanted."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.store import ParsedCache, Seen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "files.sqlite"


@pytest.fixture
def cache(file: Path) -> Iterator[ParsedCache]:
    made = ParsedCache(file)
    yield made
    made.close()


@given(st.dictionaries(st.binary(min_size=1, max_size=32), st.binary(max_size=200), max_size=5))
def test_what_is_put_is_got(tmp_path_factory: pytest.TempPathFactory, items: dict[bytes, bytes]) -> None:
    made = ParsedCache(tmp_path_factory.mktemp("cache") / "files.sqlite")
    for key, data in items.items():
        made.put(key, data)
    assert {key: made.get(key) for key in items} == items
    assert made.get(b"other" * 9) is None
    made.close()


def test_only_what_is_wanted_stays(cache: ParsedCache) -> None:
    for key in (b"a", b"b", b"c"):
        cache.put(key, key * 3)
    cache.keep_only({b"b"}, set())
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [None, b"bbb", None]


def test_removed_text_is_gone_from_the_disk(file: Path) -> None:
    # Not compressible, so that it would be found.
    secret = bytes(range(256)) * 4
    made = ParsedCache(file)
    made.put(b"key", secret)
    made.put(b"other", b"x" * 5_000)
    made.keep_only({b"other"}, set())
    made.close()
    found = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert bytes(range(100, 200)) not in found


def test_a_damaged_file_is_replaced(file: Path) -> None:
    made = ParsedCache(file)
    made.put(b"key", b"data")
    made.close()
    file.write_bytes(b"no database" * 100)
    again = ParsedCache(file)
    assert again.get(b"key") is None
    again.put(b"key", b"new")
    assert again.get(b"key") == b"new"
    again.close()


def test_what_was_seen_of_files_comes_back_and_goes_with_them(cache: ParsedCache) -> None:
    files = [Seen(file=f"/a/{n}.txt", stamp=f"stamp {n}", key=bytes([n % 256]), listing="{}") for n in range(2_000)]
    cache.remember(files)
    names = [each.file for each in files]
    assert cache.seen([*names, "/a/other"]) == dict(zip(names, files, strict=True))
    cache.remember([Seen(file=names[3], stamp="new", key=b"new", listing="[]")])
    assert cache.seen(names[:5])[names[3]].stamp == "new"
    cache.keep_only(set(), set(names[:2]))
    assert set(cache.seen(names)) == set(names[:2])


@pytest.mark.parametrize("column", ["stamp", "key", "listing", "file"])
def test_what_was_seen_and_is_not_as_it_was_written_counts_as_not_seen(file: Path, column: str) -> None:
    made = ParsedCache(file)
    made.remember([Seen(file="/a", stamp="stamp", key=b"key", listing="{}")])
    made.close()
    database = sqlite3.connect(file)
    value = "CAST(key || 'x' AS BLOB)" if column == "key" else f"{column} || 'x'"
    database.execute(f"UPDATE seen SET {column} = {value}")
    database.commit()
    database.close()
    again = ParsedCache(file)
    assert again.seen(["/a", "/ax"]) == {}
    again.close()
