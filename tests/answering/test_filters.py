"""Which documents a filter leaves, and that nothing else is looked in."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.descriptions import FromFiles
from askreport.answering.filters import Catalogue
from askreport.answering.library import Library
from askreport.answering.refusal import REFUSAL_OF_SOME
from askreport.bibliography.description import Description, date_of
from askreport.errors import DocumentNotFoundError, NothingChosenError, QuestionError
from askreport.store import DocumentSummary
from askreport.types import ALL, Filter, Reach
from tests.tools.parts import HashingEncoder, document, publish

PATHS = ("a.pdf", "north/b.pdf", "north/deep/c.md", "south/d.MD", "south/set.jsonl#1", "south/set.jsonl#2")
DATES = ("2019", "2020-05", "2020-05-17", "2021-01-01", "")
TAGS = ("Ferry", "tide", "winter")


def summary(path: str, language: str = "en", **metadata: object) -> DocumentSummary:
    return DocumentSummary(
        id=f"id-{path}",
        title=path,
        path=path,
        sha256="s",
        characters=1,
        passages=1,
        metadata=metadata,
        language=language,
    )


def catalogue(*documents: DocumentSummary) -> Catalogue:
    return Catalogue(documents, FromFiles())


def left(made: Catalogue, wanted: Filter) -> list[str]:
    chosen = made.choose(wanted)
    return [each.path for each in made.entries if chosen is None or each.id in chosen.documents]


LIBRARY = catalogue(*(summary(path) for path in PATHS))


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (ALL, PATHS),
        (Filter(documents=("a.pdf", "id-south/d.MD")), ("a.pdf", "south/d.MD")),
        (Filter(folders=("north",)), ("north/b.pdf", "north/deep/c.md")),
        (Filter(folders=("/north/deep/",)), ("north/deep/c.md",)),
        (Filter(folders=("south/set.jsonl",)), ("south/set.jsonl#1", "south/set.jsonl#2")),
        (Filter(documents=("a.pdf",), folders=("north/deep",)), ("a.pdf", "north/deep/c.md")),
        (Filter(kinds=("pdf",)), ("a.pdf", "north/b.pdf")),
        (Filter(kinds=(".md",), folders=("south",)), ("south/d.MD",)),
        (Filter(kinds=("jsonl",)), ("south/set.jsonl#1", "south/set.jsonl#2")),
    ],
)
def test_places_are_added_to_each_other_and_the_rest_narrows(wanted: Filter, paths: Sequence[str]) -> None:
    assert left(LIBRARY, wanted) == list(paths)


@given(
    st.lists(st.tuples(st.sampled_from(DATES), st.sets(st.sampled_from(TAGS)), st.sampled_from(["en", "de", ""]))),
    st.sampled_from(("", *DATES)),
    st.sampled_from(("", *DATES)),
    st.sets(st.sampled_from(TAGS)),
    st.sets(st.sampled_from(["en", "de"])),
)
def test_a_document_is_chosen_if_it_fits_every_field(
    made: list[tuple[str, set[str], str]], since: str, until: str, tags: set[str], languages: set[str]
) -> None:
    documents = [
        summary(f"{n}.txt", language, date=date, tags=sorted(own)) for n, (date, own, language) in enumerate(made)
    ]
    wanted = Filter(since=since, until=until, tags=tuple(tags), languages=tuple(languages))

    def first(date: str) -> str:
        return (date + "-01-01")[:10] if len(date) == 4 else (date + "-01")[:10]

    def last(date: str) -> str:
        return (date + "-12-31")[:10] if len(date) == 4 else (date + "-31")[:10]

    expected = [
        f"{n}.txt"
        for n, (date, own, language) in enumerate(made)
        if (not tags or own & tags)
        and (not languages or language in languages)
        and (not (since or until) or date)
        and (not since or last(date) >= first(since))
        and (not until or first(date) <= last(until))
    ]
    if expected:
        assert left(catalogue(*documents), wanted) == expected
    elif wanted != ALL:
        with pytest.raises(NothingChosenError):
            catalogue(*documents).choose(wanted)


def test_tags_are_told_whatever_their_case() -> None:
    made = catalogue(summary("a.txt", tags="Ferry, tide"), summary("b.txt", keywords=["winter"]))
    assert left(made, Filter(tags=("FERRY",))) == ["a.txt"]
    assert left(made, Filter(tags=("Winter", "tide"))) == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Filter(documents=("none",)), DocumentNotFoundError),
        (Filter(documents=("\ud800",)), DocumentNotFoundError),
        (Filter(folders=("none\ud800",)), NothingChosenError),
        (Filter(kinds=("docx",)), NothingChosenError),
        (Filter(since="May 2020"), QuestionError),
        (Filter(until="2020-5"), QuestionError),
    ],
)
def test_what_leaves_nothing_or_means_nothing_is_an_error_with_a_hint(wanted: Filter, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        LIBRARY.choose(wanted)
    assert getattr(caught.value, "hint", "")
    str(caught.value).encode()


def test_the_facets_count_what_there_is() -> None:
    made = catalogue(summary("x/a.pdf", date="2020", tags=["t"]), summary("x/y/b.md", "de", date="2021-02"))
    facets = made.facets
    assert (facets.folders, facets.kinds) == ({"x": 2, "x/y": 1}, {"md": 1, "pdf": 1})
    assert (facets.tags, facets.languages, facets.since, facets.until) == (
        {"t": 1},
        {"de": 1, "en": 1},
        "2020",
        "2021-02",
    )


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2024", "2024"),
        ("2024-05-31T10:00:00Z", "2024-05-31"),
        ("2024/5/3", "2024-05-03"),
        ("3 May 2024", "2024-05-03"),
        ("May 3, 2024", "2024-05-03"),
        ("Sept. 2021", "2021-09"),
        ("2024-13-01", "2024"),
        ("spring of 1998", "1998"),
        ("Marketing 2024, mayor's office", "2024"),
        ("yesterday", ""),
        ("1234567", ""),
    ],
)
def test_dates_are_read_as_they_are_written(said: str, date: str) -> None:
    assert date_of(said) == date


class Corrected(FromFiles):
    """Another source of descriptions, which somebody changes."""

    def __init__(self) -> None:
        self.version = 0
        self.tags: dict[str, str] = {}

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        return [Description(title=each.title, tags=(self.tags.get(each.path, "none"),)) for each in documents]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    ferry = document("The ferry to Texel sails every hour.", "north/ferry.txt")
    goats = document("The keeper kept nine goats.", "south/goats.txt")
    publish(tmp_path, [ferry, goats])
    return Library(tmp_path, HashingEncoder())


def test_only_chosen_documents_answer_and_the_answer_says_how_many_were_asked(library: Library) -> None:
    question = "The keeper kept nine goats."
    found = library.ask(question, within=Filter(folders=("south",)))
    assert found.quotes[0].document.path == "south/goats.txt"
    assert found.reach == Reach(1, 2)
    silent = library.ask(question, within=Filter(folders=("north",)))
    assert {each.document.path for each in silent.passages} == {"north/ferry.txt"}
    assert not any("goats" in each.text for each in silent.quotes)
    assert library.ask(question).reach == Reach(2, 2)
    assert {each.document.path for each in library.search(question, within=Filter(kinds=("txt",))).passages} == {
        "north/ferry.txt",
        "south/goats.txt",
    }


def test_a_refusal_of_some_documents_says_how_many_were_asked(library: Library) -> None:
    refused = library.ask("Who discovered zirconium?", within=Filter(folders=("north",)))
    assert refused.status == "not_found"
    assert refused.answer == f"{REFUSAL_OF_SOME} 1 of 2 were asked."
    assert library.ask("Who discovered zirconium?").answer.startswith("The documents")


def test_what_another_source_says_of_documents_is_followed_at_once(library: Library) -> None:
    corrected = Corrected()
    made = Library(library.index, library.encoder, descriptions=corrected)
    with pytest.raises(NothingChosenError):
        made.ask("Goats?", within=Filter(tags=("animals",)))
    corrected.tags, corrected.version = {"south/goats.txt": "animals"}, 1
    assert made.ask("Goats?", within=Filter(tags=("animals",))).reach == Reach(1, 2)
    corrected.tags, corrected.version = dict.fromkeys(["south/goats.txt", "north/ferry.txt"], "animals"), 2
    assert made.ask("Goats?", within=Filter(tags=("animals",))).reach == Reach(2, 2)


def test_the_language_of_the_chosen_documents_explains_a_refusal(tmp_path: Path) -> None:
    english = document("The ferry of the island sails to the harbour and from there to the town.", "en.txt")
    german = document("Die Fähre der Insel fährt zu dem Hafen und von dort in die Stadt.", "de.txt")
    publish(tmp_path, [english, german])
    library = Library(tmp_path, HashingEncoder())
    question = "Who is the owner of the zirconium mine in the mountains?"
    assert library.ask(question).languages is None
    told = library.ask(question, within=Filter(languages=("de",))).languages
    assert told is not None
    assert told.documents == ("de",)


def test_equal_filters_are_one_key(library: Library) -> None:
    wanted = Filter(folders=("south",))
    assert wanted == replace(ALL, folders=("south",))
    first = library.ask("Goats?", within=wanted)
    assert library.ask("Goats?", within=Filter(folders=("south",))).quotes == first.quotes
