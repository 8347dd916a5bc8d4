"""Raised figures (note marks, exponents): where a "^" or a space keeps them from the number or word before them."""

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_Floats = npt.NDArray[np.float64]
# A raised figure is at most this high, and its baseline at least so much higher, in heights of the letter beside it.
_SMALL = 0.88
_RAISED = 0.15
_MAX_RUN = 12
_SLANTED = 0.1
_SLASHES = "⁄/∕"
# Letters that mark notes in tables; the others are ordinals ("1st", "2e", "3o") or units.
_NOTE_LETTERS = "abcdfgh"


def raised_figures(
    words: Sequence[str],
    printed: npt.NDArray[np.intp],
    lines: npt.NDArray[np.int64],
    boxes: _Floats,
    baselines: Callable[[Sequence[int]], _Floats],
) -> tuple[dict[int, str], set[int]]:
    """What stands before which character to set raised figures apart, and where lines begin with one, as notes do.

    ``printed`` are the positions of what is printed, ``lines`` their lines and ``boxes`` their upright boxes.
    ``baselines`` gives the height on the page at which characters stand.
    """
    runs = list(_runs(words, printed, lines, boxes))
    if not runs:
        return {}, set()
    heights = baselines([int(printed[k]) for first, _, base in runs for k in (first, base)]).reshape(-1, 2)
    sizes = np.array([boxes[base, 3] - boxes[base, 1] for _, _, base in runs])
    found: dict[int, str] = {}
    notes: set[int] = set()
    for (first, after, base), is_raised in zip(runs, heights[:, 1] - heights[:, 0] > _RAISED * sizes, strict=True):
        if is_raised:
            _set_apart(found, words, printed, lines, run=(first, after, base))
            notes |= {int(printed[first])} if base >= after else set()
    return found, notes


def _runs(
    words: Sequence[str], printed: npt.NDArray[np.intp], lines: npt.NDArray[np.int64], boxes: _Floats
) -> Iterator[tuple[int, int, int]]:
    """Runs of small figures beside a larger letter: the first, the one after the last, and that letter.

    They are numbered as ``printed`` is.
    """
    if len(printed) < 2:
        return
    heights = boxes[:, 3] - boxes[:, 1]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(lines)) + 1])
    tallest = np.repeat(np.maximum.reduceat(heights, starts), np.diff([*starts, len(printed)]))
    small = np.flatnonzero(heights < _SMALL * tallest)
    if not len(small):
        return
    new = (np.diff(small) > 1) | (np.diff(lines[small]) != 0)
    for run in np.split(small, np.flatnonzero(new) + 1):
        first, after = int(run[0]), int(run[-1]) + 1
        text = "".join(words[at] for at in printed[first : min(after, first + _MAX_RUN + 1)].tolist())
        if len(text) > _MAX_RUN or not (any(map(str.isdigit, text)) or (len(text) == 1 and text in _NOTE_LETTERS)):
            continue
        before = first - 1 if first > 0 and lines[first - 1] == lines[first] else -1
        following = after if after < len(printed) and lines[after] == lines[first] else -1
        base = before if before >= 0 else following
        if base < 0 or heights[first] >= _SMALL * heights[base]:
            continue
        sizes, bottoms = heights[first:after], boxes[first:after, 3]
        gap = boxes[first, 0] - boxes[before, 2] if before >= 0 else boxes[following, 0] - boxes[after - 1, 2]
        # Letters that run up the page, or across it, stand above each other.
        in_row = np.ptp(bottoms) < 0.2 * heights[base] and gap > -0.3 * heights[base]
        if in_row and sizes.max() < _SMALL * heights[base]:
            yield first, after, base


def _set_apart(
    found: dict[int, str],
    words: Sequence[str],
    printed: npt.NDArray[np.intp],
    lines: npt.NDArray[np.int64],
    run: tuple[int, int, int],
) -> None:
    """Notes what stands before a raised run, or after it where the run begins its line: a note's own number does."""
    first, after, base = run
    at, begins_line = int(printed[first]), base >= after
    follows = after < len(printed) and lines[after] == lines[first]
    next_at = int(printed[after]) if follows else -1
    if begins_line:
        if next_at == int(printed[after - 1]) + 1:
            found[next_at] = " "
        return
    before = words[int(printed[base])]
    if follows and words[next_at] in _SLASHES:
        if before.isdigit():
            found[at] = " "
        return
    if words[at].isalpha() and after - first == 1 and not _bears_note(words, at):
        return
    found[at] = "^"


def _bears_note(words: Sequence[str], at: int) -> bool:
    """Whether a raised letter follows a word or a figure of some length, as a note's does."""
    before = "".join(words[max(0, at - 3) : at])
    return len(before) == 3 and (before.isalpha() or before[1:].isdigit())


def origins(text: pdfium.PdfTextPage, indices: Sequence[int]) -> _Floats:
    """Where characters stand on their baseline, in the page's own coordinates, as boxes without width and height."""
    x, y = ctypes.c_double(), ctypes.c_double()
    found = np.zeros((len(indices), 4))
    for k, index in enumerate(indices):
        # Of slanted letters, as those along the axis of a chart, none is raised.
        if abs(math.sin(2 * pdfium_c.FPDFText_GetCharAngle(text, index))) < _SLANTED:
            pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
            found[k] = (x.value, y.value, x.value, y.value)
    return np.nan_to_num(found)
