"""Citations in each style, as the styles' manuals write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.bibliography.description import KINDS, Description
from askreport.bibliography.styles import STYLES, Locator, bibliography, cite

REPORT = Description(
    title="Energy and Security",
    kind="report",
    authors=("Jane Smith", "{Institute of Energy}"),
    date="2023-03-14",
    publisher="Library Press",
    place="London",
    url="https://example.org/report",
    accessed="2026-11-30",
)
BOOK = Description(
    title="The long road", kind="book", authors=("Doe, John",), date="2020", publisher="Press", place="Paris"
)
PAGE = Locator("page", "iv")
# What the manuals write of a report by a person and an institute, found on the web: the reference, and the entry.
REPORTS = {
    "chicago": (
        "Jane Smith and Institute of Energy, Energy and Security (Library Press, 2023), iv, https://example.org/report.",
        "Smith, Jane, and Institute of Energy. Energy and Security. Library Press, 2023. https://example.org/report.",
    ),
    "apa": (
        "(Smith & Institute of Energy, 2023, p. iv)",
        "Smith, J., & Institute of Energy. (2023). Energy and Security. Library Press. https://example.org/report",
    ),
    "mla": (
        "(Smith and Institute of Energy iv)",
        "Smith, Jane, and Institute of Energy. Energy and Security. Library Press, 14 Mar. 2023, https://example.org/report.",
    ),
    "mhra": (
        "Jane Smith and Institute of Energy, Energy and Security (Library Press, 2023), p. iv "
        "<https://example.org/report> [accessed 30 November 2026].",
        "Smith, Jane, and Institute of Energy, Energy and Security (Library Press, 2023) "
        "<https://example.org/report> [accessed 30 November 2026]",
    ),
    "oscola": (
        "Jane Smith and Institute of Energy, Energy and Security (Library Press 2023) iv "
        "<https://example.org/report> accessed 30 November 2026.",
        "Smith J and Institute of Energy, Energy and Security (Library Press 2023) "
        "<https://example.org/report> accessed 30 November 2026",
    ),
    "harvard": (
        "(Smith and Institute of Energy, 2023, p. iv)",
        "Smith, J. and Institute of Energy (2023) Energy and Security. London: Library Press. "
        "Available at: https://example.org/report (Accessed: 30 November 2026).",
    ),
    "iso690": (
        "(Smith, Institute of Energy 2023, p. iv)",
        "SMITH, Jane and INSTITUTE OF ENERGY, 2023. Energy and Security. Online. London: Library Press. "
        "Available from: https://example.org/report [Accessed 30 November 2026].",
    ),
}
BOOKS = {
    "chicago": ("John Doe, The Long Road (Press, 2020), iv.", "Doe, John. The Long Road. Press, 2020."),
    "apa": ("(Doe, 2020, p. iv)", "Doe, J. (2020). The long road. Press."),
    "mla": ("(Doe iv)", "Doe, John. The Long Road. Press, 2020."),
    "mhra": ("John Doe, The Long Road (Press, 2020), p. iv.", "Doe, John, The Long Road (Press, 2020)"),
    "oscola": ("John Doe, The long road (Press 2020) iv.", "Doe J, The long road (Press 2020)"),
    "harvard": ("(Doe, 2020, p. iv)", "Doe, J. (2020) The long road. Paris: Press."),
    "iso690": ("(Doe 2020, p. iv)", "DOE, John, 2020. The long road. Paris: Press."),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_report_and_a_book_are_cited_as_the_manual_writes_them(style: str) -> None:
    report, book = cite(REPORT, PAGE, STYLES[style]), cite(BOOK, PAGE, STYLES[style])
    assert (report.reference, report.entry) == REPORTS[style]
    assert (book.reference, book.entry) == BOOKS[style]


def test_a_paragraph_is_named_where_there_are_no_pages() -> None:
    place = Locator("paragraph", "13")
    found = {style: cite(BOOK, place, STYLES[style]).reference for style in STYLES}
    assert found["chicago"] == "John Doe, The Long Road (Press, 2020), para. 13."
    assert found["mla"] == "(Doe, par. 13)"
    assert found["apa"] == "(Doe, 2020, para. 13)"
    assert cite(BOOK, Locator("slide", "4"), STYLES["apa"]).reference == "(Doe, 2020, slide 4)"


@pytest.mark.parametrize(
    ("source", "reference", "entry"),
    [
        (
            Description(
                title="Administrative Law", kind="book", authors=("Timothy Endicott",), date="2009", publisher="OUP"
            ),
            "Timothy Endicott, Administrative Law (OUP 2009) 12.",
            "Endicott T, Administrative Law (OUP 2009)",
        ),
        (
            Description(
                title="Environmental Law",
                kind="book",
                authors=("Elizabeth Fisher", "Bettina Lange", "Eloise Scotford", "Cinnamon Carlarne"),
                date="2013-05",
                publisher="OUP",
            ),
            "Elizabeth Fisher and others, Environmental Law (OUP 2013) 12.",
            "Fisher E, Lange B, Scotford E and Carlarne C, Environmental Law (OUP 2013)",
        ),
        (
            Description(
                title="Virtual Friend Fires Employee",
                kind="webpage",
                authors=("Sarah Cole",),
                date="2009-05-01",
                publisher="Naked Law",
                url="http://www.nakedlaw.com/2009/05/index.html",
                accessed="2009-11-19",
            ),
            "Sarah Cole, ‘Virtual Friend Fires Employee’ (Naked Law, 1 May 2009) 12 "
            "<http://www.nakedlaw.com/2009/05/index.html> accessed 19 November 2009.",
            "Cole S, ‘Virtual Friend Fires Employee’ (Naked Law, 1 May 2009) "
            "<http://www.nakedlaw.com/2009/05/index.html> accessed 19 November 2009",
        ),
        (
            Description(title="Notes", doi="10.1000/abc"),
            "‘Notes’ 12 <https://doi.org/10.1000/abc>.",
            "——, ‘Notes’ <https://doi.org/10.1000/abc>",
        ),
    ],
)
def test_oscola_is_written_as_in_its_examples(source: Description, reference: str, entry: str) -> None:
    found = cite(source, Locator("page", "12"), STYLES["oscola"])
    assert (found.reference, found.entry) == (reference, entry)
    assert cite(source, Locator("paragraph", "7"), STYLES["oscola"]).reference == reference.replace("12", "para 7", 1)


def test_a_title_alone_can_be_cited_in_every_style() -> None:
    for style in STYLES.values():
        cited = cite(Description(title="Notes on $5 {now} \\ #let"), Locator(), style)
        for words in (cited.reference, cited.entry):
            assert "notes on $5 {now} \\ #let" in words.lower()


def test_a_year_alone_leaves_no_comma_and_an_ellipsis_stays() -> None:
    about = Description(title="Wait... what?", authors=("Ann Lee",), date="2024")
    assert cite(about, Locator(), STYLES["apa"]).entry == "Lee, A. (2024). Wait... what?"


def test_titles_in_other_languages_keep_their_letters() -> None:
    german = Description(title="Der lange weg nach hause", kind="book", language="de")
    assert "Der lange weg nach hause" in cite(german, Locator(), STYLES["chicago"]).entry


def test_sources_of_one_author_and_year_are_told_apart() -> None:
    other = Description(title="Another road", kind="book", authors=("Doe, John",), date="2020")
    entries = bibliography([BOOK, other, BOOK], STYLES["apa"])
    assert len(entries) == 2
    assert {"(2020a)" in entry for entry in entries} == {True, False}
    assert {"(2020b)" in entry for entry in entries} == {True, False}
    assert bibliography([], STYLES["apa"]) == []


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@settings(max_examples=30)
@given(
    st.builds(
        Description,
        title=_TEXTS,
        kind=st.sampled_from(KINDS),
        authors=st.lists(_TEXTS, max_size=3).map(tuple),
        date=_TEXTS | st.dates().map(str),
        publisher=_TEXTS,
        place=_TEXTS,
    ),
    st.sampled_from(sorted(STYLES)),
)
def test_whatever_a_file_says_can_be_cited(description: Description, style: str) -> None:
    cited = cite(description, PAGE, STYLES[style])
    assert "<" not in cited.entry.replace("<http", "") or "<" in "".join(
        [description.title, *description.authors, description.publisher, description.place, description.date]
    )
