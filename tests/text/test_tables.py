"""Rows of tables know their header, in every form in which a table stands in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.tables import header_above, is_header, is_row
from askreport.types import Span

MARKDOWN = "Words.\n\n| Year | Dust |\n|---|---|\n| 2016 | 14 |\n| 2017 | 12 |\n\nWords | and more words."
BLOCKS = "Country | People | Capital\n\nAlbavia | 3 | Albaburg\n\nBresna | 4.5 | Bresburg\n"
TABS = "District\t2017\t2018\n\nBrack\t7.2\t7.0\n"


def span_of(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("text", "row", "header"),
    [
        (MARKDOWN, "2017 | 12 |", "| Year | Dust |"),
        (MARKDOWN, "2016 | 14 |", "| Year | Dust |"),
        (MARKDOWN, "Year | Dust |", None),
        (MARKDOWN, "Words.", None),
        (BLOCKS, "Bresna | 4.5 | Bresburg", "Country | People | Capital"),
        (BLOCKS, "4.5", "Country | People | Capital"),
        (TABS, "Brack\t7.2\t7.0", "District\t2017\t2018"),
        # Two rows of header, and none.
        ("At | 2018 | 2019\n\nAt | plan | paid\n\nRome | 3 | 4", "Rome", "At | 2018 | 2019\n\nAt | plan | paid"),
        ("Rome | 3\n\nParis | 4", "Paris | 4", None),
        # One column with a name, above the names of rows.
        ("| Share of rail\n\n2017 | 31%\n\n2018 | 34%", "2018 | 34%", "| Share of rail"),
        ("|  |  |\n|---|---|\n| Rome | 3 |", "Rome | 3 |", None),
    ],
)  # fmt: skip
def test_the_header_of_a_row(text: str, row: str, header: str | None) -> None:
    found = header_above(text, span_of(text, row))
    assert (found and text[found.start : found.end]) == header


def test_a_table_begins_below_its_heading() -> None:
    text = f"A | B\n\nSheet2\n\n{BLOCKS}"
    heading = span_of(text, "Sheet2")
    found = header_above(text, span_of(text, "Albavia | 3 | Albaburg"), heading)
    assert found == span_of(text, "Country | People | Capital")


def test_a_header_says_nothing_by_itself_but_names_and_values_may() -> None:
    assert is_header(MARKDOWN, span_of(MARKDOWN, "Year | Dust |"))
    assert is_header(BLOCKS, span_of(BLOCKS, "Country | People | Capital"))
    assert is_header(TABS, span_of(TABS, "District\t2017\t2018"))
    assert not is_header(BLOCKS, span_of(BLOCKS, "Albavia | 3 | Albaburg"))
    chart = "| Share of rail\n\n2017 | 31%\n"
    assert is_header(chart, span_of(chart, "Share of rail"))
    facts = "Name | Jonas Marek\n\nBorn | 1 May 1955\n\nShips | 12\n"
    assert not is_header(facts, span_of(facts, "Name | Jonas Marek"))
    assert not is_header("Words.", Span(0, 6))


@given(st.text("ab1 |\t\n-", max_size=60), st.data())
def test_a_header_is_a_slice_above_its_row(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    found = header_above(text, span)
    assert found is None or 0 <= found.start < found.end <= span.start
    assert is_header(text, span) in (True, False)
    assert is_row(text) in (True, False)
