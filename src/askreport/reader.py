"""(question, sentences) -> how well each sentence answers, and how likely it is that anything does.

A sentence's score is its cosine to the question plus the share of the question's words, weighted by how rare they
are, that stand in it, and a little for those that stand next to it. The confidence is a logistic regression over the
best score. ``benchmarks/refusal.py`` fits it and reports what it is worth.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from askreport.digest import text_digest
from askreport.retrieve import Candidate
from askreport.store import Store
from askreport.types import Document, FloatArray, Span

# Chosen on squad2-dev and clapnq-dev, then report.dev (LOG.md has the table): the weights of the words in the sentence,
# and of those only in its neighbours, its headings or its document's title.
COVERAGE_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.1
# How many sentences are quoted at most; only they count for the confidence, which is about what is shown.
MAX_QUOTES = 3
# Slope and intercept of the confidence over the best score, fitted on squad2-dev, each article a library of its own,
# and clapnq-dev, with answerable and unanswerable questions weighing the same.
SLOPE = 7.24
INTERCEPT = -5.17
# What a sentence of a background document must score more to be quoted before one of a primary source. The reader of
# a report asks the report first; notes about it paraphrase the same matters and would often come out ahead.
BACKGROUND_HANDICAP = 0.15


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a candidate passage with its score, and the rank score it is ordered by."""

    document_id: str
    span: Span
    heading: tuple[str, ...]
    score: float
    rank: float


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
            if digest not in best or sentence.rank > best[digest].rank:
                best[digest] = sentence
    sentences = tuple(sorted(best.values(), key=lambda sentence: -sentence.rank))
    score = max((sentence.score for sentence in sentences[:MAX_QUOTES]), default=-math.inf)
    return Reading(sentences, confidence(score))


def _score_passage(
    store: Store, idf: dict[str, float], vector: FloatArray, candidate: Candidate
) -> list[tuple[bytes, ScoredSentence]]:
    passage = candidate.stored.passage
    document = store.document(passage.document_id)
    handicap = BACKGROUND_HANDICAP if is_background(document) else 0.0
    texts = [document.text[start:end] for start, end in passage.sentences]
    terms = [idf.keys() & set(store.terms(text)) for text in texts]
    above = idf.keys() & set(store.terms(" ".join((document.title, *passage.heading))))
    scored = []
    for i, cosine in enumerate(candidate.stored.sentence_vectors @ vector):
        around = above.union(*terms[max(i - 1, 0) : i + 2]) - terms[i]
        words = COVERAGE_WEIGHT * _share(idf, terms[i]) + CONTEXT_WEIGHT * _share(idf, around)
        score = float(cosine) + words
        sentence = ScoredSentence(document.id, passage.sentences[i], passage.heading, score, score - handicap)
        scored.append((text_digest(texts[i]), sentence))
    return scored


def _share(idf: dict[str, float], terms: Set[str]) -> float:
    """How much of the question's words, by weight, are among ``terms``."""
    return sum(idf[term] for term in terms) / (sum(idf.values()) or 1.0)


def is_background(document: Document) -> bool:
    """Whether a document calls itself background (``kind: background note`` in its front matter)."""
    return str(document.metadata.get("kind", "")).lower().startswith("background")


def confidence(score: float) -> float:
    """The probability, 0 to 1, that the documents answer a question whose best sentence has this score."""
    return 1 / (1 + math.exp(-max(SLOPE * score + INTERCEPT, -700.0)))
