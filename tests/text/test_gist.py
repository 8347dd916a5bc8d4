"""What a text speaks of is found where it stands."""

from hypothesis import given
from hypothesis import strategies as st

from askreport.text.gist import dates, figures, names
from askreport.types import Span

TEXT = (
    "The SVR was founded on 18 December 1991. Its director, Sergey Naryshkin, spoke in May 2023. However, Naryshkin "
    "said that 12.5% of 4,000 people and US$7 billion were lost in 2022. Russian officers met Sergey Naryshkin’s "
    "deputy. The SVR and the Ministry of Defence agreed on 2022-05-03."
)


def whole(text: str) -> list[Span]:
    return [Span(0, len(text))]


def test_dates_names_and_figures_are_found_where_they_first_stand() -> None:
    assert [each.text for each in dates(TEXT, whole(TEXT), 9)] == ["18 December 1991", "May 2023", "2022", "2022-05-03"]
    assert [each.text for each in figures(TEXT, whole(TEXT), 9)] == ["12.5%", "4,000 people", "US$7 billion"]
    found = names(TEXT, whole(TEXT), 9)
    # A short form counts for the whole name; an adjective and the first word of a sentence are no names.
    assert [(each.text, each.count) for each in found] == [
        ("Sergey Naryshkin", 3),
        ("SVR", 2),
        ("Ministry of Defence", 1),
    ]
    assert all(TEXT[each.span.start : each.span.end] == each.text for each in found)


@given(st.text(max_size=200))
def test_whatever_the_text_what_is_found_stands_there(text: str) -> None:
    for find in (dates, figures, names):
        for each in find(text, whole(text), 5):
            start, end = each.span
            assert " ".join(text[start:end].split()) == each.text
            assert each.count >= 1
