"""Bytes in the place of weights: near to them, and no pair too large for 16 bits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from askreport.models.int8 import MAX_PAIR, narrowed, pair_sums
from askreport.types import FloatArray

MATRICES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=st.floats(-8, 8, width=32, allow_subnormal=False),
)


@given(MATRICES)
def test_no_pair_of_one_sign_is_too_large(weights: FloatArray) -> None:
    found, _ = narrowed(weights)
    assert np.abs(found.astype(int)).max() <= 127
    assert pair_sums(found).max(initial=0) <= MAX_PAIR


@given(MATRICES)
def test_what_the_bytes_stand_for_is_within_half_a_step(weights: FloatArray) -> None:
    found, scales = narrowed(weights)
    assert (np.abs(found * scales - weights) <= 0.501 * scales).all()


def test_pairs_are_of_neighbouring_inputs() -> None:
    weights = np.array([[3], [4], [5], [-6], [7]], np.float32)
    assert pair_sums(weights).tolist() == [[7], [0]]


def test_an_output_without_a_large_pair_uses_all_of_a_byte() -> None:
    found, _ = narrowed(np.array([[1.0], [-1.0], [0.5], [0.0]], np.float32))
    assert found.ravel().tolist() == [127, -127, 64, 0]


def test_an_output_of_nothing_but_zeros_stays_so() -> None:
    found, scales = narrowed(np.zeros((4, 2), np.float32))
    assert not found.any()
    assert (scales > 0).all()
