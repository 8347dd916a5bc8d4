"""The process that reads files for another: python -m askreport.parse.child MEMORY_BYTES, frames in and out.

Whatever a file does to a reader (a crash, a hang, all memory) happens here and ends here. The process has limits of
its own, and neither a reader nor what it reads can open a connection.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import ceil
from typing import Any, BinaryIO, TypeAlias

from askreport.errors import ParseError
from askreport.parse.options import Grant, ParseOptions
from askreport.parse.parsers import parse
from askreport.parse.pdf.reader import draw, unlock
from askreport.parse.wire import MAX_MESSAGE, Message, encode, receive, send

if sys.platform != "win32":
    import resource
# Makes the parts of an answer to a request, which has byte strings; it may ask for more time.
Answer: TypeAlias = Callable[[Message, list[bytes], Grant], Iterator[tuple[Message, tuple[bytes, ...]]]]
# Beyond its time by the clock, which the other process keeps: this one ends itself should that one be gone.
_CPU_SLACK = 30
_NO_MEMORY = "it needs more memory than ASKREPORT_PARSE_MEMORY_MB allows"


def serve(memory: int, answer: Answer) -> None:
    """Answers requests until there are no more, with so many bytes of memory."""
    requests, answers = _streams()
    _limit(memory)
    sys.addaudithook(_forbid_network)
    while True:
        try:
            message, blobs = receive(requests)
        except EOFError:
            return
        _limit_time(float(message["seconds"]) + _CPU_SLACK)
        if "cpu_seconds" in message:
            _limit_time(float(message["cpu_seconds"]))
        for said, parts in _answers(answer, message, blobs, answers):
            send(answers, said, parts)


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the other process. What a library prints must not come between the frames: it goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return sys.stdin.buffer, answers


def _limit(memory: int) -> None:
    sys.dont_write_bytecode = True
    if sys.platform != "win32":
        for kind, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, memory)):
            _, hard = resource.getrlimit(kind)
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            # macOS does not let the address space be limited.
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))


def _limit_time(seconds: float) -> None:
    if sys.platform != "win32":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        used = usage.ru_utime + usage.ru_stime
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(used + seconds), hard))


def _forbid_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError("no document may reach the network")


def _answers(
    answer: Answer, message: Message, blobs: list[bytes], answers: BinaryIO
) -> Iterator[tuple[Message, tuple[bytes, ...]]]:
    """The frames that answer a request: any number of parts, then an end; an error is the end of its own kind."""

    def grant(seconds: float) -> None:
        _limit_time(seconds + _CPU_SLACK)
        send(answers, {"kind": "grant", "seconds": seconds})

    try:
        yield from answer(message, blobs, grant)
        yield {"kind": "end"}, ()
    except ParseError as error:
        yield {"kind": "failed", "status": error.status, "message": error.message[:MAX_MESSAGE]}, ()
    except MemoryError:
        yield {"kind": "failed", "status": "too_large", "message": _NO_MEMORY}, ()
    except RecursionError:
        yield {"kind": "failed", "status": "damaged", "message": "it is nested too deeply to be read"}, ()
    # Readers meet bytes that nobody foresaw; whatever they raise is an outcome of the file.
    except Exception as error:  # noqa: BLE001
        reason = f"it cannot be read: {type(error).__name__}: {error}"
        yield {"kind": "failed", "status": "damaged", "message": reason[:MAX_MESSAGE]}, ()


def _read(message: Message, blobs: list[bytes], grant: Grant) -> Iterator[tuple[Message, tuple[bytes, ...]]]:
    """The picture of a page, a file without its password, or the documents of a file."""
    if message["operation"] == "draw":
        yield {"kind": "picture"}, (draw(blobs[0], message["page"], message["scale"], message["passwords"]),)
        return
    if message["operation"] == "unlock":
        yield {"kind": "file"}, (unlock(blobs[0], message["passwords"]),)
        return
    options = ParseOptions(**{**message["options"], "passwords": tuple(message["options"]["passwords"])})
    for item in parse(blobs[0], message["ending"], options, grant):
        yield encode(item)


if __name__ == "__main__":
    serve(int(sys.argv[1]), _read)
