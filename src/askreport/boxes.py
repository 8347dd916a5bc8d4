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
# How wide packed differences are: the first byte of what is packed. Up to 0.2.0 there was none.
_NARROW, _WIDE = b"\x02", b"\x04"
_TYPES = {_NARROW: "<i2", _WIDE: "<i4"}
_NOT_BOXES = "these are not packed boxes"
# How far apart, in heights of the letters, two characters of one line may stand to share a box.
_NEAR = 3
# How much of the smaller one's height they must share: cells of a table stand half a line above each other.
_ALIGNED = 0.75


def pack_boxes(boxes: BoxArray) -> bytes:
    """Boxes, shape (characters, 4), as bytes: what each adds to the one before, compressed; blanks come back as zeros.

    A character begins where the one before ends, or shortly after, so its left side is told from there. A blank is as
    wide as nothing and stands at the end of what was printed before it.
    """
    printed = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    latest = np.maximum.accumulate(np.where(printed, np.arange(1, len(boxes) + 1), 0))
    own = np.concatenate([np.zeros((1, 4), np.int32), boxes])[latest]
    left, top, right, bottom = own.T
    left = np.where(printed, left, right)
    added = np.stack([left - _before(right), top - _before(top), right - left, (bottom - top) - _before(bottom - top)])
    kind = _NARROW if np.all(added == added.astype(np.int16)) else _WIDE
    return kind + zlib.compress(added.astype(_TYPES[kind]).tobytes(), 6)


def unpack_boxes(packed: bytes) -> BoxArray:
    """Boxes, shape (characters, 4); ValueError for bytes that ``pack_boxes`` did not make, now or up to 0.2.0."""
    kind = packed[:1] if packed[:1] in _TYPES else b""
    values = np.frombuffer(_unzipped(packed[len(kind) :]), _TYPES.get(kind, "<i4"))
    if len(values) % 4:
        raise ValueError(_NOT_BOXES)
    added = values.reshape(4, -1).astype(np.int32)
    if not kind:
        corners = np.cumsum(added.T, axis=0, dtype=np.int32)
        return np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:]], axis=1)
    right = np.cumsum(added[0] + added[2], dtype=np.int32)
    top, height = np.cumsum(added[1], dtype=np.int32), np.cumsum(added[3], dtype=np.int32)
    boxes: BoxArray = np.stack([right - added[2], top, right, top + height], axis=1)
    boxes[added[2] == 0] = 0
    return boxes


def _before(values: BoxArray) -> BoxArray:
    """For each value the one before it, 0 for the first."""
    return np.concatenate([np.zeros(1, np.int32), values[:-1]])


def _unzipped(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, 16 * MAX_CHARACTERS)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError(_NOT_BOXES)
    return raw


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
