"""Text -> pieces: the Unigram tokenizer of SentencePiece (Kudo 2018), over a trie that is mapped into memory.

A tokenizer of 250,000 pieces takes onnxruntime's companion library a second to load and hundreds of megabytes; the trie
takes less than a millisecond, and only what is used of it counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import marisa_trie
import numpy as np

from askreport.models.e5_file import Pieces

TRIE, NUMBERS, SCORES, META = "pieces.marisa", "numbers.npy", "scores.npy", "pieces.json"
# What stands for a space: at the beginning of a piece, it begins a word.
SPACE = "\u2581"
# How much worse an unknown character is than the worst piece.
UNKNOWN_PENALTY = 10.0
# Words whose pieces are kept; texts repeat themselves.
KEPT_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Tokens:
    """Numbers of pieces, and the span of each in the text; those of the model's own are empty."""

    ids: list[int]
    offsets: list[tuple[int, int]]


def write_pieces(pieces: Pieces, folder: Path) -> None:
    """Writes what ``Unigram`` reads."""
    trie = marisa_trie.Trie(pieces.texts)
    numbers = np.zeros(len(pieces.texts), np.int32)
    for number, text in enumerate(pieces.texts):
        numbers[trie[text]] = number
    trie.save(str(folder / TRIE))
    np.save(folder / NUMBERS, numbers)
    np.save(folder / SCORES, pieces.scores)
    meta = {
        "start": pieces.start,
        "end": pieces.end,
        "unknown": pieces.unknown,
        "longest": max(map(len, pieces.texts)),
        "characters": pieces.characters,
    }
    (folder / META).write_text(json.dumps(meta))


class Unigram:
    """The tokenizer that ``write_pieces`` wrote into a folder."""

    def __init__(self, folder: Path) -> None:
        meta = json.loads((folder / META).read_text())
        self.start: int = meta["start"]
        self.end: int = meta["end"]
        self._unknown: int = meta["unknown"]
        self._longest: int = meta["longest"]
        self._characters = {int(character): text for character, text in meta["characters"].items()}
        self._trie = marisa_trie.Trie().mmap(str(folder / TRIE))
        self._numbers = np.load(folder / NUMBERS, mmap_mode="r")
        self._scores = np.load(folder / SCORES, mmap_mode="r")
        self._penalty = float(np.min(self._scores)) - UNKNOWN_PENALTY
        self._word = lru_cache(KEPT_WORDS)(self._best)

    def encode(self, text: str, limit: int) -> Tokens:
        """At most ``limit`` tokens, the model's own at the start and the end included."""
        ids, offsets = [self.start], [(0, 0)]
        for word, places in self._words(text):
            for number, begin, end in self._word(word):
                ids.append(number)
                # The first character of a word stands for the space before it, which is not part of the text's span.
                offsets.append((places[max(begin - 1, 0)], places[end - 2] + 1) if end > 1 else (places[0], places[0]))
            if len(ids) >= limit - 1:
                break
        del ids[limit - 1 :], offsets[limit - 1 :]
        return Tokens([*ids, self.end], [*offsets, (0, 0)])

    def _words(self, text: str) -> list[tuple[str, Sequence[int]]]:
        """The text's words with the mark of a word before them, and where in the text each of their characters is."""
        found: list[tuple[str, Sequence[int]]] = []
        normal, places = self._normal(text)
        at = 0
        for word in normal.split(" "):
            if word:
                found.append((SPACE + word, places[at : at + len(word)]))
            at += len(word) + 1
        return found

    def _normal(self, text: str) -> tuple[str, Sequence[int]]:
        """The text with its characters replaced, and where each of what there is now was."""
        if text.isascii() and text.isprintable():
            return text, range(len(text))
        parts = [self._characters.get(ord(character), character) for character in text]
        places = np.repeat(np.arange(len(text)), [len(part) for part in parts])
        return "".join(parts), places.tolist()

    def _best(self, word: str) -> tuple[tuple[int, int, int], ...]:
        """The likeliest pieces of a word: number, begin and end of each (Viterbi 1967)."""
        count = len(word)
        scores = [0.0] + [-np.inf] * count
        last = [(0, self._unknown)] * (count + 1)
        for begin in range(count):
            for piece, key in self._trie.iter_prefixes_with_ids(word[begin : begin + self._longest]):
                number = int(self._numbers[key])
                end, score = begin + len(piece), scores[begin] + float(self._scores[number])
                if score > scores[end] and number != self._unknown:
                    scores[end], last[end] = score, (begin, number)
            if scores[begin] + self._penalty > scores[begin + 1]:
                scores[begin + 1], last[begin + 1] = scores[begin] + self._penalty, (begin, self._unknown)
        found, end = [], count
        while end:
            begin, number = last[end]
            found.append((number, begin, end))
            end = begin
        return tuple(reversed(found))
