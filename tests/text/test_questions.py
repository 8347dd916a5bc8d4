"""Questions are made of a text's own words, and none that nobody would ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.questions import (
    MAX_LENGTH,
    plain_question_of,
    question_of_date,
    question_of_heading,
    question_of_name,
    questions_of,
    short_forms_of,
)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "The Strategic Support Force was replaced on 19 April 2024 by others.",
            "When was the Strategic Support Force replaced?",
        ),
        ("Anatoly Maslov of ITAM was arrested in June 2022.", "When was Anatoly Maslov of ITAM arrested?"),
        ("The MSS is a civilian ministry whose work is secret.", "What is the MSS?"),
        ("Sergey Naryshkin is the director of the SVR.", "Who is Sergey Naryshkin?"),
        ("The harbour was worth $3 million.", "How much was the harbour?"),
        ("Russia had 146.15 million inhabitants in 2024.", "How many inhabitants did Russia have?"),
        ("The island has seven villages.", "How many villages does the island have?"),
        ("The Power of Siberia pipeline is about 3,000 km long.", "How long is the Power of Siberia pipeline?"),
        ("The lighthouse was designed by Ann Lee.", "Who designed the lighthouse?"),
        ("In 2004 Valentin Danilov, a physicist of the university, was sentenced.", "Who is Valentin Danilov?"),
    ],
)
def test_a_question_is_made_of_a_sentences_own_words(sentence: str, question: str) -> None:
    assert next(questions_of(sentence)) == question


@pytest.mark.parametrize(
    "sentence",
    [
        "He went home.",
        "Each entry is a slice of the same document.",
        "Because Frame relay is a data link layer protocol, it is fast.",
        "The meeting report states there were 322 persons in attendance.",
        "The two main regions are the core and the periphery.",
        "Annexed to the Act is the list of systems.",
        "Often the place that did this was a shop.",
        "`make` is a program.",
    ],
)
def test_of_what_is_no_subject_nothing_is_asked(sentence: str) -> None:
    assert list(questions_of(sentence)) == []
    assert plain_question_of(sentence) == ""


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("China is willing to support the plan, but not to pay for it.", "Is China willing to support the plan?"),
        ("While China is willing to support the plan, others are not.", ""),
        ("The uptake of AI has a strong potential to help.", "Does the uptake of AI have a strong potential to help?"),
        ("Moscow has publicly acknowledged the attack.", ""),
        ("Moscow has never acknowledged the attack in public.", "Has Moscow never acknowledged the attack in public?"),
        # Cut before "and", it would say only half of it.
        ("The Normans are noted both for their culture and for their wars.", ""),
    ],
)
def test_a_plain_question_turns_a_sentence_round(sentence: str, question: str) -> None:
    assert plain_question_of(sentence) == question


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("2.1 Why do cats purr?", "Why do cats purr?"),
        ("Position paper of 2023", "What is said about position paper of 2023?"),
        ("Results", ""),
        ("With keys", ""),
        ("On your own questions", ""),
        ("Watch it", ""),
        ("Create an array of buttons", ""),
    ],
)
def test_a_heading_is_a_question_or_becomes_one(title: str, question: str) -> None:
    assert question_of_heading(title, "a position paper") == question


def test_what_happened_then_is_asked_of_days_and_months_only() -> None:
    assert question_of_date("23 November 2021") == "What happened on 23 November 2021?"
    assert question_of_date("May 2024") == "What happened in May 2024?"
    assert question_of_date("2021-11-23") == "What happened on 2021-11-23?"
    assert question_of_date("2024") == ""
    assert question_of_name("Positive Technologies") == "What is said about Positive Technologies?"
    assert question_of_name("Overview Notes Gallery References Identity Emperor") == ""


def test_a_short_form_is_asked_for_where_its_words_stand_before_it() -> None:
    assert list(short_forms_of("The Shanghai Cooperation Organisation (SCO) met.")) == ["What does SCO stand for?"]
    assert list(short_forms_of("The SCO (2001) met.")) == []


@given(st.text(max_size=200))
def test_of_any_text_questions_are_made_or_not(text: str) -> None:
    for question in (*questions_of(text), plain_question_of(text), question_of_heading(text, text)):
        assert question == "" or (question.endswith("?") and len(question) <= max(MAX_LENGTH, 151))
