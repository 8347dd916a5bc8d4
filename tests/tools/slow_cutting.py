"""The process that cuts texts, with rules that take minutes over a text with the word SLOW in it."""

import importlib
import time

from askreport.indexing import cutting

_chunk = importlib.import_module("askreport.text.chunk")
_real = _chunk.starts


def _slowly(text: str, language: str) -> list[int]:
    started = time.monotonic()
    while "SLOW" in text and time.monotonic() - started < 600:
        pass
    found: list[int] = _real(text, language)
    return found


if __name__ == "__main__":
    vars(_chunk)["starts"] = _slowly
    cutting.main()
