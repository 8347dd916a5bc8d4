"""Question -> the passages to read: searched by meaning and by words, fused, without duplicates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store import Store, StoredPassage
from askreport.types import FloatArray, Passage

# How many passages each search contributes before fusion.
CANDIDATES = 100
# Convex combination of theoretical-minimum-normalised scores (Bruch, Gai and Ingber 2023): the cosine from -1 and BM25
# from 0, each divided by its maximum. 0.8 was best or equal on every set tried, reciprocal rank fusion lower on all.
DENSE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its fused score (0 to 1), its cosine and its BM25 (0 if no word is shared)."""

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
    fused = fuse(dense, lexical)
    ranked = sorted(fused, key=lambda number: (-fused[number], number))
    candidates: dict[bytes, Candidate] = {}
    for start in range(0, len(ranked), limit):
        for stored in store.passages(ranked[start : start + limit]):
            number = stored.number
            candidate = Candidate(stored, fused[number], dense[number], lexical.get(number, 0.0))
            candidates.setdefault(stored.digest, candidate)
        if len(candidates) >= limit:
            break
    chosen = list(candidates.values())[:limit]
    for candidate in chosen:
        _check(store, candidate.stored)
    return chosen


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
