"""Times compared within one run: no shared machine promises seconds, but what runs in turns shares what there is."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

# Counts seconds. The processor's clock leaves out what other programs take, and is for what only computes.
Clock: TypeAlias = Callable[[], float]
WALL: Clock = time.perf_counter
PROCESSOR: Clock = time.thread_time


def seconds(run: Callable[[], object], clock: Clock = WALL) -> float:
    """How long something takes."""
    started = clock()
    run()
    return clock() - started


def ratio(run: Callable[[], object], beside: Callable[[], object], rounds: int = 5, clock: Clock = WALL) -> float:
    """How many times as long as ``beside`` something takes."""
    return measured_ratio(lambda: seconds(run, clock), lambda: seconds(beside, clock), rounds)


def measured_ratio(
    measure: Callable[[], float],
    beside: Callable[[], float],
    rounds: int = 5,
    of: Callable[[Sequence[float]], float] = statistics.median,
) -> float:
    """How many times as large as that of ``beside`` the result of ``measure`` is.

    They are called in turns, so that what else the machine does falls on both. Of all rounds the medians are compared,
    or what else ``of`` makes of them.
    """
    turns = [(beside(), measure()) for _ in range(rounds)]
    usual, found = zip(*turns, strict=True)
    return of(found) / of(usual)


def importing(*modules: str) -> None:
    """Runs a bare process, which imports these modules and ends."""
    subprocess.run([sys.executable, "-c", f"import {', '.join(modules)}"], check=True)
