"""Columns of prose that a page draws line by line: they are read one after the other, not across."""

from collections.abc import Sequence

import numpy as np

from askreport.boxes import UNITS
from askreport.parse.pdf.lines import COLUMN_GAP, Line, part

_Gutter = tuple[float, float]
# In heights of the letters: what is left of the gap between columns over all lines, and the distance from one line to
# the next.
_COMMON, _LEADING = 0.5, 2.0
_FEWEST = 4
# Of a column's lines so many go on within a sentence, and they have so many letters on average.
_FLOWING, _LETTERS = 0.3, 14


def column_by_column(lines: Sequence[Line]) -> list[Line]:
    """A page's lines with columns of prose one after the other."""
    gaps = [_gaps(line) for line in lines]
    if sum(map(bool, gaps)) < _FEWEST:
        return list(lines)
    result: list[Line] = []
    at = 0
    while at < len(lines):
        end, gutters = _run(lines, gaps, at)
        columns = _columns(lines[at:end], gutters) if gutters else []
        if columns:
            result += [line for column in columns for line in column]
            at = end
        else:
            result.append(lines[at])
            at += 1
    return result


def _run(lines: Sequence[Line], gaps: Sequence[list[_Gutter]], first: int) -> tuple[int, list[_Gutter]]:
    """The end of the lines that leave the same gaps, from the first one on, and those gaps; none if they are few."""
    common = gaps[first]
    if not common:
        return first, []
    rows, end = 1, first + 1
    while end < len(lines):
        line, before = lines[end], lines[end - 1]
        if not 0.3 * line.size < line.bottom - before.bottom < _LEADING * line.size:
            break
        left = [gap for gap in _shared(common, gaps[end]) if gap[1] - gap[0] > _COMMON * line.size]
        if left:
            common, rows = left, rows + 1
        elif rows < _FEWEST or not all(line.right <= a + 1 or line.left >= b - 1 for a, b in common):
            break
        end += 1
    return (end, common) if rows >= _FEWEST else (first, [])


def _gaps(line: Line) -> list[_Gutter]:
    """The wide gaps within a line, in points."""
    if not line.has_gap:
        return []
    boxes = line.boxes[line.boxes[:, 2] > line.boxes[:, 0]]
    left, right = boxes[1:, 0], boxes[:-1, 2]
    wide = np.flatnonzero(left - right > COLUMN_GAP * line.size * UNITS)
    return [(float(right[k]) / UNITS, float(left[k]) / UNITS) for k in wide.tolist()]


def _shared(one: Sequence[_Gutter], other: Sequence[_Gutter]) -> list[_Gutter]:
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d)]


def _columns(lines: Sequence[Line], gutters: Sequence[_Gutter]) -> list[list[Line]]:
    """The lines of each column, or none if they are not all prose."""
    edges = [-np.inf, *((a + b) / 2 for a, b in gutters), np.inf]
    columns: list[list[Line]] = [[] for _ in edges[1:]]
    for line in lines:
        lefts = line.boxes[:, 0] / UNITS
        printed = line.boxes[:, 2] > line.boxes[:, 0]
        for column, start, end in zip(columns, edges, edges[1:], strict=False):
            own = np.flatnonzero(printed & (start < lefts) & (lefts < end))
            if len(own):
                column.append(part(line, int(own[0]), int(own[-1]) + 1))
    return columns if all(_is_prose(column) for column in columns) else []


def _is_prose(column: Sequence[Line]) -> bool:
    """Whether the lines of a column are sentences that go on from one to the next."""
    if len(column) < _FEWEST or any(_gaps(line) for line in column):
        return False
    letters = sum(character.isalpha() for line in column for character in line.text)
    flowing = sum(line.text[0].isalpha() and not line.text[0].isupper() for line in column[1:])
    return letters >= _LETTERS * len(column) and flowing >= _FLOWING * (len(column) - 1)
