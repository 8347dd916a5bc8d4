"""What a document is called."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askreport.store.names import name_words, names_of
from tests.tools.parts import document


def test_a_document_is_called_by_its_title_file_folders_and_front_matter() -> None:
    item = replace(
        document("Text.", "Clients/Acme S.A./FY2019_report.md"),
        title="Acmé: Annual Reports",
        metadata={"company": "Acme", "year": 2019, "author": "Smith"},
    )
    assert sorted(names_of(item)) == sorted(
        ["acme", "annual", "reports", "fy2019", "2019", "report", "s", "a", "clients"]
    )


def test_a_year_within_a_word_is_a_word_and_another_number_is_not() -> None:
    assert list(name_words("AR2019 20190 1040")) == ["ar2019", "2019", "20190", "1040"]


@given(st.text(max_size=300), st.text(min_size=1, max_size=200))
def test_names_are_few_and_each_once(title: str, path: str) -> None:
    words = names_of(replace(document("Text.", path), title=title))
    assert len(words) == len(set(words)) <= 64
