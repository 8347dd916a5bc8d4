"""Notes at the foot of a page or column: lines in smaller letters that begin with a mark, and what follows them."""

import re
from collections.abc import Sequence

from askreport.parse.pdf.lines import Line

# In sizes of the body text, and in the page's height from its top.
_SMALLER = 0.92
_FOOT = 0.35
_MARK = re.compile(r"(?:\[?\(?\d{1,3}(?!\d)[\])]?\.?|[*†‡§¶]+)\s*\S")
_LETTER = re.compile(r"[a-z]\s\S")


def notes_of(lines: Sequence[Line], body: float, extent: float) -> set[int]:
    """The identities of a page's lines that are notes, or stand in small letters below its last line.

    A page that is mostly set in small letters has none: there a list would look like notes.
    """
    asides = {id(line) for line in lines if line.is_aside}
    lines = [line for line in lines if not line.is_aside]
    small = [line.size <= _SMALLER * body and not line.is_row for line in lines]
    printed = sum(len(line.text) for line in lines)
    if 2 * sum(len(line.text) for line, is_small in zip(lines, small, strict=True) if is_small) > printed:
        return asides
    found = asides
    at = 0
    while at < len(lines):
        end = _group_end(lines, small, at, extent)
        found |= {id(line) for line in lines[at:end]}
        at = max(end, at + 1)
    return found | _below(lines, small)


def _group_end(lines: Sequence[Line], small: Sequence[bool], at: int, extent: float) -> int:
    """The end of the notes that begin with a line, below the text and last in their column; ``at`` if there is none."""
    first = lines[at]
    follows_text = at > 0 and not small[at - 1]
    if not (small[at] and follows_text and first.top > _FOOT * extent and (first.is_note or _begins_note(first.text))):
        return at
    end = at + 1
    while end < len(lines) and small[end] and lines[end].bottom > first.top:
        end += 1
    return end if end == len(lines) or lines[end].top < first.top else at


def _begins_note(text: str) -> bool:
    return _MARK.match(text) is not None or _LETTER.match(text) is not None


def _below(lines: Sequence[Line], small: Sequence[bool]) -> set[int]:
    """The small lines below all others at the end of a page."""
    count = next((n for n, is_small in enumerate(reversed(small)) if not is_small), 0)
    if not 0 < count < len(lines):
        return set()
    bottom = max(line.bottom for line in lines[: len(lines) - count])
    below = lines[len(lines) - count :]
    return {id(line) for line in below} if all(line.top > bottom - 0.3 * line.size for line in below) else set()
