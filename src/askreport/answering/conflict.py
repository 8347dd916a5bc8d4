"""Whether quotes from different documents answer a question differently.

Only questions with one answer are looked at: when, how many, who, whose, which country. Of each quote the values are
taken that such a question asks for: the numbers or names among the words that answer by the reader, or where it marks
none, its numbers, or the names that stand beside what the question is about. Two quotes differ if both have values and
no value is in both. It is a warning to read both, not a judgement which is right.
"""

import re
from collections.abc import Sequence

from askreport.store import Store
from askreport.types import Quote

_DATE = r"when|(?:what|which) (?:year|date|day|month)"
_DATE_ASKED = re.compile(rf"\b(?:{_DATE})\b", re.I)
_NUMBER_ASKED = re.compile(
    rf"\b(?:{_DATE}|how (?:many|much|old|long|large|big|high|far)|(?:what|which) (?:number|share|percentage))\b", re.I
)
_NAME_ASKED = re.compile(
    r"\b(?:who|whom|whose|belongs?|(?:what|which) (?:country|nation|state|city|person|agency|service|company|side))\b",
    re.I,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"[\w’'-]+")
_CAPITAL = re.compile(r"[A-Z]")
_YEAR = re.compile(r"(?:1\d|20)\d\d")
# Words between what the question is about and a name that says something of it.
NEAR = 4


def differ(store: Store, question: str, quotes: Sequence[Quote]) -> bool:
    """Whether two of the quotes, from different documents, give different values for what is asked."""
    found = [(quote.document.id, _values_of(store, question, quote)) for quote in quotes]
    return any(
        one and other and not one & other and document != another
        for i, (document, one) in enumerate(found)
        for another, other in found[i + 1 :]
    )


def _values_of(store: Store, question: str, quote: Quote) -> set[str]:
    answers = " ".join(each.text for each in quote.emphasis)
    if not answers:
        return values(store, question, quote.text)
    if _NUMBER_ASKED.search(question):
        return _number_in(answers, question)
    if not _NAME_ASKED.search(question):
        return set()
    asked = set(store.terms(question))
    names = {term for token in _TOKEN.findall(answers) if _is_name(token) for term in store.terms(token)}
    return names - asked


def values(store: Store, question: str, text: str) -> set[str]:
    """What a sentence says of what the question asks for; empty if that cannot be told."""
    if _NUMBER_ASKED.search(question):
        return _number_in(text, question)
    return _names_beside(store, question, text) if _NAME_ASKED.search(question) else set()


def _number_in(text: str, question: str) -> set[str]:
    """The one number of a text that the question does not have: of a date the year, of an amount what is none."""
    asked = {_plain(number) for number in _NUMBER.findall(question)}
    numbers = {_plain(number) for number in _NUMBER.findall(text)} - asked
    years = {number for number in numbers if _YEAR.fullmatch(number)}
    meant = years if _DATE_ASKED.search(question) else numbers - years
    # Of several numbers nobody knows which one is meant.
    return next((each for each in (numbers, meant) if len(each) == 1), set())


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
