"""The embedding cache returns what was put in, and can be lost without harm but is not thrown away without need."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import IndexWriteError
from askreport.store import EmbeddingCache, embedding_key
from askreport.types import PassageVectors, Span
from tests.tools.faults import damage
from tests.tools.parts import run_python

DIMENSION = 8

OPEN_WITH_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
from askreport.errors import IndexWriteError
from askreport.store import EmbeddingCache
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    EmbeddingCache(Path(sys.argv[1]), 8)
    print("opened")
except IndexWriteError as error:
    print(bool(error.hint))
"""

FILL_WITH_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
import numpy as np
from askreport.errors import IndexWriteError
from askreport.store import EmbeddingCache
cache = EmbeddingCache(Path(sys.argv[1]), 8)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
vectors = (np.ones(8, np.float32), np.ones((1, 8), np.float32))
try:
    cache.put((f"key {n}".encode(), vectors) for n in range(10_000))
    print("put")
except IndexWriteError as error:
    print(bool(error.hint), cache.get(b"key 0"))
"""


def opened(folder: Path) -> EmbeddingCache:
    return EmbeddingCache(folder / "embeddings.sqlite", DIMENSION)


def some(seed: int, sentences: int = 3) -> PassageVectors:
    """Unit vectors of a passage and its sentences."""
    rows = np.random.default_rng(seed).standard_normal((sentences + 1, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows[0], rows[1:]


def filled(folder: Path, texts: int) -> list[bytes]:
    """Fills and closes a cache; the keys."""
    cache = opened(folder)
    keys = [embedding_key("encoder", f"text {n}", [Span(0, 4)]) for n in range(texts)]
    cache.put((key, some(n)) for n, key in enumerate(keys))
    cache.close()
    return keys


@pytest.mark.parametrize("sentences", [0, 1, 7])
def test_vectors_come_back(tmp_path: Path, sentences: int) -> None:
    cache = opened(tmp_path)
    passage, rows = some(1, sentences)
    cache.put([(b"key", (passage, rows))])
    found = cache.get(b"key")
    assert found
    np.testing.assert_array_equal(found[0], passage.astype(np.float16))
    assert found[1].shape == rows.shape
    np.testing.assert_allclose(found[1], rows, atol=0.01)
    cache.close()


def test_what_was_never_put_is_none(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    assert cache.get(b"key") is None
    cache.close()


def test_vectors_outlive_the_process(tmp_path: Path) -> None:
    keys = filled(tmp_path, 3)
    cache = opened(tmp_path)
    assert all(cache.get(key) for key in keys)
    cache.close()


def test_putting_again_replaces(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    cache.put([(b"key", some(1))])
    cache.put([(b"key", some(2))])
    found = cache.get(b"key")
    assert found
    np.testing.assert_array_equal(found[0], some(2)[0].astype(np.float16))
    cache.close()


spans = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: Span(*pair)), max_size=3)
parts = st.tuples(st.sampled_from(["one", "two"]), st.text(max_size=3), spans)


@given(parts, parts)
def test_a_key_is_one_encoder_text_and_sentences_and_no_other(
    one: tuple[str, str, list[Span]], other: tuple[str, str, list[Span]]
) -> None:
    assert (embedding_key(*one) == embedding_key(*other)) == (one == other)


def test_all_are_put_or_none(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[bytes, PassageVectors]]:
        yield b"key", some(1)
        raise KeyError

    cache = opened(tmp_path)
    with pytest.raises(KeyError):
        cache.put(failing())
    assert cache.get(b"key") is None
    cache.close()


@pytest.mark.parametrize("content", [b"not a database " * 1000, b"\0" * 10_000, b"x"])
def test_a_file_that_is_no_database_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "embeddings.sqlite").write_bytes(content)
    cache = opened(tmp_path)
    cache.put([(b"key", some(1))])
    assert cache.get(b"key")
    cache.close()


@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
def test_damage_inside_the_file_costs_its_vectors_only(tmp_path: Path, damage: str) -> None:
    keys = filled(tmp_path, 2000)
    file = tmp_path / "embeddings.sqlite"
    content = bytearray(file.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    file.write_bytes(content if damage == "overwritten" else content[: len(content) // 2])
    cache = opened(tmp_path)
    assert [cache.get(key) for key in keys].count(None) > 0
    cache.put((key, some(n)) for n, key in enumerate(keys))
    assert all(cache.get(key) for key in keys)
    cache.close()


@pytest.mark.parametrize("limit", [0, 1000, 30_000])
def test_a_full_disk_at_opening_is_an_error_and_costs_no_vectors(tmp_path: Path, limit: int) -> None:
    keys = filled(tmp_path, 500)
    assert run_python(OPEN_WITH_LITTLE_SPACE, tmp_path / "embeddings.sqlite", limit) == "True"
    cache = opened(tmp_path)
    assert all(cache.get(key) for key in keys)
    cache.close()


def test_a_full_disk_at_putting_is_an_error_and_nothing_is_put(tmp_path: Path) -> None:
    assert run_python(FILL_WITH_LITTLE_SPACE, tmp_path / "embeddings.sqlite") == "True None"


def test_a_file_that_cannot_be_made_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(IndexWriteError) as caught:
        opened(tmp_path / "nowhere")
    assert caught.value.hint


@pytest.mark.parametrize("column", ["key", "passage", "sentences"])
def test_a_row_that_is_not_as_it_was_written_counts_as_missing(tmp_path: Path, column: str) -> None:
    (key,) = filled(tmp_path, 1)
    database = sqlite3.connect(tmp_path / "embeddings.sqlite")
    changed = bytes([key[0] ^ 1]) + key[1:]
    if column == "key":
        database.execute("UPDATE embeddings SET key = ?", (changed,))
    else:
        (value,) = database.execute(f"SELECT {column} FROM embeddings").fetchone()
        database.execute(f"UPDATE embeddings SET {column} = ?", (value[:-1] + bytes([value[-1] ^ 1]),))
    database.commit()
    database.close()
    cache = opened(tmp_path)
    assert (cache.get(key), cache.get(changed)) == (None, None)
    cache.close()


def test_only_what_is_wanted_stays(tmp_path: Path) -> None:
    keys = filled(tmp_path, 5)
    cache = opened(tmp_path)
    cache.keep_only(keys[1:3])
    assert [cache.get(key) is not None for key in keys] == [False, True, True, False, False]
    cache.close()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_damaged_gives_what_was_put_or_nothing_and_can_be_written_again(tmp_path: Path, seed: int) -> None:
    file, chance = tmp_path / "embeddings.sqlite", random.Random(seed)
    rows = np.random.default_rng(seed).random((40, 4, DIMENSION)).astype(np.float16).astype(np.float32)
    items = {bytes([n]) * 32: (row[0], row[1:]) for n, row in enumerate(rows)}
    made = EmbeddingCache(file, DIMENSION)
    made.put(items.items())
    # As they come back, with the precision they are kept with.
    known = {key: made.get(key) for key in items}
    made.close()
    whole = file.read_bytes()
    for _ in range(20):
        file.write_bytes(whole)
        damage(file, chance)
        again = EmbeddingCache(file, DIMENSION)
        for key, before in known.items():
            assert before
            found = again.get(key)
            assert found is None or all(map(np.array_equal, found, before))
        again.keep_only({b"new"})
        again.put([(b"new", items[bytes([1]) * 32])])
        assert again.get(b"new") is not None
        again.close()
