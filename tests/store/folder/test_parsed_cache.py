"""What was read of files is kept under its key, byte for byte, and gone when it is no longer wanted."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.store import ParsedCache, Seen
from tests.tools.faults import damage


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


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_damaged_gives_what_was_put_or_nothing_and_can_be_written_again(file: Path, seed: int) -> None:
    made, items = ParsedCache(file), {bytes([n]) * 32: f"text {n} ".encode() * 200 for n in range(60)}
    files = [Seen(file=f"/a/{n}.txt", stamp=f"stamp {n}", key=bytes([n]) * 32, listing="{}") for n in range(60)]
    for key, data in items.items():
        made.put(key, data)
    made.remember(files)
    made.close()
    known = {each.file: each for each in files}
    whole, chance = file.read_bytes(), random.Random(seed)
    for _ in range(20):
        file.write_bytes(whole)
        damage(file, chance)
        again = ParsedCache(file)
        assert again.seen(list(known)).items() <= known.items()
        for key, data in items.items():
            assert again.get(key) in (data, None)
        # What is removed by a damaged index may be another row; what is put is there.
        again.keep_only({b"new"}, {files[0].file})
        again.put(b"new", b"data")
        again.remember(files[:1])
        assert again.get(b"new") == b"data"
        assert again.seen([files[0].file]) == {files[0].file: files[0]}
        again.close()


def test_a_key_that_leads_to_the_row_of_another_finds_nothing(file: Path, cache: ParsedCache) -> None:
    cache.put(b"a", b"goats")
    cache.put(b"b", b"sheep")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE files SET data = (SELECT data FROM files WHERE key = ?) WHERE key = ?", (b"a", b"b"))
    assert (cache.get(b"a"), cache.get(b"b")) == (b"goats", None)
