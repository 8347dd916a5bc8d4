"""The rows of tables among sentences, each with the header that says what its cells are."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from askreport.text.tables import header_above, is_row
from askreport.types import Document, Span

# Between a row and the next: line breaks, and bars at their ends.
_NEXT_ROW = re.compile(r"[^\S\n]*\|?\s*\n\s*\|?\s*")


def headers_of(document: Document, sentences: Sequence[Span]) -> list[str]:
    """For each sentence of a document the words of its table's header; "" if it is no row, or nothing names columns."""
    text = document.text
    found: list[str] = []
    for before, sentence in zip((None, *sentences), sentences, strict=False):
        # Looking upwards takes long in a long table.
        if before and found[-1] and _follows(text, before, sentence):
            found.append(found[-1])
        else:
            header = header_above(text, sentence, _heading(document, sentence))
            found.append(text[header.start : header.end] if header else "")
    return found


def _follows(text: str, row: Span, sentence: Span) -> bool:
    """Whether a sentence is the next row of the same table."""
    start = text.rfind("\n", row.end, sentence.start) + 1
    end = text.find("\n", sentence.end)
    line = text[start : end if end >= 0 else None]
    return start > 0 and _NEXT_ROW.fullmatch(text, row.end, sentence.start) is not None and is_row(line)


def _heading(document: Document, sentence: Span) -> Span | None:
    at = bisect_right(document.headings, sentence.start, key=lambda heading: heading.start) - 1
    return Span(document.headings[at].start, document.headings[at].end) if at >= 0 else None
