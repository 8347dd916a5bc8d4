"""The package's file: read as it was written, refused if it is cut or of another layout."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from askreport.models.e5_file import BLOCK, E5File, row_bytes, unpacked
from askreport.types import FloatArray
from tests.tools import tinye5


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("e5") / "e5.bin"
    tinye5.write_e5(file)
    return file


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(BLOCK)), elements=st.floats(-8, 8, width=32)))
def test_a_weight_is_unpacked_to_within_half_a_step_of_its_block(weights: FloatArray) -> None:
    found = unpacked(np.frombuffer(tinye5.packed(weights), np.uint8)).reshape(weights.shape)
    steps = np.abs(weights).max(axis=1, keepdims=True) / 7
    assert (np.abs(found - weights) <= 0.51 * steps + 1e-3).all()


def test_the_sizes_are_read(path: Path) -> None:
    shape = E5File(path).shape
    assert (shape.hidden, shape.layers, shape.heads) == (tinye5.HIDDEN, tinye5.LAYERS, tinye5.HEADS)
    assert (shape.vocabulary, shape.positions) == (len(tinye5.PIECES), tinye5.POSITIONS)


def test_the_pieces_are_read_with_what_the_model_has_of_its_own(path: Path) -> None:
    pieces = E5File(path).pieces
    assert pieces.texts == tinye5.PIECES
    assert pieces.characters == tinye5.CHARACTERS
    assert {pieces.texts[number] for number in pieces.own} == {*tinye5.OWN, "<mask>"}


def test_word_vectors_can_be_read_row_by_row(path: Path) -> None:
    file = E5File(path)
    whole = file.weights("emb.word").reshape(-1, tinye5.HIDDEN)
    size = row_bytes(tinye5.HIDDEN)
    start = file.offset("emb.word") + 3 * size
    assert np.array_equal(unpacked(np.frombuffer(path.read_bytes()[start : start + size], np.uint8)), whole[3])


@pytest.mark.parametrize("name", ["emb.ln.w", "l1.fi.b", "l2.fo.w"])
def test_weights_have_their_size_and_are_numbers(path: Path, name: str) -> None:
    weights = E5File(path).weights(name)
    expected = {"emb.ln.w": tinye5.HIDDEN, "l1.fi.b": tinye5.INNER, "l2.fo.w": tinye5.HIDDEN * tinye5.INNER}
    assert (weights.shape, bool(np.isfinite(weights).all())) == ((expected[name],), True)


@given(st.data())
def test_a_file_that_was_cut_is_refused(path: Path, data: st.DataObject) -> None:
    content = path.read_bytes()
    kept = data.draw(st.integers(1, len(content) - 1))
    cut = path.with_name("cut.bin")
    cut.write_bytes(content[:kept])
    with pytest.raises((ValueError, KeyError)):
        _read_all(E5File(cut))


def _read_all(file: E5File) -> None:
    for layer in range(file.shape.layers):
        for name in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
            file.weights(f"l{layer}.{name}.w")
            file.weights(f"l{layer}.{name}.b")


@pytest.mark.parametrize(("at", "with_what"), [(0, b"E5S2"), (4, b"\x02"), (40, b"\x10")])
def test_a_file_of_another_layout_is_refused(path: Path, at: int, with_what: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[at : at + len(with_what)] = with_what
    other = path.with_name("other.bin")
    other.write_bytes(content)
    with pytest.raises(ValueError, match=r"is not a file of E5S1|blocks of 16"):
        E5File(other)
