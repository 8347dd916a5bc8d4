"""How sentence vectors are stored."""

from collections.abc import Iterable, Sequence

import numpy as np

from askreport.types import FloatArray, IntArray, SentenceCosines


def pack_vectors(vectors: FloatArray) -> bytes:
    """Unit rows as int8, each scaled to its largest component: a quarter of the bytes, cosines within 0.001."""
    if not len(vectors):
        return b""
    scale = 127 / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    packed: bytes = np.rint(vectors * scale).astype(np.int8).tobytes()
    return packed


def unpack_vectors(packed: bytes, dimension: int) -> FloatArray:
    """The rows that ``pack_vectors`` stored, as unit float32 rows, shape (n, dimension)."""
    rows = np.frombuffer(packed, np.int8).reshape(-1, dimension).astype(np.float32)
    unit: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def packed_cosines(packed: Sequence[bytes], vector: FloatArray) -> tuple[IntArray, FloatArray]:
    """How many rows each of the packed has, and the cosines of all rows to a unit vector, one after another."""
    dimension = len(vector)
    sizes = np.array([len(each) // dimension for each in packed], np.int64)
    rows = np.frombuffer(b"".join(packed), np.int8).reshape(-1, dimension).astype(np.float32)
    cosines: FloatArray = rows @ vector
    cosines /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12)
    return sizes, cosines


def all_cosines(parts: Iterable[tuple[Sequence[int], Sequence[bytes]]], vector: FloatArray) -> SentenceCosines:
    """The cosines of all sentences of passages that come in parts: their numbers, and their packed vectors."""
    found = [(np.asarray(numbers, np.int64), *packed_cosines(packed, vector)) for numbers, packed in parts if numbers]
    if not found:
        return SentenceCosines(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    numbers, sizes, cosines = (np.concatenate(each) for each in zip(*found, strict=True))
    return SentenceCosines(numbers, sizes, cosines)
