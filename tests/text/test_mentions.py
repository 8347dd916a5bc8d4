"""The numbers and names of a sentence that do not stand in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.mentions import stranger, words

TEXT = (
    "In 2014–18 the US bought 1,500 tanks for US$2.5 billion, about 30 per cent of all, from Slovakia and twelve "
    "others; the Ministry of State Security (Beijing) called the Su-35 of Sergei O’Brien too dear, see www.example.org."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "From 2014 to 2018 it bought 1500 tanks.",
        "It paid 2.5 billion and 2.5bn.",
        "It was 30% of all.",
        "There were 12 others.",
        "The United States bought them.",
        "The MSS called it too dear.",
        "Slovakian tanks came from Slovakia.",
        "Sergei O’Brien’s Su-35 was too dear.",
        "However, Tanks came from Slovakia.",
        "See www.example.org.",
    ],
)
def test_other_forms_are_the_same(sentence: str) -> None:
    assert stranger(sentence, TEXT, TEXT) == ""


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("It bought 1,600 tanks.", "1600"),
        ("It paid 2.5 million.", "2.5 million"),
        ("It was 30 of all.", "30"),
        ("It was bought by Slovenia.", "Slovenia"),
        ("Uwe Meier bought it.", "Uwe"),
        ("The KGB called it too dear.", "KGB"),
        ("The Su-27 was too dear.", "Su-27"),
        ("It bought fifteen tanks.", "15"),
        ("See evil.example.com now.", "example.com"),
    ],
)
def test_strangers_are_named(sentence: str, found: str) -> None:
    assert stranger(sentence, TEXT, TEXT).startswith(found)


def test_words_are_the_parts_of_compounds() -> None:
    assert words("The Russian-Chinese U.S. border’s end") == ["the", "russian", "chinese", "us", "border", "end"]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("It has 10,000 people.", "the quote has another number of people"),
        ("It has 110,000 people.", ""),
        ("It has 10,000 at headquarters.", ""),
        ("It began on 13 May.", ""),
        ("It began on 13 September.", "the quote has another number of september"),
    ],
)
def test_a_number_belongs_to_what_it_counts(sentence: str, reason: str) -> None:
    said = "It has 110,000 people, about 10,000 of them at headquarters, began on 13 May and ended on 6 September."
    assert stranger(sentence, said, said) == reason


@given(st.text(max_size=100))
def test_a_text_has_no_strangers_of_its_own(text: str) -> None:
    assert stranger(text, text, text) == ""
