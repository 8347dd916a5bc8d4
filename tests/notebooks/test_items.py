"""What is kept of a quote is enough to cite it; other JSON is never taken for a table."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.errors import DocumentNotFoundError, QuestionError
from askreport.notebooks.items import Pin, pinned, quote_content, quotes_in
from askreport.types import Span
from tests.notebooks.conftest import FERRY, ON, content_of


def test_a_quote_comes_back_as_it_was_kept(library: Library) -> None:
    about = Span(0, len("It is red."))
    content = content_of(library, context=(("before", about),))
    kept = json.loads(json.dumps(content))
    (found,) = quotes_in("quote", kept)
    (ferry,) = [each for each in library.store.documents() if each.path == "ferry.txt"]
    assert (found.quote.text, found.quote.paragraph, found.quote.document.id) == (FERRY, 2, ferry.id)
    assert [(each.role, each.text) for each in found.quote.context] == [("before", "It is red.")]
    assert found.description.title == ferry.title
    assert content["question"] == "When?"


def test_a_page_on_the_web_is_kept_with_the_day_on_which_it_was_read(library: Library) -> None:
    content = content_of(library)
    assert content["description"]["accessed"] == ""
    (found,) = quotes_in("quote", content)
    described = replace(found.description, url="https://example.org")
    assert quote_content(found.quote, described, "", ON)["description"]["accessed"] == "2026-01-31"


@pytest.mark.parametrize(
    ("span", "context"),
    [
        (Span(5, 5), ()),
        (Span(-1, 3), ()),
        (Span(0, 9_999), ()),
        (Span(0, 3), (("before", Span(4, 99_999)),)),
        (Span(0, 3), (("x", Span(4, 6)),)),
    ],
)
def test_what_is_no_place_in_the_document_cannot_be_pinned(library: Library, span: Span, context: object) -> None:
    (ferry,) = [each for each in library.store.documents() if each.path == "ferry.txt"]
    with pytest.raises(QuestionError):
        pinned(library.store, Pin(ferry.id, span, context))  # type: ignore[arg-type]
    with pytest.raises(DocumentNotFoundError):
        pinned(library.store, Pin("none", Span(0, 1)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["turns", "cells", "quotes", "question", "is_quoted", "column"]), inner)
        ),
        max_leaves=12,
    )
)
def test_other_json_that_was_kept_as_a_comparison_is_no_table(content: object) -> None:
    assert quotes_in("comparison", {"turns": content}) == []
