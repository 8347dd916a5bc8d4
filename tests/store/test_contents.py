"""What is stored of a document is known by its checksum, and can be written again as it was."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from askreport.errors import IndexDamagedError
from askreport.store.codec import pack_vectors
from askreport.store.contents import PackedPassage, StoredDocument
from askreport.types import Heading, Page, Passage, Source, Span
from tests.tools.parts import document

TEXT = "A first line.\nA second line."
PAGES = (
    Page(number=1, start=0, end=14, width=612, height=792),
    Page(number=2, start=14, end=28, width=612, height=792),
)
PASSAGE = PackedPassage(
    Passage(document_id="d", start=0, end=28, heading=("A",), sentences=(Span(0, 13), Span(14, 28))),
    b"12345678",
    bytes(8),
)
DOCUMENT = replace(document(TEXT), pages=PAGES, metadata={"url": "u", "n": 1})
STORED = StoredDocument(
    document=DOCUMENT,
    passages=(PASSAGE,),
    vectors=np.ones((1, 4), np.float16),
    layout={1: b"one", 2: b"two"},
    source=Source(Path("a.txt"), "c0"),
    entry="entry",
)


def changed(**fields: Any) -> StoredDocument:
    return replace(STORED, document=replace(DOCUMENT, **fields))


def with_passage(**fields: Any) -> StoredDocument:
    return replace(STORED, passages=(replace(PASSAGE, **fields),))


@pytest.mark.parametrize(
    "other",
    [
        changed(id="other"),
        changed(path="b.txt"),
        changed(title="Other"),
        changed(text="A first line.\nA second lime."),
        changed(sha256="0" * 64),
        changed(metadata={"url": "u", "n": 2}),
        changed(headings=(Heading(start=0, end=13, level=1, title="A"),)),
        changed(pages=(PAGES[0], replace(PAGES[1], width=611))),
        changed(furniture=(Span(0, 1),)),
        changed(has_title=True),
        with_passage(digest=b"12345679"),
        with_passage(sentence_vectors=bytes(7) + b"\1"),
        with_passage(passage=replace(PASSAGE.passage, start=1)),
        with_passage(passage=replace(PASSAGE.passage, heading=())),
        with_passage(passage=replace(PASSAGE.passage, sentences=(Span(0, 13), Span(14, 27)))),
        replace(STORED, passages=()),
        replace(STORED, vectors=np.array([[1, 1, 1, 1.001]], np.float16)),
        replace(STORED, layout={1: b"one", 2: b"twp"}),
        replace(STORED, layout={1: b"one"}),
        replace(STORED, layout={1: b"onet", 2: b"wo"}),
        replace(STORED, source=Source(Path("a.txt"), "c1")),
    ],
)
def test_whatever_is_stored_otherwise_changes_the_checksum(other: StoredDocument) -> None:
    assert other.checksum() != STORED.checksum()


@pytest.mark.parametrize(
    "other",
    [
        replace(STORED, source=Source(Path("elsewhere/a.txt"), "c0"), entry="another"),
        replace(STORED, layout={2: b"two", 1: b"one"}),
        changed(metadata={"n": 1, "url": "u"}),
    ],
)
def test_where_it_is_stored_does_not(other: StoredDocument) -> None:
    assert other.checksum() == STORED.checksum()


def test_a_character_that_a_database_cannot_have_counts_as_what_it_has_instead() -> None:
    assert changed(title="a\0b").checksum() == changed(title="a\ufffdb").checksum()


def test_a_sentence_of_two_passages_counts_once() -> None:
    second = replace(PASSAGE, passage=replace(PASSAGE.passage, start=14, sentences=(Span(14, 28),)))
    assert replace(STORED, passages=(PASSAGE, second)).sentences == 2


def test_boxes_are_given_page_by_page() -> None:
    assert STORED.pages() == [b"one", b"two"]
    assert replace(STORED, layout={}).pages() == []
    # A writer gives them to the pages in turn.
    assert replace(STORED, layout={2: b"two"}).pages() == []


def test_a_text_that_is_another_is_damage() -> None:
    STORED.check()
    with pytest.raises(IndexDamagedError, match=r"stored text of a\.txt"):
        changed(text="Another text.").check()


FINITE = st.floats(-1, 1, width=16)


@given(arrays(np.float16, (2, 8), elements=FINITE), arrays(np.float32, (3, 8), elements=st.floats(-1, 1, width=32)))
def test_vectors_that_are_packed_again_are_the_same_bytes(vectors: Any, sentences: Any) -> None:
    packed = pack_vectors(sentences)
    passage = replace(PASSAGE, sentence_vectors=packed)
    stored = replace(STORED, passages=(passage, passage), vectors=vectors)
    for (vector, rows), wanted in zip(stored.unpacked(), vectors, strict=True):
        assert vector.astype(np.float16).tobytes() == wanted.tobytes()
        assert pack_vectors(rows) == packed
