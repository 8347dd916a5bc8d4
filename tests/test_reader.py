"""The reader puts the sentence that answers first and says how sure it is."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.ask import Library
from askreport.reader import BACKGROUND_HANDICAP, MAX_QUOTES, Reading, confidence, is_background, read
from askreport.retrieve import retrieve
from askreport.store import LocalStore
from askreport.types import Document

from .parts import HashingEncoder, document, prose, publish

ENCODER = HashingEncoder()


def reading_of(store: LocalStore, question: str, limit: int = 12) -> Reading:
    vector = ENCODER.encode_question(question)
    return read(store, question, vector, retrieve(store, question, vector, limit))


def texts(store: LocalStore, reading: Reading) -> list[str]:
    """The sentences, best first."""
    return [store.document(item.document_id).text[item.span.start : item.span.end] for item in reading.sentences]


def background(item: Document) -> Document:
    return replace(item, metadata={"kind": "background note"})


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_higher_score_never_means_less_confidence(one: float, other: float) -> None:
    low, high = sorted((confidence(one), confidence(other)))
    assert 0 <= low <= high <= 1
    assert (one <= other) == (confidence(one) <= confidence(other)) or confidence(one) == confidence(other)


@pytest.mark.parametrize("score", [-math.inf, -1e308, -1000.0])
def test_hopeless_scores_have_no_confidence_and_do_not_overflow(score: float) -> None:
    assert confidence(score) == pytest.approx(0)


def test_nothing_to_read_is_no_sentence_and_no_confidence(tmp_path: Path) -> None:
    reading = reading_of(publish(tmp_path, []), "Anything?")
    assert reading.sentences == ()
    assert reading.confidence == pytest.approx(0)


def test_the_sentence_with_the_questions_words_comes_first(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(1, 40)), document(prose(2, 40), "b.txt")])
    reading = reading_of(store, "What does Box 2-17 weigh?")
    assert texts(store, reading)[0].startswith("Box 2-17 ")


def test_sentences_are_in_order_each_text_once_and_slices_of_their_passages(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(1, 30)), document(prose(1, 30) + "\nEnd of it.", "b.txt")])
    reading = reading_of(store, "Which boxes are red?")
    ranks = [sentence.rank for sentence in reading.sentences]
    assert ranks == sorted(ranks, reverse=True)
    found = texts(store, reading)
    assert sorted(found) == sorted([*prose(1, 30).split("\n"), "End of it."])


def test_a_rare_word_of_the_question_counts_more_than_a_common_one(tmp_path: Path) -> None:
    lines = [f"The common word stands here as number {n}." for n in range(30)]
    store = publish(tmp_path, [document("\n".join([*lines, "A zeppelin flew."]))])
    assert texts(store, reading_of(store, "common zeppelin"))[0] == "A zeppelin flew."


def test_a_heading_over_the_sentence_counts(tmp_path: Path) -> None:
    text = "Zebras\nThey live in herds.\nCamels\nThey live in herds too."
    store = publish(tmp_path, [document(text, headings=["Zebras", "Camels"])])
    with_headings = scores_of(store, "zebras")
    plain = publish(tmp_path / "plain", [document("They live in herds.\nThey live in herds too.")])
    without = scores_of(plain, "zebras")
    gain = {words: with_headings[words] - without[words] for words in without}
    assert gain["They live in herds."] > gain["They live in herds too."]


def scores_of(store: LocalStore, question: str) -> dict[str, float]:
    """The score of each sentence, by its words."""
    reading = reading_of(store, question)
    return {words: item.score for words, item in zip(texts(store, reading), reading.sentences, strict=True)}


def test_a_background_document_is_quoted_after_a_primary_one_of_the_same_worth(tmp_path: Path) -> None:
    words = "The treaty was signed in the town hall of the old city of Minsk"
    primary = document(f"{words} in spring.", "primary.txt")
    note = background(document(f"{words} in that spring.", "note.txt"))
    store = publish(tmp_path, [note, primary])
    reading = reading_of(store, note.text)
    assert [item.document_id for item in reading.sentences] == [primary.id, note.id]
    first, second = reading.sentences
    assert second.score > first.score
    assert second.rank == pytest.approx(second.score - BACKGROUND_HANDICAP)
    assert reading.confidence == confidence(second.score)


def test_a_sentence_in_a_primary_and_a_background_document_is_the_primary_ones(tmp_path: Path) -> None:
    """Even where its surroundings in the note resemble the question more."""
    primary = document("The treaty was signed in Minsk.", "primary.txt")
    note = background(document("Minsk and its treaty follow here.\nThe treaty was signed in Minsk.", "note.txt"))
    store = publish(tmp_path, [note, primary])
    reading = reading_of(store, "Where follow the treaty signed in Minsk?")
    same = [item for item, text in zip(reading.sentences, texts(store, reading), strict=True) if text == primary.text]
    assert [item.document_id for item in same] == [primary.id]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("background note", True), ("Background", True), ("report", False), ("", False), (None, False), (["x"], False)],
)
def test_a_document_is_background_if_it_says_so(kind: object, expected: bool) -> None:
    assert is_background(replace(document("x"), metadata={"kind": kind})) is expected
    assert not is_background(document("x"))


def test_the_real_reader_is_surer_of_what_the_report_says_than_of_what_it_does_not(library: Library) -> None:
    sure, unsure = (
        read(library.store, q, v, retrieve(library.store, q, v, 12)).confidence
        for q in ("does the SVR spy on China?", "What is the recipe for borscht?")
        for v in [library.encoder.encode_question(q)]
    )
    assert sure > 0.7
    assert unsure < 0.1


def test_the_confidence_is_that_of_a_sentence_that_can_be_quoted(library: Library) -> None:
    for question in ("How many Russians live in the Far East?", "does the SVR spy on China?", "Who leads the GRU?"):
        vector = library.encoder.encode_question(question)
        reading = read(library.store, question, vector, retrieve(library.store, question, vector, 12))
        quotable = [sentence.score for sentence in reading.sentences[:MAX_QUOTES]]
        assert reading.confidence == confidence(max(quotable))
