"""The gate: few at work, some waiting, the others put off at once; and the loop stays free."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.errors import OverloadedError, QuestionError
from askreport.service.shared.gate import Gate

Result = TypeVar("Result")


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns; in a thread of its own, for the browser's tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _asked(gate: Gate, release: threading.Event, count: int) -> list[Any]:
    tasks = [asyncio.ensure_future(gate.run(release.wait, 10)) for _ in range(count)]
    await asyncio.sleep(0.05)
    release.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 4), st.integers(1, 8), st.integers(1, 20))
def test_exactly_those_that_may_wait_are_answered(threads: int, waiting: int, count: int) -> None:
    gate = Gate(threads, waiting)
    results = finished(_asked(gate, threading.Event(), count))
    assert results.count(True) == min(waiting, count)
    put_off = [each for each in results if isinstance(each, OverloadedError)]
    assert len(put_off) == max(0, count - waiting)
    assert all(error.retry_after for error in put_off)
    # It recovers at once.
    assert finished(gate.run(lambda: 7)) == 7
    gate.close()


def test_no_more_than_its_threads_are_at_work() -> None:
    gate, lock = Gate(2, 50), threading.Lock()
    at_work = most = 0

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with lock:
            at_work -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(gate.run(work) for _ in range(20)))

    finished(all_of_them())
    assert most == 2
    gate.close()


def test_an_error_of_the_work_is_the_callers_and_frees_its_place() -> None:
    gate = Gate(1, 1)

    def fail() -> None:
        raise QuestionError("no")

    for _ in range(3):
        with pytest.raises(QuestionError):
            finished(gate.run(fail))
    gate.close()


def test_a_client_that_goes_frees_its_place_only_when_its_work_has_ended() -> None:
    gate, release = Gate(1, 1), threading.Event()

    async def go_away() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gate.run(release.wait, 10), 0.05)
        with pytest.raises(OverloadedError):
            await gate.run(time.sleep, 0)
        release.set()
        await asyncio.sleep(0.05)
        assert await gate.run(lambda: "free") == "free"

    finished(go_away())
    gate.close()


def test_the_work_knows_the_callers_context() -> None:
    gate, name = Gate(1, 1), ContextVar("name", default="")

    async def named() -> str:
        name.set("request 7")
        return await gate.run(name.get)

    assert finished(named()) == "request 7"
    gate.close()
