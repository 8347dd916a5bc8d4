"""What an evaluation measures, as pure functions over what was asked and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np

# The ranking figures, by the names people know them by.
RANKING = {
    "nDCG@10": ir_measures.nDCG @ 10,
    "MRR": ir_measures.RR,
    "recall@5": ir_measures.R @ 5,
    "recall@100": ir_measures.R @ 100,
}


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar confidence: how many, their mean confidence, and the share of them that is right."""

    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """Of the most confident answers, a share ``coverage`` of all, ``risk`` is the share that is wrong."""

    coverage: float
    risk: float


def ranking(
    judged: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Each ranking figure for each judged question; a question without a run counts with nothing found."""
    qrels = {question: dict(documents) for question, documents in judged.items()}
    run = {question: dict(ranked.get(question, {})) for question in qrels}
    names = {str(measure): name for name, measure in RANKING.items()}
    found: dict[str, dict[str, float]] = {question: dict.fromkeys(RANKING, 0.0) for question in qrels}
    for each in ir_measures.iter_calc(list(RANKING.values()), qrels, run):
        found[each.query_id][names[str(each.measure)]] = float(each.value)
    return found


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often one of ``high`` is larger than one of ``low``, equal ones counting half; NaN if either is empty."""
    if not high or not low:
        return float("nan")
    ordered = np.sort(np.asarray(low, dtype=float))
    below = np.searchsorted(ordered, high, "left")
    not_above = np.searchsorted(ordered, high, "right")
    return float((below + not_above).mean() / 2 / len(ordered))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[Point]:
    """The curve of El-Yaniv and Wiener (2010): answering only the most confident questions, how many are wrong.

    One point for each confidence that occurs, so that ties are answered together.
    """
    order = np.argsort(-np.asarray(confidences, dtype=float), kind="stable")
    values = np.asarray(confidences, dtype=float)[order]
    wrong = np.cumsum(~np.asarray(right, dtype=bool)[order])
    if not len(values):
        return []
    last = np.flatnonzero(np.append(np.diff(values) != 0, True))
    return [Point((i + 1) / len(values), float(wrong[i] / (i + 1))) for i in last]


def coverage_at(curve: Sequence[Point], risk: float) -> float:
    """The largest share of questions that can be answered with at most this share wrong."""
    return max((point.coverage for point in curve if point.risk <= risk), default=0.0)


def area_under(curve: Sequence[Point]) -> float:
    """The mean risk over all coverages; lower is better. NaN if there is no point."""
    if not curve:
        return float("nan")
    widths = np.diff([0.0, *(point.coverage for point in curve)])
    return float(widths @ [point.risk for point in curve])


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Answers by confidence, in bins of equally many."""
    order = np.argsort(np.asarray(confidences, dtype=float), kind="stable")
    values, truth = np.asarray(confidences, dtype=float)[order], np.asarray(right, dtype=float)[order]
    parts = [part for part in np.array_split(np.arange(len(values)), bins) if len(part)]
    return [Bin(len(part), float(values[part].mean()), float(truth[part].mean())) for part in parts]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Naeini et al. 2015): how far confidence and truth lie apart, on average."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.right) for each in bins) / total if total else float("nan")
