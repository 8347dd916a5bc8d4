"""A block of text -> where its sentences start.

Each mark that may end a sentence is judged by what stands before and behind it: closing quotation marks, marks of
notes, a blank, and the next word's first letter. Full stops have a module of their own.
"""

import re

from askreport.text.abbreviations import BEFORE_NUMBERS, GOING_ON, OPENING, SPOKEN
from askreport.text.full_stops import CJK_LETTER, LETTER, FullStop, ends_sentence, is_abbreviation, word_before

# So far is looked back for an opening bracket.
_BRACKETED = 400
# In texts without blanks between sentences, sentences inside such a short quotation are not told apart.
_QUOTED = 80

# Marks after which no blank is needed: of Chinese and Japanese, of Indic scripts, Khmer, Burmese, Ethiopic, Armenian,
# Tibetan and Arabic.
_ALONE = "。！？｡．।॥។៕။።፧፨։།༎꘎᠃۔؟"
_MARKS = f".!?…‼⁇⁈⁉{_ALONE}"
_CLOSING = r"\"'”’»›)\]}」』）】》〉〕］＂＇"
_OPENING = r"\"'“”„«»‚‘‹›(\[{¿¡「『（【《〈*_"
_OPENS_CJK = frozenset("「『（【《〈")
_NOTES = r"\[(?:\d{1,3}(?:[,;–-]\s?\d{1,3})*|[a-z]|note \d{1,3}|citation needed)\]"
_PATTERN = (
    rf"(?P<mark>[{_MARKS}](?:[{_MARKS}]|\s(?=\.[\s.]|\.$))*+)(?:(?<!\.)|(?![A-Za-z_/@=&]))"
    # A closing « or “ is an opening one unless it stands right behind the mark.
    rf"(?P<close>(?:[ \u00a0\u202f]»(?=[\s,.;:—–-]|$)|[{_CLOSING}]|(?<=[.!?…])[“«‹])*+)"
    rf"(?P<note>(?:[ \u00a0]?{_NOTES})++|[¹²³⁰⁴-⁹]++(?:[,–⁻][¹²³⁰⁴-⁹]++)*+|[①-⑳]++|[*†‡]++(?=\s)"
    r"|\d{1,3}(?:[,–-]\d{1,3}| \d{1,3}(?=\s))*+(?=\s))?"
    # No more is demanded: a run of marks at the end would be tried anew from each of its marks.
    r"(?P<gap>\s*+)"
)
_END = re.compile(_PATTERN)
# The Greek question mark is a semicolon.
_END_GREEK = re.compile(_PATTERN.replace(_MARKS, f"{_MARKS};\u037e"))
_NEXT = re.compile(rf"(?P<opener>[{_OPENING}\s—–―-]*+)(?P<word>[{LETTER}'’]*+)")
_MIXED_CASE = re.compile(r"[a-z]{1,2}[A-Z]")
_SPOKEN = re.compile(SPOKEN)
# Sums of money and items of lists begin with them.
_BEFORE_FIRST = frozenset("$€£¥₹#@•●▪■◦‣►➢✓~^§")
_BRACKETS = {")": "(", "）": "（", "]": "["}
# With them a new sentence begins behind an ellipsis in Chinese and Japanese.
_SUBJECTS = frozenset("他她它我你您谁誰这這那彼私僕俺")
_QUOTATIONS = {"「": "」", "『": "』", "“": "”", "《": "》", "（": "）"}


def starts(text: str, language: str) -> list[int]:
    """Where each sentence of a block starts, in order, the first at 0. The time grows with the length alone."""
    found = [0]
    for match in (_END_GREEK if language == "el" else _END).finditer(text):
        following = _NEXT.match(text, match.end())
        if match.end() < len(text) and following and _ends(text, match, following, found[-1], language):
            found.append(match.end())
    return found


def _ends(text: str, match: re.Match[str], following: re.Match[str], since: int, language: str) -> bool:
    """Whether the sentence that starts at ``since`` ends at a mark."""
    mark, word, at = match["mark"], following["word"], match.start()
    first = word[:1]
    if not _is_apart(match, following) or not _is_note(text, match, first):
        return False
    if not first:
        return text[match.end()] in _BEFORE_FIRST and not is_abbreviation(word_before(text, at))
    if word in GOING_ON and language != "mr":
        return False
    if first.islower() and not _MIXED_CASE.match(word) and not _is_without_capitals(text, since, at, match["close"]):
        return False
    cased = first.isupper() or first.isdigit()
    if match["close"].strip():
        return _after_closing(text, match, word, cased)
    if mark[-1] in ".…" and (mark != "." or at == 0 or text[at - 1].isspace()):
        return _after_dots(text, at, first, blank=bool(match["gap"]))
    if mark[-1] in _ALONE and _in_quotation(text, at):
        return False
    if mark != "." or match["note"]:
        return True
    stop = FullStop(text=text, at=at, since=since, behind=match.end(), opener=following["opener"], word=word)
    return ends_sentence(stop, language)


def _is_without_capitals(text: str, since: int, at: int, close: str) -> bool:
    """Whether the author seems to use no capitals, and a mark stands right behind a word in full."""
    before = word_before(text, at)
    in_full = not close and len(before) > 3 and not is_abbreviation(before)
    return in_full and text[max(since, at - _BRACKETED) : at].islower()


def _is_apart(match: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a mark is no part of a word: a blank follows, or what makes one unnecessary."""
    opener, first = following["opener"], following["word"][:1]
    if match["gap"] or match["note"] or match["mark"][-1] in _ALONE:
        return True
    cjk = bool(CJK_LETTER.match(first)) or opener[:1] in _OPENS_CJK
    return cjk and (bool(match["close"]) or match["mark"][-1] in "!?‼⁇⁈⁉…")


def _is_note(text: str, match: re.Match[str], first: str) -> bool:
    """Whether digits right behind a mark, if any, are a note's: of "fell.1 Imports", not of "v.2 Released"."""
    if not (match["note"] or "")[:1].isdigit():
        return True
    if not first or first.isdigit():
        return False
    if match["close"] or match["mark"] in _ALONE:
        return True
    word = word_before(text, match.start())
    return len(word) >= 3 and word.isalpha() and word not in BEFORE_NUMBERS


def _after_dots(text: str, at: int, first: str, *, blank: bool) -> bool:
    """Behind an ellipsis. Where there are no capitals it ends a sentence if it stands right behind a word."""
    return first.isupper() or first in _SUBJECTS or (blank and at > 0 and not text[at - 1].isspace())


def _after_closing(text: str, match: re.Match[str], word: str, cased: bool) -> bool:
    """Behind a closing bracket or quotation mark."""
    closing = match["close"].strip()[-1]
    if closing == "》":
        return False
    if closing not in _BRACKETS:
        return cased or not _SPOKEN.match(text, match.end())
    opened = text.rfind(_BRACKETS[closing], max(0, match.start() - _BRACKETED), match.start())
    before = text[max(0, opened - 4) : opened].rstrip()
    if opened == 0 or (opened > 0 and before[-1:] in {*_MARKS, '"', "”", "»", "’", "]"}):
        # What is in brackets is a sentence of its own.
        return True
    return cased and (word in OPENING or not is_abbreviation(word_before(text, match.start())))


def _in_quotation(text: str, at: int) -> bool:
    """Whether a place is inside a short quotation that is closed behind it, in texts without blanks."""
    back = text[max(0, at - _QUOTED) : at]
    ahead = text[at + 1 : at + 1 + _QUOTED]
    return any(
        back.rfind(opening) > back.rfind(closing) and closing in ahead and CJK_LETTER.search(back)
        for opening, closing in _QUOTATIONS.items()
    )
