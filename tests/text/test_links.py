"""A place in a document has the page it is on, and a link that opens it there."""

from dataclasses import replace

from askreport.text.links import link, page_at
from askreport.types import Page, Span
from tests.tools.parts import document


def test_a_page_is_the_one_around_the_position() -> None:
    paged = replace(document("x" * 30), pages=(Page(number=1, start=0, end=10), Page(number=2, start=10, end=20)))
    assert [page_at(paged, position) for position in (0, 9, 10, 19, 20)] == [1, 1, 2, 2, None]
    assert page_at(document("x"), 0) is None


def test_a_link_is_a_character_range() -> None:
    item = document("Some words of a text.")
    assert link(item, Span(3, 14)) == f"/documents/{item.id}#char=3,14"


def test_a_link_into_a_printed_page_names_the_page_and_the_span_in_the_query() -> None:
    pages = (
        Page(number=4, start=0, end=5, width=612, height=792),
        Page(number=5, start=5, end=21, width=612, height=792),
    )
    item = replace(document("Some words of a text."), pages=pages)
    assert link(item, Span(6, 10)) == f"/documents/{item.id}?page=5&mark=6-10#char=6,10"
