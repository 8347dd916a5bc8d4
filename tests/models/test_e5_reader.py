"""The reader of the package: that it runs on any text, and what the weights that ship have learnt."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.config import Settings
from askreport.models import e5
from askreport.models.bert_graph import Bert, bert_graph
from askreport.models.e5 import E5Inputs
from askreport.models.e5_file import E5File
from askreport.models.e5_reader import GRAPH, HEADS, META, NOTHING, SENTENCE_TOKENS, E5Reader
from askreport.models.readers import FOLDER
from askreport.models.scorer import Judged, Window
from tests.tools.tinye5 import EPSILON, HIDDEN, LAYERS
from tests.tools.tinye5 import HEADS as ATTENTION_HEADS
from tests.tools.tinyreader import tiny_file, tiny_made

QUESTION = "does the SVR spy on China?"
YES = "The SVR is under agreement not to spy on the Chinese."
ASIDE = "The weather in Moscow was mild that year."
# The tokens that a reader of the tests has places for; fewer than the texts below can have.
PLACES = 200
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(["ship " * 60, "", " ", "\u200b", "。"])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> E5Reader:
    """A reader of random weights."""
    file, folder = tiny_file(tmp_path_factory), tmp_path_factory.mktemp("reader")
    write_graph(file, folder / GRAPH)
    draw = np.random.default_rng(3)
    shapes = {"positions": (PLACES, HIDDEN), "answers.w": (HIDDEN,), "answers.b": (1,)}
    shapes |= {"inner.w": (4 * HIDDEN + 2, 16), "inner.b": (16,), "outer.w": (16,), "outer.b": ()}
    heads: dict[str, Any] = {
        name: (0.2 * draw.standard_normal(shape)).astype(np.float16) for name, shape in shapes.items()
    }
    np.savez(folder / HEADS, **heads)
    calibration = {"sentence": [1, 0, 0, 0], "confidence": [1, 0, 0, 0, 0, 0], "margin": 0, "intercept": 0}
    (folder / META).write_text(json.dumps({"calibration": calibration, "fingerprint": "reader:tiny"}))
    return E5Reader(folder, E5Inputs(tiny_made(tmp_path_factory), file), threads=2)


def write_graph(file: Path, path: Path) -> None:
    # Imported here because the service needs it for nothing.
    import onnx  # noqa: PLC0415

    weights = E5File(file).weights
    bert = Bert(hidden=HIDDEN, layers=LAYERS, heads=ATTENTION_HEADS, epsilon=EPSILON, weights=weights)
    onnx.save(bert_graph(bert), path)


@given(TEXTS, st.lists(TEXTS, max_size=6), TEXTS, TEXTS)
def test_any_text_is_judged_sentence_by_sentence(
    tiny: E5Reader, question: str, sentences: list[str], title: str, before: str
) -> None:
    (judged,) = tiny.score(question, [Window(sentences=tuple(sentences), title=title, before=before)])
    assert len(judged) == len(sentences)
    for sentence, each in zip(sentences, judged, strict=True):
        assert math.isfinite(each.logit)
        ends = [place for span in each.answers for place in span]
        assert ends == sorted(ends)
        assert all(0 <= span.start < span.end <= len(sentence) for span in each.answers)
        # Neighbouring words that answer are one run.
        assert all(later - end > 1 for end, later in zip(ends[1::2], ends[2::2], strict=False))
    # What there was no room for is told as such, and nothing after it was read.
    read = [each != Judged(logit=NOTHING) for each in judged]
    assert read == sorted(read, reverse=True)


def test_what_there_is_no_room_for_comes_last_and_what_is_too_long_is_cut(tiny: E5Reader) -> None:
    long = "x" * 300
    (judged,) = tiny.score("Who", [Window(sentences=("the ship", long, long, "it came"))])
    assert [each.logit == NOTHING for each in judged] == [False, False, True, True]
    # Each of these letters is a token, after one for the beginning of the word.
    same = [Window(sentences=("the ship", text)) for text in (long, "x" * (SENTENCE_TOKENS - 1))]
    one, other = tiny.score("Who", same)
    assert one == other


@given(st.lists(st.lists(TEXTS, max_size=3), min_size=1, max_size=5))
def test_a_score_does_not_depend_on_what_other_windows_are_read(tiny: E5Reader, texts: list[list[str]]) -> None:
    windows = [Window(sentences=tuple(each)) for each in texts]
    assert tiny.score("Who came?", windows) == [tiny.score("Who came?", [each])[0] for each in windows]


def test_question_title_and_what_stands_before_are_read(tiny: E5Reader) -> None:
    plain = Window(sentences=("the ship",))
    windows = [
        plain,
        Window(sentences=("the ship",), title="late"),
        Window(sentences=("the ship",), before="It rained."),
    ]
    logits = [each.logit for judged in tiny.score("Who", windows) for each in judged]
    logits.append(tiny.score("the late", [plain])[0][0].logit)
    assert len(set(logits)) == 4


def test_nothing_to_read_is_no_score(tiny: E5Reader) -> None:
    assert tiny.score(QUESTION, []) == []
    assert tiny.score(QUESTION, [Window(sentences=())]) == [[]]


@pytest.fixture(scope="module")
def reader() -> E5Reader:
    """The reader that ships."""
    if not e5.installed():
        pytest.skip(f"needs the package {e5.PACKAGE}")
    return E5Reader(FOLDER, e5.open_inputs(Settings().cache))


def logits(reader: E5Reader, question: str, sentences: Sequence[str], title: str = "") -> list[float]:
    """Those of sentences of one window."""
    (judged,) = reader.score(question, [Window(sentences=tuple(sentences), title=title)])
    return [each.logit for each in judged]


def test_the_sentence_that_answers_scores_highest(reader: E5Reader) -> None:
    aside, answer = logits(reader, QUESTION, [ASIDE, YES])
    assert answer > aside + 1


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("Who sued Delmar Pharma?", "Oxivent sued Delmar Pharma.", "Delmar Pharma sued Oxivent."),
        ("When did the ferry sink?", "The ferry sank in 1987.", "The ferry was built in 1987."),
        ("Wer hat Delmar Pharma verklagt?", "Oxivent sued Delmar Pharma.", "Delmar Pharma makes inhalers."),
        ("Кто основал город?", "The town was founded by Olaf Kyrre.", "The town has a harbour and two schools."),
    ],
)
def test_who_did_what_to_whom_tells_an_answer_from_what_only_looks_like_one(
    reader: E5Reader, question: str, right: str, wrong: str
) -> None:
    assert logits(reader, question, [right])[0] > logits(reader, question, [wrong])[0]


def test_the_words_that_answer_are_emphasised(reader: E5Reader) -> None:
    sentence = "The bridge over the Tarn was opened in 2004 by President Chirac."
    ((judged,),) = reader.score("In which year was the bridge opened?", [Window(sentences=(sentence,))])
    words = " ".join(sentence[start:end] for start, end in judged.answers)
    assert "2004" in words
    assert "Chirac" not in words


def test_the_model_is_small_enough_and_is_the_one_its_card_describes() -> None:
    graph, heads = ((FOLDER / name).read_bytes() for name in (GRAPH, HEADS))
    assert len(graph) + len(heads) < 25_000_000
    meta = json.loads((FOLDER / META).read_text())
    assert meta["fingerprint"] == "reader:" + hashlib.sha256(graph + heads).hexdigest()[:12]
    assert meta["fingerprint"] in (FOLDER / "README.md").read_text()
