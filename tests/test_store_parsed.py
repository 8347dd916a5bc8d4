"""What was read of files is kept under its key, byte for byte, and gone when it is no longer wanted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.store import ParsedCache


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
    cache.keep_only({b"b"})
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [None, b"bbb", None]


def test_removed_text_is_gone_from_the_disk(file: Path) -> None:
    # Not compressible, so that it would be found.
    secret = bytes(range(256)) * 4
    made = ParsedCache(file)
    made.put(b"key", secret)
    made.put(b"other", b"x" * 5_000)
    made.keep_only({b"other"})
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
