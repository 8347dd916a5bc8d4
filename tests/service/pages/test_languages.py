"""Which way a document's words are read, and that a hostile language tag is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.service.pages.languages import direction, language_of, spoken


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("FA", "rtl"),
        ("ku-Arab-IQ", "rtl"),
        ("en-1994", "ltr"),
        ("zh-Hant-TW", "ltr"),
        ("ar-Latn", "ltr"),
    ],
)
def test_the_script_decides_and_else_the_language(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_the_first_tag_that_is_one_is_taken() -> None:
    assert language_of({"lang": "the best", "language": "pt_BR"}) == "pt-BR"
    assert language_of({"lang": ["ar"]}) is None
    assert spoken({}) == 'dir="auto"'
    assert spoken({"lang": "ar"}) == 'lang="ar" dir="rtl"'


@given(st.one_of(st.text(max_size=20), st.integers(), st.none(), st.lists(st.text(max_size=5), max_size=2)))
def test_whatever_a_document_says_the_attributes_are_safe(said: object) -> None:
    assert re.fullmatch(r'dir="auto"|lang="[A-Za-z0-9-]+" dir="(ltr|rtl)"', spoken({"lang": said}))
