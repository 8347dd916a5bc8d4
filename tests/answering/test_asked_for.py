"""What kind of thing a question asks for, and whether a text has any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.asked_for import Kind, gives, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the ship leave?", "time"),
        ("in what year was it built", "time"),
        ("WHICH DAY IS IT ON?", "time"),
        ("How many crates were on board?", "number"),
        ("What is the population of Minsk?", "number"),
        ("how long did the siege last", "number"),
        # Asks for something else, though its words are near.
        ("When it rains, who pays?", None),
        ("How did they leave?", None),
        ("Who pays the price?", None),
        ("Wann fuhr das Schiff?", None),
        ("", None),
    ],
)
def test_dates_and_numbers_are_told_from_all_else(question: str, kind: Kind | None) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("kind", "text", "there"),
    [
        ("time", "It left in March.", True),
        ("time", "It left before the storm.", True),
        ("time", "It left on the 3rd.", True),
        ("time", "It left from Oslo.", False),
        ("number", "Twelve crates.", True),
        ("number", "There were 300 of them.", True),
        ("number", "None of them came.", True),
        ("number", "There were crates on board.", False),
        # A word within another is not there.
        ("number", "The tennis players boned up.", False),
        ("time", "The marchers were maybe tired.", False),
    ],
)
def test_a_text_has_what_is_asked_for_in_digits_or_in_words(kind: Kind, text: str, there: bool) -> None:
    assert gives(kind, text) == there


@given(st.sampled_from(["time", "number"]), st.text(max_size=30), st.text(max_size=30))
def test_a_text_that_goes_on_after_a_space_still_has_it(kind: Kind, text: str, more: str) -> None:
    assert gives(kind, f"{text} {more}") >= gives(kind, text)
