"""A printed line and the lines of a page, as PDFium and OCR give them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from askreport.boxes import UNITS, BoxArray

# A gap within a line that is wider than so many heights of its letters is one between the cells of a row: a tab.
CELL_GAP = 2.0
# A gap between columns of prose may be as narrow as this.
COLUMN_GAP = 0.6
# A line that begins right of the one before, within so many sizes, is in its row.
IN_ROW = 0.6
_SAME_SIZE = 0.12
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line: its text, a box for each character, and its place with the text upright and y downwards.

    ``size`` is the height of its letters; all lengths are in points. ``is_note`` tells that it begins with a raised
    figure, ``is_aside`` that it is a note put onto the page,
    ``has_gap`` that some gap in it may be one between columns.
    """

    text: str
    boxes: BoxArray
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    is_note: bool = False
    is_aside: bool = False
    has_gap: bool = False

    @property
    def is_row(self) -> bool:
        """Whether it stands for itself, as a table's row or an entry of a table of contents does."""
        return "\t" in self.text or _LEADERS.search(self.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLines:
    """A page's lines in reading order, and its size as it is displayed, in points.

    ``extent`` is its height with the text upright; ``ocr`` tells that its text was read from a picture. ``label``
    is what the file calls the page.
    """

    number: int
    width: float
    height: float
    extent: float
    lines: tuple[Line, ...]
    ocr: bool = False
    label: str = ""


def body_size(lines: Sequence[Line]) -> float:
    """The size of most letters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def same_size(one: Line, other: Line) -> bool:
    """Whether two lines are printed in letters of about one size."""
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def part(line: Line, start: int, end: int) -> Line:
    """A part of an upright line, without the white space at its ends; something must be printed in it."""
    start += len(line.text[start:end]) - len(line.text[start:end].lstrip())
    end = start + len(line.text[start:end].rstrip())
    boxes = line.boxes[start:end]
    printed = boxes[boxes[:, 2] > boxes[:, 0]]
    if not len(printed):
        return replace(line, text=line.text[start:end], boxes=boxes)
    left, right = float(printed[:, 0].min()) / UNITS, float(printed[:, 2].max()) / UNITS
    return replace(line, text=line.text[start:end], boxes=boxes, left=left, right=right)
