"""Rows of tables whose cells have several lines: one line of text each, in the order of the columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, mode

import numpy as np

from askreport.boxes import BoxArray
from askreport.parse.pdf.lines import IN_ROW, Line, part

# In heights of the letters: lines of one row, the distance of a cell's lines, and a table's end.
_SAME_ROW, _CELL_LEADING, _LOOSE, _NEAR = 0.4, 1.45, 1.7, 4.0
# A cell's lines are nearer to each other than rows are, by this share.
_TIGHTER = 0.85
_SLACK = 3.0
_SAME_BASE = 0.25
_GOES_ON = ("-", ",", "&", "/", " and", " of", " the", " for", " to", " in", " with", " und", " der", " et", " de")


@dataclass(slots=True)
class _Row:
    """Lines at one height, by their columns; a cell may have several."""

    cells: dict[int, list[Line]]
    lines: list[Line]

    @property
    def top(self) -> float:
        return min(line.top for line in self.lines)

    @property
    def bottom(self) -> float:
        return max(line.bottom for line in self.lines)


def with_cells(lines: Sequence[Line]) -> list[Line]:
    """A page's lines, with those put together that stand in one row and follow each other: PDFium cuts some rows."""
    result: list[Line] = []
    for line in lines:
        before = result[-1] if result else None
        if before and abs(before.bottom - line.bottom) < _SAME_BASE * line.size:
            distance = (line.left - before.right) / max(line.size, before.size)
            if distance >= IN_ROW and before.bold == line.bold:
                boxes = np.concatenate([before.boxes, np.zeros((1, 4), np.int32), line.boxes])
                text = f"{before.text}\t{line.text}"
                result[-1] = replace(before, text=text, boxes=boxes, right=max(before.right, line.right), has_gap=True)
                continue
        result.append(line)
    return result


def whole_rows(lines: Sequence[Line]) -> list[Line]:
    """A page's lines, with the lines of tables' cells put together."""
    result: list[Line] = []
    at = 0
    while at < len(lines):
        end = _table_end(lines, at)
        result += _settled(lines[at:end]) if end > at else [lines[at]]
        at = max(end, at + 1)
    return result


def _table_end(lines: Sequence[Line], at: int) -> int:
    """The end of the lines that may be a table from ``at`` on; ``at`` if none begins there."""
    if not _may_begin(lines, at):
        return at
    end, rows = at, 0
    while end < len(lines):
        line = lines[end]
        is_row = "\t" in line.text
        apart = (
            end > at and min(abs(line.top - other.top) for other in lines[max(at, end - 3) : end]) > _NEAR * line.size
        )
        if apart or (not is_row and len(line.text) > 90):
            break
        rows += is_row
        end += 1
    return end if rows >= 2 else at


def _may_begin(lines: Sequence[Line], at: int) -> bool:
    """Whether a row stands here or is one of the next lines, at their sides or below."""
    return any("\t" in line.text and line.top - lines[at].top < _NEAR * line.size for line in lines[at : at + 4])


def _settled(lines: Sequence[Line]) -> list[Line]:
    """The lines of a table, put together where that is sure; else as they are."""
    columns = _columns(lines)
    if not columns:
        return list(lines)
    result: list[Line] = []
    inside: list[Line] = []
    for line in lines:
        if _fits(line, columns):
            inside.append(line)
        else:
            result += _merged(inside, columns)
            result.append(line)
            inside = []
    return result + _merged(inside, columns)


def _cells(line: Line) -> list[Line]:
    cells, start = [], 0
    for words in line.text.split("\t"):
        if words.strip():
            cells.append(part(line, start, start + len(words)))
        start += len(words) + 1
    return cells


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Where the columns stand, by the rows with the usual number of cells; none if these do not agree."""
    rows = [_cells(line) for line in lines if "\t" in line.text]
    count = mode(len(row) for row in rows)
    usual = [row for row in rows if len(row) == count]
    if count < 2 or len(usual) < 2:
        return []
    columns = [(min(row[n].left for row in usual), max(row[n].right for row in usual)) for n in range(count)]
    return columns if all(one[1] <= other[0] for one, other in pairwise(columns)) else []


def _column(cell: Line, columns: Sequence[tuple[float, float]]) -> int:
    """The column in which a cell stands, or -1."""
    for number, (left, right) in enumerate(columns):
        before = columns[number - 1][1] if number else left - _SLACK
        after = columns[number + 1][0] if number + 1 < len(columns) else np.inf
        touches = cell.left < right + _SLACK and cell.right > left - _SLACK
        if touches and cell.left >= before - _SLACK and cell.right <= after + _SLACK:
            return number
    return -1


def _fits(line: Line, columns: Sequence[tuple[float, float]]) -> bool:
    return all(_column(cell, columns) >= 0 for cell in _cells(line))


def _merged(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[Line]:
    rows = list(_rows(lines, columns))
    pitches = [
        below.top - above.top for above, below in pairwise(rows) if len(above.cells) > 1 and len(below.cells) > 1
    ]
    pitch = median(pitches) if pitches else 0.0
    merged: list[_Row] = []
    changed = False
    for row in rows:
        if merged and _belongs(merged[-1], row, pitch):
            changed = True
            for column, cells in row.cells.items():
                merged[-1].cells.setdefault(column, []).extend(cells)
            merged[-1].lines += row.lines
        else:
            merged.append(row)
    in_order = [line for row in rows for line in row.lines]
    if not changed and all(one is other for one, other in zip(in_order, lines, strict=True)):
        return list(lines)
    return [row.lines[0] if len(row.lines) == 1 else _line(row) for row in merged]


def _rows(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> Iterator[_Row]:
    """The lines by their heights, from the top."""
    current: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.top, line.left)):
        if current and line.top - current[0].top > _SAME_ROW * line.size:
            yield _row(current, columns)
            current = []
        current.append(line)
    if current:
        yield _row(current, columns)


def _row(lines: list[Line], columns: Sequence[tuple[float, float]]) -> _Row:
    cells: dict[int, list[Line]] = {}
    for line in sorted(lines, key=lambda line: line.left):
        for cell in _cells(line):
            cells.setdefault(_column(cell, columns), []).append(cell)
    return _Row(cells, list(lines))


def _belongs(above: _Row, below: _Row, pitch: float) -> bool:
    """Whether two lines of a table are one row: one of them has not all cells, and they are near, or one goes on."""
    size = below.lines[0].size
    last = max(line.top for line in above.lines)
    step = below.top - last
    shared = above.cells.keys() & below.cells.keys()
    if any(_is_figure(above.cells[n][-1].text) and _is_figure(below.cells[n][0].text) for n in shared):
        return False
    most = max(len(above.cells), len(below.cells))
    if most < 2 or min(len(above.cells), len(below.cells)) >= most or not shared:
        # Figures that stand at half the height of a cell of two lines share no column with either.
        return most >= 2 and not shared and step < 0.8 * size
    if step < min(_TIGHTER * pitch, _CELL_LEADING * size):
        return True
    return step < _LOOSE * size and all(
        below.cells[n][0].text[:1].islower() or above.cells[n][-1].text.rstrip().endswith(_GOES_ON) for n in shared
    )


def _is_figure(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return any(map(str.isdigit, text)) and letters <= 2


def _line(row: _Row) -> Line:
    """A row as one line: its cells with tabs between them, each cell's lines with blanks."""
    texts: list[str] = []
    boxes: list[BoxArray] = []
    for number, column in enumerate(sorted(row.cells)):
        for n, cell in enumerate(sorted(row.cells[column], key=lambda cell: (cell.top, cell.left))):
            gap = "\t" if number and not n else " " if n and not texts[-1].endswith("-") else ""
            texts += [gap, cell.text]
            boxes += [np.zeros((len(gap), 4), np.int32), cell.boxes]
    return replace(
        row.lines[0],
        text="".join(texts),
        boxes=np.concatenate(boxes),
        left=min(line.left for line in row.lines),
        right=max(line.right for line in row.lines),
        top=row.top,
        bottom=row.bottom,
    )
