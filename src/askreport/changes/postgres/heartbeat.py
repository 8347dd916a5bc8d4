"""The sign of life of a worker: by a thread beside its work, which also tells how far that is."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from askreport.errors import StoppedError, StoreError
from askreport.progress import Progress
from askreport.store.postgres.pool import Database
from askreport.store.postgres.queue import TakenError, Task, beat

# Seconds between two signs of life, and between two reports of progress: it changes thousands of times.
INTERVAL = 3.0
MIN_GAP = 0.4
_GRACE = 1.0


class Heartbeat:
    """Keeps a task this worker's while the context lasts, even through steps that say nothing for minutes."""

    def __init__(self, database: Database, task: Task, is_stopping: Callable[[], bool], also: Progress) -> None:
        """``also`` is told of all progress as well."""
        self._database = database
        self._task = task
        self._is_stopping = is_stopping
        self._also = also
        self._state = ("", 0, 0)
        self._is_taken = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        # It may wait for PostgreSQL while that is away, and what it writes later changes nothing.
        self._thread.join(_GRACE)

    def report(self, stage: str, done: int, total: int) -> None:
        """Takes progress; StoppedError if the worker is to end, TakenError if another one has the task."""
        if self._is_stopping():
            raise StoppedError("the worker was ended before this was done")
        if self._is_taken:
            raise TakenError(f"{self._task.file.name} was taken by another worker")
        self._state = (stage, done, total)
        self._also(stage, done, total)

    def _run(self) -> None:
        told, at = ("", 0, 0), time.monotonic()
        while not self._ended.wait(MIN_GAP):
            state = self._state
            if state == told and time.monotonic() - at < INTERVAL:
                continue
            told, at = state, time.monotonic()
            try:
                self._is_taken = not beat(self._database, self._task, *state)
            except StoreError:
                # The work itself meets the same, and knows what to do.
                continue
