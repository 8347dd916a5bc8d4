"""Headings, lines of contents, captions and labels are told from statements."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.chunk import chunk
from askreport.text.labels import _page_at_end, is_label, says_something
from askreport.types import Span
from tests.tools.parts import document

BOOK = """The tram

Contents

1 Introduction 3
2 Results 7
2.1 Lines and stops 9

3.2 Results ........ 17

3.2 Results of 2019

RESULTS AND DISCUSSION

Figure 3: Overview of the system

Figure 4: Sales were halved in 2019.

Figure 5. Overview of the system. Sales fell by 12%.

Table 2 shows that sales rose.

Page 3 of 12

Year | Trams | Lines
2018 | 44 | 9

Ålesund

NATO

7.2.2

Sales in 2018

Sales in 2019

The bridge was built in 1954

The bridge was closed in 1999

Source:
"""
LABELS = {
    "Contents",
    "1 Introduction 3\n2 Results 7\n2.1 Lines and stops 9",
    "3.2 Results ........ 17",
    "3.2 Results of 2019",
    "RESULTS AND DISCUSSION",
    "Figure 3: Overview of the system",
    "Figure 5.",
    "Overview of the system.",
    "Page 3 of 12",
    "Year | Trams | Lines",
    "Source:",
}


def test_only_what_names_and_says_nothing_is_a_label() -> None:
    book = document(BOOK)
    sentences = [span for passage in chunk(book) for span in passage.sentences]
    found = {book.text[start:end] for start, end in sentences if is_label(book, Span(start, end))}
    # The header and its rows are one piece here, as no sentence ends.
    assert found | {"Year | Trams | Lines"} == LABELS


def test_a_heading_is_a_label_unless_it_is_a_statement() -> None:
    book = document("Lines\n\nThe tram has 44 cars\n", headings=["Lines", "The tram has 44 cars"])
    assert is_label(book, Span(0, 5))
    assert not is_label(book, Span(7, 27))


@pytest.mark.parametrize("end", ["Inhalt", "Table des matières", "Содержание", "Obsah", "目录"])
def test_contents_are_known_in_other_languages(end: str) -> None:
    book = document(f"{end}\n\nMehr Worte stehen hier.\n")
    assert is_label(book, Span(0, len(end)))


def test_what_is_said_by_a_caption() -> None:
    assert says_something("Sales were halved in 2019")
    assert says_something("Der Umsatz stieg um 12 Prozent")
    assert not says_something("Overview of the system")
    assert not says_something("Number of ships built by year")
    assert says_something("销售额下降了。")
    assert not says_something("系统概述")


@given(st.text(max_size=200), st.data())
def test_any_span_can_be_looked_at(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    assert is_label(document(text), Span(start, data.draw(st.integers(start, len(text))))) in (True, False)


def test_years_that_count_up_below_a_header_are_no_page_numbers() -> None:
    text = "id | authors | year\n\n1 | Smith | 2019\n\n2 | Okafor | 2020\n\n3 | Petrov | 2021"
    start = text.index("2 | Okafor")
    assert not is_label(document(text), Span(start, start + len("2 | Okafor | 2020")))


@given(st.text(st.sampled_from("ab1 2|.\t\n"), max_size=14).map(str.strip))
def test_the_number_at_a_lines_end_is_found_after_a_word_of_that_line(words: str) -> None:
    found = re.search(r"[^\W\d_].*?[\s|](\d{1,4})\s*\|?$", words)
    assert _page_at_end(words) == (int(found[1]) if found else None)
