"""Words are found by BM25 as it is written in books, with one analysis for passages and questions."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.store.folder.lexical import LexicalIndex, LexicalWriter
from askreport.store.words import forms_of, terms_of
from tests.tools.parts import bm25

WORDS = ["china", "russia", "cyber", "trade", "border", "agent"]


def make(folder: Path, passages: Sequence[tuple[str, str]]) -> LexicalIndex:
    """An index of (document id, text) pairs, numbered in order."""
    writer = LexicalWriter(folder)
    for number, (document_id, text) in enumerate(passages):
        writer.add(number, document_id, terms_of(text))
    writer.close()
    return LexicalIndex(folder)


def search(index: LexicalIndex, question: str, limit: int, documents: Sequence[str] | None) -> dict[int, float]:
    """What the words of a question find."""
    return index.search(forms_of(question, ()), limit, documents)


def test_another_form_of_the_word_is_found(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "He was spying."), ("a", "She was trading.")])
    assert list(search(index, "Who SPIES?", 10, None)) == [0]


def test_a_rare_word_counts_more_than_a_common_one(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "china trade"), ("a", "china border"), ("a", "china agent")])
    assert list(search(index, "china agent", 10, None)) == [2, 0, 1]


def test_of_two_passages_with_the_word_the_shorter_and_the_one_with_more_of_it_come_first(tmp_path: Path) -> None:
    texts = ["agent and many other words stand here", "agent alone", "agent agent", "nothing"]
    index = make(tmp_path / "lexical", [("a", text) for text in texts])
    assert list(search(index, "agent", 10, None)) == [2, 1, 0]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join), min_size=1, max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
)
def test_scores_are_those_of_the_formula(
    tmp_path_factory: pytest.TempPathFactory, passages: list[str], question: str
) -> None:
    expected = bm25(passages, question)
    # Nothing removes the folder now: right after opening it, a thread of tantivy makes a lock in it.
    index = make(tmp_path_factory.mktemp("scores") / "lexical", [("a", text) for text in passages])
    found = search(index, question, 100, None)
    assert found == pytest.approx(expected, rel=1e-4)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_a_word_said_twice_counts_once(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "china trade"), ("a", "russia")])
    assert search(index, "china china", 10, None) == search(index, "China", 10, None)


def test_a_filter_leaves_scores_as_they_are_and_other_documents_out(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "china trade"), ("b", "china"), ("c", "china border agent")])
    everywhere = search(index, "china trade", 10, None)
    assert search(index, "china trade", 10, ["a", "c"]) == pytest.approx({0: everywhere[0], 2: everywhere[2]})
    assert search(index, "china", 10, ["unknown"]) == {}
    assert search(index, "china", 10, []) == {}


def test_at_most_the_limit_is_found_and_it_is_the_best(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", f"china {'filler ' * n}") for n in range(20)])
    assert list(search(index, "china", 3, None)) == [0, 1, 2]


@pytest.mark.parametrize("question", ["", "   ", "?!", "🙂🙃", '"(*:~^[', "unheard"])
def test_a_question_without_a_known_word_finds_nothing(tmp_path: Path, question: str) -> None:
    assert search(make(tmp_path / "lexical", [("a", "china")]), question, 10, None) == {}


@pytest.mark.parametrize("question", ["china OR trade", "china AND trade", "-china +trade", 'number:0 "china'])
def test_query_syntax_is_just_words(tmp_path: Path, question: str) -> None:
    assert 0 in search(make(tmp_path / "lexical", [("a", "china trade")]), question, 10, None)


def test_nothing_is_found_in_an_index_of_nothing(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [])
    assert search(index, "china", 10, None) == {}
    assert index.idf({"china"}) == {"china": pytest.approx(0.0 + math.log(2))}


def test_idf_is_the_formula_and_highest_for_an_unknown_term(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "china trade"), ("a", "china"), ("b", "russia")])
    idf = index.idf({"china", "trade", "unheard"})
    assert idf["china"] == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert idf["china"] < idf["trade"] < idf["unheard"]


@pytest.mark.parametrize("typed", ["espoinage", "espionag3", "espionagee", "espinage"])
def test_a_mistyped_word_is_found_by_the_one_it_was_meant_to_be(tmp_path: Path, typed: str) -> None:
    index = make(tmp_path / "lexical", [("a", "trade by sea"), ("a", "espionage by land")])
    assert list(search(index, typed, 10, None)) == [1]


def test_a_word_that_is_there_is_taken_as_it_is_and_a_short_one_too(tmp_path: Path) -> None:
    index = make(tmp_path / "lexical", [("a", "border agents"), ("a", "boarder agents"), ("a", "coal")])
    assert list(search(index, "border", 10, None)) == [0]
    assert search(index, "coat", 10, None) == {}
    assert index.unknown(["border", "nowher"]) == {"nowher"}
