"""A comparison as a file: CSV and a workbook for programs and people, Markdown and HTML to be read.

Quotes stand there with their context, word for word, with their place and a link. Text that a spreadsheet would take
for a formula is not one.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from askreport.answering.as_text import place
from askreport.answering.citing import inline
from askreport.answering.places import where
from askreport.answering.refusal import completing
from askreport.answering.runs import joined
from askreport.compare.compare import Cell, Comparison

SILENT = "does not say"
UNSURE = "uncertain"
FIELDS = (
    *("question", "column", "status", "confidence", "quote"),
    *("document", "file", "place", "start", "end", "link"),
)
# The endings that a comparison can be saved under, with their media types.
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
# What a cell of a workbook cannot hold, and how much it can.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_MAX_CELL = 32_767
# What a spreadsheet takes for a formula, also behind white space that it drops.
_FORMULA = re.compile(r"\s*[=+\-@\t\r|%]")
_STYLE = (
    "body{font:1rem/1.5 sans-serif;margin:2rem}table{border-collapse:collapse}th,td{border:1px solid #999;"
    "padding:.5rem;text-align:start;vertical-align:top;max-width:28rem}small{color:#555}"
)


def exported(found: Comparison, kind: str, base: str = "") -> bytes:
    """The comparison as a file of one of ``KINDS``; ``base`` is the service's address, where its links lead."""
    if kind == "xlsx":
        return _workbook(found, base)
    return {"csv": _csv, "md": _markdown, "html": _html}[kind](found, base).encode()


def sureness(cell: Cell) -> str:
    """How sure a cell is, in words: what it says, and how likely that answers."""
    if cell.quote is None:
        return SILENT
    likely = f"{100 * cell.confidence:.0f}%"
    return likely if cell.status == "answered" else f"{UNSURE}, {likely}"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def records(found: Comparison, base: str) -> Iterator[list[Any]]:
    """A row of ``FIELDS`` for each cell."""
    for row in found.rows:
        for cell in row:
            about = [found.questions[cell.question], found.columns[cell.column].name, cell.status, cell.confidence]
            quote = cell.quote
            if quote is None:
                yield [*about, *[""] * (len(FIELDS) - len(about))]
            else:
                source = [quote.document.title, quote.document.path, where(quote, quote.document.path)]
                yield [*about, joined(quote), *source, quote.start, quote.end, f"{base}{quote.url}"]


def _csv(found: Comparison, base: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(FIELDS)
    for record in records(found, base):
        writer.writerow([harmless(each) if isinstance(each, str) else each for each in record])
    # Spreadsheets know by this mark that it is UTF-8.
    return "\ufeff" + file.getvalue()


def _workbook(found: Comparison, base: str) -> bytes:
    book = openpyxl.Workbook()
    table, quotes = book.active, book.create_sheet("Quotes")
    table.title = "Comparison"
    _write(table, 1, ["", *(column.name for column in found.columns)], bold=True)
    for number, row in enumerate(found.rows, start=2):
        _write(table, number, [found.questions[number - 2], *(_said(cell) for cell in row)])
        for at, cell in enumerate(row, start=2):
            if cell.quote and base:
                table.cell(number, at).hyperlink = f"{base}{cell.quote.url}"
    for at in range(1, len(found.columns) + 2):
        table.column_dimensions[get_column_letter(at)].width = 40
    table.freeze_panes = "B2"
    _write(quotes, 1, list(FIELDS), bold=True)
    for number, record in enumerate(records(found, base), start=2):
        _write(quotes, number, record)
    quotes.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Any, number: int, values: Sequence[Any], bold: bool = False) -> None:
    """Writes a row; a text is written as such, whatever it begins with."""
    for at, value in enumerate(values, start=1):
        cell = sheet.cell(number, at)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=bold or at == 1)
        if isinstance(value, str):
            cell.value = _CONTROL.sub("\ufffd", value)[:_MAX_CELL]
            cell.data_type = "s"
        else:
            cell.value = value


def _said(cell: Cell) -> str:
    """A cell in words: the quote, its place, and how sure it is."""
    if cell.quote is None:
        return SILENT
    return f"“{joined(cell.quote)}”\n— {place(cell.quote)} ({sureness(cell)})"


def _markdown(found: Comparison, base: str) -> str:
    lines = [f"|  | {' | '.join(inline(column.name) for column in found.columns)} |"]
    lines.append("|---" * (len(found.columns) + 1) + "|")
    for question, row in zip(found.questions, found.rows, strict=True):
        lines.append(f"| **{inline(question)}** | {' | '.join(_in_markdown(cell, base) for cell in row)} |")
    return f"# Comparison\n\n{_when(found)}\n\n" + "\n".join(lines) + "\n"


def _in_markdown(cell: Cell, base: str) -> str:
    if cell.quote is None:
        return f"*{SILENT}*"
    where = f"[{inline(place(cell.quote))}]({base}{cell.quote.url})"
    return f"“{inline(joined(cell.quote))}” — {where} ({sureness(cell)})"


def _html(found: Comparison, base: str) -> str:
    head = "".join(f'<th scope="col">{escape(column.name)}</th>' for column in found.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(question)}</th>{"".join(_in_html(cell, base) for cell in row)}</tr>\n'
        for question, row in zip(found.questions, found.rows, strict=True)
    )
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Comparison</title><style>{_STYLE}</style>\n'
        f"<h1>Comparison</h1>\n<p>{escape(_when(found))}</p>\n"
        f"<table><thead><tr><td></td>{head}</tr></thead>\n<tbody>{body}</tbody></table>\n</html>\n"
    )


def _in_html(cell: Cell, base: str) -> str:
    if cell.quote is None:
        return f"<td><em>{SILENT}</em></td>"
    words = escape(joined(cell.quote)).replace("\n", "<br>\n")
    where = f'<a href="{escape(base + cell.quote.url)}">{escape(place(cell.quote))}</a>'
    return f'<td><q dir="auto">{words}</q><br><small>{where} ({sureness(cell)})</small></td>'


def _when(found: Comparison) -> str:
    when = f"Index generation {found.index.generation} of {found.index.built_at[:16].replace('T', ' ')} UTC"
    return ". ".join(filter(None, (when, completing(found.index))))
