"""Words that no passage has lead to those that were meant, spelled as documents spell them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.answering.spelling import MAX_SUGGESTIONS, suggestions
from askreport.store.folder.lexical import LexicalIndex, LexicalWriter
from tests.tools.parts import document, publish
from tests.tools.timing import PROCESSOR, ratio

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Chiina", "China"),
        ("cihna", "China"),
        ("xchina", "China"),
        ("Naryshkn", "Naryshkin"),
        ("inteligence", "intelligence"),
        ("ESPIONNAGE", "espionage"),
    ],
)
def test_what_was_meant_comes_first(library: Library, word: str, expected: str) -> None:
    assert suggestions(library.store, word)[0].casefold() == expected.casefold()


@pytest.mark.parametrize("word", ["", "cat", "?!", "xqzjw", "pasword", "Chiina-Russsia", "a" * 60])
def test_nothing_is_suggested_for_what_is_short_far_from_all_or_not_one_word(library: Library, word: str) -> None:
    assert suggestions(library.store, word) == ()


def test_the_nearest_come_first_and_of_equally_near_ones_the_commonest(tmp_path: Path) -> None:
    texts = ["A harbour. The Harbor, a harbor and harbors.", "One more harbor.", "An arbour and an ardour."]
    store = publish(tmp_path / "index", [document(text, f"{n}.txt") for n, text in enumerate(texts)])
    assert suggestions(store, "harbur") == ("Harbor", "harbour")
    assert suggestions(store, "harboour") == ("harbour", "Harbor", "arbour")


def test_a_word_of_a_deleted_document_is_not_suggested(tmp_path: Path) -> None:
    publish(tmp_path / "index", [document("Windmills grind.", "a.txt"), document("The ferry sails.", "b.txt")])
    store = publish(tmp_path / "index", [document("The ferry sails.", "b.txt")])
    assert suggestions(store, "Windmils") == ()


def test_the_title_of_a_document_may_have_the_word(library: Library) -> None:
    titled = next(each for each in library.store.documents() if "espionage" in each.title)
    assert any("espionage" in word for word in suggestions(library.store, "espoinage")), titled


@pytest.mark.parametrize(("word", "other"), [("summarise", "submarines"), ("conclude", "continue")])
def test_another_word_with_two_letters_exchanged_is_no_misspelling(tmp_path: Path, word: str, other: str) -> None:
    store = publish(tmp_path / "index", [document(f"The {other} of the fleet.", "a.txt")])
    assert suggestions(store, word) == ()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_every_suggestion_is_a_word_that_a_passage_has(library: Library, word: str) -> None:
    found = suggestions(library.store, word)
    assert len(found) <= MAX_SUGGESTIONS
    assert not library.store.unknown({term for each in found for term in library.store.terms(each)})


def test_of_ten_thousand_passages_only_the_words_that_begin_so_are_looked_through(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    words = ["".join(chance.choice(LETTERS, chance.integers(4, 11))) for _ in range(60_000)]
    writer = LexicalWriter(tmp_path / "lexical")
    for n in range(10_000):
        writer.add(n, "d", [*words[6 * n : 6 * n + 6], "windmil"])
    writer.close()
    index = LexicalIndex(tmp_path / "lexical")
    counts = index.vocabulary("w")
    assert counts["windmil"] == 10_000
    assert all(term.startswith("w") for term in counts)
    assert 1_000 < len(counts) < 10_000
    # A twentieth of all words begin so.
    assert ratio(lambda: index.vocabulary("w"), lambda: index.vocabulary(""), clock=PROCESSOR) < 0.3
