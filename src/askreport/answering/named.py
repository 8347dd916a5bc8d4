"""The documents that a question names: by a title, a company, a year, a folder.

"What did Acme report for 2019?" is asked of Acme's report of 2019, though other reports have the same sentences.
"""

import math
import re
from collections.abc import Collection, Mapping

from askreport.store import MANY_NAMED, Store
from askreport.store.names import name_words
from askreport.text.mentions import FUNCTION_WORDS

# A word names documents if at most this share of all documents is called by it.
MINORITY = 0.5
# How many documents that are named equally are searched by themselves: the search of all finds some of more.
MAX_NAMED = 20
_WORD = re.compile(r"\w+")


def named_in(store: Store, question: str, documents: Collection[str] | None = None) -> dict[str, float]:
    """The documents that a question names, each with how surely, from 0 to 1, those named most surely first.

    That is the square of the share of the naming words that it is called by, of those that any document is called by,
    times the share of these. Rare words weigh more, so that a company counts for more than a year of many reports.
    """
    words = naming_words(question)
    if not words:
        return {}
    few = store.named(words)
    total = store.manifest.counts.documents
    few = {word: own for word, own in few.items() if len(own) <= MINORITY * total}
    chosen = set().union(*few.values())
    if not chosen:
        return {}
    common = words - few.keys()
    many = store.named(common, chosen) if common else {}
    weights = {word: math.log(total / len(own)) for word, own in few.items()}
    weights |= {word: math.log(max(total / MANY_NAMED, 1.0)) for word in many}
    allowed = chosen if documents is None else chosen.intersection(documents)
    scores = {
        each: sum(weight for word, weight in weights.items() if each in (few.get(word) or many[word]))
        for each in allowed
    }
    whole = sum(weights.values())
    best = sorted(scores, key=lambda each: (-scores[each], each))
    if not whole:
        return {}
    # What else the question names, and no document is called by, makes it less sure that one is meant at all.
    sure = whole / (whole + math.log(total) * len(words - weights.keys()))
    # Who has all of the words is far ahead of who has half of them.
    return {each: sure * (scores[each] / whole) ** 2 for each in best}


def most_surely(named: Mapping[str, float]) -> list[str]:
    """The documents that are named most surely; none if there are more than MAX_NAMED."""
    top = max(named.values(), default=0.0)
    best = [each for each, surely in named.items() if surely == top]
    return best if len(best) <= MAX_NAMED else []


def naming_words(question: str) -> set[str]:
    """The words of a question that may name a document: with a capital or a digit."""
    found: set[str] = set()
    for word in _WORD.findall(question):
        if word.casefold() in FUNCTION_WORDS or len(word) < 2:
            continue
        if any(character.isupper() or character.isdigit() for character in word):
            found.update(name_words(word))
    return found
