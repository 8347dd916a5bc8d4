"""Each row of a table is known with its table's header."""

import pytest

from askreport.answering.rows import headers_of
from askreport.text.chunk import split_sentences
from askreport.types import Span
from tests.tools.parts import document


@pytest.mark.parametrize(
    "text",
    [
        "Year | Dust | Workers\n\n2017 | 12 | 905\n\n2018 | 9 | 880\n\nThe fall is due to filters.",
        "Year\tDust\tWorkers\n\n2017\t12\t905\n\n2018\t9\t880\n\nThe fall is due to filters.",
        "| Year | Dust |\n|---|---|\n| 2017 | 12 |\n| 2018 | 9 |\n\nThe fall is due to filters.",
    ],
)
def test_rows_have_their_tables_header_and_sentences_none(text: str) -> None:
    sentences = split_sentences(text)
    words = [text[start:end] for start, end in sentences]
    headers = dict(zip(words, headers_of(document(text), sentences), strict=True))
    rows = [each for each in words if each[:1].isdigit()]
    assert len(rows) == 2
    assert all("Dust" in headers[row] for row in rows)
    assert headers["The fall is due to filters."] == ""


def test_a_table_under_another_heading_has_its_own_header() -> None:
    text = "Old\n\nYear | Dust | Mud\n\n2017 | 12 | 5\n\nNew\n\n2018 | 9 | 8"
    source = document(text, headings=["Old", "New"])
    sentences = [each for each in split_sentences(text) if text[each.start].isdigit()]
    assert headers_of(source, sentences) == ["Year | Dust | Mud", ""]


def test_a_row_has_its_header_however_far_above_it_stands() -> None:
    rows = "\n".join(f"Ship {n} | {n} | {n + 1}" for n in range(40))
    item = document(f"The fleet grew.\n\nShips | 1927 | 1928\n{rows}\n\nThat was all.")
    places = [item.text.index(words) for words in ("The fleet", "Ship 38", "Ship 39", "That was")]
    spans = [Span(start, item.text.find("\n", start) % (len(item.text) + 1)) for start in places]
    assert headers_of(item, spans) == ["", "Ships | 1927 | 1928", "Ships | 1927 | 1928", ""]
