"""What describes a document: what its file says, and over it what people have corrected."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.bibliography.description import FIELDS, Description, checked, date_parts, describe
from askreport.errors import QuestionError
from askreport.store import DocumentSummary


def summary(path: str = "a.txt", **metadata: Any) -> DocumentSummary:
    return DocumentSummary(id="d", title="On  oil", path=path, sha256="0", characters=1, passages=1, metadata=metadata)


def test_a_file_s_own_words_are_taken_by_the_names_that_people_use() -> None:
    found = describe(
        summary(author={"name": "Jane Smith"}, published="2020-03-14", site="The Site", keywords="oil, gas", year=1999)
    )
    assert found == Description(
        title="On oil",
        kind="report",
        authors=("Jane Smith",),
        date="2020-03-14",
        publisher="The Site",
        tags=("oil", "gas"),
    )
    assert describe(summary(creator=["A", {"name": "B"}, 3, None], year=2020)).authors == ("A", "B", "3")


def test_the_day_a_file_was_made_stands_in_for_its_date() -> None:
    assert describe(summary(created="2021-01-02")).date == "2021-01-02"
    assert describe(summary(created="2021-01-02", date="2020")).date == "2020"


def test_what_cannot_be_what_it_is_called_is_left_out() -> None:
    found = describe(summary(url="javascript:alert(1)", doi="none", accessed="yesterday", author=True, kind="other"))
    assert found == Description(title="On oil")
    assert describe(summary(doi="https://doi.org/10.1000/abc")).doi == "10.1000/abc"


@pytest.mark.parametrize(("path", "kind"), [("a.epub", "book"), ("a.eml", "email"), ("x/a.HTML", "webpage")])
def test_a_file_s_ending_tells_its_kind(path: str, kind: str) -> None:
    assert describe(summary(path)).kind == kind
    assert describe(summary(path, kind="thesis")).kind == "thesis"


def test_corrections_stand_over_what_the_file_says() -> None:
    corrections = checked({"authors": [" Jane  Smith ", "Jane Smith", ""], "date": "", "title": "Oil"})
    found = describe(summary(author="Nobody", date="1970"), corrections)
    assert (found.authors, found.date, found.title) == (("Jane Smith",), "", "Oil")


@pytest.mark.parametrize(
    "changes",
    [
        *[{"colour": "red"}, {"title": ""}, {"url": "ftp://x"}, {"doi": "x"}, {"accessed": "soon"}, {"kind": "x"}],
        *[{"authors": "Jane"}, {"authors": [1]}, {"date": 5}, {"title": "x" * 1_001}, {"tags": ["x"] * 101}],
    ],
)
def test_what_cannot_be_a_correction_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(QuestionError):
        checked(changes)


def test_none_takes_a_correction_back() -> None:
    assert checked(dict.fromkeys(FIELDS)) == dict.fromkeys(FIELDS)


@pytest.mark.parametrize(
    ("date", "parts"),
    [
        ("2023-03-14", (2023, 3, 14)),
        ("2023-03", (2023, 3)),
        ("Spring 2023", (2023,)),
        ("soon", ()),
        ("2023-13", (2023,)),
    ],
)
def test_a_date_has_its_parts(date: str, parts: tuple[int, ...]) -> None:
    assert date_parts(date) == parts


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["author", "authors", "date", "url", "tags", "publisher", "kind"]), _VALUES))
def test_any_front_matter_can_be_described(metadata: dict[str, Any]) -> None:
    found = describe(summary(**metadata))
    assert found.title == "On oil"
    assert all(isinstance(each, str) for each in (*found.authors, *found.tags, found.date, found.url))
