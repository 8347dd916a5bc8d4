"""How work tells of its progress, how fast a stage goes, and how long the rest of it will take."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import TypeAlias, TypeVar

# Called with a stage ("reading", "embedding", "writing"), how much of it is done, and how much there is.
Progress: TypeAlias = Callable[[str, int, int], None]
# Seconds: the speed is that of the last half minute, for what comes next is more like that than like the beginning.
PERIOD = 30.0
# So long a stage must have been at work before anything is said of its speed.
MIN_SPAN = 1.0
# Seconds between two remembered states: progress is reported thousands of times.
_GAP = 0.25


# Seconds between two calls of ``beat`` while something takes long.
BEAT = 0.2
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def made_of(
    threads: Executor, work: Callable[[_Item], _Made], items: Iterable[_Item], beat: Callable[[], None]
) -> Iterator[_Made]:
    """What the work makes of each item, in order. ``beat`` is called while one takes long; what it raises ends all."""
    for future in [threads.submit(work, item) for item in items]:
        yield awaited(future, beat)


def awaited(future: "Future[_Made]", beat: Callable[[], None]) -> _Made:
    """The result of work in a thread; ``beat`` is called while it takes long, and may raise."""
    while not wait([future], BEAT).done:
        beat()
    return future.result()


class Pace:
    """The speed of the stage that was reported last; another stage begins anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._at = 0.0
        self._done = self._total = 0
        # (seconds, done), the oldest first: of the last PERIOD, and one from before it.
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, stage: str, done: int, total: int) -> None:
        """Takes a report of progress: ``done`` of ``total`` in the stage, in the stage's own unit."""
        if stage != self._stage or done < self._done:
            self._stage = stage
            self._seen.clear()
        self._at, self._done, self._total = self._clock(), done, total
        if not self._seen or self._at - self._seen[-1][0] >= _GAP:
            self._seen.append((self._at, done))
        while len(self._seen) > 1 and self._seen[1][0] <= self._at - PERIOD:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Units a second; None while that is unknown."""
        if not self._seen:
            return None
        since, before = self._seen[0]
        if self._at - since < MIN_SPAN or self._done <= before:
            return None
        return (self._done - before) / (self._at - since)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest of the stage takes at this speed; None while that is unknown, and when nothing is left."""
        rate = self.rate
        if not rate or self._done >= self._total:
            return None
        # Reports may come many seconds apart, and meanwhile the work goes on.
        return max(0.0, (self._total - self._done) / rate - (self._clock() - self._at))
