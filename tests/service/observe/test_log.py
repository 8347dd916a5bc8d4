"""The log: one JSON object a line, with the request's id, and without what somebody wrote unless that is wanted."""

import errno
import io
import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.service.observe.log import (
    LINES_A_MINUTE,
    REQUESTS,
    Impatient,
    JsonLines,
    Throttle,
    configure,
    with_request_id,
)
from askreport.trace import traced

SECRET = "Zanzibar"


def record(message: str, *, error: BaseException | None = None, **extra: Any) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("askreport.x", logging.ERROR, __file__, 1, message, (), info)
    made.__dict__.update(extra)
    return made


def line(made: logging.LogRecord, *, with_questions: bool = False) -> dict[str, Any]:
    with_request_id(made)
    text = JsonLines(with_questions).format(made)
    assert len(text.splitlines()) == 1
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def caught(*, chained: bool = False) -> BaseException:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as first:
            if not chained:
                raise ValueError(SECRET) from None
            raise ExceptionGroup(SECRET, [ValueError(SECRET)]) from first
    except Exception as error:  # noqa: BLE001
        return error


@given(st.text(), st.text())
def test_any_message_is_one_line(message: str, value: str) -> None:
    made = record("%", fields={"key": value})
    made.msg, made.args = "%s", (message,)
    parsed = line(made)
    assert (parsed["message"], parsed["key"], parsed["level"]) == (message, value, "error")


@pytest.mark.parametrize("chained", [False, True])
def test_a_requests_exception_is_told_by_its_place_without_its_message(chained: bool) -> None:
    with traced("abc"):
        parsed = line(record("a request failed", error=caught(chained=chained)))
    assert parsed["id"] == "abc"
    assert "builtins.ValueError" in parsed["exception"]
    assert "in caught" in parsed["exception"]
    assert SECRET not in json.dumps(parsed)
    assert ("KeyError" in parsed["exception"]) == chained


def test_its_message_is_there_when_questions_are_logged_and_outside_of_requests() -> None:
    with traced("abc"):
        assert SECRET in line(record("x", error=caught()), with_questions=True)["exception"]
    outside = line(record("x", error=caught()))
    assert SECRET in outside["exception"]
    assert "id" not in outside


@contextmanager
def configured(log: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as the service sets it up, into a text; afterwards as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, REQUESTS.level)
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    # What closes the handlers of others must not reach those of the tests.
    root.handlers = []
    try:
        configure(log)
        yield shown
    finally:
        logging.captureWarnings(False)
        root.handlers, level, requests = before
        root.setLevel(level)
        REQUESTS.setLevel(requests)


@pytest.mark.parametrize(("log", "lines"), [("problems", 1), ("requests", 2), ("questions", 2)])
def test_the_setting_says_what_is_logged(log: str, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with configured(log, monkeypatch) as shown:
        REQUESTS.info("request")
        REQUESTS.warning("request")
    assert len(shown.getvalue().splitlines()) == lines


def test_the_server_does_not_tell_again_what_is_told_and_warnings_are_lines_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with configured("problems", monkeypatch) as shown, warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
        logging.getLogger("uvicorn.error").info("Started")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    (told,) = [json.loads(each) for each in shown.getvalue().splitlines()]
    assert told["level"] == "warning"
    assert "old" in told["message"]


def test_a_reader_that_has_stopped_reading_holds_nothing_up() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading):
        handler = Impatient(stream)

        def write() -> None:
            for _ in range(10_000):
                handler.emit(record("x" * 100))

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        # One that waits for the reader waits for ever.
        writer.join(60)
        assert not writer.is_alive()


def problem(place: int, error: Exception | None = None) -> logging.LogRecord:
    """A record of a problem that is told at this line."""
    told = (type(error), error, None) if error else None
    return logging.LogRecord("askreport", logging.ERROR, __file__, place, "request %s failed", (place,), told)


def test_of_one_problem_there_are_so_many_lines_a_minute_and_then_how_many_were_left_out() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    assert [throttle(problem(1)) for _ in range(500)] == [True] * LINES_A_MINUTE + [False] * (500 - LINES_A_MINUTE)
    # Others are told as before, and what is no problem always.
    assert throttle(problem(2))
    assert throttle(problem(1, ValueError()))
    assert all(throttle(logging.LogRecord("x", logging.INFO, __file__, 1, "request", (), None)) for _ in range(500))
    now = 61.0
    after = problem(1)
    assert throttle(after)
    assert after.fields == {"left_out": 500 - LINES_A_MINUTE}  # type: ignore[attr-defined]


def test_running_out_of_files_is_one_line_wherever_it_is_met() -> None:
    throttle = Throttle(lambda: 0.0)
    assert throttle(problem(1, OSError(errno.EMFILE, "Too many open files")))
    assert not any(throttle(problem(at, OSError(errno.ENFILE, "Too many open files"))) for at in range(100))
