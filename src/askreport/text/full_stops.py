"""A full stop and what stands before and behind it -> whether it ends a sentence."""

import re
from functools import lru_cache
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from askreport.text.abbreviations import (
    AT_THE_END,
    BEFORE_NAMES,
    BEFORE_NOUNS,
    BEFORE_NUMBERS,
    COVERED,
    DAYS,
    GOING_ON_AFTER_ABBREVIATIONS,
    MONTHS,
    OPENING,
    ORDINALS,
)

# So far is looked back for a word.
_BACK = 48
_CJK = r"\u2e80-\u2fff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
CJK_LETTER = re.compile(f"[{_CJK}]")
# Vowel signs are no letters to Python.
LETTER = r"\w\u0300-\u036f\u064b-\u0652\u0900-\u0963\u0966-\u0df3"
_WORD_BEFORE = re.compile(rf"(?:[{LETTER}.'’°º§-](?<![{_CJK}]))*$")
_LETTERS_BEFORE = re.compile(rf"(?<![{LETTER}])(?:[{LETTER}]{{1,2}}\.[ \u00a0\u202f]?)+$")
_NUMBER_BEFORE = re.compile(r"(?:\d|(?:^|\W)[IVXLC]{1,5})[ \u00a0\u202f]*$")
_DOTTED = re.compile(rf"(?:[{LETTER}]{{1,3}}\.-?)+[{LETTER}]{{1,3}}$")
_ROMAN = re.compile(r"[IVXLC]{2,6}$")
_DIGIT = re.compile(r"\d")
_DATE_BEHIND = re.compile(r"\d{1,2}\.\s?(?:\d{2,4}\b|[^\W\d])|\d{4}\b")
_INITIAL_BEHIND = re.compile(r"[^\W\d_]{1,2}\.")
_ABBREVIATIONS = BEFORE_NAMES | BEFORE_NUMBERS | BEFORE_NOUNS | AT_THE_END


class FullStop(NamedTuple):
    """A full stop at ``at`` with a blank behind it: the sentence it is in starts at ``since``.

    ``word`` is the next one, without the quotation marks, brackets and dashes before it, which are ``opener``; they
    start at ``behind``.
    """

    text: str
    at: int
    since: int
    behind: int
    opener: str
    word: str


def word_before(text: str, at: int) -> str:
    """The word right before a mark, without an article that is joined to it by an apostrophe."""
    token = text[max(0, at - _BACK) : at].rpartition(" ")[2]
    if token.isalpha() and token.isascii():
        return token
    found = _WORD_BEFORE.search(token)
    return found[0].rpartition("'")[2].rpartition("’")[2] if found else ""


def is_abbreviation(word: str) -> bool:
    """Whether a word before a full stop is known to be an abbreviation, or looks like one: "U.S.C"."""
    return word in _ABBREVIATIONS or _DOTTED.match(word) is not None


def ends_sentence(stop: FullStop, language: str) -> bool:
    """Whether a full stop before a capital, a digit or a letter of a script without capitals ends a sentence."""
    before = word_before(stop.text, stop.at).lstrip("-")
    begins = stop.at - len(before)
    if not before:
        return stop.at > stop.since
    if _DIGIT.search(before):
        return _after_number(stop, before, begins, language)
    if len(before) == 1 and begins == stop.since:
        return False
    if len(before) <= 2 and not stop.opener and _INITIAL_BEHIND.match(stop.text, stop.behind):
        return False
    whole = _whole(stop.text, before, begins)
    if stop.word[:1].isdigit():
        return _before_digit(before, whole, stop.word, language)
    before_that = stop.text[max(0, begins - 8) : begins]
    return _before_word(before, whole, _NUMBER_BEFORE.search(before_that) is not None, stop.word, language)


def _after_number(stop: FullStop, number: str, begins: int, language: str) -> bool:
    """Behind digits: an ordinal, a part of a date, or a sentence's last number."""
    if not number.isdigit():
        return True
    if begins == stop.since:
        return False
    short = len(number) <= 2
    if stop.word[:1].isdigit():
        goes_on = stop.opener[-1:] in {"-", "–"} or _DATE_BEHIND.match(stop.text, stop.behind) is not None
        return not (short and goes_on)
    if not short or (stop.word in OPENING and stop.word not in MONTHS):
        return True
    if stop.word in MONTHS:
        return False
    return language not in ORDINALS or (language != "de" and _library_ends(number, stop.word, language))


def _whole(text: str, before: str, begins: int) -> str:
    """A word with the single letters before it: of "z. B.", "z.B"; the word alone unless both are an abbreviation."""
    letters = _LETTERS_BEFORE.search(text, max(0, begins - 12), begins)
    if not letters or len(before) > 4:
        return before
    whole = re.sub(r"\s", "", letters[0]) + before
    return whole if whole in _ABBREVIATIONS or len(before) <= 2 else before


def _before_digit(before: str, whole: str, word: str, language: str) -> bool:
    if is_abbreviation(whole) or before in _ABBREVIATIONS or before.lower() in BEFORE_NUMBERS:
        return before in AT_THE_END and before not in BEFORE_NUMBERS
    if len(before) == 1 or before.endswith("str"):
        return False
    sure = (language in COVERED and not (before.istitle() and len(before) <= 4)) or len(before) >= 5
    return sure or _library_ends(before, word, language)


def _before_word(before: str, whole: str, numbered: bool, word: str, language: str) -> bool:
    if whole in AT_THE_END:
        of_day = word in DAYS and whole.lower() in {"p.m", "a.m"}
        return not (of_day or word in GOING_ON_AFTER_ABBREVIATIONS)
    if word == "Chr" and before in {"v", "n"}:
        return False
    is_title = whole in BEFORE_NAMES or (before in BEFORE_NAMES and "." not in whole)
    if numbered and _is_unit(before, whole, is_title):
        return word not in GOING_ON_AFTER_ABBREVIATIONS
    if is_title:
        return False
    if word in OPENING:
        return True
    if before in BEFORE_NOUNS or whole in BEFORE_NOUNS or len(before) == 1 or _DOTTED.match(whole):
        return False
    if not word[:1].isupper():
        return before not in BEFORE_NUMBERS
    return _ROMAN.match(before) is not None or _library_ends(before, word, language)


def _is_unit(before: str, whole: str, is_title: bool) -> bool:
    """Whether a short word behind a number is what is counted: "5 kg", "1850 г", but not "4 Mio" or "5 Gen"."""
    if len(before) > 3 or before in BEFORE_NOUNS or "." in whole:
        return False
    return not (is_title and before[:1].isupper())


@lru_cache(maxsize=20_000)
def _library_ends(before: str, word: str, language: str) -> bool:
    """What the library says of a word with a full stop and the word behind it: it knows many more abbreviations.

    It is shown no more than that: a paragraph that begins with "(1)" it takes for one item of a list, see
    findings/sentencex-takes-a-paragraph-for-a-list-item.sh.
    """
    text = f"x {before}. {word} x"
    return any(len(before) < each["end_index"] < len(text) for each in get_sentence_boundaries(language or "en", text))
