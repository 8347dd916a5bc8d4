"""The reader's network: the one that ships, and a cross-encoder in its place."""

import hashlib
import json
import math
from pathlib import Path

import pytest
from sentence_transformers import CrossEncoder
from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizer

from askreport.errors import EncoderError
from askreport.models.scorer import FOLDER, NOTHING, CrossEncoderScorer, OnnxScorer, load_scorer

QUESTION = "does the SVR spy on China?"
YES = "The SVR is under agreement not to spy on the Chinese."
ASIDE = "The weather in Moscow was mild that year."


@pytest.fixture(scope="module")
def scorer() -> OnnxScorer:
    return OnnxScorer(FOLDER)


def test_the_sentence_that_answers_scores_highest(scorer: OnnxScorer) -> None:
    ((first, second),) = scorer.score(QUESTION, [[ASIDE, YES]])
    assert second > first + 1


def test_a_score_does_not_depend_on_what_other_windows_are_read(scorer: OnnxScorer) -> None:
    alone = scorer.score(QUESTION, [[ASIDE, YES]])[0]
    assert scorer.score(QUESTION, [[YES], [ASIDE, YES], [ASIDE]])[1] == alone


@pytest.mark.parametrize("question", ["?", "北京", "x " * 1_000, "\u200b"])
@pytest.mark.parametrize("sentence", ["", "\u200b", "word " * 500, "。"])
def test_odd_texts_are_scored(scorer: OnnxScorer, question: str, sentence: str) -> None:
    ((odd, plain),) = scorer.score(question, [[sentence, YES]])
    assert math.isfinite(odd)
    assert math.isfinite(plain)
    assert sentence or odd == NOTHING


def test_nothing_to_read_is_no_score(scorer: OnnxScorer) -> None:
    assert scorer.score(QUESTION, []) == []
    assert scorer.score(QUESTION, [[]]) == [[]]


def test_the_model_is_small_enough_and_is_the_one_its_card_describes() -> None:
    graph = (FOLDER / "reader.onnx").read_bytes()
    assert len(graph) < 25_000_000
    meta = json.loads((FOLDER / "meta.json").read_text())
    assert meta["fingerprint"] == "reader:" + hashlib.sha256(graph).hexdigest()[:12]
    assert meta["fingerprint"] in (FOLDER / "README.md").read_text()


def test_the_setting_chooses_the_scorer(scorer: OnnxScorer) -> None:
    assert load_scorer("none", Settings().cache) is None
    loaded = load_scorer("builtin", Settings().cache)
    assert loaded is not None
    assert loaded.fingerprint == scorer.fingerprint


@pytest.fixture
def cross_encoder(tmp_path: Path) -> Path:
    """A tiny cross-encoder as sentence-transformers stores one."""
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "spy", "weather"]))
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = AutoConfig.for_model("bert", vocab_size=8, num_labels=1, **small)
    folder = tmp_path / "model"
    model = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    BertTokenizer(str(vocabulary)).save_pretrained(folder)
    return folder


def test_a_cross_encoder_takes_the_networks_place(cross_encoder: Path) -> None:
    scorer = load_scorer(str(cross_encoder), tmp_path)
    assert isinstance(scorer, CrossEncoderScorer)
    found = scorer.score("the spy", [["the weather", "the spy"], ["weather"]])
    assert [len(window) for window in found] == [2, 1]
    pairs = [("the spy", "the weather"), ("the spy", "the spy"), ("the spy", "weather")]
    expected = CrossEncoder(str(cross_encoder), device="cpu").predict(pairs, show_progress_bar=False)
    logits = [logit for window in found for logit in window]
    assert sorted(range(3), key=lambda i: logits[i]) == sorted(range(3), key=lambda i: expected[i])


def test_a_reader_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as caught:
        load_scorer(str(tmp_path / "nothing"), tmp_path)
    assert "ASKREPORT_READER" in (caught.value.hint or "")
