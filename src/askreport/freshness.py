"""The newest state of the library that the client of a request has seen.

A library in PostgreSQL may be on several nodes, and a replica may lag behind the primary. A client is never answered
from an older state than before, nor from before its own change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# What tells a service which generation its client has seen, and the client which one it was answered from.
HEADER = "x-library-generation"


@dataclass(slots=True)
class Seen:
    """The newest generation that was seen, 0 for none; any thread may change it."""

    generation: int = 0

    def note(self, generation: int) -> None:
        """Remembers a generation that is newer than those before."""
        # Of two threads that note at once one may be lost; the next answer notes it.
        self.generation = max(self.generation, generation)


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def seeing(generation: int) -> Iterator[Seen]:
    """What the block and the threads it starts see, from this generation on."""
    seen = Seen(generation)
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def wanted() -> int:
    """The generation that must be seen, 0 if any will do."""
    seen = _seen.get()
    return seen.generation if seen else 0


def note(generation: int) -> None:
    """Tells the request at work, if there is one, what was seen or made."""
    if seen := _seen.get():
        seen.note(generation)


def cut(generation: int) -> None:
    """Tells the request at work, if there is one, that there is nothing newer than this generation."""
    if (seen := _seen.get()) and seen.generation > generation:
        seen.generation = generation
