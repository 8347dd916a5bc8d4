"""The points of a question that an answer has to be about: its names, numbers and years."""

import re
from collections.abc import Set
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_](?:[\w.,’'-]*[^\W_])?")
_POSSESSIVE = re.compile(r"[’']s?$")
# How much of a name's end may differ, so that China's agents are Chinese ones; what is as short as this is compared
# as a whole.
ENDING, SHORT = 2, 4
# Words that a question begins with, and other words that have a capital without being a name.
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
    a an and any are as at by can could did do does for from give had has have how i if in is it its list may
    name of on or our please say show should tell that the their there these they this those to was we were what
    when where which who whom whose why will with would you your
    """,
    )
)
# Where more of the words have a capital than this, capitals say nothing.
MOSTLY = 0.6


def points_of(question: str) -> frozenset[str]:
    """Names and numbers, in small letters: words with a capital or a digit, but for those that only begin it."""
    words = [_POSSESSIVE.sub("", match.group()) for match in _TOKEN.finditer(question)]
    capitals = [word for word in words if word[:1].isupper() or word[1:] != word[1:].lower()]
    numbers = frozenset(_plain(word) for word in words if any(map(str.isdigit, word)))
    if len(words) > 1 and len(capitals) > MOSTLY * len(words):
        return numbers
    names = (word.lower() for word in capitals if word.lower() not in _PLAIN)
    return numbers | {name for name in names if len(name) > 1 and not any(map(str.isdigit, name))}


def numbers_among(points: Set[str]) -> frozenset[str]:
    """Those that are numbers."""
    return frozenset(point for point in points if any(map(str.isdigit, point)))


def points_in(points: Set[str], *texts: str) -> frozenset[str]:
    """Those of the points that one of the texts has."""
    if not points:
        return frozenset()
    found = frozenset().union(*(_tokens(text) for text in texts))
    return frozenset(point for point in points if _is_there(point, found))


def missing_share(points: Set[str], there: Set[str]) -> float:
    """The share of the points that are not among those that are there; 0 where there are none."""
    return len(points - there) / len(points) if points else 0.0


@lru_cache(4_096)
def _tokens(text: str) -> frozenset[str]:
    """The words of a text as points are written, and of words with a hyphen the parts."""
    found = set()
    for match in _TOKEN.finditer(text):
        word = _plain(_POSSESSIVE.sub("", match.group()).lower())
        found.add(word)
        found.update(re.split(r"[-–/]", word) if "-" in word else ())
    return frozenset(found)


def _plain(word: str) -> str:
    return word.lower().replace(",", "") if any(map(str.isdigit, word)) else word.lower()


def _is_there(point: str, there: Set[str]) -> bool:
    if point in there:
        return True
    if any(map(str.isdigit, point)) or len(point) <= SHORT:
        return False
    stem, longest = point[: max(SHORT, len(point) - ENDING)], len(point) + 2 * ENDING
    return any(word.startswith(stem) and len(word) <= longest for word in there)
