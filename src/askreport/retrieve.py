"""Question -> the passages to read: searched by meaning and by words, fused, without duplicates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store import Store, StoredPassage
from askreport.types import FloatArray, Passage

# How many passages each search contributes before fusion.
CANDIDATES = 100
# Convex combination of theoretical-minimum-normalised scores (Bruch, Gai and Ingber 2023): the cosine from -1 and BM25
# from 0, each divided by its maximum. 0.8 was best or equal on every set tried, reciprocal rank fusion lower on all.
DENSE_SHARE = 0.8
# How many of the best are compared sentence by sentence: a passage about many things is nearer by the one that was
# asked about than as a whole.
CLOSER = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its fused score (0 to 1), its cosine and its BM25 (0 if no word is shared).

    The cosine is the mean of the passage's own and its nearest sentence's.
    """

    stored: StoredPassage
    score: float
    dense: float
    lexical: float


def retrieve(
    store: Store, question: str, vector: FloatArray, limit: int, documents: Collection[str] | None = None
) -> list[Candidate]:
    """The ``limit`` best passages for a question and its vector, best first, each text once."""
    dense = store.search_dense(vector, CANDIDATES, documents)
    lexical = store.search_lexical(question, CANDIDATES, documents)
    missing = [number for number in lexical if number not in dense]
    dense |= dict(zip(missing, store.cosines(vector, missing), strict=True))
    found = {each.number: each for each in _distinct(store, fuse(dense, lexical), max(limit, CLOSER))}
    closer = {number: (dense[number] + nearest_sentence(stored, vector)) / 2 for number, stored in found.items()}
    fused = fuse(closer, {number: score for number, score in lexical.items() if number in found})
    chosen = sorted(fused, key=lambda number: (-fused[number], number))[:limit]
    for number in chosen:
        _check(store, found[number])
    return [Candidate(found[number], fused[number], closer[number], lexical.get(number, 0.0)) for number in chosen]


def nearest_sentence(stored: StoredPassage, vector: FloatArray) -> float:
    """The cosine of the passage's sentence that is nearest to a unit vector; -1 if it has no sentence."""
    return float(np.max(stored.sentence_vectors @ vector, initial=-1.0))


def _distinct(store: Store, scores: Mapping[int, float], limit: int) -> list[StoredPassage]:
    """The ``limit`` passages with the highest scores, of those with one text the first."""
    ranked = sorted(scores, key=lambda number: (-scores[number], number))
    found: dict[bytes, StoredPassage] = {}
    for start in range(0, len(ranked), limit):
        for stored in store.passages(ranked[start : start + limit]):
            found.setdefault(stored.digest, stored)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], share: float = DENSE_SHARE) -> dict[int, float]:
    """The fused score of every passage in ``dense``; a passage missing in ``lexical`` shares no word."""
    top_dense = max((1 + cosine for cosine in dense.values()), default=0.0) or 1.0
    top_lexical = max(lexical.values(), default=0.0) or 1.0
    return {
        number: share * (1 + cosine) / top_dense + (1 - share) * lexical.get(number, 0.0) / top_lexical
        for number, cosine in dense.items()
    }


def text_of(store: Store, passage: Passage) -> str:
    """The words of a passage."""
    return store.document(passage.document_id).text[passage.start : passage.end]


def _check(store: Store, stored: StoredPassage) -> None:
    """The stored span must still cut out the words that were indexed under it."""
    try:
        text = text_of(store, stored.passage)
    except DocumentNotFoundError:
        text = ""
    if text_digest(text) != stored.digest:
        raise IndexDamagedError(
            f"passage {stored.number} of the index is not the text that was indexed",
            "Run `askreport index` to rebuild the index.",
        )
