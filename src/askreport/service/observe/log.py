"""The service's log: a JSON object a line on standard error, each with the id of the request it belongs to.

What people ask is theirs. Unless the setting says ``questions``, the log has no question and no message of a request's
exception, since such a message may quote the question. It always has where the exception was raised.
"""

import json
import logging
import select
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from errno import EMFILE, ENFILE
from typing import Any, TextIO

from askreport.config import Log
from askreport.trace import current

REQUESTS = logging.getLogger("askreport.requests")
_MINUTE = 60.0
# Of one kind of problem.
LINES_A_MINUTE = 20
# The kind of what comes of having as many files open as the process may: each connection then is one, and each file.
_FILES: tuple[object, ...] = ("files",)
# Kinds of problem that are remembered; there are no more places in the program that write one.
_KINDS = 1_000
# What the server says of an exception that the application lets through; it is logged already (observe.py).
_AGAIN = "Exception in ASGI application"


class JsonLines(logging.Formatter):
    """Log records as JSON; ``extra={"fields": {…}}`` of a record adds to it."""

    def __init__(self, with_questions: bool) -> None:
        super().__init__()
        self._with_questions = with_questions

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in the record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "id": getattr(record, "request_id", None),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error:
            line["exception"] = "\n".join(_told(error, self._with_questions or line["id"] is None))
        return json.dumps({key: value for key, value in line.items() if value is not None}, default=str)


def _told(error: BaseException, with_message: bool) -> list[str]:
    """An exception and those that led to it, the first one first: where each came from, and its message if wanted."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    lines = _told(before, with_message) if before else []
    lines += [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
    lines.append(f"{kind}: {error}" if with_message else f"{kind} (its message is logged with ASKREPORT_LOG=questions)")
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return lines + [line for member in members for line in _told(member, with_message)]


class Impatient(logging.StreamHandler[TextIO]):
    """Writes a line if it can be taken at once, and drops it if not.

    Whoever reads the log may stop reading; a pipe that is full would otherwise stop every answer with it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the record, or drops it."""
        try:
            is_free = bool(select.select([], [self.stream], [], 0)[1])
        # No file of the system's, or a system on which only sockets can be asked.
        except (OSError, ValueError):
            is_free = True
        if is_free:
            super().emit(record)


def with_request_id(record: logging.LogRecord) -> bool:
    """A filter that lets everything through, with the id of the request that is being served."""
    trace = current()
    record.request_id = trace.id if trace else None
    return True


def once(record: logging.LogRecord) -> bool:
    """A filter against what is logged already."""
    return not str(record.msg).startswith(_AGAIN)


class Throttle:
    """A filter against floods: of one kind of problem so many lines a minute; the next one says how many were left out.

    What goes wrong with each request would otherwise fill a disk in an hour. ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # By the kind: when its minute began, and how many records there were in it.
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def __call__(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        if record.levelno < logging.WARNING:
            return True
        kind = _kind(record)
        most = 1 if kind == _FILES else LINES_A_MINUTE
        now = self._clock()
        began, count = self._seen.get(kind, (now, 0))
        if now - began >= _MINUTE:
            if count > most:
                record.fields = {**getattr(record, "fields", {}), "left_out": count - most}
            began, count = now, 0
        if len(self._seen) > _KINDS:
            self._seen.clear()
        self._seen[kind] = (began, count + 1)
        return count < most


def _kind(record: logging.LogRecord) -> tuple[object, ...]:
    """Equal for records of the same problem; of running out of files, whatever was to be opened."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError) and error.errno in (EMFILE, ENFILE):
        return _FILES
    # What is in the message is other words each time; where it comes from is not.
    return (record.name, record.levelno, record.pathname, record.lineno, type(error))


def configure(log: Log) -> None:
    """Sets up the log of this process: problems only, or every one of the requests too."""
    handler = Impatient()
    handler.setFormatter(JsonLines(with_questions=log == "questions"))
    handler.addFilter(with_request_id)
    handler.addFilter(once)
    handler.addFilter(Throttle())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    REQUESTS.setLevel(logging.WARNING if log == "problems" else logging.INFO)
