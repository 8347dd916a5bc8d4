"""Printed lines of pages -> text in reading order: paragraphs, table rows, headings, running headers and footers.

PDFium and OCR give the lines of a page, with a box for each character. This module makes the document's text of them.
It joins a paragraph's lines, also across columns and pages. It joins words that are divided at a line's end. It sets
aside, as furniture, what repeats at the top or bottom of the pages.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from askreport.boxes import BoxArray

# A line that stands in this share of the page's height at its top or bottom may be a running header or footer.
_MARGIN = 0.15
# Of so many pages at most one may lack it before a repeated line counts as running.
_RUNNING_PAGES = 3
_SAME_HEIGHT = 0.012
# A line follows the one above within this many times the usual distance.
_LEADING = 1.3
_SAME_SIZE = 0.12
# A gap within a line that is wider than so many heights of its letters is one between the cells of a row: a tab.
CELL_GAP = 2.0
# A line that begins right of the one before, within so many sizes, is in its row; nearer it is in its word.
IN_ROW = 0.6
_TOUCHING = 0.12
# An initial's full stop does not end one.
_ENDS_SENTENCE = re.compile(r"(?:(?<!\b[A-Z])\.|[!?:;…。！？؟])[\"'”’»)\]]*(?:\^?\d{1,3}(?:[,–-]\d{1,3})*)?$")
_BULLET = re.compile(r"[•‣▪●○◦■□–—\-*·➢✓]\s")
_NUMBER = re.compile(r"(?:\(?\d{1,3}(?:\.\d{1,3})*[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)])\s")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?=-$)")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_FIRST_PART, _SECOND_PART = 3, 4
_DIGITS = re.compile(r"\d+|\b[ivxlc]{1,7}\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line: its text, a box for each character, and its place with the text upright and y downwards.

    ``size`` is the height of its letters; all lengths are in points. ``is_note`` tells that it begins with a raised
    figure.
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

    @property
    def is_row(self) -> bool:
        """Whether it stands for itself, as a table's row or an entry of a table of contents does."""
        return "\t" in self.text or _LEADERS.search(self.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLines:
    """A page's lines in reading order, and its size as it is displayed, in points.

    ``extent`` is its height with the text upright; ``ocr`` tells that its text was read from a picture.
    """

    number: int
    width: float
    height: float
    extent: float
    lines: tuple[Line, ...]
    ocr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A line within the text: ``gap`` is what stands before it."""

    page: int
    line: Line
    gap: str
    furniture: bool = False


def arrange(pages: Sequence[PageLines]) -> list[Piece]:
    """All lines of all pages in the order of the text, each with the gap before it.

    A page's furniture goes between its first two blocks: a sentence that runs on to the next page stays in one piece.
    """
    running = _running(pages)
    usual = _usual_distance(pages)
    pieces: list[Piece] = []
    last: Line | None = None
    last_page = 0
    for page in pages:
        furniture = [line for line in page.lines if id(line) in running]
        for line in page.lines:
            if id(line) in running:
                continue
            gap = _gap(last, line, usual, last_page == page.number)
            if furniture and gap == "\n\n" and pieces and pieces[-1].page == page.number:
                pieces += _set_aside(page, furniture)
                furniture = []
            pieces.append(Piece(page=page.number, line=line, gap=gap))
            last, last_page = line, page.number
        if furniture:
            pieces += _set_aside(page, furniture)
            last = None
    return pieces


def _set_aside(page: PageLines, furniture: Sequence[Line]) -> Iterator[Piece]:
    for number, line in enumerate(furniture):
        yield Piece(page=page.number, line=line, gap="\n" if number else "\n\n", furniture=True)


def _running(pages: Sequence[PageLines]) -> set[int]:
    """The identities of the lines that are running headers and footers."""
    edges = [(page, (_top_lines(page), _bottom_lines(page))) for page in pages]
    seen: Counter[tuple[str, int]] = Counter()
    for page, sides in edges:
        seen.update({key for side in sides for line in side for key in _places(page, line)})
    needed = min(_RUNNING_PAGES, max(2, len(pages)))
    running: set[int] = set()
    for page, sides in edges:
        for side in sides:
            for line in side:
                if max(seen[key] for key in _places(page, line)) < needed:
                    break  # What stands within a line that is not running is not running either.
                running.add(id(line))
    return running


def _top_lines(page: PageLines) -> list[Line]:
    lines = [line for line in page.lines if line.bottom < _MARGIN * page.extent]
    return sorted(lines, key=lambda line: line.top)


def _bottom_lines(page: PageLines) -> list[Line]:
    lines = [line for line in page.lines if line.top > (1 - _MARGIN) * page.extent]
    return sorted(lines, key=lambda line: -line.bottom)


def _places(page: PageLines, line: Line) -> tuple[tuple[str, int], tuple[str, int]]:
    """The line without its numbers, at its height: at two grids, so that no border runs through a place."""
    words = _DIGITS.sub("#", line.text.casefold()).strip()
    height = line.bottom / (page.extent or 1.0) / (2 * _SAME_HEIGHT)
    return (words, int(height)), (words, -1 - int(height + 0.5))


def _usual_distance(pages: Sequence[PageLines]) -> float:
    """The usual distance from one line to the next within a paragraph, in sizes of its letters."""
    distances = [
        (after.bottom - before.bottom) / before.size
        for page in pages
        for before, after in zip(page.lines, page.lines[1:], strict=False)
        if _same_size(before, after) and 0.7 < (after.bottom - before.bottom) / before.size < 2.5
    ]
    return median(distances) if distances else 1.2


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _gap(before: Line | None, line: Line, usual: float, same_page: bool) -> str:
    """What stands between two lines of the text: a space or nothing within a paragraph, else a blank line."""
    if before is None:
        return "\n\n"
    if same_page and (beside := _beside(before, line)) is not None:
        return "" if beside < _TOUCHING else " "
    return " " if _continues(before, line, usual, same_page) else "\n\n"


def _beside(before: Line, line: Line) -> float | None:
    """How far right of the other a line begins, in sizes, if it goes on in the same row (a raised figure, a symbol)."""
    size = max(before.size, line.size)
    overlap = min(before.bottom, line.bottom) - max(before.top, line.top)
    distance = (line.left - before.right) / size
    in_row = overlap > 0.5 * min(before.size, line.size) and -0.3 < distance < IN_ROW
    return distance if in_row and not before.is_row and not line.is_row else None


def _continues(before: Line, line: Line, usual: float, same_page: bool) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    if before.is_row or line.is_row or line.is_note or _BULLET.match(line.text) or not _same_size(before, line):
        return False
    if before.bold != line.bold:
        return False
    ended = _ENDS_SENTENCE.search(before.text) is not None
    step = line.bottom - before.bottom
    if not same_page or step <= 0.3 * line.size:
        # The next column, which is right of this one, or page: only a sentence that is not at its end goes on there.
        elsewhere = not same_page or line.left > before.right - line.size
        return elsewhere and not ended and (line.text[:1].islower() or before.text.endswith("-"))
    if step > _LEADING * usual * line.size or min(before.right, line.right) <= max(before.left, line.left):
        return False
    starts_item = _NUMBER.match(line.text) is not None
    in_item = _BULLET.match(before.text) or _NUMBER.match(before.text)
    indented = line.left - before.left > 0.8 * line.size and not in_item
    ends_short = before.right < line.right - 6 * line.size
    return not (ended and (indented or ends_short or starts_item)) and not (ends_short and line.text[:1].isupper())


class Hyphens:
    """Tells a hyphen that only divides a word at a line's end from one that belongs to it, by the document's words."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words: Counter[str] = Counter()
        divided = False
        for line in lines:
            words = _WORD.findall(line.text)
            # The halves of divided words are no words of the document.
            ends = len(words) - (line.text.endswith("-") and not line.text.endswith(" -"))
            self._words.update(word.casefold() for word in words[int(divided) : max(ends, 0)])
            divided = ends < len(words)

    def divides(self, before: str, after: str) -> bool:
        """Whether the hyphen that ends the line ``before`` goes when the line ``after`` is joined to it."""
        first, second = _LAST_WORD.search(before), _FIRST_WORD.match(after)
        if not first or not second or not second[0][0].islower():
            return False
        parts = first[0].casefold(), second[0].casefold()
        joined, whole = self._words["".join(parts)], self._words["-".join(parts)]
        if joined or whole:
            return joined >= whole
        # Neither is in the document. What is printed is the hyphen: it stays where a compound is likely, which has
        # another hyphen ("state-of-the-art") or begins with a word of the document.
        more = before[first.start() - 1 : first.start()] == "-" or after[second.end() : second.end() + 1] == "-"
        begins = len(parts[0]) >= _FIRST_PART and self._words[parts[0]] > 0
        return not more and not (begins and len(parts[1]) >= _SECOND_PART)


def body_size(lines: Sequence[Line]) -> float:
    """The size of most letters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0
