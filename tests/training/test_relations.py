"""Made-up relations: each has a sentence that answers and another that does not."""

import random
import re
from collections import Counter

from training.relations import Maker, relations


def test_the_sentences_differ_and_one_answers() -> None:
    for each in relations(random.Random(1), 60):
        right, wrong = each.sentences
        assert each.labels == (1, 0)
        assert right != wrong
        assert each.question.strip()
        assert all(not sentence[0].islower() for sentence in each.sentences)
        assert all(sentence.endswith(".") or " | " in sentence for sentence in each.sentences)


def test_all_kinds_are_made_and_the_same_seed_makes_the_same() -> None:
    made = list(relations(random.Random(2), 20))
    kinds = Counter(each.source.removeprefix("relations-") for each in made)
    assert set(kinds) == {"role", "negation", "denial", "subject", "name", "year", "figure", "plain"}
    assert made == list(relations(random.Random(2), 20))


def test_a_denial_is_an_answer() -> None:
    maker = Maker(random.Random(3))
    for made in (maker.denial() for _ in range(100)):
        assert any(word in made.right for word in (" not ", "never", "refused"))
        assert made.question.split()[0] in ("Do", "Does", "Did", "Has", "Have")


def test_the_year_that_is_asked_for_lies_in_the_years_of_the_answer_only() -> None:
    maker = Maker(random.Random(4))
    for made in (maker.interval() for _ in range(200)):
        asked, (first, last), (start, end) = (
            [int(year) for year in re.findall(r"\d{4}", text)] for text in (made.question, made.right, made.wrong)
        )
        assert all(first <= year <= last for year in asked)
        assert not all(start <= year <= end for year in asked)
