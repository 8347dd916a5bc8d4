"""A word that no passage has -> words of the library that it may have been meant to be."""

import re
from collections.abc import Iterator
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from askreport.store import Store
from askreport.store.words import stem_of

MAX_SUGGESTIONS = 3
# How many letters may differ (be another, missing, too many, or exchanged with the next), by the length of the word:
# of shorter ones almost any other is near.
MIN_LETTERS = 4
TWO_FROM = 7
# Insertions and deletions at most: with two letters exchanged for others, it is another word and no misspelling.
MAX_EXCHANGED = 3
_WORD = re.compile(r"\w+")


def suggestions(store: Store, word: str) -> tuple[str, ...]:
    """Up to MAX_SUGGESTIONS words as documents spell them, the nearest first, of equally near ones the commonest.

    A word is looked for among those with its first letter, and with its second, in case the first is one too many.
    """
    terms = list(store.forms(word))
    if len(terms) != 1 or len(word) < MIN_LETTERS:
        return ()
    near = _near(store, terms[0], 2 if len(word) >= TWO_FROM else 1)
    return tuple(islice(filter(None, (_spelled(store, term) for term in near)), MAX_SUGGESTIONS))


def _near(store: Store, term: str, distance: int) -> Iterator[str]:
    """The terms of the index that differ in so many letters at most, best first."""
    counts = store.vocabulary(term[:1]) | store.vocabulary(term[1:2])
    near = process.extract(term, counts.keys(), scorer=OSA.distance, score_cutoff=distance, limit=None)
    meant = [each for each in near if Indel.distance(term, each[0]) <= MAX_EXCHANGED]
    return (other for other, _, _ in sorted(meant, key=lambda each: (each[1], -counts[each[0]], each[0])))


def _spelled(store: Store, term: str) -> str:
    """A word with this term as it stands in a passage; nothing if only deleted passages had it."""
    for stored in store.passages(list(store.search_lexical(stem_of(term), 1))):
        document = store.document(stored.passage.document_id)
        text = document.context + document.text[stored.passage.start : stored.passage.end]
        for word in _WORD.findall(text):
            if store.terms(word, document.language) == [term]:
                return str(word)
    return ""
