"""Markdown: the text is the source, and what is found in it is where it says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.markdown import parse_markdown
from askreport.types import Document
from tests.conftest import CORPUS


def parse(source: str) -> Document:
    return parse_markdown(source.encode(), "a.md", "File Name")


def front(yaml: str) -> Document:
    return parse(f"---\n{yaml}\n---\n\n# Head\n\nWords.\n")


def titles(source: str) -> list[str]:
    return [heading.title for heading in parse(source).headings]


def test_the_text_is_the_source_with_its_marks() -> None:
    source = "---\ntitle: x\n---\n\n# Head\n\n- *one* [two](https://example.org)\n"
    assert parse(source).text == source


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("Words.\n\n## Head ##\n\nMore.\n", "## Head ##\n"),
        ("Words.\n\nHead\n====\n\nMore.\n", "Head\n====\n"),
        ("Words.\n\n# Head", "# Head"),
        ("Words.\r\n\r\n# Head\r\nMore.\r\n", "# Head\n"),
        ("\ufeff# Head\nMore.\n", "# Head\n"),
        ("Words.\u2028\x0c\x85\n# Head\nMore.\n", "# Head\n"),
    ],
)
def test_a_heading_spans_its_whole_lines(source: str, line: str) -> None:
    document = parse(source)
    (heading,) = document.headings
    assert document.text[heading.start : heading.end] == line


@pytest.mark.parametrize(("source", "level"), [("# A", 1), ("###### A", 6), ("A\n===", 1), ("A\n---", 2)])
def test_a_heading_has_its_level(source: str, level: int) -> None:
    assert parse(source).headings[0].level == level


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# The *great* `code` [link](https://example.org) &amp; ~", "The great code link & ~"),
        ("# H<sub>2</sub>O", "H2O"),
        ("First line\nsecond line\n=====\n", "First line second line"),
        ("#\n", ""),
    ],
)
def test_a_title_is_what_a_reader_sees(source: str, title: str) -> None:
    assert titles(source) == [title]


@pytest.mark.parametrize(
    "source",
    [
        "```\n# Code\n```\n",
        "    # Code\n",
        "- # In a list\n",
        "> # In a quote\n",
        "#Tag\n",
        "\\# Escaped\n",
        "\n\n---\n",
    ],
)
def test_what_only_looks_like_a_heading_is_none(source: str) -> None:
    assert titles(f"Words.\n\n{source}") == []


def test_front_matter_is_furniture_up_to_its_closing_line() -> None:
    document = front("title: On Trade")
    (furniture,) = document.furniture
    assert document.text[furniture.start : furniture.end] == "---\ntitle: On Trade\n---\n"


def test_front_matter_with_crlf_line_ends_is_furniture() -> None:
    document = parse("---\r\ntitle: On Trade\r\n---\r\nWords.\r\n")
    assert document.text[document.furniture[0].end :] == "Words.\n"


def test_the_keys_of_the_front_matter_are_the_metadata() -> None:
    document = front("kind: note\nsources:\n  1: TASS\n  2: [a, b]\nchecked: true\nshare: 0.5\nnothing:")
    expected = {"kind": "note", "sources": {"1": "TASS", "2": ["a", "b"]}, "checked": True, "share": 0.5}
    assert document.metadata == expected | {"nothing": None}


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("2023-03-21", "2023-03-21"),
        ("2023-03-21 10:00:00", "2023-03-21 10:00:00"),
        (".nan", "nan"),
        ("-.inf", "-inf"),
        ('"a\\ud800b"', "a?b"),
    ],
)
def test_a_value_that_json_has_no_word_for_is_a_string(yaml: str, value: str) -> None:
    assert front(f"key: {yaml}").metadata == {"key": value}


def test_the_title_is_the_front_matters() -> None:
    assert front("title: On Trade").title == "On Trade"


def test_the_title_is_not_metadata_as_well() -> None:
    assert "title" not in front("title: On Trade").metadata


@pytest.mark.parametrize("yaml", ["kind: note", "title:", "title: ''"])
def test_without_a_title_the_first_heading_is_it(yaml: str) -> None:
    assert front(yaml).title == "Head"


def test_an_empty_heading_is_no_title() -> None:
    assert parse("#\n\nWords.\n\n## Head\n").title == "Head"


def test_without_title_and_heading_the_given_one_stays() -> None:
    assert parse("Words.\n").title == "File Name"


@pytest.mark.parametrize(
    ("source", "own"), [("---\ntitle: x\n---\nWords.\n", True), ("# Head\n\nWords.\n", True), ("Words.\n", False)]
)
def test_the_document_knows_whether_the_title_is_its_own(source: str, own: bool) -> None:
    assert parse(source).has_title is own


NO_MAPPINGS = [
    "Just words.",
    "- a\n- b",
    "title: a: b",
    "a:\tb\t: c",
    "date: 2023-02-30",
    "key: !!python/object/apply:os.getcwd []",
    "key: " + "1" * 5_000,
    "key: &self [*self]",
    "a: &a [x]\nb: [*a, *a]",
    "key: " + "[" * 2_000 + "]" * 2_000,
]


@pytest.mark.parametrize("yaml", NO_MAPPINGS, ids=range(len(NO_MAPPINGS)))
def test_what_stands_between_dashes_and_is_no_mapping_is_text(yaml: str) -> None:
    assert front(yaml).furniture == ()


@pytest.mark.parametrize("yaml", NO_MAPPINGS, ids=range(len(NO_MAPPINGS)))
def test_what_is_no_mapping_gives_no_metadata(yaml: str) -> None:
    assert front(yaml).metadata == {}


def test_front_matter_without_an_end_is_text() -> None:
    assert parse("---\ntitle: x\n\nWords.\n").furniture == ()


def test_dashes_further_down_are_no_front_matter() -> None:
    assert parse("Words.\n\n---\ntitle: x\n---\n").furniture == ()


LINES = st.sampled_from(
    [
        "# One",
        "## Two ##",
        "Words.",
        "",
        "===",
        "---",
        "- item",
        "> quote",
        "```",
        "    code",
        "#",
        "| a | b |",
        "title: x",
    ]
)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(LINES | WORDS, max_size=30).map("\n".join))
def test_headings_are_in_order_and_begin_at_a_line(source: str) -> None:
    document = parse(f"Words.\n\n{source}")
    borders = [0, *(edge for heading in document.headings for edge in (heading.start, heading.end))]
    assert borders == sorted(borders)
    assert all(document.text[heading.start - 1] == "\n" for heading in document.headings)


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.md")), ids=lambda file: file.stem)
def test_the_front_matter_of_every_note_that_ships_is_read(file: Path) -> None:
    assert parse(file.read_text()).metadata["kind"]


def test_front_matter_that_is_nested_without_end_is_text() -> None:
    nested = "{a: " * 60 + "1" + "}" * 60
    document = parse_markdown(f"---\ntitle: {nested}\n---\nWords.\n".encode(), "a.md", "A")
    assert (document.metadata, document.title) == ({}, "A")


def test_an_indented_line_of_dashes_does_not_end_front_matter() -> None:
    source = "---\ntitle: x\nnote: |\n  a\n  ---\n  b\n---\nWords.\n"
    document = parse(source)
    assert document.metadata == {"note": "a\n---\nb\n"}
    assert document.text[document.furniture[0].end :] == "Words.\n"
