"""Question -> the passages to read: searched by meaning and by words, fused, without duplicates."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store import DENSE_SHARE, Mix, Store, StoredPassage, fuse
from askreport.types import FloatArray, Passage

# How many passages each search contributes before fusion.
CANDIDATES = 100
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
    found = store.search(question, vector, Mix(CANDIDATES, DENSE_SHARE), max(limit, CLOSER), documents)
    scored = {each.stored.number: each for each in found}
    closer = {number: (each.dense + nearest_sentence(each.stored, vector)) / 2 for number, each in scored.items()}
    fused = fuse(closer, {number: each.lexical for number, each in scored.items()})
    chosen = sorted(fused, key=lambda number: (-fused[number], number))[:limit]
    for number in chosen:
        _check(store, scored[number].stored)
    return [Candidate(scored[at].stored, fused[at], closer[at], scored[at].lexical) for at in chosen]


def nearest_sentence(stored: StoredPassage, vector: FloatArray) -> float:
    """The cosine of the passage's sentence that is nearest to a unit vector; -1 if it has no sentence."""
    return float(np.max(stored.sentence_vectors @ vector, initial=-1.0))


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
