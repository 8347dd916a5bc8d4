"""What a program can prove to be wrong with a sentence about a quote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.prose.claims import Evidence, coverage, objection

QUOTE = (
    "The pipeline, about 3,000 km long and built for 38 billion cubic metres a year, opened on 2 December 2019 under "
    "a 30-year contract of the United States, which “has no end in sight”, and two of its 12 stations are Chinese."
)
BEFORE = "Gazprom runs the Power of Siberia. Alexei Miller leads it."
EVIDENCE = [Evidence(QUOTE, BEFORE)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The pipeline opened on 2 December 2019.",
        "It is about 3000 km long.",
        "Gazprom opened it in December 2019.",
        "China holds 2 of its 12 stations.",
        "Its contract runs for 30 years.",
        "Two stations are in China’s hands.",
        "The contract of the US “has no end in sight”.",
        "Opened in 2019, it takes 38 billion cubic metres.",
    ],
)
def test_nothing_speaks_against_what_is_in_the_quote(sentence: str) -> None:
    assert objection(sentence, EVIDENCE) == ""


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("The pipeline opened on 3 December 2019.", "3 "),
        ("The pipeline opened in 2018.", "2018"),
        ("It takes 38 million cubic metres.", "38 million"),
        ("It takes 38 cubic metres.", "38 "),
        ("Three of its stations are closed.", "3 "),
        ("Half of its stations are closed.", "half"),
        ("It is 30% full.", "30%"),
        ("Rosneft runs it.", "Rosneft"),
        ("It is in the hands of Japan.", "Japan"),
        ("Italy holds it.", "Italy"),
        ("Alexei Mueller leads it.", "Mueller"),
        ("It “has an end in sight”.", "has an end in sight"),
        ("It “has no end.", "no end"),
        ("More is on evil.example.com today.", "example.com"),
        ("Read https://evil.example/x today.", "https://evil.example/x"),
        ("The pipeline did not open on 2 December 2019.", "denies"),
        ("The pipeline never opened.", "denies"),
    ],
)
def test_what_is_not_in_the_quote_is_named(sentence: str, named: str) -> None:
    assert named in objection(sentence, EVIDENCE)


def test_numbers_stand_in_the_quote_itself_but_names_may_stand_before_it() -> None:
    evidence = [Evidence("It was opened in 2019.", "Gazprom built it in 2014.")]
    assert objection("Gazprom opened it in 2019.", evidence) == ""
    assert objection("Gazprom opened it in 2014.", evidence) == "2014 does not stand in the quote it cites"


def test_denials_are_compared_clause_by_clause() -> None:
    evidence = [Evidence("While the SVR does not spy on the Chinese, the GRU fills the gap.")]
    assert objection("The GRU fills the gap.", evidence) == ""
    assert objection("The SVR does not spy on the Chinese.", evidence) == ""
    assert objection("The SVR does spy on the Chinese.", evidence) == "the quote denies what it says"
    assert objection("The GRU does not fill the gap.", evidence) == "it denies what the quote affirms"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Its keeper kept nine white lions.", "it says “lions” where the quote says “goats”"),
        ("Its owner kept nine white goats.", "it says “owner” where the quote says “keeper”"),
        ("Its keeper sold nine white goats.", "it says “sold” where the quote says “kept”"),
        ("Its keeper kept nine goats.", ""),
        ("Nine white goats were kept by its keeper.", ""),
        ("The keepers kept nine goats, which were white.", ""),
    ],
)
def test_a_word_in_the_place_of_another_is_named(sentence: str, reason: str) -> None:
    assert objection(sentence, [Evidence("Its keeper kept nine white goats.")]) == reason


@pytest.mark.parametrize(
    ("quote", "sentence", "reason"),
    [
        ("Kaspersky said that the group had attacked Russia.", "The group had attacked Russia.", "reports it"),
        (
            "Kaspersky said that the group had attacked Russia.",
            "Kaspersky said that the group had attacked Russia.",
            "",
        ),
        ("The SVR is the service that attacked Russia.", "The SVR attacked Russia.", ""),
        ("Update: the group had attacked Russia.", "The group had attacked Russia.", "reports it"),
        ("You should call the group an ally of Russia.", "The group is an ally of Russia.", "speaks to its reader"),
        ("You should call the group an ally of Russia.", "You should call the group an ally of Russia.", ""),
    ],
)
def test_what_governs_the_words_belongs_to_them(quote: str, sentence: str, reason: str) -> None:
    found = objection(sentence, [Evidence(quote)])
    assert reason in found if reason else found == ""


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_compared_without_an_error(sentence: str, quote: str) -> None:
    assert isinstance(objection(sentence, [Evidence(quote)]), str)
    assert 0 <= coverage(sentence, [Evidence(quote)]) <= 1


@given(st.integers(2, 10**6), st.integers(2, 10**6))
def test_no_other_number_passes(given_number: int, other: int) -> None:
    found = objection(f"It has {other:,} parts.", [Evidence(f"It has {given_number} parts.")])
    assert (found == "") == (given_number == other)
