"""A page of a PDF by PDFium: its printed lines with a box for each character, and its picture."""

import ctypes
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from askreport.boxes import UNITS
from askreport.parse.pdf.columns import column_by_column
from askreport.parse.pdf.fields import annotations, with_added
from askreport.parse.pdf.lines import CELL_GAP, COLUMN_GAP, IN_ROW, Line, PageLines
from askreport.parse.pdf.margins import without_line_numbers
from askreport.parse.pdf.raised import origins, raised_figures
from askreport.parse.pdf.rows import whole_rows, with_cells

_Floats = npt.NDArray[np.float64]
# PDFium's mark for a hyphen at a line's end whose word goes on in the next line.
_HYPHEN = 0x02
_SOFT_HYPHEN = 0xAD
_FIRST_PRINTED = 32
_SPACES = (9, 32, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_FIRST_RTL, _LAST_RTL, _LAM = "\u0590", "\u08ff", "ل"
# In heights of the letters: a gap this much wider than the line's usual one is a space that PDFium missed (0.5% of the
# words of justified text).
_WORD_GAP = 0.10
# Characters stand in one row if they overlap by this share of the smaller one's height, and not far behind each other.
_OVERLAP, _OVERLAP_SMALL, _BACK = 0.5, 0.3, 0.3
_OTHER_SIZE = 0.9
_FAR = 4.0
# A page that claims to be larger would not be drawn at a size that shows anything.
MAX_PIXELS = 16_000_000
_MAX_BOX = 2e7


def read_page(page: pdfium.PdfPage, number: int) -> PageLines:
    """The lines of a page in PDFium's order, which is the reading order of nearly all files."""
    width, height = page.get_size()
    text = page.get_textpage()
    try:
        codes, boxes = _characters(text)
        transform = _display_transform(page, width, height)
        added, struck = annotations(page, transform)
        _strike(codes, boxes, struck)
        characters = _Characters(codes, transform(boxes), width, height)
        _unswap_ligatures(text, characters)

        def baselines(at: Sequence[int]) -> _Floats:
            points = transform(origins(text, characters.at[list(at)].tolist()))
            return _turned(points, characters.turn, width, height)[:, 3]

        found = [_line(text, characters, each) for each in characters.lines(baselines)]
    finally:
        text.close()
    found = whole_rows(column_by_column(with_cells(without_line_numbers(found))))
    found = with_added([characters.displayed(line) for line in found] if characters.turn else found, added)
    # Some programs print a line twice at one place, for a shadow or to make it bold.
    lines = {(line.text, round(line.left), round(line.top)): line for line in reversed(found)}
    upright_height = height if characters.turn == 0 else width
    return PageLines(
        number=number, width=width, height=height, extent=upright_height, lines=tuple(reversed(lines.values()))
    )


def _strike(codes: npt.NDArray[np.int64], boxes: _Floats, struck: Sequence[tuple[float, float, float, float]]) -> None:
    """Makes blanks of the characters that an editor's note strikes out."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for left, bottom, right, top in struck:
        codes[(codes > _FIRST_PRINTED) & (left <= x) & (x <= right) & (bottom <= y) & (y <= top)] = ord(" ")


def _display_transform(page: pdfium.PdfPage, width: float, height: float) -> "_Affine":
    """From the page's own coordinates to points of the displayed page, y downwards: rotation and crop box count."""
    x, y = ctypes.c_int(), ctypes.c_int()
    # In whole pixels, so on a raster fine enough for hundredths of a point, within what an int holds.
    scale = min(float(UNITS), 2e9 / max(width, height, 1.0) / 4)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    corners = []
    for px, py in ((0, 0), (1000, 0), (0, 1000)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, px, py, x, y)
        corners.append((x.value / scale, y.value / scale))
    origin, right, up = (np.array(corner) for corner in corners)
    return _Affine(np.array([right - origin, up - origin]) / 1000, origin)


class _Affine:
    """Maps boxes (left, bottom, right, top) of a page to (left, top, right, bottom) as displayed."""

    def __init__(self, matrix: _Floats, origin: _Floats) -> None:
        self._matrix = matrix
        self._origin = origin

    def __call__(self, boxes: _Floats) -> _Floats:
        first = boxes[:, :2] @ self._matrix + self._origin
        second = boxes[:, 2:] @ self._matrix + self._origin
        mapped: _Floats = np.concatenate([np.minimum(first, second), np.maximum(first, second)], axis=1)
        return np.clip(mapped, -_MAX_BOX, _MAX_BOX)


def _plainly(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of PDFium that takes addresses as numbers: it is called for every character of every page."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_code_of = _plainly(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_box_of = _plainly(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_BOX_BYTES = ctypes.sizeof(pdfium_c.FS_RECTF)
_FONT_NAME, _FLAGS = ctypes.create_string_buffer(128), ctypes.c_int()


def _characters(text: pdfium.PdfTextPage) -> tuple[npt.NDArray[np.int64], _Floats]:
    """The code points of a page and their boxes (left, bottom, right, top), shapes (n,) and (n, 4)."""
    count = text.count_chars()
    boxes = (pdfium_c.FS_RECTF * max(count, 1))()
    handle, first = repeat(ctypes.cast(text.raw, ctypes.c_void_p).value), ctypes.addressof(boxes)
    codes = list(map(_code_of, handle, range(count)))
    deque(map(_box_of, handle, range(count), range(first, first + count * _BOX_BYTES, _BOX_BYTES)), maxlen=0)
    # FS_RECTF is left, top, right, bottom.
    found = np.frombuffer(boxes, np.float32).reshape(-1, 4)[:count].astype(np.float64)
    return np.array(codes, np.int64), np.nan_to_num(found[:, [0, 3, 2, 1]])


class _Characters:
    """The characters of a page that are on it, line after line, with their boxes as displayed.

    ``at`` are PDFium's indices. ``turn`` says how the page must be turned to make its text upright: 0 not, 1 if it
    runs down the page, -1 if it runs up.
    """

    def __init__(self, codes: npt.NDArray[np.int64], boxes: _Floats, width: float, height: float) -> None:
        hyphens = np.isin(codes, (_HYPHEN, 0xFFFE))
        breaks = hyphens | (codes == 10)
        spaces = np.isin(codes, _SPACES)
        outside = (boxes[:, 2] < 0) | (boxes[:, 3] < 0) | (boxes[:, 0] > width) | (boxes[:, 1] > height)
        kept = np.flatnonzero((_are_characters(codes) | hyphens) & (spaces | ~outside))
        softly = np.cumsum(codes == _SOFT_HYPHEN)[kept]
        codes = np.where(hyphens, ord("-"), np.where(spaces, ord(" "), codes))[kept]
        self.at = kept
        self.text = list(map(chr, codes.tolist()))
        self.line_of = (np.cumsum(breaks) - breaks)[kept]
        self.boxes = np.where(spaces[kept, None], 0.0, boxes[kept])
        self.printed = np.flatnonzero((self.boxes[:, 2] > self.boxes[:, 0]) & (self.boxes[:, 3] > self.boxes[:, 1]))
        self.size = (width, height)
        self.turn = self._turn()
        self.upright = _turned(self.boxes, self.turn, width, height)
        # Where a soft hyphen that is not printed stands between two printed characters.
        self._softly = np.diff(softly[self.printed]) > 0
        self._rejoin()

    def displayed(self, line: Line) -> Line:
        """A line with boxes as displayed, of one with upright boxes."""
        width, height = (round(UNITS * side) for side in self.size)
        left, top, right, bottom = line.boxes.T
        sides = (
            (width - bottom, left, width - top, right)
            if self.turn == 1
            else (top, height - right, bottom, height - left)
        )
        boxes = np.where((right > left)[:, None], np.stack(sides, axis=1), 0).astype(np.int32)
        return replace(line, boxes=boxes)

    def _turn(self) -> int:
        centres = (self.boxes[self.printed, :2] + self.boxes[self.printed, 2:]) / 2
        within = np.diff(self.line_of[self.printed]) == 0
        steps = np.diff(centres, axis=0)[within]
        across, down = np.abs(steps).sum(axis=0)
        return 0 if across >= down else (1 if steps[:, 1].sum() > 0 else -1)

    def _rejoin(self) -> None:
        """Makes one line of what PDFium cuts at a raised or lowered character."""
        before, after = self.upright[self.printed[:-1]], self.upright[self.printed[1:]]
        lines = self.line_of[self.printed]
        high, low = before[:, 3] - before[:, 1], after[:, 3] - after[:, 1]
        largest, smallest = np.maximum(high, low), np.minimum(high, low)
        overlap = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1])
        distance = after[:, 0] - before[:, 2]
        beside = overlap > np.where(smallest < _OTHER_SIZE * largest, _OVERLAP_SMALL, _OVERLAP) * smallest
        beside &= (-_BACK * largest < distance) & (distance < IN_ROW * largest)
        found = np.flatnonzero(beside & (lines[1:] != lines[:-1])).tolist()
        if found:
            names = np.arange(int(lines[-1]) + 1)
            for k in found:
                names[lines[k + 1]] = names[lines[k]]
            self.line_of = names[np.minimum(self.line_of, lines[-1])]

    def lines(self, baselines: Callable[[Sequence[int]], _Floats]) -> Iterator["_RawLine"]:
        """Each line with something printed; ``baselines`` gives the heights at which characters stand."""
        gaps = self._gaps()
        lines_with_print = self.line_of[self.printed]
        raised, notes = raised_figures(self.text, self.printed, lines_with_print, self.upright[self.printed], baselines)
        for at, mark in raised.items():
            gaps[at] = gaps.get(at, "") + mark
        edges = np.flatnonzero(np.diff(lines_with_print)) + 1
        for printed in np.split(self.printed, edges):
            if len(printed):
                start, end = int(printed[0]), int(printed[-1]) + 1
                inserted = {at: space for at, space in gaps.items() if start < at < end} if gaps else {}
                yield _RawLine(start, end, inserted, start in notes, int(self.line_of[start]) in self._with_gaps)

    def _gaps(self) -> dict[int, str]:
        """Where a space that PDFium missed, or a tab between the cells of a row, stands before a character."""
        printed, upright = self.printed, self.upright[self.printed]
        heights = np.maximum(upright[:, 3] - upright[:, 1], 1e-6)
        overlap = np.minimum(upright[1:, 3], upright[:-1, 3]) - np.maximum(upright[1:, 1], upright[:-1, 1])
        largest, smallest = np.maximum(heights[1:], heights[:-1]), np.minimum(heights[1:], heights[:-1])
        same_row = np.abs(upright[1:, 3] - upright[:-1, 3]) < 0.3 * heights[1:]
        same_row |= (smallest < _OTHER_SIZE * largest) & (overlap > _OVERLAP_SMALL * smallest)
        heights = largest
        # Cells that stand at half the height of their neighbour's lines.
        same_row |= (overlap > _OVERLAP_SMALL * smallest) & (upright[1:, 0] - upright[:-1, 2] > _FAR * largest)
        forward = upright[1:, 0] - upright[:-1, 2]
        gaps = np.maximum(forward, upright[:-1, 0] - upright[1:, 2]) / heights
        lines = self.line_of[printed]
        self._with_gaps = set(lines[1:][gaps > 0.9 * COLUMN_GAP].tolist())
        spaced = np.diff(printed) > 1
        plain = ~np.isin(lines[1:], lines[[_FIRST_RTL <= self.text[at] <= _LAST_RTL for at in printed.tolist()]])
        wide = plain & (lines[1:] == lines[:-1]) & same_row
        wide &= gaps > np.where(spaced | self._softly, CELL_GAP, _WORD_GAP)
        found: dict[int, str] = {}
        usual: dict[int, float] = {}
        for k in np.flatnonzero(wide).tolist():
            line, at = int(lines[k]), int(printed[k + 1])
            if line not in usual:
                # A letter-spaced or monospaced line has its own usual gap.
                touching = (lines[1:] == line) & (lines[:-1] == line) & ~spaced
                usual[line] = float(np.median(gaps[touching])) if touching.any() else 0.0
            if gaps[k] > CELL_GAP + max(usual[line], 0.0):
                found[at] = "\t"
            elif not spaced[k] and gaps[k] > usual[line] + _WORD_GAP:
                found[at] = " "
        return found


class _RawLine(NamedTuple):
    """A line's first printed character, the one after its last, and the spaces, tabs and marks put in before others.

    ``is_note`` tells that it begins with a raised figure, ``has_gap`` that there is a wide gap in it.
    """

    start: int
    end: int
    inserted: dict[int, str]
    is_note: bool
    has_gap: bool


def _are_characters(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    control = ((codes < 32) & (codes != 9)) | ((codes >= 0x7F) & (codes < 0xA0)) | (codes == _SOFT_HYPHEN)
    invalid = ((codes >= 0xD800) & (codes < 0xE000)) | (codes & 0xFFFE == 0xFFFE) | (codes > 0x10FFFF)
    found: npt.NDArray[np.bool_] = ~(control | invalid)
    return found


def _unswap_ligatures(text: pdfium.PdfTextPage, characters: _Characters) -> None:
    """Puts back the two letters of a lam-alef glyph: PDFium reverses right-to-left runs letter by letter."""
    words, at = characters.text, characters.at
    for k in [k for k, word in enumerate(words) if word == _LAM and k > 0 and _FIRST_RTL <= words[k - 1] <= _LAST_RTL]:
        if _origin(text, int(at[k - 1])) == _origin(text, int(at[k])):
            words[k - 1], words[k] = words[k], words[k - 1]


def _origin(text: pdfium.PdfTextPage, index: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
    return x.value, y.value


def _line(text: pdfium.PdfTextPage, characters: _Characters, raw: _RawLine) -> Line:
    words = "".join(characters.text[raw.start : raw.end])
    boxes = (characters.upright if characters.turn else characters.boxes)[raw.start : raw.end]
    if raw.inserted or "  " in words:
        words, boxes = _spaced(words, boxes, {at - raw.start: space for at, space in raw.inserted.items()})
    upright = characters.upright[raw.start : raw.end]
    upright = upright[upright[:, 3] > upright[:, 1]]
    heights = upright[:, 3] - upright[:, 1]
    ordered = np.sort(heights)
    size = float(ordered[len(heights) // 2])
    left, top = upright[:, :2].min(axis=0).tolist()
    right, bottom = upright[:, 2:].max(axis=0).tolist()
    # Raised and lowered figures say nothing of where the line stands.
    if ordered[0] < _OTHER_SIZE * size:
        upright = upright[heights >= _OTHER_SIZE * size]
        top, bottom = float(upright[:, 1].min()), float(upright[:, 3].max())
    bold = _is_bold(text, int(characters.at[raw.start]), int(characters.at[raw.end - 1]))
    hundredths = np.rint(boxes * UNITS).astype(np.int32)
    return Line(
        text=words,
        boxes=hundredths,
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        size=size,
        bold=bold,
        is_note=raw.is_note,
        has_gap=raw.has_gap,
    )


def _spaced(words: str, boxes: _Floats, inserted: dict[int, str]) -> tuple[str, _Floats]:
    """The line with marks, spaces and tabs put in, and never two of these in a row: the one that was put in stays."""
    parts: list[str] = []
    kept: list[int] = []
    for k, character in enumerate(words):
        for each in inserted.get(k, ""):
            if each != "^" and parts[-1] == " ":
                parts[-1] = each
            else:
                parts.append(each)
                kept.append(-1)
        if character != " " or parts[-1] != " ":
            parts.append(character)
            kept.append(k)
    spread = np.concatenate([boxes, np.zeros((1, 4))])
    return "".join(parts), spread[kept]


def _is_bold(text: pdfium.PdfTextPage, first: int, last: int) -> bool:
    """Whether the fonts of the first and the last character call themselves bold."""
    fonts = [_font(text, index) for index in (first, last)]
    return all("bold" in font or "black" in font for font in fonts)


def _font(text: pdfium.PdfTextPage, index: int) -> str:
    length = pdfium_c.FPDFText_GetFontInfo(text, index, _FONT_NAME, 128, _FLAGS)
    return _FONT_NAME.value.decode("utf-8", "replace").lower() if 0 < length <= 128 else ""


def _turned(boxes: _Floats, turn: int, width: float, height: float) -> _Floats:
    """The boxes on the page turned so that its text is upright; those of what is not printed stay empty."""
    if turn == 0:
        return boxes
    left, top, right, bottom = boxes.T
    sides = (top, width - right, bottom, width - left) if turn == 1 else (height - bottom, left, height - top, right)
    turned: _Floats = np.stack(sides, axis=1)
    return turned


def draw_page(page: pdfium.PdfPage, scale: float, max_pixels: int = MAX_PIXELS) -> tuple[Image.Image, float]:
    """The page's picture at ``scale`` pixels a point, or at the largest below it that keeps ``max_pixels``."""
    width, height = page.get_size()
    scale = min(scale, (max_pixels / max(width * height, 1.0)) ** 0.5)
    # Neither side may come out as nothing, which a page of 2,000,000 by 100 points else would.
    scale = max(scale, 1.0 / max(min(width, height), 1e-6)) if max(width, height) < max_pixels else scale
    bitmap = page.render(scale=scale)
    try:
        return bitmap.to_pil().copy(), scale
    finally:
        bitmap.close()


def png(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()
