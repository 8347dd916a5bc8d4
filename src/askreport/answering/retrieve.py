"""Question -> the passages to read: searched by meaning and by words, fused, without duplicates."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from askreport.answering.named import most_surely, named_in
from askreport.answering.refusal import other_language
from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store import DENSE_SHARE, Candidate, Mix, Store, StoredPassage, fuse
from askreport.types import FloatArray, Passage

# How many passages each search contributes before fusion.
CANDIDATES = 100
# How many of the best are compared sentence by sentence: a passage about many things is nearer by the one that was
# asked about than as a whole.
CLOSER = 40
# The share of the cosine for a question in a language that no document is in: what words they share are names, and
# words that mean something else.
FOREIGN_SHARE = 0.95
# How many passages of the documents that a question names are candidates in any case, and what being named for sure
# adds to a fused score.
NAMED_CLOSER = 12
NAMED_SHARE = 0.1


def retrieve(
    store: Store,
    question: str,
    vector: FloatArray,
    limit: int,
    documents: Collection[str] | None = None,
    languages: Sequence[str] | None = None,
) -> list[Candidate]:
    """The ``limit`` best passages for a question and its vector, best first, each text once.

    ``documents`` are those to look in, ``languages`` theirs, if these are not all.
    The cosine of each is the mean of the passage's own and its nearest sentence's, and is fused again; that of one that
    has no vectors yet stays 0. Passages of the documents that the question names come sooner.
    """
    share = FOREIGN_SHARE if other_language(store, question, languages) else DENSE_SHARE
    mix, deep = Mix(CANDIDATES, share), max(limit, CLOSER)
    found = store.search(question, vector, mix=mix, limit=deep, documents=documents)
    if named := named_in(store, question, documents):
        best, some = most_surely(named), Mix(NAMED_CLOSER, share)
        own = store.search(question, vector, mix=some, limit=NAMED_CLOSER, documents=best) if best else []
        found = _each_once(
            [replace(each, named=named.get(each.stored.passage.document_id, 0.0)) for each in own + found]
        )
    scored = {each.stored.number: each for each in found}
    closer = {
        number: (each.dense + nearest_sentence(each.stored, vector)) / 2
        for number, each in scored.items()
        if each.stored.embedded
    }
    fused = fuse(closer, {number: each.lexical for number, each in scored.items()}, share)
    fused = {number: score + NAMED_SHARE * scored[number].named for number, score in fused.items()}
    chosen = sorted(fused, key=lambda number: (-fused[number], number))[:limit]
    for number in chosen:
        _check(store, scored[number].stored)
    return [replace(scored[number], score=fused[number], dense=closer.get(number, 0.0)) for number in chosen]


def nearest_sentence(stored: StoredPassage, vector: FloatArray) -> float:
    """The cosine of the passage's sentence that is nearest to a unit vector; -1 if it has no sentence."""
    return float(np.max(stored.sentence_vectors @ vector, initial=-1.0))


def text_of(store: Store, passage: Passage) -> str:
    """The words of a passage."""
    return store.document(passage.document_id).text[passage.start : passage.end]


def _each_once(found: Iterable[Candidate]) -> list[Candidate]:
    """Of candidates with one text the one whose document the question names most surely, else the first."""
    best: dict[bytes, Candidate] = {}
    for each in found:
        known = best.setdefault(each.stored.digest, each)
        if each.named > known.named:
            best[each.stored.digest] = each
    return list(best.values())


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
