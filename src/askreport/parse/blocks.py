"""Blocks of text (paragraphs, headings, table rows) -> a Document: what every format without a layout ends in."""

import re
from collections import Counter
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
# Character references and mail headers still give them for the signs of Windows' code page, as browsers know.
_CONTROLS = re.compile(r"[\x80-\x9f]")
_WINDOWS = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
# "Phone: 12" and "- one" begin lines of their own.
_OWN_LINE = re.compile(
    r"\s*(?:[^\W\d_][\w .'’/-]{0,30}:(?=\s|$)|[-*+•‣▪–](?=\s)|\d{1,3}[.)](?=\s)|[(\[]?[a-z\d][)\]](?=\s))"
)
_NOTE_MARK = re.compile(r"[\[(]?\s*(?:\d{1,3}|[a-z]|[ivxl]{1,6}|[*†‡§¶#]{1,4})\s*[\])]?", re.IGNORECASE)
_SYMBOLS = re.compile(r"[*†‡§¶#]{1,4}|\[[^\[\]]{1,6}\]")
_WORD_BEFORE = re.compile(r"[^\W\d_]{4,}$")
_UNIT_BEFORE = re.compile(
    r"(?:met(?:er|re)|mile|feet|foot|inch|yard|kilomet(?:er|re)|centimet(?:er|re)|millimet(?:er|re))s?$", re.IGNORECASE
)
_YEAR_BEFORE = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d\d$")
_DIGITS_ONLY = re.compile(r"\d{1,3}(?:\s*[,–-]\s*\d{1,3})*")


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


class LeftOut(Counter[str]):
    """What a reader could not read of a file, or did not because it is struck out or hidden: how often each kind.

    A kind is named in the singular: "equation". Its plural is made with an "s".
    """

    def told(self) -> tuple[str, ...]:
        """Each kind with its number, in words for people: "2 pictures"."""
        return tuple(f"{count:,} {_plural(kind) if count > 1 else kind}" for kind, count in self.items() if count > 0)


def _plural(kind: str) -> str:
    noun, without, rest = kind.partition(" without ")
    return f"{noun}s{without}{rest}"


def soft_lines(lines: Iterable[str]) -> str:
    """Lines of one paragraph: a sentence goes on over their ends, but what looks like a line of its own is one.

    An empty line ends the paragraph.
    """
    text = ""
    for line in lines:
        words = " ".join(line.split())
        if not words:
            text = text and f"{text.rstrip()}{_GAP}"
        elif not text or text.endswith("\n"):
            text += words
        else:
            text += f"{_GAP if _OWN_LINE.match(words) else chr(10)}{words}"
    return text.rstrip()


def raised(before: str, mark: str) -> str:
    """What a raised word says after the words before it: "^6" after 10, "st" after 1, nothing for the mark of a note.

    An exponent cannot always be told from the number of a note. It is one after a figure or a unit, and none after a
    year, a punctuation mark or another word: what is left as it is cannot be read as part of the number before it.
    """
    words = mark.strip()
    if not words or (words.isalpha() and len(words) > 1) or not before.strip():
        return mark
    if _SYMBOLS.fullmatch(words):
        return ""
    if not _DIGITS_ONLY.fullmatch(words):
        return mark if words.isalpha() else f"^{mark.lstrip()}"
    last = before[-1]
    is_note = last in ".,;:!?)]”’»\"'" or _YEAR_BEFORE.search(before[-6:]) is not None
    if not is_note and _WORD_BEFORE.search(before[-20:]):
        is_note = not _UNIT_BEFORE.search(before[-20:])
    return "" if is_note else f"^{mark.lstrip()}"


def is_note_mark(words: str) -> bool:
    """Whether the words of a link or of a raised place may be the mark of a note: a number, a letter, a sign."""
    return _NOTE_MARK.fullmatch(words.strip()) is not None


def assemble(
    blocks: Iterable[Block],
    data: bytes,
    path: str,
    title: str,
    own: str | None = "",
    metadata: dict[str, Any] | None = None,
    left_out: LeftOut | None = None,
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
    told = left_out.told() if left_out else ()
    if not parts:
        raise ParseError(f"the file holds no text{'; it holds ' + ', '.join(told) if told else ''}", "no_text")
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
        left_out=told,
    )


def _clean(text: str) -> str:
    """Text with single spaces, without white space around its lines."""
    if _CONTROLS.search(text):
        text = text.translate(_WINDOWS)
    lines = _SPACES.sub(" ", canonical(replace_surrogates(text))).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def _pages(starts: dict[int, int], end: int) -> tuple[Page, ...]:
    """Pages in the order of the text; together they are all of it."""
    numbers = sorted(starts, key=lambda number: starts[number])
    edges = [0, *(starts[number] for number in numbers[1:]), end]
    return tuple(Page(number=number, start=edges[at], end=edges[at + 1]) for at, number in enumerate(numbers))
