"""The process that cuts texts, with a splitter that takes minutes over a text with the word SLOW in it."""

import time

import nupunkt

from askreport.indexing import cutting

_real = nupunkt.sent_spans


def _slowly(text: str) -> list[tuple[int, int]]:
    started = time.monotonic()
    while "SLOW" in text and time.monotonic() - started < 600:
        pass
    return _real(text)


if __name__ == "__main__":
    nupunkt.sent_spans = _slowly
    cutting.main()
