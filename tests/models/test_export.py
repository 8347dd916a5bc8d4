"""What is exported: a graph that agrees with sentence-transformers, and a description that says how to run it."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from askreport.models.encoder import Encoder, OnnxEncoder, TorchEncoder, load_encoder
from askreport.types import FloatArray
from tests.tools.tinymodel import DIMENSION, MAX_TOKENS, exported, tiny_cache, tiny_models

# More than export.py demands of its own samples.
MIN_COSINE = 0.985
# What a model of random weights in four layers keeps in int8; without its local attention it would keep nothing.
MIN_RANDOM_COSINE = 0.97
TEXTS = ["", "z", "Who spies?", "He got none of those things.", "Trade reached 190 billion dollars.", "bees " * 100]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cache(tmp_path_factory)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models(tmp_path_factory) / "mean"


@pytest.fixture(scope="module")
def original(model: Path) -> Encoder:
    return TorchEncoder(str(model), "original", DIMENSION)


@pytest.fixture(scope="module")
def small(model: Path, cache: Path) -> Encoder:
    return load_encoder(str(model), cache)


def passages(encoder: Encoder, texts: list[str]) -> FloatArray:
    return np.stack([vector for vector, _ in encoder.encode_passages(texts, [[] for _ in texts])])


def meta(cache: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((exported(cache, name) / "meta.json").read_text())
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_a_question_has_the_vector_it_has_in_the_original(small: Encoder, original: Encoder, text: str) -> None:
    assert small.encode_question(text) @ original.encode_question(text) >= MIN_COSINE


def test_passages_of_many_lengths_have_the_vectors_they_have_in_the_original(small: Encoder, original: Encoder) -> None:
    agreement = (passages(small, TEXTS) * passages(original, TEXTS)).sum(axis=1)
    assert agreement.min() >= MIN_COSINE


def test_each_vector_agrees_best_with_its_own_text(small: Encoder, original: Encoder) -> None:
    table = passages(small, TEXTS) @ passages(original, TEXTS).T
    assert table.argmax(axis=1).tolist() == [*range(len(TEXTS))]


def test_the_description_of_an_exported_model(cache: Path) -> None:
    expected = {"runtime": "onnx", "dimension": DIMENSION, "max_tokens": MAX_TOKENS}
    described = meta(cache, "mean")
    assert described.pop("cosine") >= MIN_COSINE
    assert described == expected


def test_the_description_of_a_model_that_pytorch_has_to_run(cache: Path) -> None:
    assert meta(cache, "cls") == {"runtime": "torch", "dimension": DIMENSION, "max_tokens": MAX_TOKENS}


def test_a_model_that_pytorch_has_to_run_has_no_graph(cache: Path) -> None:
    assert [file.name for file in exported(cache, "cls").iterdir()] == ["meta.json"]


def test_the_attention_of_a_known_model_is_one_operator(cache: Path) -> None:
    assert b"MultiHeadAttention" in (exported(cache, "mean") / "model.onnx").read_bytes()


@pytest.fixture(scope="module")
def other_kind(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a kind that may mask what a token sees, with the tokeniser of the other tiny models."""
    # Imported here because PyTorch takes seconds, which other tests need not wait for.
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer  # noqa: PLC0415
    from transformers import AutoTokenizer, ModernBertConfig, ModernBertModel  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("other-kind")
    with warnings.catch_warnings(action="ignore"):
        tokenizer = AutoTokenizer.from_pretrained(str(model))
        config = ModernBertConfig(
            vocab_size=len(tokenizer),
            hidden_size=DIMENSION,
            intermediate_size=DIMENSION,
            num_hidden_layers=4,
            num_attention_heads=2,
            local_attention=4,
            initializer_range=0.5,
            pad_token_id=0,
            bos_token_id=2,
            cls_token_id=2,
            eos_token_id=3,
            sep_token_id=3,
        )
        torch.manual_seed(0)
        ModernBertModel(config).save_pretrained(folder / "bare")
        tokenizer.save_pretrained(folder / "bare")
        transformer = Transformer(str(folder / "bare"), max_seq_length=MAX_TOKENS)
        modules = [transformer, Pooling(DIMENSION, pooling_mode="mean")]
        SentenceTransformer(modules=modules, device="cpu").save(str(folder / "other"))
    return folder / "other"


def test_a_model_with_local_attention_keeps_it(other_kind: Path, tmp_path: Path) -> None:
    small, original = load_encoder(str(other_kind), tmp_path), TorchEncoder(str(other_kind), "original", DIMENSION)
    assert type(small) is OnnxEncoder
    assert b"MultiHeadAttention" not in (exported(tmp_path, "other") / "model.onnx").read_bytes()
    assert (passages(small, TEXTS) * passages(original, TEXTS)).sum(axis=1).min() >= MIN_RANDOM_COSINE


def test_the_exported_weights_are_int8(cache: Path) -> None:
    assert b"MatMulInteger" in (exported(cache, "mean") / "model.onnx").read_bytes()
