"""Sentences and questions changed in one point, so that the sentence no longer answers: near misses made by rule."""

import random
import re
from collections.abc import Sequence

_NAME = re.compile(r"[A-Z][\w’'-]+(?:\s+(?:of\s+|the\s+)?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d+")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
# Words that begin a question or a sentence with a capital and name nothing.
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
    The A An In On At It He She They This That These Those When Where Who What Which Why How Is Are Was Were Do
    Does Did Has Have Had Can Could Will Would Should After Before During By For From As And But If Of To With
    """,
    )
)


def names_in(text: str) -> list[str]:
    """Runs of capitalised words, without words that are only the first of a sentence."""
    found = []
    for match in _NAME.finditer(text):
        name = match.group()
        while name and name.split()[0] in _PLAIN:
            name = name[len(name.split()[0]) :].lstrip()
        if name and len(name.split()[0]) > 1:
            found.append(name)
    return list(dict.fromkeys(found))


def numbers_in(text: str) -> list[str]:
    """Numbers, as they are written."""
    return list(dict.fromkeys(_NUMBER.findall(text)))


def other_number(number: str, draw: random.Random) -> str:
    """Another number of the same kind: a near year, or other digits."""
    if _YEAR.fullmatch(number):
        return str(int(number) + draw.choice([-20, -10, -5, -3, -2, -1, 1, 2, 3, 5, 8, 10]))
    digits = [draw.choice("123456789") if character.isdigit() else character for character in number]
    changed = "".join(digits)
    return changed if changed != number else number + draw.choice("123456789")


def roles_exchanged(question: str, sentence: str, draw: random.Random) -> str | None:
    """The sentence with a name of the question and another name exchanged."""
    there = names_in(sentence)
    asked = [name for name in there if _has(question, name)]
    others = [name for name in there if not _has(question, name)]
    draw.shuffle(asked)
    for one in asked:
        for other in others:
            if one in other or other in one:
                continue
            if _joined(sentence, one, other) or _joined(sentence, other, one):
                continue
            mark = "\0"
            return sentence.replace(one, mark).replace(other, one).replace(mark, other)
    return None


def point_changed(question: str, sentence: str, names: Sequence[str], draw: random.Random) -> str | None:
    """The sentence with a number or a name that the question has replaced by another."""
    points = [number for number in numbers_in(sentence) if number in numbers_in(question)]
    points += [name for name in names_in(sentence) if _has(question, name)]
    if not points:
        return None
    old = draw.choice(points)
    new = other_number(old, draw) if old[0].isdigit() else draw.choice(names)
    return None if _has(sentence, new) or _has(question, new) else sentence.replace(old, new)


def question_changed(question: str, text: str, names: Sequence[str], draw: random.Random) -> str | None:
    """The question with one of its numbers or names replaced by one that the text does not have."""
    points = [*numbers_in(question), *(name for name in names_in(question) if _has(text, name))]
    if not points:
        return None
    old = draw.choice(points)
    new = other_number(old, draw) if old[0].isdigit() else draw.choice(names)
    return None if _has(text, new) else question.replace(old, new)


def noisy(question: str, draw: random.Random) -> str:
    """Now and then what people type: small letters, no question mark, a mistake."""
    if draw.random() < 0.12:
        question = question.lower()
    if draw.random() < 0.12:
        question = question.rstrip("?").rstrip()
    words = list(re.finditer(r"[^\W\d_]{5,}", question))
    if words and draw.random() < 0.07:
        word = draw.choice(words)
        at = draw.randrange(word.start() + 1, word.end() - 1)
        change = draw.choice([question[at + 1] + question[at], "", question[at] * 2])
        question = question[:at] + change + question[at + (2 if len(change) == 2 and change[0] != change[1] else 1) :]
    return question


def _joined(text: str, one: str, other: str) -> bool:
    """Whether the text has both in one list, where who is first says nothing."""
    between = re.finditer(rf"{re.escape(one)}(?=(.*?){re.escape(other)})", text, re.DOTALL)
    return any(re.fullmatch(r"(?:[\s,&]|and\b|or\b|the\b)*", _NAME.sub("", match[1])) for match in between)


def _has(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", text.lower()) is not None
