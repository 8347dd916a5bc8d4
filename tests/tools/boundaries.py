"""Texts with known sentence boundaries, and how well a splitter finds them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "text" / "sentences"
LANGUAGES = ("en", "de", "cs", "fr", "ru", "es", "zh", "ja", "hi", "ar")
# Stands in the files before each sentence but a line's first.
MARK = "‖"

# Where the sentences of a text in a language start.
Splitter = Callable[[str, str], Iterable[int]]


class Sequence(NamedTuple):
    """Sentences in a row: their text, and where each but the first starts."""

    text: str
    starts: frozenset[int]


def sequences(language: str) -> Iterator[Sequence]:
    """The sequences of a language."""
    for line in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        sentences = line.split(MARK)
        ends = [sum(map(len, sentences[:count])) for count in range(1, len(sentences))]
        yield Sequence("".join(sentences), frozenset(ends))


def found_in(sequence: Sequence, splitter: Splitter, language: str) -> frozenset[int]:
    """Where a splitter has a sentence start, but for the first; white space belongs to the sentence before."""
    starts = (len(sequence.text) - len(sequence.text[start:].lstrip()) for start in splitter(sequence.text, language))
    return frozenset(starts) - {0, len(sequence.text)}


def f1(all_of: Iterable[Sequence], splitter: Splitter, language: str) -> float:
    """The F1 of the boundaries that the splitter finds."""
    right = found = known = 0
    for sequence in all_of:
        starts = found_in(sequence, splitter, language)
        right, found, known = right + len(starts & sequence.starts), found + len(starts), known + len(sequence.starts)
    return 2 * right / (found + known)
