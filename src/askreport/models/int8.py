"""Weights as signed bytes whose products no processor clips.

Processors without VNNI multiply unsigned bytes by signed ones in pairs and add the two products in 16 bits
(``vpmaddubsw``), where large ones are clipped without a word: vectors would depend on the processor. Each output's
scale is made just so large that no two neighbouring weights of one sign add up to more than 128, and 255 times that
fits. It is 1.3 times the usual scale on average. LOG.md has what the other ways cost.
"""

import numpy as np
import numpy.typing as npt

from askreport.types import FloatArray

MAX_WEIGHT = 127
# Two products of 255 and these together are at most 32,640; 16 bits hold 32,767.
MAX_PAIR = 128


def narrowed(weights: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Weights (inputs, outputs) as bytes, and the scale of each output (outputs,)."""
    # Rounding adds at most a half to each of the two.
    pairs = pair_sums(weights).max(axis=0, initial=0) / (MAX_PAIR - 1)
    scales = np.maximum(np.abs(weights).max(axis=0) / MAX_WEIGHT, pairs)
    scales = np.maximum(scales, np.finfo(np.float32).tiny).astype(np.float32)
    return np.round(weights / scales).astype(np.int8), scales


def pair_sums(weights: npt.NDArray[np.generic]) -> FloatArray:
    """How large each pair of neighbouring weights of one sign is together, shape (pairs, outputs); else 0."""
    count = len(weights) // 2 * 2
    first, second = weights[0:count:2].astype(np.float32), weights[1:count:2].astype(np.float32)
    sums: FloatArray = np.where(np.sign(first) == np.sign(second), np.abs(first + second), np.float32(0))
    return sums
