"""Text -> pieces: the Unigram tokenizer of SentencePiece (Kudo 2018), over a trie that is mapped into memory.

A tokenizer of 250,000 pieces takes the library ``tokenizers`` a second to load and hundreds of megabytes; the trie
takes less than a millisecond, and only what is used of it counts.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import marisa_trie
import numpy as np

from askreport.models.e5_file import Pieces

TRIE, NUMBERS, SCORES, META = "pieces.marisa", "numbers.npy", "scores.npy", "pieces.json"
# What stands for a space: at the beginning of a piece, it begins a word.
SPACE = "\u2581"
# How much worse an unknown character is than the worst piece.
UNKNOWN_PENALTY = 10.0
# No piece's number.
UNKNOWN = -1
# Words whose pieces are kept, and their longest; texts repeat themselves.
KEPT_WORDS, KEPT_LENGTH = 20_000, 24


@dataclass(frozen=True, slots=True)
class Tokens:
    """Numbers of pieces, and the span of each in the text; those of the model's own are empty."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class _Normal(NamedTuple):
    """A text as the pieces have it, and where in the text each of its characters starts and ends."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def write_pieces(pieces: Pieces, folder: Path) -> None:
    """Writes what ``Unigram`` reads."""
    # The model's own tokens stand for nothing that a text can hold.
    texts = [text for number, text in enumerate(pieces.texts) if number not in pieces.own]
    trie = marisa_trie.Trie(texts)
    # The trie has numbers of its own.
    numbers = np.zeros(len(texts), np.int32)
    for number, text in enumerate(pieces.texts):
        if number not in pieces.own:
            numbers[trie[text]] = number
    trie.save(str(folder / TRIE))
    np.save(folder / NUMBERS, numbers)
    np.save(folder / SCORES, pieces.scores[numbers])
    meta = {
        "start": pieces.start,
        "end": pieces.end,
        "unknown": pieces.unknown,
        "longest": max(map(len, texts)),
        "characters": pieces.characters,
    }
    (folder / META).write_text(json.dumps(meta))


class Unigram:
    """The tokenizer that ``write_pieces`` wrote into a folder; ``start`` and ``end`` are what a model's input has."""

    def __init__(self, folder: Path) -> None:
        meta = json.loads((folder / META).read_text())
        self.start: int = meta["start"]
        self.end: int = meta["end"]
        self._unknown: int = meta["unknown"]
        self._longest: int = meta["longest"]
        self._characters = {int(character): text for character, text in meta["characters"].items()}
        odd = "".join(chr(character) for character, text in self._characters.items() if len(text) != 1)
        self._odd = re.compile(f"[{re.escape(odd)}]" if odd else "(?!)")
        self._trie = marisa_trie.Trie().mmap(str(folder / TRIE))
        # By the trie's numbers: each piece's own number, and its score. Views give single values fastest.
        self._numbers = memoryview(np.load(folder / NUMBERS, mmap_mode="r"))
        scores = np.load(folder / SCORES, mmap_mode="r")
        self._scores = memoryview(scores)
        self._penalty = float(scores.min()) - UNKNOWN_PENALTY
        self._short_word = lru_cache(KEPT_WORDS)(self._best)

    def pieces(self, text: str, limit: int | None = None) -> Tokens:
        """The first ``limit`` pieces of a text, or all, without the model's own tokens."""
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        normal = self._normal(text)
        for start, word in _words(normal.text):
            for number, begin, end in self._short_word(word) if len(word) <= KEPT_LENGTH else self._best(word):
                ids.append(number)
                # A word's first character stands for the space before it, which is no part of the span.
                first, last = start + max(begin - 1, 0), start + end - 2
                offsets.append((normal.starts[first], normal.ends[last] if end > 1 else normal.starts[first]))
            if limit is not None and len(ids) >= limit:
                return Tokens(ids[:limit], offsets[:limit])
        return Tokens(ids, offsets)

    def encode(self, text: str, limit: int) -> Tokens:
        """At most ``limit`` tokens: pieces, and the model's own at the start and the end."""
        tokens = self.pieces(text, limit - 2)
        return Tokens([self.start, *tokens.ids, self.end], [(0, 0), *tokens.offsets, (0, 0)])

    def _normal(self, text: str) -> _Normal:
        count = len(text)
        if text.isascii() and text.isprintable():
            return _Normal(text, range(count), range(1, count + 1))
        if unicodedata.is_normalized("NFC", text) and not self._odd.search(text):
            return _Normal(text.translate(self._characters), range(count), range(1, count + 1))
        parts, starts, ends = [], [], []
        for start, end in _clusters(text):
            part = unicodedata.normalize("NFC", text[start:end]).translate(self._characters)
            parts.append(part)
            starts += [start] * len(part)
            ends += [end] * len(part)
        return _Normal("".join(parts), starts, ends)

    def _best(self, word: str) -> tuple[tuple[int, int, int], ...]:
        """The likeliest pieces of a word: number, begin and end of each (Viterbi 1967)."""
        count = len(word)
        scores = [0.0] + [-math.inf] * count
        # Of the last piece up to each place: where it begins, and its number in the trie.
        last = [(0, UNKNOWN)] * (count + 1)
        for begin in range(count):
            before = scores[begin]
            for piece, key in self._trie.iter_prefixes_with_ids(word[begin : begin + self._longest]):
                end = begin + len(piece)
                if before + self._scores[key] > scores[end]:
                    scores[end], last[end] = before + self._scores[key], (begin, key)
            if before + self._penalty > scores[begin + 1]:
                scores[begin + 1], last[begin + 1] = before + self._penalty, (begin, UNKNOWN)
        found: list[tuple[int, int, int]] = []
        end = count
        while end:
            begin, key = last[end]
            number = self._unknown if key == UNKNOWN else self._numbers[key]
            if key == UNKNOWN and found and found[-1][0] == number:
                # Unknown characters in a row are one token.
                found[-1] = (number, begin, found[-1][2])
            else:
                found.append((number, begin, end))
            end = begin
        return tuple(reversed(found))


def _words(normal: str) -> Iterator[tuple[int, str]]:
    """Where each word starts, and the word with the mark of a word before it."""
    at = 0
    for word in normal.split(" "):
        if word:
            yield at, SPACE + word
        at += len(word) + 1


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans of characters that are composed to one: a letter with its marks."""
    start = 0
    for at in range(1, len(text) + 1):
        alone = at == len(text) or not unicodedata.combining(text[at])
        if alone and (at == len(text) or not _joins(text[start:at], text[at])):
            yield start, at
            start = at


def _joins(before: str, character: str) -> bool:
    whole = unicodedata.normalize("NFC", before + character)
    return whole != unicodedata.normalize("NFC", before) + unicodedata.normalize("NFC", character)
