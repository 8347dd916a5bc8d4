"""The figures of an evaluation are those of their definitions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.evaluation.figures import (
    Bin,
    Point,
    area_under,
    auroc,
    calibration_error,
    coverage_at,
    ranking,
    reliability,
)
from askreport.evaluation.figures import risk_coverage as curve_of

SCORES = st.lists(st.floats(0, 1, width=16), min_size=1, max_size=30)
JUDGED = st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), min_size=1, max_size=60)


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order_equal_ones_half(high: list[float], low: list[float]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in high for b in low]
    assert auroc(high, low) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(high, low) + auroc(low, high) == pytest.approx(1)


def test_auroc_of_nothing_is_no_number() -> None:
    assert math.isnan(auroc([], [0.5]))
    assert math.isnan(auroc([0.5], []))


@given(JUDGED)
def test_the_curve_answers_the_most_confident_first_and_equal_ones_together(judged: list[tuple[float, bool]]) -> None:
    confidences, right = [c for c, _ in judged], [r for _, r in judged]
    for point in curve_of(confidences, right):
        threshold = sorted(confidences, reverse=True)[round(point.coverage * len(judged)) - 1]
        taken = [r for c, r in judged if c >= threshold]
        assert len(taken) / len(judged) == pytest.approx(point.coverage)
        assert 1 - sum(taken) / len(taken) == pytest.approx(point.risk)
    assert curve_of(confidences, right)[-1].coverage == 1


def test_coverage_at_a_risk_is_the_most_that_can_be_answered() -> None:
    curve = curve_of([0.9, 0.8, 0.7, 0.6], [True, False, True, True])
    assert [point.risk for point in curve] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert coverage_at(curve, 0.3) == 1
    assert coverage_at(curve, 0.1) == 0.25
    assert coverage_at([Point(1.0, 0.5)], 0.1) == 0
    assert area_under(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert math.isnan(area_under([]))


@given(JUDGED, st.integers(1, 12))
def test_bins_hold_everything_once_in_order(judged: list[tuple[float, bool]], bins: int) -> None:
    found = reliability([c for c, _ in judged], [r for _, r in judged], bins)
    assert sum(each.count for each in found) == len(judged)
    assert max(each.count for each in found) - min(each.count for each in found) <= 1
    assert [each.confidence for each in found] == sorted(each.confidence for each in found)
    assert sum(each.count * each.right for each in found) == pytest.approx(sum(r for _, r in judged))


def test_the_calibration_error_weighs_bins_by_their_answers() -> None:
    assert calibration_error([Bin(3, 0.9, 1.0), Bin(1, 0.5, 0.1)]) == pytest.approx((3 * 0.1 + 0.4) / 4)
    assert math.isnan(calibration_error([]))


def test_ranking_figures_are_the_well_known_ones_and_an_unanswered_question_counts() -> None:
    judged = {"q1": {"a": 1}, "q2": {"b": 1, "c": 1}, "q3": {"d": 1}}
    found = ranking(judged, {"q1": {"x": 0.9, "a": 0.8}, "q2": {"b": 0.5}})
    assert found["q1"]["MRR"] == pytest.approx(1 / 2)
    assert found["q1"]["nDCG@10"] == pytest.approx(1 / math.log2(3))
    assert found["q2"]["recall@5"] == pytest.approx(1 / 2)
    assert found["q3"] == {"nDCG@10": 0, "MRR": 0, "recall@5": 0, "recall@100": 0}
