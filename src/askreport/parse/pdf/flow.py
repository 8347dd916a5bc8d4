"""The arranged lines of a paged source -> its Document, with the boxes of every character."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from askreport.boxes import BoxArray, pack_boxes
from askreport.digest import content_id, text_sha256
from askreport.parse.options import Parsed
from askreport.parse.pdf.arrange import Piece, arrange
from askreport.parse.pdf.hyphens import Hyphens
from askreport.parse.pdf.lines import Line, PageLines, body_size
from askreport.types import Document, Heading, Page, Span

# In sizes of the body text: larger letters make a heading, and those of a title are larger still.
_HEADING_SIZE = 1.12
_TITLE_SIZE = 1.3
_MAX_HEADING = 200
_MAX_LEVEL = 6
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A bookmark: its words, its level from 1, and the number of the page it leads to."""

    title: str
    level: int
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A paragraph, row or heading within the text: the lines' common span."""

    page: int
    span: Span
    words: str
    size: float
    bold: bool
    furniture: bool
    row: bool
    lines: int


def flow(
    pages: Sequence[PageLines], outline: Sequence[Outline], own: str, data: bytes, path: str, title: str
) -> Parsed:
    """The document of these pages; ``own`` is the title that the file names, used if its first pages bear it out.

    Headings are the outline's if most of it is found in the text, else what is printed larger or bolder.
    """
    pieces = arrange(pages)
    lines = [piece.line for piece in pieces]
    text, boxes, starts = _joined(pieces, Hyphens(lines))
    blocks = list(_blocks(text, pieces, starts))
    body = body_size([piece.line for piece in pieces if not piece.furniture])
    headings = _from_outline(blocks, outline) or _from_print(blocks, body, _is_mostly_bold(lines))
    furniture = tuple(block.span for block in blocks if block.furniture)
    spans = _page_spans(pages, pieces, starts, len(text))
    named = _title(own, text, headings, blocks, body)
    document = Document(
        id=content_id(data),
        path=path,
        title=named or title,
        text=text,
        sha256=text_sha256(text),
        headings=headings,
        pages=spans,
        furniture=furniture,
        has_title=bool(named),
    )
    return Parsed(document, tuple(pack_boxes(boxes[page.start : page.end]) for page in spans))


def _joined(pieces: Sequence[Piece], hyphens: Hyphens) -> tuple[str, BoxArray, list[int]]:
    """The text, each character's box, and where each piece starts in it."""
    parts: list[str] = []
    boxes: list[BoxArray] = []
    starts: list[int] = []
    position = 0
    for number, piece in enumerate(pieces):
        before = pieces[number - 1].line.text if number else ""
        gap = piece.gap if number else ""
        if gap == " ":
            gap, divides = hyphens.gap(before, piece.line.text)
            if divides:
                parts[-1], boxes[-1] = parts[-1][:-1], boxes[-1][:-1]
                position -= 1
        parts += [gap, piece.line.text]
        boxes += [np.zeros((len(gap), 4), np.int32), piece.line.boxes]
        starts.append(position + len(gap))
        position += len(gap) + len(piece.line.text)
    return "".join(parts) + "\n", np.concatenate([*boxes, np.zeros((1, 4), np.int32)]), starts


def _blocks(text: str, pieces: Sequence[Piece], starts: Sequence[int]) -> Iterator[_Block]:
    opening = [n for n, piece in enumerate(pieces) if n == 0 or piece.gap == "\n\n"]
    for first, after in zip(opening, [*opening[1:], len(pieces)], strict=True):
        members = pieces[first:after]
        end = starts[after] - len(pieces[after].gap) if after < len(pieces) else len(text) - 1
        span = Span(starts[first], end)
        lines = [piece.line for piece in members]
        size = max(line.size for line in lines)
        bold = all(line.bold for line in lines)
        words = " ".join(text[span.start : span.end].split())
        yield _Block(
            page=members[0].page,
            span=span,
            words=words,
            size=size,
            bold=bold,
            furniture=members[0].furniture,
            row=lines[0].is_row,
            lines=len(members),
        )


def _from_outline(blocks: Sequence[_Block], outline: Sequence[Outline]) -> tuple[Heading, ...]:
    """The blocks that the outline names, if those are at least half of it."""
    headings: list[Heading] = []
    position = 0
    for entry in outline:
        wanted = _letters(entry.title)
        candidates = (
            at for at in range(position, len(blocks)) if blocks[at].page == entry.page and not blocks[at].furniture
        )
        found = next((at for at in candidates if wanted and _letters(blocks[at].words) == wanted), None)
        if found is not None:
            block = blocks[found]
            headings.append(_heading(block, min(entry.level, _MAX_LEVEL)))
            position = found + 1
    return tuple(headings) if 2 * len(headings) >= max(len(outline), 1) else ()


def _letters(words: str) -> str:
    return "".join(character for character in words.casefold() if character.isalnum())


def _from_print(blocks: Sequence[_Block], body: float, mostly_bold: bool) -> tuple[Heading, ...]:
    """The short blocks that are printed larger than the body text, or bold where it is not; larger is higher."""
    found = [block for block in blocks if _looks_like_heading(block, body, mostly_bold)]
    sizes = sorted({_rounded(block) for block in found}, reverse=True)
    level = {size: min(number, _MAX_LEVEL) for number, size in enumerate(sizes, start=1)}
    return tuple(_heading(block, level[_rounded(block)]) for block in found)


def _heading(block: _Block, level: int) -> Heading:
    return Heading(start=block.span.start, end=block.span.end, level=level, title=block.words)


def _rounded(block: _Block) -> int:
    return round(block.size)


def _looks_like_heading(block: _Block, body: float, mostly_bold: bool) -> bool:
    if (
        block.furniture
        or block.row
        or block.lines > 3
        or len(block.words) > _MAX_HEADING
        or not _LETTERS.search(block.words)
    ):
        return False
    if len(_LETTERS.findall(block.words)) < 3:
        return False
    if block.size >= _HEADING_SIZE * body:
        return True
    bold = block.bold and not mostly_bold and block.size > 0.93 * body
    return bold and not block.words.endswith((".", ",", ";", ":"))


def _is_mostly_bold(lines: Sequence[Line]) -> bool:
    counts: Counter[bool] = Counter()
    for line in lines:
        counts[line.bold] += len(line.text)
    return counts[True] > counts[False]


def _page_spans(
    pages: Sequence[PageLines], pieces: Sequence[Piece], starts: Sequence[int], end: int
) -> tuple[Page, ...]:
    """Each page's span, which begins with its first character; together they are the whole text."""
    first: dict[int, int] = {}
    for piece, start in zip(pieces, starts, strict=True):
        first.setdefault(piece.page, start)
    spans: list[Page] = []
    following = end
    for page in reversed(pages):
        start = 0 if page is pages[0] else first.get(page.number, following)
        spans.append(
            Page(
                number=page.number,
                start=start,
                end=following,
                width=round(page.width, 2),
                height=round(page.height, 2),
                ocr=page.ocr,
                label=page.label,
            )
        )
        following = start
    return tuple(reversed(spans))


def _title(own: str, text: str, headings: Sequence[Heading], blocks: Sequence[_Block], body: float) -> str:
    """The title that the file names if it is printed near the beginning, else the largest words on its first page."""
    own = " ".join(own.split())
    if len(_letters(own)) > 3 and _letters(own) in _letters(text[:5_000]):
        return own
    first = [block for block in blocks if block.page == blocks[0].page and not block.furniture]
    largest = max((block.size for block in first), default=0.0)
    if largest < _TITLE_SIZE * body:
        return ""
    starts = {heading.start for heading in headings}
    named = [block for block in first if block.size >= 0.97 * largest and _LETTERS.search(block.words)]
    words = " ".join(block.words for block in named[:3])
    return words if named and len(words) <= _MAX_HEADING and (starts or named) else ""
