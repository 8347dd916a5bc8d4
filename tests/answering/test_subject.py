"""What a question is about, and whether it asks for all there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.subject import subject_of, wants_all


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("What do the documents say about tides?", "tides"),
        ("what does the annual report say about the price of gas", "the price of gas"),
        ("What is said in the reports on winter fuel?", "winter fuel"),
        ("What is known about Unit 54777?", "Unit 54777"),
        ("List all sentences about the GRU.", "the GRU"),
        ("Show me everything about cyber espionage", "cyber espionage"),
        ("List all treaties between Russia and China", "treaties between Russia and China"),
        ("Please list the treaties.", "treaties"),
        ("Name all agencies that spy on China", "agencies that spy on China"),
        ("All mentions of Xi Jinping", "Xi Jinping"),
    ],
)
def test_what_only_asks_is_left_out(question: str, subject: str) -> None:
    assert subject_of(question) == subject
    assert wants_all(question)


@pytest.mark.parametrize(
    "question",
    [
        "When does the ferry leave?",
        "Show of force",
        "Name of the ship",
        "What does the FSB think of China?",
        "Give reasons",
        "list",
        "What do the documents say about?",
    ],
)
def test_all_other_questions_are_their_own_subject(question: str) -> None:
    assert subject_of(question) == question


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("Which countries signed?", True),
        ("What are the main findings?", True),
        ("Who are the members?", True),
        ("Who signed?", False),
        ("What is the date?", False),
        ("When did all of them sign?", False),
    ],
)
def test_questions_for_several_things_want_all(question: str, wants: bool) -> None:
    assert wants_all(question) == wants


@given(st.text(max_size=200))
def test_a_subject_is_a_part_of_its_question(question: str) -> None:
    assert subject_of(question) in question
