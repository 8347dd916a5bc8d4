"""Times compared within one run: no shared machine promises seconds, but what runs in turns shares what there is."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

# Counts seconds.
Clock: TypeAlias = Callable[[], float]
Summary: TypeAlias = Callable[[Sequence[float]], float]


def children_time() -> float:
    """The seconds that processes of this one have computed, of all that have ended."""
    found = os.times()
    return found.children_user + found.children_system


WALL: Clock = time.perf_counter
# These leave out what other programs take, and are for what only computes: in this thread, or in other processes.
PROCESSOR: Clock = time.thread_time
CHILDREN: Clock = children_time


def seconds(run: Callable[[], object], clock: Clock = WALL) -> float:
    """How long something takes."""
    started = clock()
    run()
    return clock() - started


def ratio(
    run: Callable[[], object],
    beside: Callable[[], object],
    rounds: int = 5,
    clock: Clock = WALL,
    of: Summary = statistics.median,
) -> float:
    """How many times as long as ``beside`` something takes."""
    return measured_ratio(lambda: seconds(run, clock), lambda: seconds(beside, clock), rounds, of)


def measured_ratio(
    measure: Callable[[], float],
    beside: Callable[[], float],
    rounds: int = 5,
    of: Summary = statistics.median,
) -> float:
    """How many times as large as that of ``beside`` the result of ``measure`` is.

    They are called in turns, so that what else the machine does falls on both. The medians of all rounds are compared,
    or what ``of`` makes of them: the minima leave most of what disturbs out.
    """
    turns = [(beside(), measure()) for _ in range(rounds)]
    usual, found = zip(*turns, strict=True)
    return of(found) / of(usual)


def importing(*modules: str) -> None:
    """Runs a bare process, which imports these modules and ends."""
    subprocess.run([sys.executable, "-c", f"import {', '.join(modules)}"], check=True)
