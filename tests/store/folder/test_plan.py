"""Segments stay few and large however passages come, and each passage is written anew only now and then."""

import math
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askreport.store.base import Segment
from askreport.store.folder.plan import DEAD, SMALL, plan

sizes = st.lists(st.integers(1, 1_000_000), max_size=12)


def segments(*passages: int) -> list[Segment]:
    """Segments of so many passages, a document for each ten."""
    return [Segment(name=f"s{n}", documents=max(1, size // 10), passages=size) for n, size in enumerate(passages)]


def grow(additions: Sequence[int]) -> tuple[list[int], int]:
    """The sizes of the segments after passages were added one batch after another, and how many were written."""
    held: list[int] = []
    written = 0
    for added in additions:
        chosen = plan(segments(*held), added)
        merged = added + sum(segment.passages for segment in chosen.taken)
        held = [segment.passages for segment in chosen.apart] + [merged]
        written += merged
    return held, written


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=200))
def test_sizes_fall_from_one_segment_to_the_next_by_half_or_more(additions: list[int]) -> None:
    held, _ = grow(additions)
    assert sum(held) == sum(additions)
    assert len(held) <= math.log2(sum(additions) / SMALL + 1) + 2


def test_a_million_passages_that_came_ten_by_ten_are_few_segments_and_were_not_written_often() -> None:
    held, written = grow([10] * 100_000)
    assert len(held) <= 10
    # Small segments are written again and again, which costs little; each doubling beyond once.
    assert written <= 1_000_000 * (SMALL / 10 + math.log2(1_000_000 / SMALL))


def test_adding_a_little_to_a_large_library_writes_little() -> None:
    chosen = plan(segments(1_000_000, 40_000, 1_500), 10)
    assert [segment.passages for segment in chosen.taken] == [1_500]
    assert chosen.keeps
    assert not chosen.renewed


@given(st.lists(st.booleans(), max_size=8), st.booleans())
def test_passages_with_and_without_vectors_are_never_taken_into_one_segment(kinds: list[bool], added: bool) -> None:
    held = [replace(each, embedded=kind) for each, kind in zip(segments(*[1_000] * len(kinds)), kinds, strict=True)]
    chosen = plan(held, 10, embedded=added)
    assert {segment.embedded for segment in chosen.taken} <= {added}
    assert [*chosen.apart, *chosen.taken] == held
    # All of its kind that are last.
    assert not chosen.apart or chosen.apart[-1].embedded != added


def test_a_segment_without_vectors_is_not_written_anew_but_dropped_when_all_is_deleted() -> None:
    by_words = Segment(name="words", documents=3, passages=100, deleted=("a", "b"), dead=99, embedded=False)
    assert plan([by_words], 0).renewed == frozenset()
    assert plan([replace(by_words, deleted=("a", "b", "c"), dead=100)], 0).apart == ()


def test_what_is_mostly_deleted_is_written_anew_and_what_is_all_deleted_is_dropped() -> None:
    mostly = Segment(name="mostly", documents=3, passages=100_000, deleted=("a", "b"), dead=round(DEAD * 100_000) + 1)
    hardly = Segment(name="hardly", documents=300, passages=100_000, deleted=("c",), dead=10)
    small = Segment(name="small", documents=3, passages=SMALL, deleted=("d",), dead=1)
    empty = Segment(name="empty", documents=2, passages=100_000, deleted=("e", "f"), dead=100_000)
    chosen = plan([mostly, hardly, empty, small], 0)
    assert chosen.apart == (mostly, hardly, small)
    assert chosen.renewed == {"mostly", "small"}
    assert plan([empty], 0).apart == ()


@given(sizes, st.integers(0, 100_000))
def test_every_segment_is_kept_or_taken_in_order_and_nothing_is_taken_for_nothing(held: list[int], added: int) -> None:
    before = segments(*held)
    chosen = plan(before, added)
    assert [*chosen.apart, *chosen.taken] == before
    assert added or not chosen.taken


@given(sizes, st.integers(0, 100))
def test_compact_leaves_one(held: list[int], added: int) -> None:
    before = segments(*held)
    assert plan(before, added, compact=True).taken == tuple(before)
