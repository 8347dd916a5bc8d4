"""The figures of some questions are those of their results."""

import math

import pytest

from askreport.evaluation.results import Result, figures_of, part_of, parts_by
from askreport.types import Status


def result(confidence: float, rank: int | None, answerable: bool | None = True, status: Status = "answered") -> Result:
    return Result(
        id="q", question="?", answerable=answerable, status=status, confidence=confidence, first="", place="",
        rank=rank, milliseconds=1.0, ranking={}, kind="what",
    )  # fmt: skip


def test_what_is_first_and_among_three_counts_only_where_it_is_known_what_answers() -> None:
    found = part_of([result(0.9, 1), result(0.8, 3), result(0.7, 4), result(0.6, 0), result(0.5, None)])
    assert (found.questions, found.figures["first"], found.figures["three"]) == (5, 1 / 4, 2 / 4)


def test_to_answer_what_the_documents_do_not_say_is_wrong() -> None:
    right = [result(1 - n / 100, 2) for n in range(9)]
    silent = [result(0.5, 0, answerable=False, status="uncertain")]
    found = part_of([*right, *silent]).figures
    assert found["coverage at 90% right"] == 1
    assert found["coverage at 95% right"] == 0.9
    assert found["AUROC"] == 1
    assert (found["right when answered"], found["first when answered"]) == (1, 0)


def test_a_first_quote_is_not_judged_where_nobody_knows_what_answers() -> None:
    found = part_of([result(0.9, None), result(0.8, 0, answerable=False)]).figures
    assert (found["right when answered"], math.isnan(found["first when answered"])) == (0.5, True)


def test_only_the_most_confident_can_be_answered_first() -> None:
    confident_and_wrong = [result(0.99, 0, answerable=False), *(result(0.9, 1) for _ in range(8))]
    assert part_of(confident_and_wrong).figures["coverage at 90% right"] == 0


def test_statuses_are_counted_for_each_kind_of_truth() -> None:
    found = part_of([result(0.9, 1), result(0.1, 0, status="not_found"), result(0.4, 0, False, "uncertain")])
    assert found.statuses == {
        "answerable": {"answered": 1, "uncertain": 0, "not_found": 1},
        "unanswerable": {"answered": 0, "uncertain": 1, "not_found": 0},
    }


def test_groups_come_the_largest_first() -> None:
    found = parts_by([result(0.9, 1), result(0.8, 1), result(0.7, 0)], lambda each: str(each.rank))
    assert [(name, part.questions) for name, part in found.items()] == [("1", 2), ("0", 1)]


def test_nothing_has_no_figures() -> None:
    assert all(math.isnan(value) for value in figures_of([]).values())
    assert figures_of([result(0.9, 1)])["risk at full coverage"] == pytest.approx(0)
