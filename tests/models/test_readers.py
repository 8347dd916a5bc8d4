"""The setting chooses the reader: the package's own, none, or a cross-encoder of sentence-transformers."""

from pathlib import Path

import pytest
from sentence_transformers import CrossEncoder
from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizer

from askreport.config import BUILTIN_READER, NO_READER, Settings
from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.e5_reader import E5Reader
from askreport.models.readers import CrossEncoderScorer, load_scorer
from askreport.models.scorer import UNKNOWN_MODEL, Window


def test_without_a_reader_nothing_reads(tmp_path: Path) -> None:
    assert load_scorer(NO_READER, tmp_path) is None


def test_the_packages_own_reader_is_the_default() -> None:
    if not e5.installed():
        pytest.skip(f"needs the package {e5.PACKAGE}")
    loaded = load_scorer(Settings().reader, Settings().cache)
    assert isinstance(loaded, E5Reader)
    assert loaded.fingerprint.startswith("reader:")


def test_where_the_words_of_the_packages_own_are_not_installed_nothing_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(e5, "PACKAGE", "no_package_of_this_name")
    assert load_scorer(BUILTIN_READER, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_said_as_of_the_encoder(tmp_path: Path) -> None:
    if not e5.installed():
        pytest.skip(f"needs the package {e5.PACKAGE}")
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EncoderError, match="cannot be written") as caught:
        load_scorer(BUILTIN_READER, tmp_path / "cache")
    assert "ASKREPORT_CACHE" in (caught.value.hint or "")


def cross_encoder(folder: Path, labels: int = 1) -> str:
    """A tiny cross-encoder as sentence-transformers stores one."""
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "spy", "weather"]))
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = AutoConfig.for_model("bert", vocab_size=8, num_labels=labels, **small)
    model = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder / "model")
    BertTokenizer(str(vocabulary)).save_pretrained(folder / "model")
    return str(folder / "model")


def test_a_cross_encoder_takes_the_networks_place(tmp_path: Path) -> None:
    source = cross_encoder(tmp_path)
    scorer = load_scorer(source, tmp_path)
    assert isinstance(scorer, CrossEncoderScorer)
    assert (scorer.fingerprint, scorer.calibration) == (source, UNKNOWN_MODEL)
    windows = [
        Window(sentences=("the weather", "the spy"), title="spy"),
        Window(sentences=()),
        Window(sentences=("spy",)),
    ]
    found = scorer.score("the spy", windows)
    assert [len(window) for window in found] == [2, 0, 1]
    pairs = [("the spy", "the weather"), ("the spy", "the spy"), ("the spy", "spy")]
    expected = CrossEncoder(source, device="cpu").predict(pairs, show_progress_bar=False)
    logits = [each.logit for window in found for each in window]
    assert sorted(range(3), key=lambda i: logits[i]) == sorted(range(3), key=lambda i: expected[i])


def test_a_model_of_more_than_one_score_is_refused_when_it_is_asked(tmp_path: Path) -> None:
    scorer = load_scorer(cross_encoder(tmp_path, labels=3), tmp_path)
    assert scorer is not None
    with pytest.raises(EncoderError, match="3 scores") as caught:
        scorer.score("the spy", [Window(sentences=("the weather",))])
    assert "ASKREPORT_READER" in (caught.value.hint or "")


def test_a_reader_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded") as caught:
        load_scorer(str(tmp_path / "nothing"), tmp_path)
    assert "ASKREPORT_READER" in (caught.value.hint or "")
