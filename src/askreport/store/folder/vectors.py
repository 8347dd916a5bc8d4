"""Passage vectors in one FAISS file, searched exactly, or approximately where there are very many.

Components are stored in half precision: cosines are right to 0.0001, and a million passages are 768 MB, mapped into
memory and shared by all processes that read them. From ``ANN_FROM`` passages on they are grouped by k-means around
centroids, and a question looks through the nearest eighth of the groups (an inverted file, Sivic and Zisserman 2003).
LOG.md has the measurements behind the figures, ``benchmarks/scale.py`` repeats them.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

from askreport.types import FloatArray, HalfArray

# Below, looking at every vector takes less than ten milliseconds.
ANN_FROM = 250_000
# Of the groups so many are looked through: recall@10 was 0.99 and better at every size measured.
PROBED = 1 / 8
# Seed, iterations and sample of the k-means; the sample is spread evenly, so that equal vectors make equal files.
_SEED = 1
_ITERATIONS = 10
_SAMPLED = 64
# Rows that are converted at a time.
_BLOCK = 65_536
_MAPPED = faiss.IO_FLAG_MMAP_IFC if os.name == "posix" else 0

Positions: TypeAlias = npt.NDArray[np.int64]
# FAISS's type stubs do not know its classes' arguments.
_faiss: Any = faiss


def write_vectors(read: Callable[[Positions], HalfArray], count: int, dimension: int, file: Path) -> None:
    """Writes ``count`` unit rows as an index; RuntimeError or OSError if there is no room.

    ``read`` gives the rows at some positions, shape (n, dimension); no more than are needed at a time are asked for.
    """
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index = _grouped(read, count, dimension) if count >= ANN_FROM else _flat(dimension)
    for start in range(0, count, _BLOCK):
        index.add(read(np.arange(start, min(start + _BLOCK, count))).astype(np.float32))
    # Given a name instead of a stream, FAISS would not report that the last bytes found no room.
    with file.open("wb") as stream:
        faiss.write_index(index, _faiss.PyCallbackIOWriter(stream.write))


def _flat(dimension: int) -> Any:
    return _faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _grouped(read: Callable[[Positions], HalfArray], count: int, dimension: int) -> Any:
    groups = 2 * round(count**0.5)
    index = _faiss.IndexIVFScalarQuantizer(
        _faiss.IndexFlatIP(dimension),
        dimension,
        groups,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        # Not what a vector differs by from its centroid, but the vector: scores are then those of an exact search.
        False,
    )
    index.cp.seed, index.cp.niter, index.cp.spherical = _SEED, _ITERATIONS, True
    index.cp.max_points_per_centroid = _SAMPLED
    sample = np.linspace(0, count - 1, min(count, _SAMPLED * groups)).astype(np.int64)
    index.train(read(sample).astype(np.float32))
    return index


class Vectors:
    """Such a file, opened; passages are known by their positions in it, from 0. Any thread may search."""

    def __init__(self, file: Path) -> None:
        self._index = _faiss.read_index(str(file), _MAPPED)
        self._groups = getattr(self._index, "nlist", 0)
        if self._groups:
            self._index.make_direct_map()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: FloatArray, limit: int, among: npt.NDArray[np.bool_] | None = None, exact: bool = False
    ) -> tuple[FloatArray, Positions]:
        """The nearest vectors' cosines and positions, best first; ``among`` tells for each position whether it may be.

        ``exact`` looks through all groups: where few positions may be, the nearest groups might have none of them.
        """
        bits = None if among is None else np.packbits(among, bitorder="little")
        selector = None if bits is None else _faiss.IDSelectorBitmap(bits)
        if self._groups:
            probed = self._groups if exact else max(1, round(self._groups * PROBED))
            parameters = _faiss.SearchParametersIVF(sel=selector, nprobe=probed)
        else:
            parameters = _faiss.SearchParameters(sel=selector)
        # FAISS divides questions among threads, not one question; threads that wait would only be in the encoder's way.
        faiss.omp_set_num_threads(1)
        scores, positions = self._index.search(vector[None], min(limit, len(self)), params=parameters)
        found = positions[0] >= 0
        return scores[0][found], positions[0][found]

    def rows(self, positions: Positions) -> FloatArray:
        """The vectors at these positions, shape (n, dimension)."""
        rows: FloatArray = self._index.reconstruct_batch(positions)
        return rows
