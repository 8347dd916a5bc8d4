"""Tests of texts under two titles."""

import random

from training.examples import Example
from training.titled import titled

REAL = Example(
    source="real",
    question="Who kept the goats?",
    title="Lighthouse",
    sentences=("The keeper kept nine goats.", "The sea was calm."),
    labels=(1, 0),
)


def test_nothing_but_the_title_tells_which_text_answers() -> None:
    pairs = list(titled([REAL] * 50, random.Random(1), 200, 50))
    assert len(pairs) == 250
    for right, wrong in pairs:
        assert (right.question, right.sentences) == (wrong.question, wrong.sentences)
        assert right.title != wrong.title
        assert 1 in right.labels
        assert set(wrong.labels) == {0}
        assert "{" not in f"{right.question} {right.title} {wrong.title} {right.sentences}"


def test_what_the_question_names_is_in_the_right_title_alone() -> None:
    for right, wrong in titled([REAL] * 50, random.Random(2), 200, 50):
        told_apart = set(right.title.split()) - set(wrong.title.split())
        asked = right.question.replace("'s", "").strip("?").replace(",", "").replace(":", "")
        assert any(word.strip("():,") in asked for word in told_apart), (right.question, right.title, wrong.title)


def test_a_question_that_has_a_year_gets_no_other() -> None:
    dated = Example(source="real", question="Who ruled in 1815?", sentences=("Napoleon did.",), labels=(1,))
    assert not list(titled([dated], random.Random(3), 0, 5))
