"""What happens to the request that is being served, gathered on the way: its id, its question, the stages, the answer.

Code that works on a request notes it here, and service/observe/requests.py reads the notes at the end. Outside a
request, on the command line or in an evaluation, nothing is kept.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from askreport.types import Status


@dataclass(slots=True, kw_only=True)
class Trace:
    """One request; ``stages`` are (name, seconds), ``answers`` the statuses of the answers that were given."""

    id: str
    questions: list[str] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)
    answers: list[Status] = field(default_factory=list)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace of the request that this thread or task works for, if it does."""
    return _current.get()


@contextmanager
def traced(request_id: str) -> Iterator[Trace]:
    """Within it, what is noted goes to the trace of this request, also from threads and tasks that it starts."""
    trace = Trace(id=request_id)
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Notes how long what is within it takes; nothing if it fails."""
    started = time.perf_counter()
    yield
    if trace := _current.get():
        trace.stages.append((name, time.perf_counter() - started))


def note_question(question: str) -> None:
    """Notes the question of the request."""
    if trace := _current.get():
        trace.questions.append(question)


def note_answer(status: Status) -> None:
    """Notes how a question was answered."""
    if trace := _current.get():
        trace.answers.append(status)
