"""Workbooks and tables of values (.xlsx, .csv, .tsv): a row is a block, a sheet a page."""

import csv
import warnings
from collections import Counter
from collections.abc import Iterator
from io import StringIO

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, open_archive, refuse_other_kind, xml_copy
from askreport.parse.blocks import Block, assemble, cell, row
from askreport.parse.decode import decode
from askreport.types import Document

# The first of equals is taken: in "1,5;2,5" the commas are decimal points.
_DELIMITERS = "\t;|,"
_SAMPLE = 100


def parse_xlsx(data: bytes, path: str, title: str) -> Document:
    """A workbook with the values that were last computed; each sheet that has some begins with its name.

    The title is ``title``. Raises ParseError for what cannot be read.
    """
    with damage_named("workbook", InvalidFileException), warnings.catch_warnings():
        # openpyxl warns of everything it leaves out: validation, formats, extensions.
        warnings.simplefilter("ignore")
        stream = xml_copy(open_archive(data, "xl/"))
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        blocks = list(_sheets(book))
    return assemble(blocks, data, path, title, own=None)


def _sheets(book: Workbook) -> Iterator[Block]:
    numbers = {name: number for number, name in enumerate(book.sheetnames, start=1)}
    for sheet in book.worksheets:
        # The range that a sheet claims may be wrong: too small costs rows, too large makes a grid.
        sheet.reset_dimensions()
        page = numbers[sheet.title]
        lines = (row(map(cell, values), page) for values in sheet.iter_rows(values_only=True) if values)
        filled = [line for line in lines if line.text]
        if filled:
            yield Block(sheet.title, 1, page)
            yield from filled


def parse_csv(data: bytes, path: str, title: str) -> Document:
    """A table of values, whatever separates them; ``title`` is used as it is. Raises ParseError if it is no text."""
    if data:
        refuse_other_kind(data, "a table of values (.csv, .tsv)")
    text = decode(data)
    lines = _lines(text, max(_DELIMITERS, key=lambda delimiter: _regularity(text, delimiter)))
    return assemble((row(line) for line in lines), data, path, title)


def _regularity(text: str, delimiter: str) -> float:
    """The share of the first lines that have the commonest number of cells above one."""
    sample = _lines("\n".join(text.split("\n", _SAMPLE)[:_SAMPLE]), delimiter)
    widths = Counter(len(line) for line in sample if line)
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
