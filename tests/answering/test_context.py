"""What is quoted stands on its own: the sentence with what it hangs on, each a span of its document."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.context import stand
from askreport.text.chunk import chunk, split_sentences
from askreport.types import Document, Span
from tests.conftest import CORPUS
from tests.tools.parts import document

BASES = (
    "Russia and China show no signs of military cooperation. This includes sharing of military bases. The SVR spies."
)
LOANS = "Putin wanted three things: arms, money and loans. He got none of those things. The summit ended."


def standing(source: Document, words: str) -> tuple[str, list[tuple[str, str]]]:
    """What is quoted for the sentence with these words, and its context."""
    sentences = sorted({span for passage in chunk(source) for span in passage.sentences})
    span = next(each for each in sentences if words in source.text[each.start : each.end])
    found = stand(source, sentences, span)
    text = source.text
    return text[found.quote.start : found.quote.end], [(role, text[a:b]) for role, (a, b) in found.context]


def context_of(text: str, words: str) -> list[tuple[str, str]]:
    return standing(document(text), words)[1]


def test_a_sentence_comes_with_the_one_it_hangs_on() -> None:
    quote, context = standing(document(BASES), "This includes")
    assert quote == "This includes sharing of military bases."
    assert context == [("before", "Russia and China show no signs of military cooperation.")]
    assert context_of(BASES, "The SVR") == []


def test_the_report_never_says_that_bases_are_shared() -> None:
    report = document((CORPUS / "china-russia-report.txt").read_text())
    quote, ((role, before),) = standing(report, "sharing of military bases")
    assert quote.startswith("This includes")
    assert role == "before"
    assert "show no signs of the advanced military cooperation" in before


def test_a_sentence_that_takes_back_the_one_before_is_part_of_it() -> None:
    assert context_of(LOANS, "Putin wanted") == [("after", "He got none of those things.")]
    assert context_of(LOANS, "none of those") == [("before", "Putin wanted three things: arms, money and loans.")]


def test_a_sentence_that_hangs_on_one_that_hangs_comes_with_both() -> None:
    text = "Smith ran the bank. He was paid by the state. This was not known. It was found out later."
    assert [words for _, words in context_of(text, "This was")] == ["Smith ran the bank.", "He was paid by the state."]
    assert len(context_of(text, "found out")) == 3
    # "But" joins a sentence that is whole in itself.
    whole = "The war is long. But the army has spent much. This is known."
    assert [words for _, words in context_of(whole, "This is")] == ["But the army has spent much."]


def test_the_first_sentence_under_a_heading_comes_with_the_heading() -> None:
    tram = document("The tram of Sorel\n\nIt was opened in 1954.\n", headings=["The tram of Sorel"])
    assert standing(tram, "opened")[1] == [("heading", "The tram of Sorel")]


def test_context_does_not_reach_beyond_a_heading() -> None:
    text = "Smith ran the bank.\n\nThe mine\n\nHe was paid by the state.\n"
    assert standing(document(text, headings=["The mine"]), "paid")[1] == [("heading", "The mine")]


@pytest.mark.parametrize("mark", ["- ", "1. ", "• ", ""])
def test_a_lead_in_comes_with_its_list_and_an_item_with_its_lead_in(mark: str) -> None:
    text = f"The members are:\n\n{mark}Albavia\n\n{mark}Bresna\n\nThe council was founded in 1961."
    quote, context = standing(document(text), "The members")
    assert quote == text[: text.index("Bresna") + 6]
    assert context == []
    assert context_of(text, "Bresna") == [("lead_in", "The members are:")]
    assert context_of(text, "founded") == []


def test_a_lead_in_may_itself_hang_on_a_sentence() -> None:
    text = "The council was founded in 1961. Its members are:\n\n- Albavia\n- Bresna\n"
    before = ("before", "The council was founded in 1961.")
    assert context_of(text, "Its members") == [before]
    assert context_of(text, "Bresna") == [before, ("lead_in", "Its members are:")]


def test_a_list_right_under_a_heading_comes_with_it() -> None:
    text = "Not allowed\n\n- dogs\n- bicycles\n"
    assert standing(document(text, headings=["Not allowed"]), "bicycles")[1] == [("heading", "Not allowed")]


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("Q: Who owns it?\nA: The trust.\n\nQ: How many?\nA: There are 44.\n", "Q: How many", "A: There are 44."),
        ("**Who is to blame?**\n\nThe judges of the courts. They knew.\n", "Who is to", "The judges of the courts."),
        ("Is there a lift?\n\nYes. It is behind the cloakroom.\n", "lift", "Yes. It is behind the cloakroom."),
        ("[00:01] ANNA 1: When?\n[00:09] BOB 2: In the year 1999.\n", "When", "[00:09] BOB 2: In the year 1999."),
    ],
)  # fmt: skip
def test_a_question_gives_way_to_its_answer(text: str, question: str, answer: str) -> None:
    quote, ((role, asked),) = standing(document(text), question)
    assert quote == answer
    assert role == "question"
    assert question in asked
    assert ("question", asked) in context_of(text, answer.split(". ", maxsplit=1)[0][:12])


def test_a_question_that_nobody_answers_is_all_there_is() -> None:
    assert standing(document("Who owns the depot?\n"), "depot") == ("Who owns the depot?", [])


def test_a_row_comes_with_its_header() -> None:
    text = "Year | Dust | Workers\n\n2016 | 14 | 910\n\n2017 | 12 | 905\n"
    assert context_of(text, "2017") == [("header", "Year | Dust | Workers")]


def test_a_later_sentence_of_a_turn_comes_with_who_speaks() -> None:
    text = "DR. MAREK: The mine was closed. Nobody was paid.\nMS. SORGE: The town was told.\n"
    assert context_of(text, "Nobody") == [("before", "DR. MAREK:")]
    assert context_of(text, "The mine") == []


def test_what_a_sentence_announces_follows_it() -> None:
    text = "The treaty failed for two reasons. The first is money. The second is time."
    assert context_of(text, "for two reasons") == [("after", "The first is money.")]


PARTS = [
    "This is so. ", "He went. ", "The ferry sails. ", "Why? ", "\n\n", "\n- ", "\n1. ", "Its members are:", "A | B\n",
    "1 | 2 | 3\n", "Q: Who? ", "BOB: Yes. ", "🙂 ", "But no. ", "none of those. ", "中国。", " ", "x", ".",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=20), st.sampled_from([(), ("The ferry sails.",)]))
def test_all_that_is_quoted_is_in_the_text_in_its_order_and_nothing_twice(
    parts: list[str], headings: tuple[str, ...]
) -> None:
    text = "".join(parts)
    source = document(text, headings=[each for each in headings if each in text])
    sentences = split_sentences(text)
    for span in sentences:
        found = stand(source, sentences, span)
        assert text[found.quote.start : found.quote.end].strip()
        spans = sorted([found.quote, *(each for _, each in found.context)])
        assert [each for _, each in found.context] == sorted(each for _, each in found.context)
        for start, end in spans:
            assert 0 <= start < end <= len(text)
            assert text[start:end] == text[start:end].strip()
        assert all(one.end <= other.start for one, other in pairwise(spans))
        assert found.quote == span or found.quote.start == span.start or found.quote.start >= span.end
        assert isinstance(found.quote, Span)
