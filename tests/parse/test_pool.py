"""Files are read in processes of their own: whatever one does to its reader is an outcome, and the next is read."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from askreport.errors import ParseError
from askreport.parse import GaveUpError, Parsed, ParserPool, ReaderEndedError
from askreport.types import OutcomeStatus
from tests.conftest import shared
from tests.tools.parts import pdf

# A file that keeps a Markdown parser busy for minutes.
SLOW = b"[" * 60_000 + b"\n" + b"![[]()" * 60_000
PAGE = pdf(["A line on a page."])


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    with ParserPool(workers=1) as made:
        yield made


def failure(items: list[Parsed | ParseError]) -> tuple[OutcomeStatus, str]:
    (error,) = items
    assert isinstance(error, ParseError)
    return error.status, error.message


def text(items: list[Parsed | ParseError]) -> str:
    (parsed,) = items
    assert isinstance(parsed, Parsed)
    return parsed.document.text


def test_one_process_reads_file_after_file(pool: ParserPool) -> None:
    for n in range(3):
        assert text(pool.parse(f"File {n}.".encode(), ".txt")) == f"File {n}."
    assert len(pool._idle) == 1
    assert pool._idle[0]._files == 3


def test_a_file_that_takes_too_long_is_ended_and_the_next_is_read() -> None:
    with ParserPool(workers=1, seconds=2) as pool:
        pool.parse(b"First.", ".txt")
        child = pool._idle[0]._child
        status, message = failure(pool.parse(SLOW, ".md"))
        assert (status, "ASKREPORT_PARSE_SECONDS" in message) == ("timed_out", True)
        # In the middle of its work.
        assert child.returncode == -signal.SIGKILL
        assert text(pool.parse(b"Next.", ".txt")) == "Next."


def test_a_file_that_fills_the_memory_is_too_large() -> None:
    bomb = shared("documents/flate_bomb_text.pdf").read_bytes()
    with ParserPool(workers=1, memory_mb=700) as pool:
        status, message = failure(pool.parse(bomb, ".pdf"))
        assert (status, "ASKREPORT_PARSE_MEMORY_MB" in message) == ("too_large", True)
        assert text(pool.parse(b"Next.", ".txt")) == "Next."


def test_a_reader_that_is_killed_once_is_followed_by_another(pool: ParserPool) -> None:
    long = pdf(*[["Another line."] * 40] * 1_500)
    pool.parse(b"First.", ".txt")
    child = pool._idle[0]._child
    # As the system does when memory is short, while a file is being read.
    threading.Timer(0.3, child.kill).start()
    assert "Another line." in text(pool.parse(long, ".pdf"))
    assert text(pool.parse(b"Next.", ".txt")) == "Next."


def test_a_reader_that_died_between_files_costs_one_outcome_at_most(pool: ParserPool) -> None:
    pool.parse(b"First.", ".txt")
    pool._idle[0]._child.kill()
    pool._idle[0]._child.wait()
    assert text(pool.parse(b"Next.", ".txt")) == "Next."


def test_many_threads_share_the_processes() -> None:
    with ParserPool(workers=2) as pool, ThreadPoolExecutor(8) as threads:
        texts = [f"File {n}." for n in range(40)]
        found = threads.map(lambda words: text(pool.parse(words.encode(), ".txt")), texts)
        assert list(found) == texts
        assert len(pool._idle) <= 2


def test_a_pool_that_rests_leaves_no_process_and_reads_on(pool: ParserPool) -> None:
    pool.parse(b"Words.", ".txt")
    child = pool._idle[0]._child
    pool.rest()
    assert child.returncode is not None
    assert text(pool.parse(b"More words.", ".txt")) == "More words."


def test_a_closed_pool_leaves_no_process_behind() -> None:
    pool = ParserPool(workers=1)
    pool.parse(b"Words.", ".txt")
    child = pool._idle[0]._child
    pool.close()
    assert child.returncode is not None


def test_a_reader_cannot_reach_the_network(pool: ParserPool) -> None:
    page = b'<!DOCTYPE html SYSTEM "http://127.0.0.1:9/x.dtd"><html><body><p>Words</p></body></html>'
    assert text(pool.parse(page, ".html")) == "Words\n"


def test_a_page_is_drawn_as_a_png(pool: ParserPool) -> None:
    assert pool.draw(PAGE, 1, 1.0).startswith(b"\x89PNG")


@pytest.mark.parametrize(("data", "page"), [(PAGE, 2), (PAGE, 0), (b"no PDF", 1), (b"", 1)])
def test_what_cannot_be_drawn_is_an_error(pool: ParserPool, data: bytes, page: int) -> None:
    with pytest.raises(ParseError):
        pool.draw(data, page, 1.0)


def test_a_huge_page_is_drawn_small(pool: ParserPool) -> None:
    for name in ("huge_mediabox.pdf", "bomb_giant.pdf"):
        data = shared(f"documents/{name}").read_bytes()
        # A page whose picture needs more memory than there is may not be drawn.
        with suppress(ParseError):
            assert len(pool.draw(data, 1, 6.0)) < 20_000_000
        assert text(pool.parse(b"Next.", ".txt")) == "Next."


def test_a_reader_that_is_always_killed_is_an_outcome_that_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch, pool: ParserPool
) -> None:
    started = subprocess.Popen

    def killed(*arguments: Any, **options: Any) -> Any:
        process = started(*arguments, **options)
        process.kill()
        return process

    monkeypatch.setattr(subprocess, "Popen", killed)
    (error,) = pool.parse(b"Words.", ".txt")
    assert isinstance(error, ReaderEndedError)
    assert "signal 9" in error.message


def test_a_process_is_not_of_the_terminals_group(pool: ParserPool) -> None:
    pool.parse(b"Words.", ".txt")
    assert os.getpgid(pool._idle[0]._child.pid) != os.getpgid(0)


def test_whoever_gives_up_waits_for_nothing_and_disturbs_nobody(pool: ParserPool) -> None:
    ours, others = threading.Event(), threading.Event()
    ours.set()
    others.set()
    with ThreadPoolExecutor(2) as threads:
        abandoned = threads.submit(pool.parse, SLOW, ".md", ours)
        while not pool._busy:
            time.sleep(0.01)
        # There is one process: this one waits for it.
        kept = threads.submit(pool.parse, b"Nine goats.", ".txt", others)
        pool.give_up(ours)
        with pytest.raises(GaveUpError):
            abandoned.result(30)
        assert text(kept.result(30)) == "Nine goats."
    with pytest.raises(GaveUpError):
        pool.parse(b"Nine goats.", ".txt", ours)
