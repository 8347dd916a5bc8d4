"""The graph agrees with a BERT in floating point, however many texts run as one."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from askreport.models.bert_graph import Bert, bert_graph
from askreport.models.e5_file import E5File
from askreport.models.session import layout, onnx_session
from askreport.types import FloatArray
from tests.tools import tinye5
from tests.tools.exactbert import exact

# What three layers of random weights keep in bytes; the real ones keep more.
MIN_COSINE = 0.985
LENGTHS = [7, 1, 20, 3]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> E5File:
    path = tmp_path_factory.mktemp("e5") / "e5.bin"
    tinye5.write_e5(path)
    return E5File(path)


@pytest.fixture(scope="module")
def bert(file: E5File) -> Bert:
    shape = file.shape
    return Bert(
        hidden=shape.hidden, layers=shape.layers, heads=shape.heads, epsilon=shape.epsilon, weights=file.weights
    )


def run(model: onnx.ModelProto, folder: Path, embedded: FloatArray, lengths: list[int]) -> list[FloatArray]:
    onnx.save(model, folder / "model.onnx")
    found: list[FloatArray] = onnx_session(folder / "model.onnx").run(None, {"embedded": embedded, **layout(lengths)})
    return found


def cosines(one: FloatArray, other: FloatArray) -> FloatArray:
    found: FloatArray = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return found


def embedded(count: int) -> FloatArray:
    return np.random.default_rng(count).normal(0, 1, (count, tinye5.HIDDEN)).astype(np.float32)


def test_each_of_several_texts_has_the_vectors_it_has_in_floating_point(bert: Bert, tmp_path: Path) -> None:
    rows = embedded(sum(LENGTHS))
    (found,) = run(bert_graph(bert), tmp_path, rows, LENGTHS)
    parts = np.split(rows, np.cumsum(LENGTHS)[:-1])
    expected = np.concatenate([exact(bert, part) for part in parts])
    assert cosines(found, expected).min() >= MIN_COSINE


def test_texts_do_not_see_one_another(bert: Bert, tmp_path: Path) -> None:
    rows = embedded(sum(LENGTHS))
    other = rows.copy()
    other[: LENGTHS[0]] = other[: LENGTHS[0]][::-1]
    ((one,), (two,)) = (run(bert_graph(bert), tmp_path, each, LENGTHS) for each in (rows, other))
    assert np.allclose(one[LENGTHS[0] :], two[LENGTHS[0] :], atol=1e-5)
    assert not np.allclose(one[: LENGTHS[0]], two[: LENGTHS[0]], atol=0.1)


def test_a_graph_that_begins_at_a_layer_goes_on_from_what_another_shows(bert: Bert, tmp_path: Path) -> None:
    rows = embedded(sum(LENGTHS))
    whole, shown = run(bert_graph(bert, shown=2), tmp_path, rows, LENGTHS)
    (upper,) = run(bert_graph(bert, first=2), tmp_path, shown, LENGTHS)
    assert np.allclose(upper, whole, atol=1e-5)
