"""The text of an answer repeats its quotes word for word, and says where."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.as_text import DIFFER, OCR, UNCERTAIN, cited, place
from askreport.answering.library import Library
from askreport.answering.refusal import REFUSAL
from askreport.types import Answer, Context, IndexState, Quote, Slice, Status
from tests.tools.parts import quote_of


def quote(n: int, text: str, title: str = "T", path: str = "a.txt", page: int | None = None) -> Quote:
    return quote_of(text, title, path, page, n)


def answer(status: Status, *quotes: Quote, understood: str = "Q?", differ: bool = False) -> Answer:
    return Answer(
        question="Q?",
        status=status,
        confidence=0.9,
        answer="",
        quotes=quotes,
        passages=(),
        index=IndexState(1, ""),
        took_ms=1.0,
        understood=understood,
        differ=differ,
    )


def test_a_refusal_says_that_not_all_is_embedded() -> None:
    silent = answer("not_found")
    assert cited(silent, str).text == REFUSAL
    assert "41% of the passages" in cited(replace(silent, index=IndexState(1, "", 0.419)), str).text


def test_quotes_are_numbered_with_their_place_and_address() -> None:
    found = cited(answer("answered", quote(1, "One."), quote(2, "Two.", page=3)), lambda each: f"http://x{each.url}")
    assert found.text == (
        "1. “One.”\n   T (a.txt), characters 5–9\n   <http://x/documents/d#char=5,9>\n\n"
        "2. “Two.”\n   T (a.txt), page 3\n   <http://x/documents/d#char=5,9>"
    )


@given(st.lists(st.text(min_size=1), max_size=4), st.sampled_from(["answered", "uncertain"]), st.booleans())
def test_each_span_is_the_quote_itself(texts: list[str], status: Status, differ: bool) -> None:
    quotes = [quote(n, text, title=text) for n, text in enumerate(texts, start=1)]
    found = cited(answer(status, *quotes, differ=differ, understood="R?"), lambda each: each.url)
    assert [found.text[start:end] for start, end in found.quotes] == texts


def test_context_is_repeated_with_its_quote_and_the_words_that_answer_are_named() -> None:
    context = Context(role="header", text="Year | Dust", start=0, end=4, page=None, boxes=())
    told = replace(quote(1, "2018 | 79"), context=(context,), emphasis=(Slice(text="79", start=12, end=14),))
    found = cited(answer("answered", told), lambda each: each.url)
    assert found.text == (
        "1. “Year | Dust\n2018 | 79”\n   answers by: “79”\n   T (a.txt), characters 5–14\n   </documents/d#char=5,14>"
    )
    assert [found.text[start:end] for start, end in found.quotes] == ["2018 | 79"]


def test_what_must_be_known_before_reading_stands_first() -> None:
    found = cited(answer("uncertain", quote(1, "One."), understood="R?", differ=True), lambda each: each.url)
    assert found.text.startswith(f"Understood as: R?\n\n{UNCERTAIN}\n\n{DIFFER}\n\n1. “One.”")


def test_a_refusal_says_so_and_quotes_nothing() -> None:
    assert cited(answer("not_found", understood="R?"), lambda each: each.url).text == f"Understood as: R?\n\n{REFUSAL}"
    assert cited(answer("not_found"), lambda each: each.url).quotes == ()


@pytest.mark.parametrize(
    ("title", "path", "expected"),
    [
        ("A\ntitle", "b.pdf", "A title (b.pdf), characters 5–9"),
        ("b.txt", "b.txt", "b.txt, characters 5–9"),
    ],
)
def test_a_place_is_one_line(title: str, path: str, expected: str) -> None:
    assert place(quote(1, "One.", title, path)) == expected
    assert place(replace(quote(1, "One.", title, path), ocr=True)).endswith(OCR)


def test_of_a_real_answer(library: Library) -> None:
    real = library.ask("does the SVR spy on China?")
    found = cited(real, lambda each: each.url)
    assert [found.text[a:b] for a, b in found.quotes] == [each.text for each in real.quotes]
    assert "(china-russia-report.txt), paragraph " in found.text
