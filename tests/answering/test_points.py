"""Names and numbers of a question, and the share of them that texts do not have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.points import missing_share, points_in, points_of

WORDS = st.sampled_from(
    [
        "What",
        "did",
        "Minsk",
        "the",
        "China’s",
        "12-5",
        "10,000",
        "A1,000",
        "iPhone",
        "U.S.",
        "München",
        "1628",
        "x",
        "İzmir",
    ]
)
QUESTIONS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("Which spies work in Beijing?", {"beijing"}),
        ("What did Putin’s agents get from China's in 1998?", {"putin", "china", "1998"}),
        ("How many of the 10,000 crates left on Ship 12-5?", {"10000", "ship", "12-5"}),
        ("does the iPhone run on an A320neo", {"iphone", "a320neo"}),
        ("Is the U.S. older than the UK?", {"u.s", "uk"}),
        ("who came late", set()),
        ("When did the ship leave?", set()),
        ("Minsk", {"minsk"}),
        # Where most words have a capital, as in a heading, capitals say nothing.
        ("WHO SPIES ON CHINA IN 1998?", {"1998"}),
        ("Trade Between Russia And China", set()),
        ("谁是总统？", set()),
        ("", set()),
    ],
)
def test_points_are_names_and_numbers_but_no_word_that_only_begins_a_question(question: str, points: set[str]) -> None:
    assert points_of(question) == points


@pytest.mark.parametrize(
    ("point", "text"),
    [
        ("china", "Chinese agents are here."),
        ("china", "CHINA’S agents"),
        ("russia", "Russian ships"),
        ("poland", "the Polan tribe"),
        ("10000", "In all 10,000 crates."),
        ("airbus", "an Airbus-made wing"),
        ("12-5", "Ship 12-5 sank."),
        ("iran", "of Iran, it"),
    ],
)
def test_a_point_is_there_in_another_form(point: str, text: str) -> None:
    assert missing_share({point}, points_in({point}, text)) == 0


@pytest.mark.parametrize(
    ("point", "text"),
    [
        ("iran", "Iranian ships"),
        ("china", "a chimney"),
        ("1998", "19989 and 199"),
        ("12-5", "Ship 12-6, Ship 2-5"),
        ("austria", "ostriches"),
        ("minsk", ""),
        ("car", "the carpenter"),
    ],
)
def test_what_only_looks_alike_is_not_the_point(point: str, text: str) -> None:
    assert missing_share({point}, points_in({point}, text)) == 1


@given(QUESTIONS)
def test_a_question_has_all_of_its_own_points(question: str) -> None:
    assert missing_share(points_of(question), points_in(points_of(question), question)) == 0


@given(QUESTIONS, st.lists(QUESTIONS, max_size=4), QUESTIONS)
def test_the_more_is_read_the_less_is_missing(question: str, texts: list[str], more: str) -> None:
    points = points_of(question)
    share = missing_share(points, points_in(points, *texts))
    assert 0 <= missing_share(points, points_in(points, *texts, more)) <= share <= 1
    assert share == missing_share(points, frozenset().union(*(points_in(points, each) for each in texts)))
    assert round(share * len(points), 6).is_integer()


def test_the_share_is_of_all_points_of_all_texts_together() -> None:
    points = {"minsk", "tarn", "1998", "oslo"}
    assert missing_share(points, points_in(points, "In Minsk it rained.", "Tarn is a river.")) == 0.5
    assert missing_share(points, points_in(points)) == 1
    assert missing_share(set(), {"Minsk"}) == 0
