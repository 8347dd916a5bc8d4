"""Whether quotes from different documents answer a question differently.

Only questions with one answer are looked at: when, how many, who, whose, which country. Of each quote the values are
taken that such a question asks for: its numbers, or the names that stand beside what the question is about. Two quotes
differ if both have values and no value is in both. It is a warning to read both, not a judgement which is right.
"""

import re
from collections.abc import Sequence

from askreport.store import Store
from askreport.types import Quote

_NUMBER_ASKED = re.compile(
    r"\b(?:when|how (?:many|much|old|long|large|big|high|far)"
    r"|(?:what|which) (?:year|date|day|month|number|share|percentage))\b",
    re.I,
)
_NAME_ASKED = re.compile(
    r"\b(?:who|whom|whose|belongs?|(?:what|which) (?:country|nation|state|city|person|agency|service|company|side))\b",
    re.I,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"[\w’'-]+")
_CAPITAL = re.compile(r"[A-Z]")
# Words between what the question is about and a name that says something of it.
NEAR = 4


def differ(store: Store, question: str, quotes: Sequence[Quote]) -> bool:
    """Whether two of the quotes, from different documents, give different values for what is asked."""
    found = [(quote.document.id, values(store, question, quote.text)) for quote in quotes]
    return any(
        one and other and not one & other and document != another
        for i, (document, one) in enumerate(found)
        for another, other in found[i + 1 :]
    )


def values(store: Store, question: str, text: str) -> set[str]:
    """What a sentence says of what the question asks for; empty if that cannot be told."""
    if _NUMBER_ASKED.search(question):
        asked = {_plain(number) for number in _NUMBER.findall(question)}
        numbers = {_plain(number) for number in _NUMBER.findall(text)} - asked
        # Of several numbers nobody knows which one is meant.
        return numbers if len(numbers) == 1 else set()
    return _names_beside(store, question, text) if _NAME_ASKED.search(question) else set()


def _plain(number: str) -> str:
    return number.replace(",", "").removesuffix(".0")


def _names_beside(store: Store, question: str, text: str) -> set[str]:
    """The names of a sentence close to the words that the question names."""
    # A capital at the beginning says nothing, unless all are.
    opening, *rest = _TOKEN.findall(question) or [""]
    asked = [word for word in rest if _is_name(word)] + [opening] * (len(opening) > 1 and opening.isupper())
    about = {term for word in asked for term in store.terms(word)}
    tokens = _TOKEN.findall(text)
    own = [set(store.terms(token)) for token in tokens]
    named = [i for i, terms in enumerate(own) if terms & about]
    if not about or not named or len({term for i in named for term in own[i] & about}) < len(about):
        return set()
    return {
        " ".join(sorted(own[i]))
        for i, token in enumerate(tokens)
        if i > 0 and _is_name(token) and own[i] and not own[i] & about and min(abs(i - k) for k in named) <= NEAR
    }


def _is_name(word: str) -> bool:
    return bool(_CAPITAL.match(word)) or bool(re.match(r"\d+(?:st|nd|rd|th)$", word))
