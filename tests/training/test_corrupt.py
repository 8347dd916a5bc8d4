"""Sentences and questions changed by rule: in one point, and never back to what they were."""

import random
import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from training.corrupt import (
    names_in,
    noisy,
    numbers_in,
    other_number,
    point_changed,
    question_changed,
    roles_exchanged,
)

NAMES = ("Russia", "China", "Iran", "Minsk Group", "Bank of England", "Ann", "Annan")
# Texts as they occur: names, numbers and small words, with white space of any kind between.
WORDS = st.sampled_from(
    [*NAMES, "The", "In", "1998", "2024", "12.5", "7", "1,000", "spied on", "and", "or", "said", ","]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "  ", "\n"])), max_size=9).map(
    lambda parts: "".join(word + space for word, space in parts)
)
SEEDS = st.integers(0, 1_000)


def has(text: str, point: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(point)}(?!\w)", text) is not None


def exchanged(question: str, sentence: str) -> set[str | None]:
    return {roles_exchanged(question, sentence, random.Random(seed)) for seed in range(20)}


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Does China spy on Russia?", "Russia spies on India.", "India spies on Russia."),
        ("Who sued Delmar Pharma?", "Delmar Pharma was sued by Oxivent.", "Oxivent was sued by Delmar Pharma."),
        ("Who met Orban?", "In March Putin met Orban.", "In Orban met March Putin."),
    ],
)
def test_a_name_of_the_question_and_another_are_exchanged(question: str, sentence: str, expected: str) -> None:
    assert expected in exchanged(question, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Russia and China signed it.",
        "China or Russia signed it.",
        "Russia, and the China signed it.",
        "Russia, China, Iran and Belarus signed it.",
        "Belarus, Iran and Russia signed it.",
        "They were signed by Iran & Russia.",
        "Russia signed it.",
        "China signed it.",
        "Russia signed for the Russian Army.",
    ],
)
def test_where_an_exchange_would_say_the_same_there_is_none(sentence: str) -> None:
    assert exchanged("What did Russia sign?", sentence) == {None}


def swapped(sentence: str, one: str, other: str) -> str:
    names = re.compile(f"{re.escape(one)}|{re.escape(other)}")
    return names.sub(lambda match: other if match.group() == one else one, sentence)


@given(TEXTS, TEXTS, SEEDS)
def test_in_an_exchange_a_name_of_the_question_and_another_take_each_others_places(
    question: str, sentence: str, seed: int
) -> None:
    found = roles_exchanged(question, sentence, random.Random(seed))
    if found is not None:
        assert found != sentence
        assert found in {
            swapped(sentence, one, other)
            for one, other in permutations(names_in(sentence), 2)
            if has(question, one) and not has(question, other)
        }


@given(TEXTS, TEXTS, SEEDS)
def test_a_changed_sentence_lacks_a_point_of_the_question(question: str, sentence: str, seed: int) -> None:
    found = point_changed(question, sentence, NAMES, random.Random(seed))
    if found is not None:
        assert found != sentence
        points = {*numbers_in(sentence), *names_in(sentence)}
        assert any(has(question, point) and has(sentence, point) and not has(found, point) for point in points)


@given(TEXTS, TEXTS, SEEDS)
def test_a_changed_question_asks_for_what_the_text_does_not_have(question: str, text: str, seed: int) -> None:
    found = question_changed(question, text, NAMES, random.Random(seed))
    if found is not None:
        assert found != question
        assert not all(has(text, point) for point in (*numbers_in(found), *names_in(found)))


def test_points_are_changed_where_question_and_sentence_share_them() -> None:
    changed = {
        point_changed("What did Russia do in 1998?", "Russia paid 300 in 1998.", ["Peru"], random.Random(seed))
        for seed in range(60)
    }
    assert "Peru paid 300 in 1998." in changed
    years = {text.removeprefix("Russia paid 300 in ") for text in changed if text and text.startswith("Russia")}
    assert len(years) > 3
    assert all(re.fullmatch(r"(19|20)\d\d\.", year) for year in years)
    assert point_changed("What did Russia do?", "It paid 300 to China.", ["Peru"], random.Random(1)) is None
    assert question_changed("What did they do?", "Russia paid.", ["Peru"], random.Random(1)) is None


@given(st.from_regex(r"\d([\d,.]{0,6}\d)?", fullmatch=True), SEEDS)
def test_another_number_is_another_and_a_year_stays_near(number: str, seed: int) -> None:
    found = other_number(number, random.Random(seed))
    assert found != number
    assert numbers_in(found) == [found]
    if re.fullmatch(r"(1[5-9]|20)[0-9]{2}", number):
        assert abs(int(found) - int(number)) <= 20


@given(st.text(st.characters(codec="utf-8"), max_size=40) | TEXTS, SEEDS)
def test_noise_is_small_letters_no_mark_and_one_mistake_at_most(question: str, seed: int) -> None:
    found = noisy(question, random.Random(seed))
    plain = [change(kept) for change in (str, str.lower) for kept in (question, question.rstrip("?").rstrip())]
    assert min(OSA.distance(found, each) for each in plain) <= 1


def test_most_questions_stay_as_they_are_and_each_kind_of_noise_occurs() -> None:
    question = "Which spies work in Beijing?"
    found = [noisy(question, random.Random(seed)) for seed in range(4_000)]
    assert 0.6 < found.count(question) / 4_000 < 0.85
    assert {question.lower(), question.rstrip("?"), "Which spise work in Beijing?", "Which spis work in Beijing?"} < {
        *found
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Bank of England met Ann Lee in March.", ["Bank of England", "Ann Lee", "March"]),
        ("When did It rain? In Minsk.", ["Minsk"]),
        ("In New  York they met.", ["New  York"]),
        ("nobody came", []),
    ],
)
def test_names_are_slices_without_the_words_that_only_begin_a_sentence(text: str, names: list[str]) -> None:
    assert names_in(text) == names
