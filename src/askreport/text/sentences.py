"""A block of text -> where its sentences start.

Each mark that may end a sentence is judged by what stands before and behind it. Where the rules do not know, sentencex
decides, which has the abbreviations of many languages.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum

import sentencex

from askreport.text.abbreviations import (
    AT_THE_END,
    BEFORE_NAMES,
    BEFORE_NOUNS,
    BEFORE_NUMBERS,
    COVERED,
    DAYS,
    GOING_ON,
    GOING_ON_AFTER_ABBREVIATIONS,
    MONTHS,
    OPENING,
    ORDINALS,
    SPOKEN,
)

# So much of a block is given to the library at a time, and so far is looked back for a word or an opening bracket.
_WINDOW = 10_000
_BACK = 48
_BRACKETED = 400
# In texts without blanks between sentences, sentences inside such a short quotation are not told apart.
_QUOTED = 80

# Marks after which no blank is needed: of Chinese and Japanese, of Indic scripts, Khmer, Burmese, Ethiopic, Armenian,
# Tibetan and Arabic.
_ALONE = "。！？｡．।॥។៕။።፧፨։།༎꘎᠃۔؟"
_CJK = r"\u2e80-\u2fff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
_CLOSING = r"\"'”’»›)\]}」』）】》〉〕］＂＇"
_NOTES = r"\[(?:\d{1,3}(?:[,;–-]\s?\d{1,3})*|[a-z]|note \d{1,3}|citation needed)\]"
_END = re.compile(
    rf"(?P<mark>[.!?…‼⁇⁈⁉{_ALONE}](?:[.!?…‼⁇⁈⁉{_ALONE}]|\s(?=[.](?:\s[.]|\s*+$)))*+)"
    rf"(?P<close>(?:[ \u00a0\u202f]»(?=[\s,.;:—–-]|$)|[{_CLOSING}]|(?<=[.!?…])[“«‹])*+)"
    rf"(?P<note>(?:{_NOTES})++|[¹²³⁰⁴-⁹]++(?:[,–⁻][¹²³⁰⁴-⁹]++)*+|[①-⑳]++|[*†‡]++(?=\s)"
    rf"|\d{{1,3}}(?:[,–-]\d{{1,3}})*+(?=\s))?"
    r"(?P<gap>\s*+)(?=\S)"
)
_OPENERS = r"\"'“”„«»‚‘‹›(\[{¿¡「『（【《〈*_"

# Vowel signs are no letters to Python.
_LETTER = r"\w\u0300-\u036f\u064b-\u0652\u0900-\u0963\u0966-\u0df3"
_WORD_BEFORE = re.compile(rf"(?:[{_LETTER}.'’°º§-](?<![{_CJK}]))*$")
_NEXT = re.compile(rf"(?P<opener>[{_OPENERS}\s—–―-]*+)(?P<word>[{_LETTER}'’]*+)")
_LETTERS_BEFORE = re.compile(r"(?<!\w)(?:\w{1,2}\.[ \u00a0\u202f]?)+$")
_NUMBER_BEFORE = re.compile(r"(?:\d|[^\w][IVXLC]{1,5})[ \u00a0\u202f]*$")
_ROMAN = re.compile(r"[IVXLC]{2,6}$")
_DATE_BEHIND = re.compile(r"\d{1,2}\.\s?(?:\d{2,4}\b|[^\W\d])|\d{4}\b")
_SPOKEN = re.compile(SPOKEN)
_INITIAL_BEHIND = re.compile(r"[^\W\d_]{1,2}\.")
_MIXED_CASE = re.compile(r"[a-z]{1,2}[A-Z]")
_CJK_LETTER = re.compile(f"[{_CJK}]")
_OPEN_QUOTE = {"」": "「", "』": "『", "”": "“", "’": "‘", "）": "（", ")": "(", "]": "[", "】": "【", "》": "《"}
_CLOSES_QUOTE = {"「": "」", "『": "』", "“": "”", "《": "》", "（": "）"}


_KNOWN = BEFORE_NAMES | BEFORE_NUMBERS | BEFORE_NOUNS | AT_THE_END


class _Verdict(Enum):
    """Whether a sentence ends at a mark."""

    ENDS = 1
    GOES_ON = 2
    UNKNOWN = 3


_ENDS, _GOES_ON, _UNKNOWN = _Verdict.ENDS, _Verdict.GOES_ON, _Verdict.UNKNOWN


def starts(text: str, language: str) -> list[int]:
    """Where each sentence of a block starts, in order, the first at 0. The time grows with the length alone."""
    judged: list[tuple[int, _Verdict]] = []
    last = 0
    for match in _END.finditer(text):
        verdict = _judge(text, match, last, language)
        judged.append((match.end(), verdict))
        last = match.end() if verdict is _ENDS else last
    unknown = [at for at, verdict in judged if verdict is _UNKNOWN]
    asked = _asked(text, language, unknown, [at for at, verdict in judged if verdict is _ENDS]) if unknown else set()
    return [0, *(at for at, verdict in judged if verdict is _ENDS or at in asked)]


def _asked(text: str, language: str, unknown: list[int], certain: list[int]) -> set[int]:
    """Those of the unknown places where the library has a sentence start."""
    found: set[int] = set()
    for start, end in _windows(text, unknown, certain):
        for each in sentencex.get_sentence_boundaries(language or "en", text[start:end]):
            piece = each["text"]
            found.add(start + each["start_index"] + len(piece) - len(piece.lstrip()))
            found.add(start + each["end_index"])
    return found.intersection(unknown)


def _windows(text: str, unknown: list[int], certain: list[int]) -> Iterator[tuple[int, int]]:
    """Pieces of a text, cut where sentences certainly end if possible, that have an unknown place inside."""
    start = 0
    while start < len(text):
        end = start + _WINDOW
        if end < len(text):
            before = bisect_left(certain, end) - 1
            blank = text.rfind(" ", start, end)
            end = certain[before] if before >= 0 and certain[before] > start else blank if blank > start else end
        place = bisect_left(unknown, start)
        if place < len(unknown) and unknown[place] <= end:
            yield start, end
        start = end


def _judge(text: str, match: re.Match[str], last: int, language: str) -> _Verdict:
    mark, behind = match["mark"], match.end()
    following = _NEXT.match(text, behind)
    if following is None:
        return _UNKNOWN
    opener, word = following["opener"], following["word"]
    first = word[:1]
    if not first:
        return _UNKNOWN if match["gap"] else _GOES_ON
    cjk = bool(_CJK_LETTER.match(first) or (opener[:1] and opener[0] in "「『（【《〈"))
    alone = mark[-1] in _ALONE or (cjk and mark[-1] in "!?‼⁇⁈⁉")
    if not (match["gap"] or alone or match["note"] or (cjk and match["close"])):
        return _GOES_ON
    if opener.lstrip()[:1] in {",", ";"}:
        return _GOES_ON
    note = match["note"] or ""
    if note[:1].isdigit() and not _is_note(text, match, first):
        return _GOES_ON
    if first.islower() and not _MIXED_CASE.match(word):
        return _GOES_ON
    cased = first.isupper() or first.isdigit()
    if not cased and word in GOING_ON:
        return _GOES_ON
    if match["close"]:
        return _after_closing(text, match, following, cased)
    if alone or not cased:
        if (alone and _in_quotation(text, match.start())) or (mark[-1] in "….." and mark != "." and not cased):
            return _GOES_ON if not match["gap"] or text[match.start() - 1 : match.start()].isspace() else _ENDS
        if mark != "." or note:
            return _ENDS
    if mark != "." or note:
        return _ENDS
    return _after_full_stop(text, match, last, following, language)


def _is_note(text: str, match: re.Match[str], first: str) -> bool:
    """Whether digits right behind a mark are a note's: "fell.1 Imports", but not "v.2 Released" or "3.5 Mio"."""
    if first.isdigit():
        return False
    before = _WORD_BEFORE.search(text, max(0, match.start() - _BACK), match.start())
    word = before[0] if before else ""
    if match["close"] or match["mark"] in _ALONE:
        return True
    return len(word) >= 3 and word.isalpha() and word not in BEFORE_NUMBERS


def _after_closing(text: str, match: re.Match[str], following: re.Match[str], cased: bool) -> _Verdict:
    """Behind a closing bracket or quotation mark."""
    closing = match["close"].strip()[-1]
    if closing == "》":
        return _GOES_ON
    if closing in ")）]":
        opened = text.rfind(_OPEN_QUOTE[closing], max(0, match.start() - _BRACKETED), match.start())
        before = text[max(0, opened - 4) : opened].rstrip() if opened >= 0 else ""
        if opened >= 0 and (not before or before[-1] in f".!?…{_ALONE}\"”»’]"):
            return _ENDS
        if not cased:
            return _GOES_ON
        return _ENDS if match["mark"] != "." or following["word"] in OPENING else _UNKNOWN
    if not cased and _SPOKEN.match(text, match.end()):
        return _GOES_ON
    return _ENDS


def _in_quotation(text: str, at: int) -> bool:
    """Whether a place is inside a short quotation that is closed behind it, in texts without blanks."""
    back = text[max(0, at - _QUOTED) : at]
    ahead = text[at + 1 : at + 1 + _QUOTED]
    for opening, closing in _CLOSES_QUOTE.items():
        if opening in back and back.rfind(opening) > back.rfind(closing) and closing in ahead:
            return _CJK_LETTER.search(back) is not None
    return False


def _after_full_stop(
    text: str, match: re.Match[str], last: int, following: re.Match[str], language: str
) -> _Verdict:
    """Behind a single full stop and a blank, before a capital, a digit or a letter of a script without capitals."""
    at, behind, word = match.start(), match.end(), following["word"]
    found = _WORD_BEFORE.search(text, max(0, at - _BACK), at)
    before = found[0].rpartition("'")[2].rpartition("’")[2] if found else ""
    if not before:
        return _GOES_ON if at == 0 else _UNKNOWN
    begins = at - len(before)
    before_that = text[max(0, begins - 12) : begins]
    if before.isdigit():
        if begins == last:
            return _GOES_ON
        return _after_number(text, behind, before, word, language)
    letters = _LETTERS_BEFORE.search(before_that)
    whole = re.sub(r"\s", "", letters[0]) + before if letters and len(before) <= 4 else before
    if whole not in _KNOWN and len(before) > 2:
        whole = before
    number = _NUMBER_BEFORE.search(f" {before_that}") is not None
    if len(before) <= 2 and not following["opener"] and _INITIAL_BEHIND.match(text, behind) and before.isalpha():
        return _GOES_ON
    if word[:1].isdigit():
        return _before_digit(before, whole, language)
    return _before_word(before, whole, number, word)


def _before_digit(before: str, whole: str, language: str) -> _Verdict:
    for known in (BEFORE_NUMBERS, BEFORE_NAMES, BEFORE_NOUNS):
        if before in known or whole in known:
            return _GOES_ON
    if len(before) == 1 or before.endswith("str"):
        return _GOES_ON
    return _ENDS if language in COVERED or len(before) >= 5 else _UNKNOWN


def _before_word(before: str, whole: str, number: bool, word: str) -> _Verdict:
    opening = word in OPENING
    if whole in AT_THE_END:
        if not word[:1].isupper() and word in GOING_ON_AFTER_ABBREVIATIONS:
            return _GOES_ON
        return _GOES_ON if word in DAYS and whole.lower() in {"p.m", "a.m"} else _ENDS
    if word == "Chr" and before in {"v", "n"}:
        return _GOES_ON
    if number and len(before) <= 3 and before not in BEFORE_NOUNS and "." not in whole:
        return _GOES_ON if word in GOING_ON_AFTER_ABBREVIATIONS else _ENDS
    if whole in BEFORE_NAMES or (before in BEFORE_NAMES and "." not in whole):
        return _GOES_ON
    if opening:
        return _ENDS
    if whole in BEFORE_NOUNS or before in BEFORE_NOUNS:
        return _GOES_ON
    if len(before) == 1 or "." in whole:
        return _GOES_ON
    if not word[:1].isupper():
        return _GOES_ON if before in BEFORE_NUMBERS else _ENDS
    return _ENDS if _ROMAN.match(before) else _UNKNOWN


def _after_number(text: str, behind: int, number: str, word: str, language: str) -> _Verdict:
    """Behind digits and a full stop: an ordinal, a part of a date, or a sentence's last number."""
    if word[:1].isdigit():
        return _GOES_ON if len(number) <= 2 and _date(text, behind) else _ENDS
    if word in MONTHS and len(number) <= 2:
        return _GOES_ON
    if language not in ORDINALS or len(number) > 2 or word in OPENING:
        return _ENDS
    return _GOES_ON if language == "de" else _UNKNOWN


def _date(text: str, behind: int) -> bool:
    return _DATE_BEHIND.match(text, behind) is not None
