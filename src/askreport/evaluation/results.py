"""What became of each question, and the figures of all of them, of each language and of each kind of question."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from askreport.answering.reading import MAX_QUOTES
from askreport.evaluation.figures import (
    RANKING,
    Bin,
    Point,
    area_under,
    auroc,
    calibration_error,
    coverage_at,
    reliability,
    risk_coverage,
)
from askreport.types import Status

# The name of the group whose data set does not say in which language its questions are.
UNSAID = "not said"
_ANSWERABLE: dict[bool | None, str] = {True: "answerable", False: "unanswerable", None: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a question; ``rank`` counts from 1 the sentences read before the first that answers, 0 is none.

    ``rank`` is None where no place is known that answers. ``ranking`` has the question's own ranking figures.
    """

    id: str
    question: str
    answerable: bool | None
    status: Status
    confidence: float
    first: str
    place: str
    rank: int | None
    milliseconds: float
    ranking: dict[str, float]
    lang: str | None = None
    kind: str = ""

    @property
    def is_right(self) -> bool | None:
        """Whether answering was right: a quote answers, or, if no place is known, the documents do."""
        return self.answerable if self.rank is None else 1 <= self.rank <= MAX_QUOTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the questions: how many, their figures (NaN where the data set does not tell), and their statuses."""

    questions: int
    figures: dict[str, float]
    statuses: dict[str, dict[str, int]]


def part_of(results: Sequence[Result]) -> Part:
    """The figures that say most, of some questions.

    ``first`` and ``three`` are of the questions of which it is known what answers. Coverage is the largest share of
    all questions that can be answered, the most confident first, with so many of those right; to answer what the
    documents do not say is wrong.
    """
    placed = [each for each in results if each.answerable is not False and each.rank is not None]
    judged = [each for each in results if each.is_right is not None]
    answered = [each for each in judged if each.status == "answered"]
    # Where it is not known what answers, a first quote can be neither right nor wrong.
    is_placed = all(each.rank is not None for each in answered)
    curve = curve_of(results)
    figures = {
        "first": mean(each.rank == 1 for each in placed),
        "three": mean(bool(each.is_right) for each in placed),
        "AUROC": auroc(
            [each.confidence for each in results if each.answerable],
            [each.confidence for each in results if each.answerable is False],
        ),
        "coverage at 90% right": coverage_at(curve, 0.10) if curve else math.nan,
        "coverage at 95% right": coverage_at(curve, 0.05) if curve else math.nan,
        "right when answered": mean(bool(each.is_right) for each in answered),
        "first when answered": mean(each.rank == 1 for each in answered) if is_placed else math.nan,
        "nDCG@10": mean(each.ranking["nDCG@10"] for each in results if each.ranking),
    }
    return Part(questions=len(results), figures=figures, statuses=statuses_of(results))


def parts_by(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, Part]:
    """The same of each group of questions, the largest group first."""
    groups: dict[str, list[Result]] = {}
    for each in results:
        groups.setdefault(key(each), []).append(each)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return {name: part_of(group) for name, group in ordered}


def by_language(results: Sequence[Result]) -> dict[str, Part]:
    """The figures of each language, as the data set names it."""
    return parts_by(results, lambda each: each.lang or UNSAID)


def by_kind(results: Sequence[Result]) -> dict[str, Part]:
    """The figures of each kind of question."""
    return parts_by(results, lambda each: each.kind)


def figures_of(results: Sequence[Result]) -> dict[str, float]:
    """Every figure of a run: those of ``part_of``, further ranking figures, risk, calibration and time."""
    figures = dict(part_of(results).figures)
    curve = curve_of(results)
    for name in RANKING:
        figures[name] = mean(each.ranking[name] for each in results if each.ranking)
    figures["risk at full coverage"] = curve[-1].risk if curve else math.nan
    figures["area under risk-coverage"] = area_under(curve)
    figures["calibration error"] = calibration_error(bins_of(results))
    times = sorted(each.milliseconds for each in results)
    figures["median ms"] = statistics.median(times) if times else math.nan
    figures["p95 ms"] = times[min(len(times) - 1, int(0.95 * len(times)))] if times else math.nan
    return figures


def curve_of(results: Sequence[Result]) -> list[Point]:
    """Risk by coverage, of the questions of which it is known whether answering was right."""
    judged = [each for each in results if each.is_right is not None]
    return risk_coverage([each.confidence for each in judged], [bool(each.is_right) for each in judged])


def bins_of(results: Sequence[Result]) -> list[Bin]:
    """Confidence and truth, of the same questions."""
    judged = [each for each in results if each.is_right is not None]
    return reliability([each.confidence for each in judged], [bool(each.is_right) for each in judged])


def statuses_of(results: Sequence[Result]) -> dict[str, dict[str, int]]:
    """How many of the answerable, of the unanswerable and of the other questions got which status."""
    table = {name: dict.fromkeys(get_args(Status), 0) for name in _ANSWERABLE.values()}
    for each in results:
        table[_ANSWERABLE[each.answerable]][each.status] += 1
    return {name: row for name, row in table.items() if any(row.values())}


def mean(values: Iterable[float]) -> float:
    """The mean; NaN of nothing."""
    found = list(values)
    return statistics.fmean(found) if found else math.nan
