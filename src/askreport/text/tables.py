"""Rows of tables as they stand in a text, and the header that names their columns. Pure.

Readers write a row as one line, its cells parted by " | "; Markdown has its own bars, and plain texts have tabs.
"""

import re
from collections.abc import Iterator, Sequence

from askreport.types import Span

# How many rows above one its header is looked for.
MAX_ROWS = 20_000
_CELL = re.compile(r"\s\|\s|\t|^\s*\||\|\s*$")
# The line below the header of a table in Markdown.
_RULE = re.compile(r"(?=.*-)[\s|:+\-=]+")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_YEAR = re.compile(r"\D{0,12}(?:1[89]|20|21)\d\d(?:\D{1,3}\d{2,4})?\D{0,12}")
_COLUMNS_TO_TELL = 2


def is_row(line: str) -> bool:
    """Whether a line is a table's row."""
    return "\n" not in line.strip() and _CELL.search(line.strip("\n")) is not None


def header_above(text: str, row: Span, floor: Span | None = None) -> Span | None:
    """The header of the table that a span is a row of, or in one, below ``floor``; None if it names no columns."""
    start = text.rfind("\n", 0, row.start) + 1
    line = text[start : _line_end(text, row.end)]
    if not is_row(line):
        return None
    rows = list(_rows_above(text, start, floor.end if floor else 0))
    if not rows:
        return None
    ruled = next((at for at, each in enumerate(rows) if _RULE.fullmatch(_words(text, each))), None)
    if ruled is not None:
        # In Markdown the header is the line above the rule; an empty one says nothing.
        return (
            _trimmed(text, rows[ruled + 1]) if ruled + 1 < len(rows) and _cells(_words(text, rows[ruled + 1])) else None
        )
    head, *below = rows[::-1]
    if not _names_columns(_words(text, head)):
        return None
    return _trimmed(text, Span(head.start, _end_of_header(text, head, below, line)))


def is_header(text: str, span: Span) -> bool:
    """Whether a span is the first row of a table, and names its columns: it says nothing by itself."""
    start = text.rfind("\n", 0, span.start) + 1
    end = _line_end(text, span.end)
    line = text[start:end]
    above = text[max(0, start - 500) : start].rstrip("\n").rpartition("\n")[2]
    below = next((each for each in text[end : end + 2_000].split("\n") if each.strip()), "")
    if not is_row(line) or not is_row(below) or is_row(above):
        return False
    if _RULE.fullmatch(below):
        return True
    # Of two columns nobody can tell a header from a first row of names and values.
    is_clear = len(_cells(line)) > _COLUMNS_TO_TELL or _has_empty_corner(line)
    return is_clear and _names_columns(line) and _has_numbers(below)


def _rows_above(text: str, position: int, floor: int) -> Iterator[Span]:
    """The rows right above a line that begins at a position, the nearest first."""
    end = position - 1
    for _ in range(MAX_ROWS):
        if end <= floor:
            return
        start = max(text.rfind("\n", 0, end) + 1, floor)
        line = text[start:end]
        if line.strip():
            if not is_row(line):
                return
            yield Span(start, end)
        end = start - 1


def _end_of_header(text: str, head: Span, below: Sequence[Span], row: str) -> int:
    """Where the header ends: it has a second row, if that names columns below the same first cell or none."""
    if not below or not _has_numbers(row) or not _names_columns(_words(text, below[0])):
        return head.end
    one, two = (re.split(r"\||\t", _words(text, each).strip("|")) for each in (head, below[0]))
    return below[0].end if two[0].strip() in ("", one[0].strip()) else head.end


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _words(text: str, span: Span) -> str:
    return text[span.start : span.end].strip()


def _cells(line: str) -> list[str]:
    """The cells of a row that hold something."""
    return [cell.strip() for cell in re.split(r"\||\t", line) if cell.strip()]


def _names_columns(line: str) -> bool:
    cells = _cells(line)
    return (len(cells) > 1 or (len(cells) == 1 and _has_empty_corner(line))) and not _has_numbers(line)


def _has_empty_corner(line: str) -> bool:
    """Whether the first cell is empty, as that above the names of rows; bars at both ends are no cells."""
    return line.strip().startswith("|") and not line.strip().endswith("|")


def _has_numbers(line: str) -> bool:
    """Whether a cell is a number, and not a year or a word with a number."""
    return any(_DIGIT.search(cell) and not _YEAR.fullmatch(cell) and not _LETTER.match(cell) for cell in _cells(line))


def _trimmed(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    return Span(span.start + len(part) - len(part.lstrip()), span.start + len(part.rstrip()))
