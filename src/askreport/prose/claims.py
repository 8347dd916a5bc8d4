"""A sentence of a language model and the quotes it cites -> what in it does not come from them. Pure.

This checks what a program can see: quotations word for word, numbers and names (mentions.py), whether both deny or both
affirm, whether a word was exchanged for another, and whether a report is stated as a fact. support.py judges whether
the rest means the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from askreport.text.mentions import FUNCTION_WORDS, stranger, words
from askreport.text.quotations import find_quotations
from askreport.text.wording import NEGATION, Folded, Wording

_CLAUSE = re.compile(r"[,;:()]|\s[–—-]\s|\b(?:while|but|whereas|although|and that)\b")
# What a sentence begins with to say where or by whom, and neither affirms nor denies.
_OPENING = re.compile(r"^(?:According to|In|On|At|Since|During|By|Until|From)\b[^,]*,\s*")
_INTRODUCES = re.compile(r"\bthat\b|:|\bque\b|\bdass\b", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
# Of a sentence's words, how many must stand behind what introduces them for it to be taken from there.
_MOST = 0.7
# Words are compared by so many letters: enough for "agreement" and "agreed".
_STEM = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one citation stands for: the quote, and what stands before it, from which it may take its names."""

    quote: str
    context: str = ""


def objection(sentence: str, cited: Sequence[Evidence]) -> str:
    """Why a sentence, without its citations, cannot come from what it cites; empty if nothing speaks against it."""
    said = "\n".join(each.quote for each in cited)
    around = "\n".join(f"{each.context}\n{each.quote}" for each in cited)
    return (
        _misquoted(sentence, around)
        or stranger(sentence, said, around)
        or _reversed(sentence, cited)
        or _exchanged(sentence, cited)
        or _governed(sentence, cited)
    )


def coverage(sentence: str, cited: Sequence[Evidence]) -> float:
    """The share of a sentence's words that stand in what it cites; 1 if it has none."""
    own = _stems(sentence)
    there = {stem for each in cited for stem in _stems(f"{each.context}\n{each.quote}")}
    return len(own & there) / len(own) if own else 1.0


def _misquoted(sentence: str, around: str) -> str:
    quotations = find_quotations(sentence)
    source = Folded(around)
    for quotation in quotations.found:
        if not Wording(quotation.text).matches(source, 1):
            return f"“{quotation.text}” does not stand in what it cites"
    return "a quotation in it has no end" if quotations.unpaired else ""


def _reversed(sentence: str, cited: Sequence[Evidence]) -> str:
    """Whether a part of a sentence denies what the nearest words of the quotes affirm, or the other way round."""
    there = [(_stems(clause), bool(NEGATION.search(clause))) for each in cited for clause in _CLAUSE.split(each.quote)]
    for clause in _CLAUSE.split(_OPENING.sub("", sentence)):
        own = _stems(clause)
        most = max((len(own & stems) for stems, _ in there), default=0)
        denied = {denies for stems, denies in there if len(own & stems) == most}
        denies = bool(NEGATION.search(clause))
        if own and denied == {not denies}:
            return "it denies what the quote affirms" if denies else "the quote denies what it says"
    return ""


def _exchanged(sentence: str, cited: Sequence[Evidence]) -> str:
    """Whether one word of a quote was exchanged for another, with the same words on both sides of it, or at the end.

    It may be another word for the same. But the nearest wrong sentence is of this kind, and looks most like the quote.
    """
    quote = max((each.quote for each in cited), key=lambda text: len(_stems(text) & _stems(sentence)), default="")
    own, there = _content(sentence), _content(quote)
    known = {stem for each in cited for stem in _stems(f"{each.context}\n{each.quote}")}
    stems = [word[:_STEM] for word in own], [word[:_STEM] for word in there]
    steps = SequenceMatcher(None, *stems, autojunk=False).get_opcodes()
    for before, step, after in zip([None, *steps], steps, [*steps[1:], None], strict=False):
        kind, start, end, first, last = step
        is_one = kind == "replace" and end - start == last - first == 1 and stems[0][start] not in known
        starts, ends = start == first == 0, end == len(own) and last == len(there)
        if is_one and (before or starts) and (after or ends) and (before or after):
            return f"it says “{own[start]}” where the quote says “{there[first]}”"
    return ""


def _governed(sentence: str, cited: Sequence[Evidence]) -> str:
    """Whether a sentence leaves out what governs its words in a quote: who says so, or who is told to say so."""
    own = _stems(sentence)
    for quote in (each.quote for each in cited):
        if _SECOND_PERSON.search(quote) and not _SECOND_PERSON.search(sentence):
            return "the quote speaks to its reader, and the sentence does not"
        for introduced in _INTRODUCES.finditer(quote):
            head, tail = _stems(quote[: introduced.start()]), _stems(quote[introduced.end() :])
            if head and len(own & tail) >= _MOST * len(own) and not own & (head - tail):
                return "the quote reports it, and the sentence says it as a fact"
    return ""


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in FUNCTION_WORDS]


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _content(text)}
