"""Blocks of text (paragraphs, headings, table rows) -> a Document: what every format without a layout ends in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from askreport.digest import content_id, text_sha256
from askreport.errors import ParseError
from askreport.parse.decode import canonical, replace_surrogates
from askreport.types import Document, Heading, Page

# Between the cells of a table's row.
CELL = " | "
_GAP = "\n\n"
# Of a longer run of empty cells (a sheet has 16,384 columns) only so many stand in the text.
_MAX_EMPTY = 20
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading (``level`` from 1) or a table's row, on a page (slide, sheet; 0 where there are none)."""

    text: str
    level: int = 0
    page: int = 0


def row(cells: Iterable[str], page: int = 0) -> Block:
    """A table's row as one block, without the empty cells at its end."""
    words: list[str] = []
    empty = 0
    for each in cells:
        word = " ".join(each.split()) if each else ""
        empty = 0 if word else empty + 1
        if empty <= _MAX_EMPTY:
            words.append(word)
    while words and not words[-1]:
        words.pop()
    return Block(CELL.join(words), page=page)


def cell(value: object) -> str:
    """A cell's value in words, as a spreadsheet shows it without a format: 3.0 is "3", and midnight is left out."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)


def assemble(
    blocks: Iterable[Block],
    data: bytes,
    path: str,
    title: str,
    own: str | None = "",
    metadata: dict[str, Any] | None = None,
) -> Document:
    """The document of ``blocks``: one blank line between them, pages from the first block of each to the next's.

    The title is ``own``, else the first heading, else ``title``; with None for ``own`` no heading stands for it
    (sheets are named "Sheet1"). Raises ParseError if no block has text.
    """
    parts: list[str] = []
    headings: list[Heading] = []
    starts: dict[int, int] = {}
    position = 0
    for block in blocks:
        text = _clean(block.text)
        if not text:
            continue
        if block.page:
            starts.setdefault(block.page, position)
        if block.level:
            headings.append(
                Heading(start=position, end=position + len(text), level=block.level, title=" ".join(text.split()))
            )
        parts.append(text)
        position += len(text) + len(_GAP)
    if not parts:
        raise ParseError("the file holds no text", "no_text")
    text = _GAP.join(parts) + "\n"
    first = next((heading.title for heading in headings), "")
    own = "" if own is None else " ".join(_clean(own).split()) or first
    return Document(
        id=content_id(data),
        path=path,
        title=own or title,
        text=text,
        sha256=text_sha256(text),
        headings=tuple(headings),
        pages=_pages(starts, len(text)),
        metadata=metadata or {},
        has_title=bool(own),
    )


def _clean(text: str) -> str:
    """Text with single spaces, without white space around its lines."""
    lines = _SPACES.sub(" ", canonical(replace_surrogates(text))).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def _pages(starts: dict[int, int], end: int) -> tuple[Page, ...]:
    """Pages in the order of the text; together they are all of it."""
    numbers = sorted(starts, key=lambda number: starts[number])
    edges = [0, *(starts[number] for number in numbers[1:]), end]
    return tuple(Page(number=number, start=edges[at], end=edges[at + 1]) for at, number in enumerate(numbers))
