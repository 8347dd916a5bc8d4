"""Rich text (.rtf): a paragraph or a table's row is a block."""

import re
from collections.abc import Iterator

from striprtf.striprtf import font_table_group, rtf_to_text

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, refuse_other_kind
from askreport.parse.blocks import Block, assemble, row
from askreport.types import Document

_CELL, _ROW, _START = "\ue000", "\ue001", "\ue002"
# striprtf writes "|" and a line end, which occur in a text too; these do not. \plain ends what precedes it.
_MARKS = {"cell": _CELL, "nestcell": _CELL, "row": _ROW, "trowd": _START}
_MARKED = re.compile(r"\\\\|\\(nestcell|cell|row|trowd)(?![a-zA-Z]) ?")
_BINARY = re.compile(rb"(?<!\\)\\bin(?:f?sxn\d*|(\d{0,9})) ?")
# Pictures; one by one their digits would take minutes.
_HEX = re.compile(rb"(?<![0-9a-fA-F\r\n])[0-9a-fA-F\r\n]{2000,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_ESCAPED = re.compile(r"\\'[0-9a-fA-F]{2}")


def parse_rtf(data: bytes, path: str, title: str) -> Document:
    """A rich text file without its headers, footers, notes and text boxes; ``title`` is used as it is.

    Raises ParseError for what cannot be read.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        refuse_other_kind(data, "rich text (.rtf)")
        raise ParseError("the file is not rich text (.rtf), or its beginning is missing")
    with damage_named("rich text"):
        text = rtf_to_text(_prepared(data), errors="replace")  # type: ignore[no-untyped-call]
    # Characters beyond U+FFFF come as two halves.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return assemble(_blocks(text), data, path, title)


def _prepared(data: bytes) -> str:
    data = _HEX.sub(b"", _without_binary(data))
    text = _HIGH.sub(lambda byte: b"\\'%02x" % ord(byte[0]), data).decode("ascii")
    # What striprtf would add: the address of each link, and names of fonts that are not ASCII.
    text = text.replace("\\fldinst{", "\\fldinst {")
    fonts = font_table_group(text)  # type: ignore[no-untyped-call]
    text = text.replace(fonts, _ESCAPED.sub("_", fonts), 1)
    return _MARKED.sub(lambda word: f"\\plain {_MARKS[word[1]]}" if word[1] else word[0], text)


def _without_binary(data: bytes) -> bytes:
    kept, at = [], 0
    while found := _BINARY.search(data, at):
        kept.append(data[at : found.start()])
        at = found.end() + int(found[1] or 0)
    return b"".join([*kept, data[at:]])


def _blocks(text: str) -> Iterator[Block]:
    *rows, rest = text.split(_ROW)
    for piece in rows:
        before, _, cells = piece.partition(_START)
        yield from _paragraphs(before)
        # Word defines a row once more at its end.
        yield row(cells.replace(_START, "").split(_CELL))
    yield from _paragraphs(rest)


def _paragraphs(text: str) -> Iterator[Block]:
    for line in text.replace(_START, "").split("\n"):
        yield row(line.split(_CELL))
