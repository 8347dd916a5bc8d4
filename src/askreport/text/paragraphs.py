"""Which paragraph of a text something stands in: how a place is cited where there are no pages. Pure."""

from bisect import bisect_right

from askreport.types import Document

# A single line break ends a paragraph only after a longer line: in hard-wrapped text it may follow any sentence.
LONG_LINE = 120


def paragraph_at(document: Document, position: int) -> int | None:
    """The number, from 1, of the paragraph that a position is in; None where the source has pages.

    Headings and front matter are not counted: what stands in them belongs to the paragraph before, or to the first.
    """
    if document.pages:
        return None
    spans = (*((each.start, each.end) for each in document.headings), *document.furniture)
    uncounted = sorted((start, end) for start, end in spans)
    starts = [start for start, _ in uncounted]
    count, at, goes_on = 0, 0, False
    for line in document.text[: max(position, 0) + 1].split("\n"):
        above = bisect_right(starts, at) - 1
        if not line.strip() or (above >= 0 and at < uncounted[above][1]):
            goes_on = False
        else:
            count += not goes_on
            goes_on = len(line) <= LONG_LINE
        at += len(line) + 1
    return max(count, 1)
