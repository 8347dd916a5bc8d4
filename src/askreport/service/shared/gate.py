"""The queue of questions: as many run at once as there are cores, some wait, and further ones get 503.

Answering is work for the processor, much of it in Python. More threads than cores would not answer sooner, and would
delay the thread that takes requests. So questions have a few threads of their own, and a request that would wait too
long is refused at once; its client can retry.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from askreport.errors import OverloadedError

# Seconds after which a request that was put off may come again.
RETRY_AFTER = 1
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class Gate:
    """Runs work in ``threads`` threads; at most ``waiting`` pieces of it are inside, at work or in the queue."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "answer")
        self._waiting = waiting
        self._inside = 0
        self._counting = threading.Lock()

    async def run(self, work: Callable[_Given, _Found], *args: _Given.args, **kwargs: _Given.kwargs) -> _Found:
        """What the work returns or raises; OverloadedError, at once, if too much is waiting."""
        self._enter()
        try:
            # In the context of the request, so that what is noted on the way is noted for it (trace.py).
            future = self._threads.submit(copy_context().run, partial(work, *args, **kwargs))
        except BaseException:
            self._leave()
            raise
        # Counted until the work has ended, not until its client has gone: a thread cannot be interrupted.
        future.add_done_callback(lambda _: self._leave())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Takes nothing more; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _enter(self) -> None:
        with self._counting:
            if self._inside >= self._waiting:
                raise OverloadedError("too many questions are waiting already", "Ask again in a moment.", RETRY_AFTER)
            self._inside += 1

    def _leave(self) -> None:
        with self._counting:
            self._inside -= 1
