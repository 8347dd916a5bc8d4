"""Large responses that are under way: each holds memory until its client has taken it, so there is a limit to them."""

import threading
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from askreport.errors import OverloadedError

# Megabytes that responses under way may hold, in all and for one key; a file that is streamed counts as one.
IN_ALL = 64
FOR_ONE = 32
STREAMED = 1_000_000
# Seconds after which a request that was put off may come again.
RETRY_AFTER = 5
_UNIT = 1_000_000


class Downloads:
    """What is under way for whom; one response alone may always be, whatever its size."""

    def __init__(self, in_all: int = IN_ALL, for_one: int = FOR_ONE) -> None:
        self._in_all = in_all
        self._for_one = for_one
        self._held: Counter[str] = Counter()
        self._counting = threading.Lock()

    def take(self, who: str, units: int) -> None:
        """Counts so many megabytes for somebody; OverloadedError if that is too much beside what is under way."""
        with self._counting:
            for held, limit in ((self._held[who], self._for_one), (self._held.total(), self._in_all)):
                if held and held + units > limit:
                    raise OverloadedError(
                        "too many large files are being sent already",
                        "Read those to the end first, or come again.",
                        RETRY_AFTER,
                    )
            self._held[who] += units

    def give_back(self, who: str, units: int) -> None:
        """Counts them no more."""
        with self._counting:
            self._held[who] -= units
            if not self._held[who]:
                del self._held[who]


class Download:
    """The response to one request."""

    def __init__(self, downloads: Downloads, who: str) -> None:
        self._downloads = downloads
        self._who = who
        self.units = 0

    def weigh(self, size: int) -> None:
        """Counts what a response holds, in bytes; OverloadedError. What is small is not counted."""
        units = size // _UNIT
        if units:
            self._downloads.take(self._who, units)
            self.units += units


async def _download(request: Request) -> AsyncIterator[Download]:
    """The response to this request, which is under way until its client has taken it or is gone."""
    downloads: Downloads = request.app.state.downloads
    who: str = getattr(request.state, "key", "")
    download = Download(downloads, who)
    try:
        yield download
    finally:
        downloads.give_back(who, download.units)


DownloadOf = Annotated[Download, Depends(_download)]
