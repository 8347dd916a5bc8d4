"""Which paragraph of a text something stands in: how a place is cited where there are no pages. Pure."""

from bisect import bisect_right
from collections.abc import Iterator

from askreport.types import Document

# A single line break ends a paragraph only after a longer line: in hard-wrapped text it may follow any sentence.
LONG_LINE = 120


class Paragraphs:
    """The paragraphs of a document, counted once for all positions that are asked for.

    Headings and front matter are not counted: what stands in them belongs to the paragraph before, or to the first.
    """

    def __init__(self, document: Document) -> None:
        self._starts = None if document.pages else list(_starts(document))

    def at(self, position: int) -> int | None:
        """The number, from 1, of the paragraph that a position is in; None where the source has pages."""
        return None if self._starts is None else max(bisect_right(self._starts, position), 1)


def paragraph_at(document: Document, position: int) -> int | None:
    """The same for a single position."""
    return Paragraphs(document).at(position)


def _starts(document: Document) -> Iterator[int]:
    """Where the first word of each paragraph begins."""
    spans = (*((each.start, each.end) for each in document.headings), *document.furniture)
    uncounted = sorted((start, end) for start, end in spans)
    starts = [start for start, _ in uncounted]
    at, goes_on = 0, False
    for line in document.text.split("\n"):
        above = bisect_right(starts, at) - 1
        if not line.strip() or (above >= 0 and at < uncounted[above][1]):
            goes_on = False
        else:
            if not goes_on:
                yield at + len(line) - len(line.lstrip())
            goes_on = len(line) <= LONG_LINE
        at += len(line) + 1
