"""Where the characters of a page stand: one box for each, packed small, and the boxes of a span of text.

Boxes are (left, top, right, bottom) in hundredths of a point on the page as it is displayed, from its top left corner.
A character that is not printed (a space, a line break) has a box without width or height.
"""

import zlib
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from askreport.types import Box, Document, Page, Span

BoxArray = npt.NDArray[np.int32]
UNITS = 100
# Nothing larger is unpacked: a page has fewer characters than this.
MAX_CHARACTERS = 5_000_000
# How far apart, in heights of the letters, two characters of one line may stand to share a box.
_NEAR = 3
# How much of the smaller one's height they must share: cells of a table stand half a line above each other.
_ALIGNED = 0.75


def pack_boxes(boxes: BoxArray) -> bytes:
    """Boxes, shape (characters, 4), as bytes: differences from one character to the next, compressed."""
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    return zlib.compress(np.diff(corners, axis=0, prepend=np.int32(0)).T.astype("<i4").tobytes(), 6)


def unpack_boxes(packed: bytes) -> BoxArray:
    """Boxes, shape (characters, 4); ValueError for bytes that ``pack_boxes`` did not make."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, 16 * MAX_CHARACTERS)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof or len(raw) % 16:
        raise ValueError("these are not packed boxes")
    corners = np.cumsum(np.frombuffer(raw, "<i4").reshape(4, -1).T, axis=0, dtype=np.int32)
    return np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:]], axis=1)


def boxes_of(document: Document, boxes_on: Callable[[str, int], BoxArray | None], span: Span) -> tuple[Box, ...]:
    """The boxes of a span's printed characters, one for each run on a line; none where the source has no layout.

    ``boxes_on`` gives the boxes of a document's page.
    """
    found: list[Box] = []
    for page in document.pages:
        start, end = max(span.start, page.start), min(span.end, page.end)
        if start < end and page.width and (boxes := boxes_on(document.id, page.number)) is not None:
            characters = boxes[start - page.start : end - page.start]
            found += [run_box(page, characters[run]) for run in line_runs(characters)]
    return tuple(found)


def line_runs(characters: BoxArray) -> Iterator[npt.NDArray[np.intp]]:
    """The positions of the printed characters, cut where a new line, column or cell begins."""
    printed = np.flatnonzero((characters[:, 2] > characters[:, 0]) & (characters[:, 3] > characters[:, 1]))
    if not len(printed):
        return
    boxes = characters[printed].astype(np.int64)
    before, after = boxes[:-1], boxes[1:]
    overlap = np.minimum(before[:, 2:], after[:, 2:]) - np.maximum(before[:, :2], after[:, :2])
    sizes = np.minimum(before[:, 2:] - before[:, :2], after[:, 2:] - after[:, :2])
    # Characters follow each other along one axis and stand beside each other on the other one.
    in_row = (overlap[:, 1] > _ALIGNED * sizes[:, 1]) & (-overlap[:, 0] < _NEAR * sizes[:, 1])
    in_column = (overlap[:, 0] > _ALIGNED * sizes[:, 0]) & (-overlap[:, 1] < _NEAR * sizes[:, 0])
    runs_across = in_row.sum() >= in_column.sum()
    yield from np.split(printed, np.flatnonzero(~(in_row if runs_across else in_column)) + 1)


def run_box(page: Page, boxes: BoxArray) -> Box:
    """The box around boxes on a page."""
    left, top = boxes[:, :2].min(axis=0) / UNITS
    right, bottom = boxes[:, 2:].max(axis=0) / UNITS
    return Box(page=page.number, left=float(left), top=float(top), right=float(right), bottom=float(bottom))
