"""Each row of a table is known with its table's header."""

import pytest

from askreport.answering.rows import headers_of
from askreport.text.chunk import split_sentences
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
