"""The nearest vectors are found, exactly where there are few, nearly so where there are many, and alike each time."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.store.folder import vectors
from askreport.store.folder.vectors import Vectors, write_vectors
from askreport.types import FloatArray

DIMENSION = 16


def rows(count: int, seed: int = 1) -> FloatArray:
    """Unit rows that lie in clouds, as those of texts do."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((max(1, count // 50), DIMENSION))
    made = centres[chance.integers(len(centres), size=count)] + 0.5 * chance.standard_normal((count, DIMENSION))
    unit: FloatArray = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def written(folder: Path, made: FloatArray) -> Vectors:
    half = made.astype(np.float16)
    write_vectors(lambda positions: half[positions], len(half), DIMENSION, folder / "passages.faiss")
    return Vectors(folder / "passages.faiss")


@pytest.fixture
def grouped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few vectors are many."""
    monkeypatch.setattr(vectors, "ANN_FROM", 1_000)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(1, 400), st.integers(0, 5))
def test_few_vectors_are_searched_exactly(
    tmp_path_factory: pytest.TempPathFactory, count: int, limit: int, seed: int
) -> None:
    made = rows(count, seed)
    question = rows(1, seed + 100)[0]
    scores, positions = written(tmp_path_factory.mktemp("v"), made).search(question, limit)
    assert len(positions) == min(limit, count)
    assert len(set(positions.tolist())) == len(positions)
    np.testing.assert_allclose(scores, made[positions] @ question, atol=1e-3)
    np.testing.assert_allclose(scores, np.sort(made @ question)[::-1][:limit], atol=1e-3)


def test_rows_come_back(tmp_path: Path) -> None:
    made = rows(100)
    np.testing.assert_allclose(written(tmp_path, made).rows(np.array([7, 3, 99])), made[[7, 3, 99]], atol=1e-3)


def test_no_vectors_are_a_file_too(tmp_path: Path) -> None:
    assert len(written(tmp_path, np.zeros((0, DIMENSION), np.float32))) == 0


@pytest.mark.usefixtures("grouped")
def test_many_vectors_are_searched_nearly_exactly_with_exact_scores(tmp_path: Path) -> None:
    made, questions = rows(5_000), rows(200, seed=2)
    opened = written(tmp_path, made)
    recalls = []
    for question in questions:
        scores, positions = opened.search(question, 10)
        np.testing.assert_allclose(scores, made[positions] @ question, atol=1e-3)
        recalls.append(len({*positions.tolist()} & {*np.argsort(-(made @ question))[:10].tolist()}) / 10)
    assert np.mean(recalls) >= 0.98
    np.testing.assert_allclose(opened.rows(np.array([7, 4_999])), made[[7, 4_999]], atol=1e-3)


@pytest.mark.usefixtures("grouped")
def test_among_some_of_many_vectors_the_nearest_are_found_exactly(tmp_path: Path) -> None:
    made = rows(3_000)
    opened = written(tmp_path, made)
    among = np.zeros(3_000, np.bool_)
    among[np.random.default_rng(3).choice(3_000, 20, replace=False)] = True
    for question in rows(20, seed=2):
        scores, positions = opened.search(question, 30, among, exact=True)
        assert set(positions.tolist()) == set(np.flatnonzero(among).tolist())
        np.testing.assert_allclose(scores, np.sort(made[among] @ question)[::-1], atol=1e-3)


@pytest.mark.usefixtures("grouped")
def test_what_may_not_be_is_not_found(tmp_path: Path) -> None:
    made = rows(3_000)
    opened = written(tmp_path, made)
    question = rows(1, seed=2)[0]
    among = np.ones(3_000, np.bool_)
    _, first = opened.search(question, 50, among)
    among[first] = False
    _, second = opened.search(question, 50, among)
    assert not set(first.tolist()) & set(second.tolist())


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize("count", [500, 2_000])
def test_equal_vectors_make_equal_files(tmp_path: Path, count: int) -> None:
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, rows(count))
        files.append((tmp_path / name / "passages.faiss").read_bytes())
    assert files[0] == files[1]
