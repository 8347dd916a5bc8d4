"""Neighbours are read together, the nearest first, and more only where these do not answer."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.reading import (
    read,
)
from askreport.answering.retrieve import retrieve
from askreport.answering.windows import READ_CHARACTERS, READ_FIRST, WINDOW, windows_around
from tests.answering.test_reading import LastWord, considered
from tests.tools.parts import HashingEncoder, document, prose, publish

ENCODER = HashingEncoder()


SENTENCE = st.tuples(st.integers(0, 2), st.integers(1, 400), st.floats(-1, 1, width=16))


@given(st.lists(SENTENCE, max_size=40))
def test_windows_are_runs_of_neighbours_within_bounds_and_no_sentence_is_in_two(
    rows: list[tuple[int, int, float]],
) -> None:
    found = considered(rows)
    windows = windows_around(found)
    read_ = [i for window in windows for i in window]
    assert len(read_) == len(set(read_))
    assert len(windows) <= 1 or sum(len(found[i].text) for i in read_) <= READ_CHARACTERS
    for window in windows:
        assert len(window) == 1 or sum(len(found[i].text) for i in window) <= WINDOW
        for one, other in pairwise(window):
            assert found[one].document_id == found[other].document_id
            assert found[other].span.start == found[one].span.end + 1
    assert not found or max(found, key=lambda each: each.first).first in [found[i].first for i in windows[0]]


def test_neighbours_across_a_heading_are_not_read_together() -> None:
    one, other = considered([(0, 10, 0.5), (0, 10, 0.4)])
    assert windows_around([one, replace(other, heading=("Next",))]) == [[0], [1]]
    assert windows_around([one, other]) == [[0, 1]]


def test_the_scorer_reads_neighbours_in_order_under_their_title_and_after_what_stands_before(tmp_path: Path) -> None:
    text = f"Ships\n{prose(1, 30)}"
    store = publish(tmp_path, [document(text, "fleet.txt", headings=["Ships"])])
    vector, scorer = ENCODER.encode_question("Box 1-17"), LastWord()
    read(store, "Box 1-17", vector, retrieve(store, "Box 1-17", vector, 12), scorer)
    lines = text.split("\n")
    assert any(window.before for window in scorer.windows)
    for window in scorer.windows:
        first = lines.index(window.sentences[0])
        assert [*window.sentences] == lines[first : first + len(window.sentences)]
        assert window.title.startswith("Fleet.Txt")
        assert window.before in ("", lines[first - 1])


def test_more_is_read_only_where_the_nearest_sentences_do_not_answer(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(n, 40), f"{n}.txt") for n in range(3)])
    read_of = {}
    for question in ("What does Box 2-17 weigh: Box", "What does Box 2-17 weigh: nothing"):
        vector, scorer = ENCODER.encode_question(question), LastWord()
        read(store, question, vector, retrieve(store, question, vector, 12), scorer)
        read_of[question[-3:]] = scorer.windows
    assert len(read_of["Box"]) == READ_FIRST < len(read_of["ing"])
    assert read_of["ing"][:READ_FIRST] == read_of["Box"]


def test_each_row_is_read_by_itself() -> None:
    found = [replace(each, is_row=n > 0) for n, each in enumerate(considered([(0, 9, 0.3), (1, 9, 0.2), (2, 9, 0.1)]))]
    assert sorted(windows_around(found)) == [[0], [1], [2]]
