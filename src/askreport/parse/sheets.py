"""Workbooks and tables of values (.xlsx, .csv, .tsv): a row is a block, a sheet a page."""

import csv
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, open_archive, refuse_other_kind, xml_copy
from askreport.parse.blocks import Block, LeftOut, assemble, cell, row
from askreport.parse.decode import decode
from askreport.parse.described import office_description
from askreport.parse.numbers import number_text, text_by
from askreport.types import Document

# The first of equals is taken: in "1,5;2,5" the commas are decimal points.
_DELIMITERS = "\t;|,"
_SAMPLE = 100
# A quoted cell, whatever separates the cells: what stands in it separates none.
_QUOTED = re.compile(r'(?:(?<=[\t;|,\n])|\A)[^\S\t\n]*"(?:[^"]|"")*"[^\S\t\n]*(?=[\t;|,\n]|\Z)')
_NAMED = re.compile(r'\A"?sep=(.)"?[^\S\n]*\n', re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=\"([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})\"")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s(?=[^>]*?\bhidden=\"(?:1|true)\")[^>]*?\br=\"(\d{1,7})\"")
_COLUMNS = re.compile(rb"<(?:\w+:)?col\s(?=[^>]*?\bhidden=\"(?:1|true)\")[^>]*>")
_UNCOMPUTED = re.compile(rb"</(?:\w+:)?f>(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>")
_BOUND = re.compile(rb"\b(min|max)=\"(\d{1,6})\"")
_ESCAPED = "_x"
# A longer label is not written once more in each row that it spans, nor is one row written more often.
_MAX_LABEL, _MAX_SPAN = 100, 10_000
# More empty cells in a row stand in no text (blocks.py).
_MAX_GAP = 30


def parse_xlsx(data: bytes, path: str, title: str) -> Document:
    """A workbook with the values that were last computed, as it shows them; each sheet that has some begins with its
    name. Hidden sheets, rows and columns are left out.

    The title is ``title``. Raises ParseError for what cannot be read.
    """
    left_out = LeftOut()
    with damage_named("workbook", InvalidFileException), warnings.catch_warnings():
        # openpyxl warns of everything it leaves out: validation, formats, extensions.
        warnings.simplefilter("ignore")
        archive = open_archive(data, "xl/")
        names = archive.namelist()
        left_out["chart"] += sum(re.fullmatch(r"xl/charts/chart\d*\.xml", name) is not None for name in names)
        left_out["picture"] += sum(name.startswith("xl/media/") for name in names)
        stream = xml_copy(archive)
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        blocks = list(_sheets(book, stream, left_out))
    return assemble(blocks, data, path, title, own=None, metadata=office_description(archive), left_out=left_out)


def _sheets(book: Workbook, stream: BytesIO, left_out: LeftOut) -> Iterator[Block]:
    numbers = {name: number for number, name in enumerate(book.sheetnames, start=1)}
    copy = ZipFile(stream)
    for sheet in book.worksheets:
        page = numbers[sheet.title]
        content = copy.read(sheet._worksheet_path)
        left_out["formula without a result"] += len(_UNCOMPUTED.findall(content))
        lines = _Sheet(book, sheet, content, left_out).rows()
        filled = [line for line in (row(words, page) for words in lines) if line.text]
        if not filled:
            continue
        if sheet.sheet_state != "visible":
            left_out["hidden sheet"] += 1
            continue
        yield Block(sheet.title, 1, page)
        yield from filled


@dataclass(slots=True)
class _Label:
    """What a merged cell says in the rows below its first."""

    last_row: int
    words: str = ""


@dataclass(slots=True)
class _Shape:
    """Which cells of a sheet are merged or hidden: what openpyxl does not tell when it reads without a grid."""

    merged: dict[tuple[int, int], int] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def _shape(content: bytes) -> _Shape:
    shape = _Shape(hidden_rows=frozenset(int(match[1]) for match in _HIDDEN_ROW.finditer(content)))
    for match in _MERGED.finditer(content):
        (top, left), (bottom, _) = coordinate_to_tuple(match[1].decode()), coordinate_to_tuple(match[2].decode())
        if top < bottom <= top + _MAX_SPAN:
            shape.merged[top, left] = bottom
    columns: set[int] = set()
    for match in _COLUMNS.finditer(content):
        bounds = {name: int(value) for name, value in _BOUND.findall(match[0])}
        first, last = bounds.get(b"min", 1), bounds.get(b"max", 0)
        columns.update(range(first, min(last, 16_384) + 1))
    shape.hidden_columns = frozenset(columns)
    return shape


class _Sheet:
    """Reads a sheet row by row, each value in the form in which its cell shows it."""

    def __init__(self, book: Workbook, sheet: ReadOnlyWorksheet, content: bytes, left_out: LeftOut) -> None:
        self._shape = _shape(content)
        self._left_out = left_out
        self._is_1904 = book.epoch == MAC_EPOCH
        self._codes = [self._code(book, style) for style in book._cell_styles]
        self._struck = [bool(book._fonts[style.fontId].strike) for style in book._cell_styles]
        self._labels: dict[int, _Label] = {}
        # Without the styles of dates every number comes as it is stored: openpyxl takes "Standard" for a date.
        self._parser = WorkSheetParser(BytesIO(content), sheet._shared_strings, data_only=True, epoch=book.epoch)

    @staticmethod
    def _code(book: Workbook, style: object) -> str:
        return str(_number_format(book, getattr(style, "numFmtId", 0)))

    def rows(self) -> Iterator[list[str]]:
        """The words of each row's cells; a cell that was merged over several rows stands in each of them."""
        hidden: set[int] = set()
        for number, cells in self._parser.parse():
            words: dict[int, str] = {}
            for about in cells:
                column = about["column"]
                text = self._words(about)
                if text and column in self._shape.hidden_columns:
                    hidden.add(column)
                elif text:
                    words[column] = text
            if number in self._shape.hidden_rows:
                self._left_out["hidden row"] += bool(words)
                words = {}
            elif words:
                self._add_labels(number, words)
            yield _in_line(words)
        self._left_out["hidden column"] += len(hidden)

    def _add_labels(self, number: int, words: dict[int, str]) -> None:
        for column, label in list(self._labels.items()):
            if number > label.last_row:
                del self._labels[column]
            elif label.words:
                words.setdefault(column, label.words)
        for column in [column for column in words if (number, column) in self._shape.merged]:
            text = words[column] if len(words[column]) <= _MAX_LABEL else ""
            self._labels[column] = _Label(self._shape.merged[number, column], text)

    def _words(self, about: dict[str, object]) -> str:
        value, kind, style = about["value"], about["data_type"], about["style_id"]
        if value is None:
            return ""
        at = style if isinstance(style, int) and style < len(self._codes) else 0
        if self._struck and self._struck[at] and str(value).strip():
            self._left_out["struck-out passage"] += 1
            return ""
        if isinstance(value, bool) or kind == "b":
            return str(bool(value)).upper()
        if isinstance(value, int | float):
            return number_text(value, self._codes[at] if self._codes else None, self._is_1904)
        if isinstance(value, str):
            text = unescape(value) if _ESCAPED in value else value
            return text_by(text, self._codes[at]) if self._codes else text
        return cell(value)


def _number_format(book: Workbook, number: int) -> str:
    if number in BUILTIN_FORMATS:
        return str(BUILTIN_FORMATS[number])
    own = number - BUILTIN_FORMATS_MAX_SIZE
    return str(book._number_formats[own]) if 0 <= own < len(book._number_formats) else "General"


def _in_line(words: dict[int, str]) -> list[str]:
    """The words in their columns; of the columns in a long gap only so many stand that it can be told."""
    line: list[str] = []
    last = 0
    for column in sorted(words):
        line += [""] * min(column - last - 1, _MAX_GAP)
        line.append(words[column])
        last = column
    return line


def parse_csv(data: bytes, path: str, title: str) -> Document:
    """A table of values, whatever separates them; ``title`` is used as it is. Raises ParseError if it is no text."""
    if data:
        refuse_other_kind(data, "a table of values (.csv, .tsv)")
    text = decode(data)
    named = _NAMED.match(text)
    text = text[named.end() :] if named else text
    lines = _lines(text, named[1] if named else _delimiter(text))
    return assemble((row(line) for line in lines), data, path, title)


def _delimiter(text: str) -> str:
    """What separates the cells, as the first lines tell: never what stands in a quoted cell."""
    sample = _QUOTED.sub("q", "\n".join(text.split("\n", 5 * _SAMPLE)[: 5 * _SAMPLE]))
    lines = [line for line in sample.split("\n") if line.strip()][:_SAMPLE]
    return max(_DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: list[str], delimiter: str) -> float:
    """The share of the lines that have the commonest number of cells above one."""
    widths = Counter(line.count(delimiter) + 1 for line in lines)
    several = [count for width, count in widths.items() if width > 1]
    return max(several) / widths.total() if several else 0.0


def _lines(text: str, delimiter: str) -> list[list[str]]:
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(StringIO(text), delimiter=delimiter, quoting=quoting, skipinitialspace=True)
        try:
            return list(reader)
        # A quotation mark that is never closed makes the rest of the file one cell.
        except csv.Error as error:
            reason = error
    raise ParseError(f"the file is not a table of values: {reason}")
