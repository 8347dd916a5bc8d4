"""int8 arithmetic on another processor: vectors and scores are those of this one.

QEMU runs a program as on a processor with AVX2 but without VNNI, where onnxruntime adds pairs of products in 16 bits
and clips what is larger. The other way round cannot be forced: QEMU has no AVX-512, so a machine without VNNI tests its
own path.
"""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from askreport.config import Settings
from askreport.models import e5
from askreport.models.e5_reader import E5Reader
from askreport.models.encoder import Encoder, TorchEncoder
from askreport.models.int8 import MAX_PAIR, pair_sums
from askreport.models.readers import FOLDER
from askreport.models.scorer import Window
from tests.models.test_export import MIN_COSINE, TEXTS
from tests.tools.tinymodel import DIMENSION, exported, tiny_cache, tiny_models

EMULATOR = "qemu-x86_64"
# Intel's Haswell (2013) has AVX2 and neither AVX-512 nor VNNI.
HASWELL = [EMULATOR, "-cpu", "Haswell"]
QUESTION = "Who spies?"
SENTENCES = ["The SVR does not spy on China.", "He got none of those things.", "Trade reached 190 billion dollars."]
# What rounding alone moves: sums of floats run in another order, and a value between two steps of int8 takes the other.
MAX_ROUNDING = 0.005
MAX_LOGIT_CHANGE = 0.05
PRODUCTS_OF_BYTES = ("MatMulInteger", "DynamicQuantizeMatMul")
VECTORS = """
import json, pathlib, sys
from askreport.models.encoder import load_encoder
model, cache, texts = json.loads(sys.argv[1])
encoder = load_encoder(model, pathlib.Path(cache))
print(json.dumps([vector.tolist() for vector, _ in encoder.encode_passages(texts, [[] for _ in texts])]))
"""
SCORES = """
import json, pathlib, sys
from askreport.models.e5 import open_inputs
from askreport.models.e5_reader import E5Reader
from askreport.models.scorer import Window
folder, cache, question, sentences = json.loads(sys.argv[1])
reader = E5Reader(pathlib.Path(folder), open_inputs(pathlib.Path(cache)))
(judged,) = reader.score(question, [Window(sentences=tuple(sentences))])
print(json.dumps([each.logit for each in judged]))
"""
PRODUCTS = """
import json, sys
import numpy
from askreport.models.session import onnx_session
largest = {"a": numpy.full((1, 64), 255, numpy.uint8)}
print(json.dumps([int(onnx_session(path).run(None, largest)[0][0, 0]) for path in json.loads(sys.argv[1])]))
"""


def emulated(program: str, argument: str) -> Any:
    """What a program prints as JSON on a processor without VNNI."""
    if platform.machine() not in ("x86_64", "AMD64") or shutil.which(EMULATOR) is None:
        pytest.skip(f"needs {EMULATOR} (Debian's qemu-user) on a processor of its kind")
    command = [*HASWELL, sys.executable, "-W", "ignore", "-c", program, argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cache(tmp_path_factory)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models(tmp_path_factory) / "mean"


def product(pair: tuple[int, int], path: Path) -> str:
    """A graph that multiplies 64 unsigned bytes by two signed ones in turns; returns its path."""
    weights = np.array([*pair] * 32, np.int8).reshape(64, 1)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "w"], ["sum"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [1, 64])],
        [helper.make_tensor_value_info("sum", TensorProto.INT32, [1, 1])],
        [helper.make_tensor("w", TensorProto.INT8, weights.shape, weights.tobytes(), raw=True)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return str(path)


def test_the_largest_of_our_products_are_exact_there_and_larger_ones_are_not(tmp_path: Path) -> None:
    pairs = [(127, 1), (64, 64), (-127, -1), (127, -127), (127, 127)]
    paths = [product(pair, tmp_path / f"{pair}.onnx") for pair in pairs]
    found = emulated(PRODUCTS, json.dumps(paths))
    exact = [32 * 255 * sum(pair) for pair in pairs]
    assert found[:-1] == exact[:-1]
    assert found[-1] < exact[-1]


def test_no_pair_of_weights_of_a_product_is_larger(cache: Path) -> None:
    for file in (exported(cache, "mean") / "model.onnx", FOLDER / "reader.onnx"):
        graph = onnx.load(file).graph
        products = {node.input[1] for node in graph.node if node.op_type in PRODUCTS_OF_BYTES}
        weights = [numpy_helper.to_array(each) for each in graph.initializer if each.name in products]
        assert len(weights) == len(products) > 5
        assert max(pair_sums(each).max() for each in weights) <= MAX_PAIR


def test_vectors_of_a_small_model_agree_with_the_original_there(tiny: Path, cache: Path) -> None:
    original = TorchEncoder(str(tiny), "original", DIMENSION).encode_passages(TEXTS, [[] for _ in TEXTS])
    there = emulated(VECTORS, json.dumps([str(tiny), str(cache), TEXTS]))
    agreement = [vector @ np.array(other) for (vector, _), other in zip(original, there, strict=True)]
    assert min(agreement) >= MIN_COSINE


def test_vectors_of_the_default_model_are_the_same_there(encoder: Encoder) -> None:
    settings = Settings()
    here = encoder.encode_passages(TEXTS, [[] for _ in TEXTS])
    there = emulated(VECTORS, json.dumps([settings.model, str(settings.cache), TEXTS]))
    agreement = [vector @ np.array(other) for (vector, _), other in zip(here, there, strict=True)]
    assert min(agreement) >= 1 - MAX_ROUNDING


def test_the_reader_scores_the_same_there() -> None:
    if not e5.installed():
        pytest.skip(f"needs the package {e5.PACKAGE}")
    cache = Settings().cache
    reader = E5Reader(FOLDER, e5.open_inputs(cache))
    (judged,) = reader.score(QUESTION, [Window(sentences=tuple(SENTENCES))])
    here = [each.logit for each in judged]
    there = emulated(SCORES, json.dumps([str(FOLDER), str(cache), QUESTION, SENTENCES]))
    assert np.abs(np.array(here) - np.array(there)).max() <= MAX_LOGIT_CHANGE
