"""Boxes of characters: packed without loss, and cut into one box for each run on a line."""

import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.boxes import BoxArray, boxes_of, line_runs, pack_boxes, unpack_boxes
from askreport.digest import text_sha256
from askreport.types import Box, Document, Page, Span

SIDES = st.integers(-200_000_000, 200_000_000)


def row(text: str, left: int = 0, top: int = 0) -> BoxArray:
    """Boxes of letters 5 points wide and 10 high; a space has none."""
    boxes = [[left + 500 * k, top, left + 500 * (k + 1), top + 1_000] for k in range(len(text))]
    printed = np.array([char not in " \n" for char in text])
    return np.where(printed[:, None], np.array(boxes), 0).astype(np.int32)


def document(text: str, *pages: Page) -> Document:
    return Document(id="0" * 16, path="a.pdf", title="A", text=text, sha256=text_sha256(text), pages=pages)


CORNERS = st.lists(st.tuples(SIDES, SIDES, st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60)


def from_corners(corners: list[tuple[int, int, int, int]]) -> BoxArray:
    return np.array([[x, y, x + w, y + h] for x, y, w, h in corners], np.int32).reshape(-1, 4)


@given(CORNERS)
def test_boxes_come_back_as_they_were_and_blanks_as_zeros(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = from_corners(corners)
    printed = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    assert np.array_equal(unpack_boxes(pack_boxes(boxes)), np.where(printed[:, None], boxes, 0))


@given(CORNERS)
def test_what_0_2_0_packed_is_unpacked(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = from_corners(corners)
    sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    packed = zlib.compress(np.diff(sides, axis=0, prepend=np.int32(0)).T.astype("<i4").tobytes(), 6)
    assert np.array_equal(unpack_boxes(packed), boxes)


def test_a_page_of_letters_takes_few_bytes() -> None:
    lines = [row("a line of words that fills a page", top=1_200 * k) for k in range(40)]
    assert len(pack_boxes(np.concatenate(lines))) < 200


@given(st.binary(max_size=50))
def test_other_bytes_are_a_value_error_or_boxes(data: bytes) -> None:
    with suppress(ValueError):
        assert unpack_boxes(data).shape[1] == 4


def test_a_truncated_packing_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="not packed boxes"):
        unpack_boxes(pack_boxes(row("some words"))[:-6])


def test_a_line_is_one_run_and_the_next_line_another() -> None:
    boxes = np.concatenate([row("one two"), row(" "), row("three", top=1_200)])
    assert [(int(run[0]), int(run[-1])) for run in line_runs(boxes)] == [(0, 6), (8, 12)]


def test_the_next_column_is_a_run_of_its_own() -> None:
    boxes = np.concatenate([row("left"), row("right", left=20_000)])
    assert [len(run) for run in line_runs(boxes)] == [4, 5]


def test_text_that_runs_down_the_page_is_cut_by_its_own_lines() -> None:
    turned = np.concatenate([row("down"), row("next", top=1_200)])[:, [1, 0, 3, 2]]
    assert [len(run) for run in line_runs(turned)] == [4, 4]


def test_nothing_printed_has_no_runs() -> None:
    assert list(line_runs(row("   "))) == []


def test_a_span_over_two_pages_has_boxes_on_both() -> None:
    text = "one two"
    pages = (Page(number=1, start=0, end=4, width=100, height=50), Page(number=2, start=4, end=7, width=100, height=50))
    layout = {1: row("one "), 2: row("two", top=2_000)}
    boxes = boxes_of(document(text, *pages), lambda _, page: layout[page], Span(1, 6))
    first = Box(page=1, left=5.0, top=0.0, right=15.0, bottom=10.0)
    assert boxes == (first, Box(page=2, left=0.0, top=20.0, right=10.0, bottom=30.0))


def test_a_source_without_layout_has_no_boxes() -> None:
    slides = document("one two", Page(number=1, start=0, end=7))
    assert boxes_of(slides, lambda *_: None, Span(0, 7)) == ()
