"""Whether a text can be cut into sentences and passages in time, tried in a process of its own.

There are texts on which finding sentences takes minutes: such as have long runs without a blank line. What is cut here
in time is cut again where it is indexed.
"""

import sys
import threading
from collections.abc import Iterator

from askreport.errors import ParseError
from askreport.parse import ParserPool
from askreport.parse.child import serve
from askreport.parse.options import Grant, Parsed
from askreport.parse.wire import Message, decode, encode
from askreport.text.chunk import chunk, has_longer_block
from askreport.types import Document

# Characters of a text that needs no trial: whatever stands in it, it is cut within a second.
SHORT = 20_000
# Sentences are looked for in one block after another. If none is longer, 400,000 characters of the worst that was found
# (one repeated mark) take 1.4 s, and the others, as a rule, a tenth.
BLOCK = 4_000
# Seconds of the processor's time: so many for any text, and one more for each so many characters.
SECONDS = 2.0
CHARACTERS_A_SECOND = 200_000
_MODULE = "askreport.indexing.cutting"


class Cutter:
    """Tries texts by processes of the pool, which run ``module``."""

    def __init__(self, pool: ParserPool, module: str = _MODULE) -> None:
        self._pool = pool
        self._module = module

    def check(self, document: Document, wanted: threading.Event | None = None) -> None:
        """Raises ParseError if the document cannot be cut in time; GaveUpError once ``wanted`` is cleared."""
        if len(document.text) <= SHORT or not has_longer_block(document.text, BLOCK):
            return
        head, _ = encode(Parsed(document))
        seconds = SECONDS + len(document.text) / CHARACTERS_A_SECOND
        try:
            self._pool.run(self._module, {"document": head}, b"", seconds, wanted)
        except ParseError as error:
            if error.status != "timed_out":
                raise
            raise ParseError(
                "cutting its text into sentences takes too long; is it text, or a table or a picture made of letters?",
                "timed_out",
            ) from None


def _cut(message: Message, blobs: list[bytes], grant: Grant) -> Iterator[tuple[Message, tuple[bytes, ...]]]:
    """How many passages the text has."""
    read = decode(message["document"], [])
    assert isinstance(read, Parsed)
    yield {"kind": "passages", "count": len(chunk(read.document))}, ()


def main() -> None:
    """Answers requests until there are no more."""
    serve(int(sys.argv[1]), _cut)


if __name__ == "__main__":
    main()
