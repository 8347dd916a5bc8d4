"""Line numbers in the margin of transcripts, pleadings and drafts: they are no part of the sentences beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from askreport.boxes import UNITS
from askreport.parse.pdf.lines import Line

_LEADING = re.compile(r"(\d{1,4})(?:\s+|$)")
_TRAILING = re.compile(r"(?:^|\s+)(\d{1,4})$")
# In points: how exactly numbers stand below each other.
_EXACT = 2.0
_FEWEST, _FEWEST_FIFTHS = 5, 3
# Of the numbered lines so many must go on within a sentence, or they may be a list.
_WITHIN = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A number at a line's edge: the line, its value, the span of the rest, and its edges in points."""

    at: int
    value: int
    start: int
    end: int
    left: float
    right: float
    top: float


def without_line_numbers(lines: Sequence[Line]) -> list[Line]:
    """A page's lines without the numbers that count them, in the left or right margin."""
    for pattern, is_leading in ((_LEADING, True), (_TRAILING, False)):
        numbers = _numbers(lines, pattern, is_leading)
        if len(numbers) >= _FEWEST_FIFTHS:
            chain = max((_chain(numbers, edge) for edge in ("right", "left")), key=len)
            if chain and _counts_lines(lines, chain, is_leading):
                return _removed(lines, chain)
    return list(lines)


def _numbers(lines: Sequence[Line], pattern: re.Pattern[str], is_leading: bool) -> list[_Number]:
    found = []
    for at, line in enumerate(lines):
        match = pattern.match(line.text) if is_leading else pattern.search(line.text)
        if match:
            boxes = line.boxes[match.start(1) : match.end(1)]
            start, end = (match.end(), len(line.text)) if is_leading else (0, match.start())
            left, right = float(boxes[:, 0].min()) / UNITS, float(boxes[:, 2].max()) / UNITS
            found.append(
                _Number(at=at, value=int(match[1]), start=start, end=end, left=left, right=right, top=line.top)
            )
    return sorted(found, key=lambda number: number.top)


def _chain(numbers: Sequence[_Number], edge: str) -> list[_Number]:
    """The longest run of numbers below each other that count by one or by five."""
    best: list[_Number] = []
    for step in (1, 5):
        runs: list[list[_Number]] = []
        for number in numbers:
            for run in runs[-3:]:
                aligned = abs(getattr(number, edge) - getattr(run[-1], edge)) < _EXACT
                if aligned and number.value == run[-1].value + step and number.top > run[-1].top:
                    run.append(number)
                    break
            else:
                runs.append([number])
        longest = max(runs, key=len, default=[])
        fewest = _FEWEST if step == 1 else _FEWEST_FIFTHS
        if len(longest) >= fewest and len(longest) > len(best) and (step == 1 or longest[0].value % 5 == 0):
            best = longest
    return best


def _counts_lines(lines: Sequence[Line], chain: Sequence[_Number], is_leading: bool) -> bool:
    """Whether numbers count lines of prose beside them, and stand outside of their column."""
    step = chain[1].value - chain[0].value
    members = {number.at for number in chain}
    rests = [(number, lines[number.at].text[number.start : number.end]) for number in chain]
    top, bottom = chain[0].top, chain[-1].top
    others = [
        line
        for at, line in enumerate(lines)
        if at not in members and len(line.text) > 3 and top - 2 <= line.top <= bottom + line.size
    ]
    if any("\t" in rest for _, rest in rests) or not (others or any(rest for _, rest in rests)):
        return False
    if is_leading:
        edge = max(number.right for number in chain)
        outside = all(line.left >= edge - _EXACT for line in others)
    else:
        edge = min(number.left for number in chain)
        outside = all(line.right <= edge + _EXACT for line in others)
    if not outside:
        return False
    within = [rest for _, rest in rests if rest[:1].islower()] + [
        line.text for line in others if line.text[:1].islower()
    ]
    prose = [rest for _, rest in rests if rest] + [line.text for line in others]
    alone = sum(not rest for _, rest in rests)
    # Numbers that stand alone beside the lines are as many as they are; those in them are on nearly all.
    if step == 1 and not alone and len(others) > 0.25 * len(chain):
        return False
    return len(within) >= max(1, _WITHIN * len(prose))


def _removed(lines: Sequence[Line], chain: Sequence[_Number]) -> list[Line]:
    numbers = {number.at: number for number in chain}
    left: list[Line] = []
    for at, line in enumerate(lines):
        number = numbers.get(at)
        if number is None:
            left.append(line)
            continue
        text, boxes = line.text[number.start : number.end], line.boxes[number.start : number.end]
        printed = boxes[boxes[:, 2] > boxes[:, 0]]
        if text.strip() and len(printed):
            edges = float(printed[:, 0].min()) / UNITS, float(printed[:, 2].max()) / UNITS
            left.append(replace(line, text=text, boxes=boxes, left=edges[0], right=edges[1], is_note=False))
    return left
