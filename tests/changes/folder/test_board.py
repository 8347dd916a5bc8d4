"""What processes tell each other of their jobs."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from askreport.changes.folder.board import KEPT, LOST, Board
from askreport.changes.types import Added, Job
from askreport.store import IndexCounts

JOB = Job(
    id="abc123",
    kind="upload",
    status="running",
    created="2026-01-01T00:00:00+00:00",
    stage="reading",
    done=1,
    total=2,
    files=("a.txt",),
)


@contextmanager
def opened(folder: Path) -> Iterator[Board]:
    board = Board(folder)
    board.open()
    yield board
    board.close()


def test_a_job_is_read_by_others_as_it_was_put(tmp_path: Path) -> None:
    over = Job(
        id="def456",
        kind="reindex",
        status="done",
        created=JOB.created,
        outcomes=(Added(name="a.txt", path="a.txt", status="indexed", reason="", documents=("id",)),),
        documents=("id",),
        counts=IndexCounts(1, 2, 3),
    )
    with opened(tmp_path) as ours, opened(tmp_path) as other:
        ours.put(JOB)
        ours.put(over)
        assert other.get(JOB.id) == JOB
        assert sorted(other.all(), key=lambda job: job.id) == [JOB, over]
        # Each lists only what is not its own.
        assert ours.all() == []
        assert ours.get(JOB.id) is None
        ours.remove(JOB.id)
        assert other.get(JOB.id) is None


def test_what_a_process_that_ended_had_not_done_is_lost_and_what_it_had_done_stays(tmp_path: Path) -> None:
    done = Job(id="done", kind="upload", status="done", created=JOB.created)
    with opened(tmp_path) as other:
        with opened(tmp_path) as ended:
            ended.put(JOB)
            ended.put(done)
        found = other.get(JOB.id)
        assert found
        assert (found.status, found.error, found.seconds_left) == ("failed", LOST, None)
        assert other.get("done") == done


def test_what_ended_long_ago_is_cleared_and_what_lives_is_not(tmp_path: Path) -> None:
    with opened(tmp_path) as living:
        living.put(JOB)
        with opened(tmp_path) as ended:
            ended.put(Job(id="gone", kind="upload", status="done", created=JOB.created))
        long_ago = time.time() - KEPT - 10
        for place in tmp_path.iterdir():
            os.utime(place, (long_ago, long_ago))
        with opened(tmp_path) as other:
            assert [job.id for job in other.all()] == [JOB.id]


@pytest.mark.parametrize("name", ["../abc123", "", ".", "a/b", "none"])
def test_no_other_file_can_be_asked_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "abc123.json").write_text("{}")
    with opened(tmp_path / "board") as ours, opened(tmp_path / "board") as other:
        other.put(JOB)
        assert ours.get(name) is None


def test_a_file_that_is_no_job_is_none(tmp_path: Path) -> None:
    with opened(tmp_path) as ours, opened(tmp_path) as other:
        other.put(JOB)
        (file,) = tmp_path.glob(f"*/{JOB.id}.json")
        file.write_text("{")
        assert ours.get(JOB.id) is None
        assert ours.all() == []


def test_a_board_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "board").write_text("in the way")
    with opened(tmp_path / "board") as board:
        board.put(JOB)
        assert board.all() == []
        assert board.get(JOB.id) is None


def test_a_process_is_told_once_which_of_its_jobs_others_want_cancelled(tmp_path: Path) -> None:
    with opened(tmp_path) as ours:
        ours.put(JOB)
        asking = Board(tmp_path)
        assert not ours.to_cancel()
        assert asking.ask_to_cancel(JOB.id)
        assert ours.to_cancel() == [JOB.id]
        assert ours.to_cancel() == []
        for name in ("none", "../x", ""):
            assert not asking.ask_to_cancel(name)
    # Nobody is there any more to cancel it.
    assert not Board(tmp_path).ask_to_cancel(JOB.id)


def test_a_process_alone_forgets_what_its_forerunner_did(tmp_path: Path) -> None:
    with opened(tmp_path) as ended:
        ended.put(JOB)
    alone = Board(tmp_path, kept=0)
    alone.open()
    assert alone.all() == []
    alone.close()
