"""(question, sentences in their context) -> how strongly each of them answers.

Here is what any reader gives. The one that comes with the package is in ``e5_reader.py``; ``readers.py`` chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from askreport.types import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Neighbouring sentences that are read together, under their title and after the sentence before them, or ""."""

    sentences: tuple[str, ...]
    title: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a reader says of a sentence: how strongly it answers, as a logit, and by which words."""

    logit: float
    answers: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a sentence's score and the confidence follow from what was measured of them.

    ``sentence`` weighs a sentence's logit, cosine, coverage and context (reading.py). ``confidence`` weighs its logit,
    cosine and coverage, the share of the question's words that the library does not have, and the share of its names
    and numbers that the sentence and what stands around it do not, and whether the sentence lacks the date or number
    that is asked for; ``margin`` weighs how far the best one's score is ahead of the next. With ``intercept`` it is a
    logistic regression.
    """

    sentence: tuple[float, float, float, float]
    confidence: tuple[float, float, float, float, float, float]
    intercept: float
    margin: float = 0.0

    @classmethod
    def of(cls, fitted: dict[str, Any]) -> "Calibration":
        """The calibration that ``training/calibrate.py`` wrote."""
        return cls(tuple(fitted["sentence"]), tuple(fitted["confidence"]), fitted["intercept"], fitted["margin"])


class Scorer(Protocol):
    """Scores sentences against a question."""

    @property
    def fingerprint(self) -> str:
        """The exact model."""

    @property
    def calibration(self) -> Calibration:
        """What the logits are worth beside what retrieval knows."""

    def score(self, question: str, windows: Sequence[Window]) -> list[list[Judged]]:
        """For each window what is said of each of its sentences."""


# Of a model that nobody has calibrated here: it orders the sentences, and the best one's probability is the confidence.
UNKNOWN_MODEL = Calibration((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0)
