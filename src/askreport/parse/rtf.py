"""Rich text (.rtf): a paragraph or a table's row is a block."""

import re
from collections.abc import Iterator

from striprtf.striprtf import font_table_group, rtf_to_text

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, refuse_other_kind
from askreport.parse.blocks import Block, LeftOut, assemble, raised, row, soft_lines
from askreport.parse.described import rich_text_description
from askreport.parse.rtf_settle import CELL, LEVEL, LINE, MERGED, RAISED, ROW, START, settled
from askreport.types import Document

_RAISED = re.compile(f"{RAISED}([^{LEVEL}]*){LEVEL}?")
_MARKS = re.compile(f"[{START}{RAISED}{LEVEL}{MERGED}]")
# A longer label is not written once more in each row that it spans.
_MAX_LABEL = 100
_BINARY = re.compile(rb"(?<!\\)\\bin(?:f?sxn\d*|(\d{0,9})) ?")
# Pictures; one by one their digits would take minutes.
_HEX = re.compile(rb"(?<![0-9a-fA-F\r\n])[0-9a-fA-F\r\n]{2000,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_ESCAPED = re.compile(r"\\'[0-9a-fA-F]{2}")


def parse_rtf(data: bytes, path: str, title: str) -> Document:
    """A rich text file without its headers and footers; notes and text boxes follow the paragraph that they belong to.

    ``title`` is used as it is. Raises ParseError for what cannot be read.
    """
    left_out = LeftOut()
    if not data.lstrip().startswith(b"{\\rtf"):
        refuse_other_kind(data, "rich text (.rtf)")
        raise ParseError("the file is not rich text (.rtf), or its beginning is missing")
    with damage_named("rich text"):
        prepared = _prepared(data)
        text = rtf_to_text(settled(prepared, left_out), errors="replace")  # type: ignore[no-untyped-call]
    # Characters beyond U+FFFF come as two halves.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    metadata = rich_text_description(prepared)
    return assemble(_blocks(_with_raised(text)), data, path, title, metadata=metadata, left_out=left_out)


def _prepared(data: bytes) -> str:
    data = _HEX.sub(b"", _without_binary(data))
    text = _HIGH.sub(lambda byte: b"\\'%02x" % ord(byte[0]), data).decode("ascii")
    # What striprtf would add: the address of each link, and names of fonts that are not ASCII.
    text = text.replace("\\fldinst{", "\\fldinst {")
    fonts = font_table_group(text)  # type: ignore[no-untyped-call]
    return text.replace(fonts, _ESCAPED.sub("_", fonts), 1)


def _without_binary(data: bytes) -> bytes:
    kept, at = [], 0
    while found := _BINARY.search(data, at):
        kept.append(data[at : found.start()])
        at = found.end() + int(found[1] or 0)
    return b"".join([*kept, data[at:]])


def _with_raised(text: str) -> str:
    """Puts "^" before raised numbers, and leaves out the marks of notes."""
    parts, end = [], 0
    for match in _RAISED.finditer(text):
        parts.append(text[end : match.start()])
        before = (parts[-1] or (parts[-2] if len(parts) > 1 else ""))[-30:]
        parts.append(raised(before, match[1]))
        end = match.end()
    return "".join([*parts, text[end:]])


def _blocks(text: str) -> Iterator[Block]:
    *rows, rest = text.split(ROW)
    labels: dict[int, str] = {}
    for piece in rows:
        before, _, cells = piece.partition(START)
        if before.strip():
            labels = {}
        yield from _paragraphs(before)
        # Word defines a row once more at its end.
        words, _, merged = cells.partition(MERGED)
        line = [" ".join(cell.replace(LINE, " ").split()) for cell in _MARKS.sub("", words).split(CELL)]
        yield row(_labelled(line, merged, labels))
    yield from _paragraphs(rest)


def _labelled(cells: list[str], merged: str, labels: dict[int, str]) -> list[str]:
    """A row's cells, with the label of the cell above where one reaches down; ``labels`` are kept for the next row."""
    for column, sign in enumerate(merged[: len(cells)]):
        if sign == "F":
            labels[column] = cells[column] if len(cells[column]) <= _MAX_LABEL else ""
        elif sign == "M":
            cells[column] = cells[column] or labels.get(column, "")
        else:
            labels.pop(column, None)
    return cells


def _paragraphs(text: str) -> Iterator[Block]:
    for line in _MARKS.sub("", text).split("\n"):
        if LINE in line:
            yield Block(soft_lines(line.replace(CELL, " ").split(LINE)))
        else:
            yield row(line.split(CELL))
