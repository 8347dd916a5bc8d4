"""Workbooks and tables of values: rows as they stand, sheets as pages, no grid of empty cells."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from askreport.errors import ParseError
from askreport.parse.sheets import parse_csv, parse_xlsx
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import LAUGHS, OLE, zipped


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book: Any = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for values in rows:
            sheet.append(values)
    return saved(book)


def saved(book: Any) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    source = ZipFile(BytesIO(data))
    files: dict[str, str | bytes] = {each: source.read(each) for each in source.namelist()}
    assert old.encode() in source.read(name)
    return zipped(files | {name: source.read(name).replace(old.encode(), new.encode(), 1)})


def parse(data: bytes) -> Document:
    return parse_xlsx(data, "a.xlsx", "File Name")


def rows(text: str, encoding: str = "utf-8") -> list[str]:
    return parse_csv(text.encode(encoding), "a.csv", "File Name").text.rstrip("\n").split("\n\n")


SMALL = workbook(Ships=[["Year", "Tons"], [2022, 170]])


def test_sheets_are_pages_and_their_names_headings_but_no_title() -> None:
    document = parse(workbook(Ships=[["Year", "Tons"], [2022, 170]], Empty=[], Trains=[["None", None, 1.5]]))
    assert [(page.number, document.text[page.start : page.end]) for page in document.pages] == [
        (1, "Ships\n\nYear | Tons\n\n2022 | 170\n\n"),
        (3, "Trains\n\nNone | | 1.5\n"),
    ]
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "Ships"), (1, "Trains")]
    assert (document.title, document.has_title) == ("File Name", False)


def test_values_are_written_plainly() -> None:
    document = parse(workbook(A=[[True, 3.0, 0.25, datetime(2023, 5, 1), "03", "two\nlines"]]))
    assert document.text == "A\n\nTRUE | 3 | 0.25 | 2023-05-01 | 03 | two lines\n"


def test_merged_cells_are_written_once() -> None:
    book: Any = Workbook()
    book.active.append(["Both", None, "c"])
    book.active.merge_cells("A1:B1")
    assert parse(saved(book)).text == "Sheet\n\nBoth | | c\n"


@pytest.mark.parametrize("claimed", ["A1", "A1:XFD1048576"])
def test_the_range_that_a_sheet_claims_does_not_matter(claimed: str) -> None:
    data = changed(SMALL, "xl/worksheets/sheet1.xml", 'ref="A1:B2"', f'ref="{claimed}"')
    assert parse(data).text == "Ships\n\nYear | Tons\n\n2022 | 170\n"


def test_a_cell_far_away_makes_no_grid() -> None:
    book: Any = Workbook()
    book.active["A1"] = "Near."
    book.active["XFD1048576"] = "Far."
    assert parse(saved(book)).text.split() == ["Sheet", "Near.", *["|"] * 20, "Far."]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (workbook(Empty=[]), "no_text"),
        (OLE, "encrypted"),
        (b"%PDF-1.7", "damaged"),
        (SMALL[:-50], "damaged"),
        (zipped({"xl/workbook.xml": "<a/>"}), "damaged"),
        (zipped({"word/document.xml": "<a/>"}), "damaged"),
        (changed(SMALL, "xl/worksheets/sheet1.xml", "<worksheet", f"{LAUGHS}<worksheet"), "damaged"),
        (changed(SMALL, "xl/worksheets/sheet1.xml", "</row>", ""), "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "words"),
    [("xlsx_05_table_with_title.xlsx", "2022 | 170"), ("farcell.xlsx", "Duck Observations")],
)
def test_real_workbooks(name: str, words: str) -> None:
    document = parse(shared(f"documents/{name}").read_bytes())
    assert words in document.text
    assert [page.number for page in document.pages] == [1]


def test_a_real_workbook_with_a_password() -> None:
    with pytest.raises(ParseError) as caught:
        parse(shared("documents/protectedFile.xlsx").read_bytes())
    assert caught.value.status == "encrypted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", ["a | b", "1 | 2"]),
        ("a;b\n1,5;2\n", ["a | b", "1,5 | 2"]),
        ("1,5;2,5\n3,5;4,5\n", ["1,5 | 2,5", "3,5 | 4,5"]),
        ("a\tb\n1, 2\t3\n", ["a | b", "1, 2 | 3"]),
        ("a|b\n1|2\n", ["a | b", "1 | 2"]),
        ('name,said\nAnn,"One, two"\n', ["name | said", "Ann | One, two"]),
        ('name, said\nAnn, "One, two"\n', ["name | said", "Ann | One, two"]),
        ('a,b\n1,"two\nlines and ""more"""\n', ["a | b", '1 | two lines and "more"']),
        ("a,b,\n,,\n1,,2\n", ["a | b", "1 | | 2"]),
        ("One\nTwo\n", ["One", "Two"]),
        ("a,b\r\n1,2\r\n", ["a | b", "1 | 2"]),
        ('a,"b\n' + "1,2\n" * 50_000, ['a | "b', *["1 | 2"] * 50_000]),
    ],
)
def test_a_row_is_a_block_whatever_separates_its_cells(text: str, expected: list[str]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(encoding: str) -> None:
    assert rows("Stadt;Wert\nKöln;1\nMünchen;2\n", encoding) == ["Stadt | Wert", "Köln | 1", "München | 2"]


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=",;|"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_no_word_of_a_table_is_lost(values: list[list[str]], delimiter: str) -> None:
    stream = StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["key", "value"], *values])
    shown = " ".join(rows(stream.getvalue()))
    assert all(word in shown for line in values for each in line for word in each.split())


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (b",,\n", "no_text"),
        (SMALL, "damaged"),
        (OLE, "encrypted"),
        (bytes(range(256)), "damaged"),
        (b'"' + b"x" * 200_000, "damaged"),
    ],
)
def test_what_is_no_table_of_values(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_csv(data, "a.csv", "x")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "words"),
    [("csv-semicolon.csv", "| Rasmussen Group |"), ("test_mskanji.csv", "佐藤太郎 | 30 | 東京")],
)
def test_real_tables(name: str, words: str) -> None:
    assert words in parse_csv(shared(f"documents/{name}").read_bytes(), name, "x").text


def test_values_are_shown_as_the_sheet_shows_them() -> None:
    book: Any = Workbook()
    formats = [
        (0.075, "0.0%"),
        (1234567.5, '"$"#,##0.00'),
        (1.25, "[h]:mm"),
        (1234, "00000"),
        (5, "Standard"),
        (43525, "mmm yyyy"),
    ]
    book.active.append([value for value, _ in formats])
    for cell, (_, code) in zip(book.active[1], formats, strict=True):
        cell.number_format = code
    assert parse(saved(book)).text == "Sheet\n\n7.5% | $1,234,567.50 | 30:00 | 01234 | 5 | Mar 2019\n"


def test_a_label_stands_in_each_row_that_it_spans() -> None:
    book: Any = Workbook()
    for values in (["North", 10], [None, 11], ["South", 12]):
        book.active.append(values)
    book.active.merge_cells("A1:A2")
    assert parse(saved(book)).text == "Sheet\n\nNorth | 10\n\nNorth | 11\n\nSouth | 12\n"


def test_hidden_sheets_rows_and_columns_are_left_out_and_told() -> None:
    book: Any = Workbook()
    for values in (["a", "b"], ["c", "d"]):
        book.active.append(values)
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    hidden = book.create_sheet("Secret")
    hidden.append(["e"])
    hidden.sheet_state = "hidden"
    document = parse(saved(book))
    assert document.text == "Sheet\n\na\n"
    assert set(document.left_out) == {"1 hidden sheet", "1 hidden row", "1 hidden column"}


def test_escaped_characters_are_read() -> None:
    assert parse(workbook(A=[["one_x000D_", "two"]])).text == "A\n\none | two\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Site,"Position (lat; lon)"\nWick,"58.4; -3.1"\n', ["Site | Position (lat; lon)", "Wick | 58.4; -3.1"]),
        ('1,"Smith, A.; Jones, B.",2019\n', ["1 | Smith, A.; Jones, B. | 2019"]),
        ("sep=|\na,b|c\n", ["a,b | c"]),
    ],
)
def test_what_stands_in_a_quoted_cell_separates_none(text: str, expected: list[str]) -> None:
    assert rows(text) == expected
