"""Made-up relations: each has a sentence that answers and another that does not."""

import random
from collections import Counter

from training.relations import Maker, relations


def test_the_sentences_differ_and_one_answers() -> None:
    for each in relations(random.Random(1), 60):
        right, wrong = each.sentences
        assert each.labels == (1, 0)
        assert right != wrong
        assert each.question.strip()
        assert all(not sentence[0].islower() and sentence.endswith(".") for sentence in each.sentences)


def test_all_kinds_are_made_and_the_same_seed_makes_the_same() -> None:
    made = list(relations(random.Random(2), 20))
    kinds = Counter(each.source.removeprefix("relations-") for each in made)
    assert set(kinds) == {"role", "negation", "denial", "subject", "name", "year"}
    assert made == list(relations(random.Random(2), 20))


def test_a_denial_is_an_answer() -> None:
    maker = Maker(random.Random(3))
    for made in (maker.denial() for _ in range(100)):
        assert any(word in made.right for word in (" not ", "never", "refused"))
        assert made.question.split()[0] in ("Do", "Does", "Did", "Has", "Have")
