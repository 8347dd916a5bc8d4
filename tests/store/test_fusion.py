"""Two rankings make one, between the two, that does not depend on their units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.store import DENSE_SHARE, fuse

SCORES = st.dictionaries(st.integers(0, 9), st.floats(0.01, 1), min_size=1)


@given(SCORES, SCORES, st.floats(0, 1), st.floats(0.1, 100))
def test_scores_are_from_0_to_1_and_the_unit_of_bm25_does_not_matter(
    dense: dict[int, float], lexical: dict[int, float], share: float, unit: float
) -> None:
    fused = fuse(dense, lexical, share)
    assert fused.keys() == dense.keys() | lexical.keys()
    assert all(0 <= score <= 1 + 1e-9 for score in fused.values())
    other = fuse(dense, {number: unit * score for number, score in lexical.items()}, share)
    assert other == pytest.approx(fused)


@given(SCORES)
def test_without_words_the_order_is_that_of_the_cosines(dense: dict[int, float]) -> None:
    fused = fuse(dense, {}, DENSE_SHARE)
    assert sorted(dense, key=lambda number: (-fused[number], -dense[number])) == sorted(dense, key=lambda n: -dense[n])


def test_a_passage_without_a_vector_counts_as_near_as_those_with_words_are_on_average() -> None:
    dense, lexical = {1: 0.9, 2: 0.5, 3: 0.1}, {2: 2.0, 3: 1.0, 4: 2.0, 5: 4.0}
    fused = fuse(dense, lexical)
    assert fused == pytest.approx(fuse(dense | {4: 0.3, 5: 0.3}, lexical))
    assert sorted(lexical, key=lambda number: -fused[number])[0] == 5


def test_where_none_has_a_vector_words_decide() -> None:
    lexical = {4: 2.0, 5: 4.0, 6: 1.0}
    fused = fuse({}, lexical)
    assert sorted(fused, key=lambda number: -fused[number]) == [5, 4, 6]
    assert fused[5] == 1
