"""Blocks: what is joined stands in the text word for word, where its headings and pages say."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse.blocks import Block, assemble, cell, row
from askreport.types import Document

# Control characters become the signs that Windows' code page has in their places.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(0x80, 0xA0)]), max_size=12
)
BLOCKS = st.lists(st.builds(Block, TEXTS, st.integers(0, 3), st.integers(0, 4)), max_size=8)


def document(blocks: list[Block], own: str | None = "") -> Document:
    return assemble(blocks, b"data", "a.docx", "File Name", own)


@given(BLOCKS)
def test_headings_are_slices_and_pages_tile_the_text(blocks: list[Block]) -> None:
    made = document([*blocks, Block("Last.", page=blocks[-1].page if blocks else 0)])
    for heading in made.headings:
        assert " ".join(made.text[heading.start : heading.end].split()) == heading.title
    edges = [(page.start, page.end) for page in made.pages]
    if edges:
        assert "".join(made.text[start:end] for start, end in edges) == made.text
        assert all(start < end for start, end in edges)


@given(BLOCKS)
def test_no_word_is_lost_or_moved(blocks: list[Block]) -> None:
    words = [word for block in blocks for word in block.text.replace("\0", "\ufffd").split()]
    assert document([*blocks, Block("Last.")]).text.split() == [*words, "Last."]


@given(st.lists(st.text(max_size=9), max_size=60))
def test_a_row_loses_no_words(cells: list[str]) -> None:
    words = [word for each in cells for word in each.split()]
    assert [word for word in row(cells).text.split() if word != "|"] == [word for word in words if word != "|"]


def test_each_page_begins_with_its_first_block() -> None:
    made = document([Block("Cover."), Block("One.", page=1), Block("More."), Block("Three.", page=3)])
    assert [(page.number, made.text[page.start : page.end]) for page in made.pages] == [
        (1, "Cover.\n\nOne.\n\nMore.\n\n"),
        (3, "Three.\n"),
    ]


def test_blocks_are_cleaned_and_empty_ones_left_out() -> None:
    made = document([Block("  One\t two \r\n three "), Block(" \n "), Block("\ud800x")])
    assert made.text == "One two\nthree\n\n?x\n"


@pytest.mark.parametrize(
    ("own", "title", "has_title"), [("", "Head", True), ("Own\n title", "Own title", True), (None, "File Name", False)]
)
def test_the_title_is_its_own_else_the_first_headings_unless_none_is_one(
    own: str | None, title: str, has_title: bool
) -> None:
    made = document([Block("Words."), Block("Head", 2)], own)
    assert (made.title, made.has_title) == (title, has_title)


def test_without_text_there_is_no_document() -> None:
    with pytest.raises(ParseError) as caught:
        document([Block(" ", 1, 1)])
    assert caught.value.status == "no_text"


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (["a", "b"], "a | b"),
        (["a", "", "b", "", ""], "a |  | b"),
        (["a\nb", " c "], "a b | c"),
        (["", ""], ""),
        (["a", *[""] * 16_000, "b"], "a" + " | " * 21 + "b"),
    ],
)
def test_a_row(cells: list[str], text: str) -> None:
    assert row(cells, 2) == Block(text, 0, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (0, "0"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1234567.25, "1234567.25"),
        ("03", "03"),
        (datetime(2023, 5, 1), "2023-05-01"),
        (datetime(2023, 5, 1, 9, 30), "2023-05-01 09:30:00"),
    ],
)
def test_a_cells_value_in_words(value: object, text: str) -> None:
    assert cell(value) == text
