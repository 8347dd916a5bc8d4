"""Sentence vectors keep their directions when they are packed into bytes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from askreport.models.encoder import Encoder
from askreport.store.codec import pack_vectors, unpack_vectors
from askreport.types import FloatArray, Span
from tests.conftest import REPORT

seeds = st.integers(0, 2**32 - 1)


def unit_rows(seed: int, rows: int, dimension: int) -> FloatArray:
    values = np.random.default_rng(seed).standard_normal((rows, dimension)).astype(np.float32)
    unit: FloatArray = values / np.linalg.norm(values, axis=1, keepdims=True)
    return unit


@given(seeds, st.integers(1, 20), st.sampled_from([8, 64, 384]))
def test_a_row_comes_back_as_a_unit_row_in_the_same_direction(seed: int, rows: int, dimension: int) -> None:
    vectors = unit_rows(seed, rows, dimension)
    back = unpack_vectors(pack_vectors(vectors), dimension)
    assert back.shape == vectors.shape
    assert back.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(back, axis=1), 1, atol=1e-5)
    assert np.min(np.sum(back * vectors, axis=1)) > 0.9995


@given(seeds, st.integers(1, 20), st.floats(1e-3, 1e3))
def test_the_length_of_a_row_does_not_matter(seed: int, rows: int, length: float) -> None:
    vectors = unit_rows(seed, rows, 64)
    one, other = (np.frombuffer(pack_vectors(each), np.int8) for each in (vectors * np.float32(length), vectors))
    np.testing.assert_allclose(one, other, atol=1)


@given(seeds, st.integers(1, 20), st.sampled_from([8, 64, 384]))
def test_packing_again_what_was_unpacked_gives_the_same_bytes(seed: int, rows: int, dimension: int) -> None:
    """So that an index made from cached vectors is the index made from fresh ones."""
    packed = pack_vectors(unit_rows(seed, rows, dimension))
    assert pack_vectors(unpack_vectors(packed, dimension)) == packed


def test_a_component_takes_one_byte() -> None:
    assert len(pack_vectors(unit_rows(1, 5, 384))) == 5 * 384


def test_no_rows_are_no_bytes_and_come_back_as_no_rows() -> None:
    assert pack_vectors(np.zeros((0, 384), np.float32)) == b""
    assert unpack_vectors(b"", 384).shape == (0, 384)


def test_a_row_of_zeros_stays_one() -> None:
    zeros = np.zeros((1, 8), np.float32)
    np.testing.assert_array_equal(unpack_vectors(pack_vectors(zeros), 8), zeros)


def test_the_cosines_of_real_sentences_to_a_real_question_move_by_a_thousandth_at_most(encoder: Encoder) -> None:
    lines = REPORT.read_text().splitlines()
    vectors = np.concatenate(
        [rows for _, rows in encoder.encode_passages(lines, [[Span(0, len(line))] for line in lines])]
    )
    question = encoder.encode_question("does the SVR spy on China?")
    back = unpack_vectors(pack_vectors(vectors), encoder.dimension)
    assert np.abs(back @ question - vectors @ question).max() < 0.001
