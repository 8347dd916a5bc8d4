"""How many requests a key may make: a bucket of tokens for each, in memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

_MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class Buckets:
    """A bucket for each name that holds ``rate`` tokens and gets as many a minute; a rate of 0 means any number.

    ``clock`` gives seconds.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> int:
        """Takes a token: 0 if there was one, otherwise after how many seconds there will be."""
        if not self._rate:
            return 0
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(self._rate, now))
        bucket.tokens = min(self._rate, bucket.tokens + (now - bucket.filled) * self._rate / _MINUTE)
        bucket.filled = now
        if bucket.tokens < 1:
            return max(1, ceil((1 - bucket.tokens) * _MINUTE / self._rate))
        bucket.tokens -= 1
        return 0
