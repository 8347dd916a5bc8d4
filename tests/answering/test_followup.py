"""A follow-up question is understood from the questions before it, and a question of its own is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.followup import MAX_HISTORY, understood
from askreport.models.encoder import Encoder
from tests.tools.parts import HashingEncoder

SVR = "does the SVR spy on China?"


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([SVR], "And the GRU?", "does the GRU spy on China?"),
        ([SVR], "And Japan?", "does the SVR spy on Japan?"),
        ([SVR.lower()], "and the gru?", "does the gru spy on china?"),
        ([SVR, "And the GRU?"], "What about the FSB?", "does the FSB spy on China?"),
        (["Will China send weapons to Russia?"], "How about drones?", "Will China send drones to Russia?"),
        ([SVR], "why?", "Why does the SVR spy on China?"),
        (["Who leads the GRU?"], "Since when?", "Who leads the GRU: since when?"),
        (["Who leads the GRU?"], "What are its tasks?", "What are the GRU’s tasks?"),
        (["Who leads the Soviets?"], "And what are their tasks?", "What are the Soviets’ tasks?"),
        (["Who is Vladimir Putin?"], "How old is he?", "How old is Vladimir Putin?"),
        (["What is the population of China?"], "And of Russia?", "What is the population of Russia?"),
        (["How big is the population of China?"], "And in Russia?", "How big is the population in Russia?"),
        (["Did exports to China grow?"], "And in 2020?", "Did exports to China grow in 2020?"),
        (["Did the company grow?"], "And in 2020?", "Did the company grow in 2020?"),
        ([SVR], "Why not?", "Why does the SVR not spy on China?"),
        (["Is the population growing?"], "Why not?", "Why isn’t the population growing?"),
        (["Who leads the GRU?"], "Why not?", "Who leads the GRU: why not?"),
        ([SVR], "Is this confirmed?", "does the SVR spy on China, and is this confirmed?"),
        ([SVR], "Are you sure?", "does the SVR spy on China, and is this confirmed?"),
        ([SVR], "Says who?", "does the SVR spy on China, and who says so?"),
        ([SVR], "Who says that?", "does the SVR spy on China, and who says so?"),
        ([SVR], "Give me an example", "does the SVR spy on China, for example?"),
        ([SVR], "Can you give some examples, please?", "does the SVR spy on China, for example?"),
        (["what is unit 54777?"], "to whom does it belong?", "to whom does it belong? (unit 54777)"),
    ],
)
def test_what_was_left_out_comes_from_the_question_before(
    encoder: Encoder, history: list[str], question: str, expected: str
) -> None:
    assert understood(question, history, encoder.encode_question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How many soldiers does North Korea have?",
        "Is it true that Russia exports gas?",
        "How long does it take to build a pipeline?",
        "Who are those siloviki around Putin?",
        "Did Putin get what he asked China for?",
        "gas exports 2022",
        "And what does the FSB do in China?",
        "Andorra and its neighbours?",
        "?!",
    ],
)
def test_a_question_of_its_own_keeps_its_words(encoder: Encoder, question: str) -> None:
    found = understood(question, [SVR], encoder.encode_question)
    assert found.lower().removesuffix("?") in question.lower()
    assert understood(question, [], encoder.encode_question) == question


def test_the_oldest_of_a_long_history_no_longer_count(encoder: Encoder) -> None:
    history = ["Who leads the GRU?", *["gas exports 2022"] * MAX_HISTORY]
    assert "GRU" not in understood("And why?", history, encoder.encode_question)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_after_any_other_is_understood_as_something(question: str, history: list[str]) -> None:
    found = understood(question, history, HashingEncoder().encode_question)
    assert not history or not question.strip() or found.strip()
    assert understood(question, history, HashingEncoder().encode_question) == found
