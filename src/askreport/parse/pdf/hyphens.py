"""Words and numbers that are divided at a line's end."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

from askreport.parse.pdf.lines import Line

# U+2010 is a hyphen as U+002D is, U+2011 one at which no line should end.
_DASHES = ("-", "\u2010", "\u2011")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?=[-\u2010\u2011]$)")
# "short-\nand long-term": the word goes on after the next hyphen.
_SUSPENDED = re.compile(r"(?:and|or|to|und|oder|bis|et|ou|y|e|i|a)\b(?!-)")
# A number that is cut after the comma between its thousands, not one of several numbers.
_NUMBER_CUT = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})*,$")
_NUMBER_GOES_ON = re.compile(r"\d{3}(?:,\d{3})*(?:\.\d+)?(?![\d,])(?!\s(?:and|or|und|et)\b)(?=\s[^\W\d_]|[.;:)%]|$)")
_ENUMERATES = re.compile(
    r"(?:\d,\s|\b(?:pages?|pp?\.|nos?\.|numbers|chapters?|sections?|figures?|tables?|articles?|items?|in)\s)[\d,]+$",
    re.I,
)
# What is a word by itself, but far more often a syllable of one.
_SYLLABLES = frozenset(
    (
        *("able", "age", "ally", "ance", "ant", "ate", "ated", "ation", "com", "con", "dis", "ence", "ent", "ful"),
        *("ible", "ing", "ion", "ions", "ish", "ism", "ist", "ive", "less", "ment", "ments", "mis", "ness", "ous"),
        *("per", "pre", "re", "ship", "sion", "sub", "ted", "ter", "tion", "tions", "tive", "trans", "ture", "under"),
        *("ward", "wise"),
    )
)
_ENDINGS = ("", "s", "es", "d", "ed", "ing", "ly", "er", "ers", "ness", "ally", "ies", "ied")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_FIRST_PART, _SECOND_PART = 3, 4


class Hyphens:
    """Tells a hyphen that only divides a word at a line's end from one that belongs to it, by the document's words."""

    def __init__(self, lines: Sequence[Line]) -> None:
        # As they are printed: in German only words in small letters are halves of a word with a hyphen.
        self._printed: Counter[str] = Counter()
        divided = False
        for line in lines:
            words = _WORD.findall(line.text)
            # The halves of divided words are no words of the document.
            ends = len(words) - (line.text.endswith(_DASHES) and line.text[-2:-1] != " ")
            self._printed.update(words[int(divided) : max(ends, 0)])
            divided = ends < len(words)
        self._words: Counter[str] = Counter()
        for word, count in self._printed.items():
            self._words[word.casefold().replace("\u2010", "-").replace("\u2011", "-")] += count

    def gap(self, before: str, after: str) -> tuple[str, bool]:
        """What stands between two lines of a paragraph, and whether the hyphen that ends the first one goes."""
        if before.endswith(_DASHES):
            if before[-2:-1] in ("", " "):
                return " ", False
            if _SUSPENDED.match(after):
                return " ", False
            return "", self.divides(before, after)
        if before.endswith(("–", "—", "/")) and before[-2:-1] not in ("", " ") and not after.startswith(" "):
            return "", False
        if _NUMBER_CUT.search(before) and _NUMBER_GOES_ON.match(after) and not _ENUMERATES.search(before):
            return "", False
        return " ", False

    def divides(self, before: str, after: str) -> bool:
        """Whether the hyphen that ends the line ``before`` goes when the line ``after`` is joined to it."""
        first, second = _LAST_WORD.search(before), _FIRST_WORD.match(after)
        # A hyphen that keeps words together on a line does not divide one.
        if not first or not second or not second[0][0].islower() or before.endswith("\u2011"):
            return False
        parts = first[0].casefold(), second[0].casefold()
        joined, whole = self._words["".join(parts)], self._words["-".join(parts)]
        if joined or whole:
            return joined >= whole
        if _is_known("".join(parts)):
            return True
        # What is printed is the hyphen: it stays where a compound is likely, which has another hyphen
        # ("state-of-the-art") or consists of two words.
        if before[first.start() - 1 : first.start()] in _DASHES or after[second.end() : second.end() + 1] in _DASHES:
            return False
        return not (self._is_part(parts[0], _FIRST_PART) and self._is_part(parts[1], _SECOND_PART))

    def _is_part(self, word: str, least: int) -> bool:
        """Whether a half is a word that compounds are made of, not a syllable."""
        if len(word) < least or word in _SYLLABLES:
            return False
        return self._printed[word] > 0 or word in known_words()


def _is_known(word: str) -> bool:
    """Whether it is an English word, or a form of one."""
    return any(
        word[: len(word) - len(ending)] + more in known_words()
        for ending in _ENDINGS
        if word.endswith(ending)
        for more in ("", "e", "y")
        if len(word) - len(ending) >= 4 or not ending
    )


@cache
def known_words() -> frozenset[str]:
    """Some 20,000 common English words, for halves that the document itself does not have."""
    return frozenset(resources.files(__package__).joinpath("words.txt").read_text(encoding="ascii").split())
