"""A quote and its context are shown in the order of the text, and what is left out between them is marked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.runs import OMITTED, Run, joined, runs
from askreport.types import Context, Quote, Role, Slice
from tests.tools.parts import quote_of


def with_context(quote: Quote, role: Role, text: str, start: int) -> Quote:
    context = Context(role=role, text=text, start=start, end=start + len(text), page=None, boxes=())
    return replace(quote, context=(*quote.context, context))


def with_emphasis(quote: Quote, *words: str) -> Quote:
    starts = [quote.start + quote.text.index(each) for each in words]
    found = (Slice(text=each, start=at, end=at + len(each)) for at, each in zip(starts, words, strict=True))
    return replace(quote, emphasis=tuple(found))


QUOTE = replace(quote_of("This includes bases.", "T", "a.txt"), start=100, end=120)


def test_a_quote_alone_is_one_run() -> None:
    assert runs(QUOTE) == [Run("This includes bases.")]
    assert joined(QUOTE) == QUOTE.text


def test_context_stands_where_it_stands_in_the_text() -> None:
    quote = with_context(with_context(QUOTE, "before", "They share nothing.", 80), "after", "So it is.", 121)
    assert joined(quote) == "They share nothing. This includes bases. So it is."
    assert [run.role for run in runs(quote)] == ["before", None, "after"]


def test_what_is_left_out_is_marked_and_headers_have_a_line_of_their_own() -> None:
    assert joined(with_context(QUOTE, "before", "MAREK:", 10)) == f"MAREK: {OMITTED} This includes bases."
    assert joined(with_context(QUOTE, "header", "A | B", 10)) == f"A | B\n{OMITTED} This includes bases."
    assert joined(with_context(QUOTE, "question", "Why?", 95)) == "Why?\nThis includes bases."


def test_the_words_that_answer_are_runs_of_their_own() -> None:
    assert runs(with_emphasis(QUOTE, "includes", "bases")) == [
        Run("This "),
        Run("includes", is_answer=True),
        Run(" "),
        Run("bases", is_answer=True),
        Run("."),
    ]
    assert runs(with_emphasis(QUOTE, QUOTE.text)) == [Run(QUOTE.text, is_answer=True)]


@given(st.lists(st.tuples(st.integers(100, 120), st.integers(100, 120)), max_size=4))
def test_whatever_is_emphasised_the_words_are_the_quotes(pairs: list[tuple[int, int]]) -> None:
    spans = sorted((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])
    slices = (Slice(text=QUOTE.text[a - 100 : b - 100], start=a, end=b) for a, b in spans)
    assert joined(replace(QUOTE, emphasis=tuple(slices))) == QUOTE.text
