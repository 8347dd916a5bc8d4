"""A comparison as a file: nothing is lost, nothing is a formula."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from askreport.answering.library import Library
from askreport.answering.runs import joined
from askreport.compare.compare import Cell, Column, Comparison, compare, plan
from askreport.compare.export import FIELDS, KINDS, SILENT, exported, harmless
from askreport.types import IndexState
from tests.tools.parts import HashingEncoder, document, publish, quote_of

HOSTILE = '=HYPERLINK("http://x";"y") | <b>& "quoted"\n+ ferry *Texel*'
BASE = "http://127.0.0.1:8000"
CELLS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def made(words: str = HOSTILE, question: str = "@ferry?", name: str = "-column") -> Comparison:
    quote = quote_of(words, "Title|<i>", "=file.pdf", page=3)
    answered = Cell(question=0, column=0, status="answered", confidence=0.93, quote=quote)
    silent = Cell(question=0, column=1, status="not_found", confidence=0.01, quote=None)
    columns = tuple(Column(kind="folder", value=each, name=each, documents=2) for each in (name, "b"))
    return Comparison(
        questions=(question,),
        columns=columns,
        rows=((answered, silent),),
        index=IndexState(1, "2026-01-31T12:00:00+00:00"),
        took_ms=1.0,
    )


def tree(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def rows_of(found: Comparison) -> list[list[str]]:
    return list(csv.reader(io.StringIO(exported(found, "csv", BASE).decode("utf-8-sig"))))


def test_every_cell_is_a_row_of_the_csv_and_none_is_a_formula() -> None:
    head, first, second = rows_of(made())
    record = dict(zip(FIELDS, first, strict=True))
    assert tuple(head) == FIELDS
    assert record["quote"] == "'" + HOSTILE.replace("\r", "\n")
    assert (record["question"], record["column"], record["file"]) == ("'@ferry?", "'-column", "'=file.pdf")
    assert record["link"].startswith(f"{BASE}/documents/")
    assert second[2:] == ["not_found", "0.01", *[""] * 7]


@given(CELLS, CELLS)
def test_no_text_of_the_csv_begins_as_a_formula(words: str, question: str) -> None:
    for row in rows_of(made(words, question)):
        for value in row:
            assert not value.lstrip().startswith(("=", "+", "-", "@", "|", "%"))
            assert not value.startswith(("\t", "\r"))


@given(CELLS)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
    if text[0].isalnum() or text[0] in "“(":
        assert harmless(text) == text


def test_the_workbook_has_the_table_and_all_quotes_as_texts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(made("=1+1\x07"), "xlsx", BASE)))
    table, quotes = book["Comparison"], book["Quotes"]
    assert [cell.value for cell in table[1]] == [None, "-column", "b"]
    assert table["A2"].value == "@ferry?"
    assert table["B2"].value.startswith("“=1+1\ufffd”")
    assert "93%" in table["B2"].value
    assert table["C2"].value == SILENT
    assert table["B2"].hyperlink.target.startswith(BASE)
    assert quotes.max_row == 3
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n", "inlineStr"}


@given(CELLS, CELLS)
def test_the_workbook_can_be_made_of_any_text(words: str, question: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(made(words, question), "xlsx")))
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


@given(CELLS, CELLS, CELLS)
def test_the_markdown_is_one_table_that_shows_the_words(words: str, question: str, name: str) -> None:
    shown = MarkdownIt().enable("table").render(exported(made(words, question, name), "md", BASE).decode())
    (table,) = tree(shown).xpath("//table")
    cells = [" ".join(each.text_content().split()) for each in table.xpath(".//td")]
    assert len(cells) == 3
    assert cells[2] == SILENT
    assert "".join(words.split()).replace("\x00", "\ufffd") in "".join(cells[1].split()).replace("\x00", "\ufffd")


def test_the_html_is_safe_and_shows_the_words() -> None:
    page = tree(exported(made(), "html", BASE).decode())
    first, second = page.xpath("//td")[1:]
    assert " ".join(first.xpath("string(q)").split()) == " ".join(HOSTILE.split())
    assert second.text_content() == SILENT
    assert not page.xpath("//b")
    assert first.xpath(".//a/@href")[0].startswith(BASE)
    assert "93%" in first.text_content()


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_comparison_keeps_every_quote(kind: str, tmp_path: Path) -> None:
    texts = ["The ferry to Texel sails every hour.", "The keeper kept nine goats."]
    publish(tmp_path, [document(text, f"{n}.txt") for n, text in enumerate(texts)])
    library = Library(tmp_path, HashingEncoder())
    found = compare(library, plan(library, texts))
    data = exported(found, kind, BASE)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        shown = "\n".join(str(cell.value) for row in book["Quotes"] for cell in row)
    else:
        shown = data.decode()
    for cell in (cell for row in found.rows for cell in row if cell.quote):
        assert cell.quote is not None
        assert joined(cell.quote) in shown
