"""(question, sentences) -> how well each sentence answers, and how likely it is that anything does.

A sentence's score is its cosine to the question plus the share of the question's words, weighted by how rare they
are, that stand in it. The confidence is a logistic regression over four features of the best sentence and passage.
``benchmarks/refusal.py`` fits and reports both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from askreport.digest import text_digest
from askreport.retrieve import Candidate
from askreport.store import Store
from askreport.types import FloatArray, Span

# Chosen on squad2-dev and clapnq-dev (first sentence right: 0.59 and 0.69 without the words, 0.78 and 0.69 with).
COVERAGE_WEIGHT = 0.4


class Features(NamedTuple):
    """What the confidence is computed from."""

    score: float
    cosine: float
    passage: float
    unknown: float


# Intercept and weights of the logistic regression, in the order of Features.
INTERCEPT = 0.0
WEIGHTS = Features(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a candidate passage, by its document and span, with its score."""

    document_id: str
    span: Span
    heading: tuple[str, ...]
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences, best first, each text once, and the calibrated probability that they answer."""

    sentences: tuple[ScoredSentence, ...]
    confidence: float


def read(store: Store, question: str, vector: FloatArray, candidates: Sequence[Candidate]) -> Reading:
    """Scores every sentence of the candidate passages against the question and its unit vector."""
    idf = store.idf(set(store.terms(question)))
    best: dict[bytes, ScoredSentence] = {}
    for candidate in candidates:
        for digest, sentence in _score_passage(store, idf, vector, candidate):
            if digest not in best or sentence.score > best[digest].score:
                best[digest] = sentence
    sentences = tuple(sorted(best.values(), key=lambda sentence: -sentence.score))
    features = measure(store, idf, sentences, candidates)
    return Reading(sentences, confidence(features) if features else 0.0)


def _score_passage(
    store: Store, idf: dict[str, float], vector: FloatArray, candidate: Candidate
) -> list[tuple[bytes, ScoredSentence]]:
    passage = candidate.stored.passage
    text = store.document(passage.document_id).text
    total = sum(idf.values()) or 1.0
    scored = []
    for span, cosine in zip(passage.sentences, candidate.stored.sentence_vectors @ vector, strict=True):
        words = text[span.start : span.end]
        found = set(store.terms(words)) & idf.keys()
        score = float(cosine) + COVERAGE_WEIGHT * sum(idf[term] for term in found) / total
        sentence = ScoredSentence(passage.document_id, span, passage.heading, score, float(cosine))
        scored.append((text_digest(words), sentence))
    return scored


def measure(
    store: Store,
    idf: dict[str, float],
    sentences: Sequence[ScoredSentence],
    candidates: Sequence[Candidate],
) -> Features | None:
    """The features of a reading; None if there is nothing to read or no word in the question."""
    if not sentences or not idf:
        return None
    # A term that no passage has gets the highest weight there is: exactly what "unknown" means.
    ceiling = max(store.idf(["\0"]).values())
    unknown = sum(weight for weight in idf.values() if weight >= ceiling) / sum(idf.values())
    return Features(
        score=sentences[0].score,
        cosine=max(sentence.cosine for sentence in sentences),
        passage=max(candidate.dense for candidate in candidates),
        unknown=unknown,
    )


def confidence(features: Features) -> float:
    """The probability, 0 to 1, that the documents answer a question with these features."""
    logit = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, features, strict=True))
    return 1 / (1 + math.exp(-logit))
