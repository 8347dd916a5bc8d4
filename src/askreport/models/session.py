"""Running a graph: one text at a time on each core, with what surrounds that."""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from askreport.types import FloatArray, Span

# What a container may use of the machine's cores, on Linux: microseconds of time in so many, or "max".
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")

# A name of glibc's malloc.h: how many heaps threads may have of their own.
M_ARENA_MAX = -8


def share_heaps() -> None:
    """Lets threads share as many heaps as there are cores, where glibc has the memory (elsewhere nothing happens).

    By itself it gives each new thread a heap, up to eight times as many as there are cores, and what one has freed no
    other uses: after some hundred questions most of a service's memory was free (LOG.md).
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    limit = getattr(ctypes.pythonapi, "mallopt", None)
    if limit is not None:
        limit(M_ARENA_MAX, max(2, available_cores()))


def onnx_session(graph: Path) -> onnxruntime.InferenceSession:
    """A graph to run one text at a time in, each on the thread that calls."""
    share_heaps()
    options = onnxruntime.SessionOptions()
    # A run keeps to the thread that calls it: two texts on a core each are done sooner than two on both in turn.
    options.intra_op_num_threads = 1
    # The arena keeps the most that a run ever needed; without it runs are as fast.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        # On CPUs the fused operator takes over four times as long as the sum and the normalisation that it replaces.
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def layout(lengths: Sequence[int]) -> dict[str, npt.NDArray[np.int64] | npt.NDArray[np.int32]]:
    """What a graph of ``bert_graph`` has to know of texts of so many tokens, which stand one after another."""
    counts = np.array(lengths, np.int32)
    starts, longest = np.cumsum(counts) - counts, counts.max()
    places = np.arange(longest)
    inside = places < counts[:, None]
    rows = np.where(inside, starts[:, None] + places, 0)
    return {"rows": rows.astype(np.int64), "lengths": counts, "back": np.flatnonzero(inside)}


def tokens_inside(offsets: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[slice | None]:
    """For each span the tokens that lie inside it, of which ``offsets`` are the spans in order; None if none does."""
    starts, ends = np.array(offsets, np.int64).reshape(-1, 2).T
    # Tokens of no characters are the model's own, as those at the beginning and the end.
    real = np.flatnonzero(starts < ends)
    first = np.searchsorted(starts[real], [span.start for span in spans], "left")
    after = np.searchsorted(ends[real], [span.end for span in spans], "right")
    return [slice(real[a], real[b - 1] + 1) if a < b else None for a, b in zip(first, after, strict=True)]


def available_cores(quota: Path = CPU_QUOTA) -> int:
    """The cores that the process may use: those it is bound to, within its container's share of time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        time, period = map(int, quota.read_text().split())
    except (OSError, ValueError):
        return cores
    return max(1, min(cores, round(time / period)))


def unit(vector: FloatArray) -> FloatArray:
    """The vector at length 1."""
    scaled: FloatArray = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return scaled
