"""Paragraphs are counted as a reader counts them, without headings and front matter."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askreport.text.paragraphs import LONG_LINE, paragraph_at
from askreport.types import Page, Span
from tests.tools.parts import document


def numbers(text: str, *words: str, headings: tuple[str, ...] = ()) -> list[int | None]:
    made = document(text, headings=headings)
    return [paragraph_at(made, text.index(word)) for word in words]


def test_blank_lines_part_paragraphs() -> None:
    assert numbers("One\nand on.\n\nTwo.\n \n\nThree.", "One", "and", "Two", "Three") == [1, 1, 2, 3]


def test_a_long_line_is_a_paragraph_by_itself() -> None:
    long = "word " * (LONG_LINE // 4)
    assert numbers(f"First {long}\nSecond {long}\nThird", "First", "Second", "Third") == [1, 2, 3]


def test_headings_and_front_matter_are_not_counted() -> None:
    text = "Title\n\nOne.\n\nPart\n\nTwo."
    assert numbers(text, "Title", "One", "Part", "Two", headings=("Title", "Part")) == [1, 1, 1, 2]
    front = replace(document("---\ndate: 1\n---\nOne."), furniture=(Span(0, 16),))
    assert paragraph_at(front, 17) == 1


def test_a_source_with_pages_is_cited_by_them() -> None:
    assert paragraph_at(replace(document("One."), pages=(Page(number=1, start=0, end=4),)), 0) is None


@given(st.text(st.sampled_from("a \n"), max_size=60))
def test_numbers_never_fall(text: str) -> None:
    made = document(text)
    found = [paragraph_at(made, at) or 0 for at in range(len(text) + 1)]
    assert found == sorted(found)
    assert found[0] == 1
