"""What is shown beside a text is never long, whatever a file says, and what is short is as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.limits import MAX_ENTRIES, MAX_LEVEL, MAX_METADATA, MAX_TITLE, MAX_VALUE, limited
from askreport.parse.options import Parsed
from askreport.parse.wire import pack, unpack
from askreport.types import Document, Heading
from tests.tools.parts import PARSERS, document

LONG = "Goats and sheep. " * 10_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=9,
)


@given(st.text(max_size=MAX_TITLE), st.dictionaries(st.text(max_size=9), JSON, max_size=5))
def test_what_is_short_stays_as_it_is(title: str, metadata: dict[str, object]) -> None:
    heading = Heading(start=0, end=1, level=2, title=title)
    short = Document(id="0" * 16, path=title, title=title, text="x", sha256="", headings=(heading,), metadata=metadata)
    assert limited(short) == short


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (f"# {LONG}\n\nNine goats.", ".md"),
        (f"---\ntitle: {LONG}\nauthor: {LONG}\n---\nNine goats.", ".md"),
        (f"<title>{LONG}</title><h1>{LONG}</h1><p>Nine goats.", ".html"),
        (json.dumps({"id": LONG, "title": LONG, "text": "Nine goats.", "said": LONG}), ".jsonl"),
    ],
)
def test_no_file_has_a_long_title_heading_name_or_metadata(content: str, ending: str) -> None:
    (read,) = PARSERS.parse(content.encode(), ending)
    assert isinstance(read, Parsed)
    found = read.document
    assert "Nine goats." in found.text
    assert len(found.title) <= MAX_TITLE
    assert len(found.path) <= MAX_TITLE + 16
    assert all(len(heading.title) <= MAX_TITLE for heading in found.headings)
    assert len(json.dumps(found.metadata)) <= MAX_METADATA


def test_names_that_begin_alike_stay_different() -> None:
    lines = "\n".join(json.dumps({"id": f"{LONG}{n}", "text": f"{n} goats."}) for n in range(3))
    names = {read.document.path for read in PARSERS.parse(lines.encode(), ".jsonl") if isinstance(read, Parsed)}
    assert len(names) == 3


def test_metadata_is_cut_by_its_parts_and_left_out_if_that_is_not_enough() -> None:
    whole = limited(_with({"said": "x" * 5_000, "names": ["y"] * 5_000}))
    assert len(whole.metadata["said"]) == MAX_VALUE
    assert whole.metadata["names"] == ["y"] * MAX_ENTRIES
    assert limited(_with({"names": ["y" * MAX_VALUE] * MAX_ENTRIES})).metadata == {}


def test_a_path_of_headings_has_only_so_many_levels() -> None:
    deep = [Heading(start=0, end=0, level=level, title="x") for level in range(1, 2_000)]
    found = limited(Document(id="", path="", title="", text="", sha256="", headings=tuple(deep)))
    assert max(heading.level for heading in found.headings) == MAX_LEVEL


def test_what_an_older_cache_holds_is_cut_as_well() -> None:
    (found,) = unpack(pack([Parsed(document("Nine goats.", path=LONG))]))
    assert isinstance(found, Parsed)
    assert len(found.document.title) <= MAX_TITLE


def _with(metadata: dict[str, object]) -> Document:
    return Document(id="", path="", title="", text="", sha256="", metadata=metadata)
