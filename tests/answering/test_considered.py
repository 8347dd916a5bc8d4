"""The words that answer are whole words."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.considered import whole_words
from askreport.types import Span


@given(st.text(st.sampled_from("ab é1-.\n"), max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))))
def test_emphasis_begins_and_ends_between_words(text: str, places: list[tuple[int, int]]) -> None:
    spans = sorted(Span(a, min(a + b, len(text))) for a, b in places if a < len(text))
    found = whole_words(text, spans)
    assert all(any(each.start <= a and b <= each.end for each in found) for a, b in spans)
    assert all(one.end < other.start for one, other in pairwise(found))
    for start, end in found:
        assert not (start > 0 and text[start - 1].isalnum() and text[start].isalnum())
        assert not (end < len(text) and text[end - 1].isalnum() and text[end].isalnum())


def test_a_words_piece_emphasises_the_word() -> None:
    assert whole_words("Oil pipelines, arms.", [Span(0, 2), Span(6, 8), Span(15, 16)]) == [
        Span(0, 3),
        Span(4, 13),
        Span(15, 19),
    ]
