"""A name written out in a question -> with the acronym that the documents have for it.

Who asks about "the foreign intelligence service" must find what is written about the SVR. The pairs are the documents'
own, as "Foreign Intelligence Service (SVR)" stands in the passages that were found for the question.
"""

import re
from collections.abc import Iterable, Sequence

from askreport.store import Store

_ACRONYM = re.compile(r"\(([A-Z][A-Za-z]?[A-Z]{1,5})\)")
# The words before it, in so many characters.
_NAME = re.compile(r"((?:[\w’'.-]+\s+){1,6})$")
_BEFORE = 120
_WORD = re.compile(r"[\w’'-]+")
# Words of a name at least: of one word alone everything is the name.
MIN_WORDS = 2


def with_acronyms(store: Store, question: str, texts: Iterable[str]) -> str:
    """The question with ``(ACRONYM)`` after each name that one of the texts abbreviates, unless it has it already."""
    words = [(match.end(), store.terms(match.group())) for match in _WORD.finditer(question)]
    inserted: dict[int, str] = {}
    for text in texts:
        for match in _ACRONYM.finditer(text):
            acronym = match[1]
            name = _NAME.search(text, max(0, match.start() - _BEFORE), match.start())
            if name is None or acronym in question or acronym in inserted.values():
                continue
            end = _ends_at(store, words, name[1].split())
            if end is not None:
                inserted.setdefault(end, acronym)
    for end in sorted(inserted, reverse=True):
        question = f"{question[:end]} ({inserted[end]}){question[end:]}"
    return question


def _ends_at(store: Store, words: Sequence[tuple[int, list[str]]], phrase: Sequence[str]) -> int | None:
    """Where the longest end of the phrase that is a name stands in the question; None if it does not."""
    for first in range(len(phrase) - MIN_WORDS + 1):
        name = phrase[first:]
        terms = [store.terms(word) for word in name]
        # A name begins with a capital; "military intelligence (GRU)" is one of two words.
        if not (name[0][:1].isupper() or len(name) == MIN_WORDS):
            continue
        for at in range(len(words) - len(terms) + 1):
            if [term for _, term in words[at : at + len(terms)]] == terms:
                return words[at + len(terms) - 1][0]
    return None
