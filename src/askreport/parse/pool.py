"""Processes that read files, under limits of time and memory: a file that breaks its reader breaks nothing else."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from askreport.errors import ParseError
from askreport.parse.options import Parsed, ParseOptions
from askreport.parse.wire import Message, decode, receive, send
from askreport.progress import BEAT

if TYPE_CHECKING:
    # Not loaded in the processes that read files: it would take a third of a second and 9 MB in each.
    from askreport.config import Settings

_READER = "askreport.parse.child"
_Given = TypeVar("_Given")
# A process is replaced after so many files: libraries that meet broken files leak.
_FILES_PER_PROCESS = 500
_DRAW_SECONDS = 20.0
# How long a process that has closed its pipe may take to end.
_LAST_SECONDS = 5.0
# How a process ends that gets no memory: PDFium aborts; its other crashes are traps. (How much a dead one had used
# cannot be told: what Linux reports counts what its parent had.)
_WITHOUT_MEMORY = (signal.SIGABRT,)
# How a process ends that has used up the processor's time that it was given.
_OUT_OF_TIME = getattr(signal, "SIGXCPU", None)
# How a process ends that somebody ends, or the system when the machine is out of memory.
_FROM_OUTSIDE = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGKILL", "SIGHUP") if hasattr(signal, name)
)
_MAX_ITEMS = 5_000_000
_MAX_GRANT, _MAX_GRANTS = 60.0, 1_000
# The readers use one thread each; there are as many processes as wanted.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class ReaderEndedError(ParseError):
    """A reader's process was ended from outside, which may be none of the file's fault."""


class GaveUpError(ParseError):
    """Whoever wanted a file read does not want it any more."""


class ParserPool:
    """Up to ``workers`` processes that read files and draw pages; each starts when it is first needed.

    All methods may be called by any thread; a call waits for a process that is free. Use it as a context manager, or
    call ``close``.
    """

    def __init__(
        self,
        options: ParseOptions | None = None,
        workers: int = 0,
        seconds: float = 120.0,
        memory_mb: int = 2_000,
    ) -> None:
        self.options = options or ParseOptions()
        self.workers = workers or os.cpu_count() or 1
        self.seconds = seconds
        self.memory_mb = memory_mb
        self._free = threading.BoundedSemaphore(self.workers)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        # With what tells whether the call it works for is still wanted.
        self._busy: dict[_Process, threading.Event | None] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes; one that is at work ends with its file."""
        self._closed = True
        self.rest()

    def rest(self) -> None:
        """Ends the processes that wait for work: until there is some again they would only hold memory."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def give_up(self, wanted: threading.Event) -> None:
        """Has the calls that were given this event, which is cleared, end at once, and their processes."""
        wanted.clear()
        with self._lock:
            theirs = [process for process, event in self._busy.items() if event is wanted]
        for process in theirs:
            process.kill()

    def parse(self, data: bytes, ending: str, wanted: threading.Event | None = None) -> list[Parsed | ParseError]:
        """The documents of a file's bytes and an error for each bad part; one error if the file is bad as a whole.

        Raises GaveUpError once ``wanted`` is cleared.
        """
        try:
            return self._twice(lambda fresh: self._parse(data, ending, wanted, fresh), wanted)
        except GaveUpError:
            raise
        except ParseError as error:
            return [error]
        except ValueError as error:
            return [ParseError(f"its reader gave no document: {error}")]

    def run(
        self, module: str, request: Message, data: bytes, seconds: float, wanted: threading.Event | None = None
    ) -> list[tuple[Message, list[bytes]]]:
        """What a process that runs this module (``serve`` of child.py) answers; ParseError, as for a reader.

        ``seconds`` are of the processor's time; by the clock it may take ten times as long, for others need it too.
        """

        def once(fresh: bool) -> list[tuple[Message, list[bytes]]]:
            asked = {**request, "cpu_seconds": seconds}
            with closing(self._ask(asked, data, 10 * seconds, wanted, fresh=fresh, module=module)) as answers:
                return list(answers)

        return self._twice(once, wanted)

    def _twice(self, once: Callable[[bool], _Given], wanted: threading.Event | None) -> _Given:
        """What the call gives; perhaps its process was ended while it waited: then once more, by one that is new."""
        try:
            return once(False)
        except ReaderEndedError as error:
            if wanted and not wanted.is_set():
                raise GaveUpError("nobody wants it read any more") from error
            return once(True)

    def _parse(
        self, data: bytes, ending: str, wanted: threading.Event | None, fresh: bool
    ) -> list[Parsed | ParseError]:
        request: Message = {"operation": "parse", "ending": ending, "options": asdict(self.options)}
        found: list[Parsed | ParseError] = []
        with closing(self._ask(request, data, self.seconds, wanted, fresh=fresh)) as answers:
            for message, blobs in answers:
                found.append(decode(message, blobs))
                if len(found) > _MAX_ITEMS:
                    raise ParseError(f"the file holds more than {_MAX_ITEMS:,} documents", "too_large")
        return found

    def draw(self, data: bytes, page: int, scale: float) -> bytes:
        """A page of a PDF, from 1, as a PNG of ``scale`` pixels a point or fewer; ParseError if it cannot be drawn."""
        request: Message = {"operation": "draw", "page": page, "scale": scale, "passwords": self.options.passwords}
        return self._one(request, data, "the page cannot be drawn")

    def unlock(self, data: bytes, password: str) -> bytes:
        """A PDF that needs a password, without it; ParseError if it needs none, or this one does not open it."""
        request: Message = {"operation": "unlock", "passwords": (password,)}
        return self._one(request, data, "the file cannot be unlocked")

    def _one(self, request: Message, data: bytes, failure: str) -> bytes:
        with closing(self._ask(request, data, _DRAW_SECONDS)) as answers:
            given = [blobs[0] for _, blobs in answers if blobs]
        if not given:
            raise ParseError(failure)
        return given[0]

    def _ask(
        self,
        request: Message,
        data: bytes,
        seconds: float,
        wanted: threading.Event | None = None,
        *,
        fresh: bool = False,
        module: str = _READER,
    ) -> Generator[tuple[Message, list[bytes]], None, None]:
        with self._turn(wanted), self._process(module, fresh, wanted) as process:
            # After it was counted as busy: whoever gives up now either sees it, or is seen here.
            if wanted and not wanted.is_set():
                raise GaveUpError("nobody wants it read any more")
            yield from process.ask({**request, "seconds": seconds}, data, seconds)

    @contextmanager
    def _turn(self, wanted: threading.Event | None) -> Iterator[None]:
        """Waits until there may be one more process, as long as it is wanted."""
        while not self._free.acquire(timeout=BEAT):
            if wanted and not wanted.is_set():
                raise GaveUpError("nobody wants it read any more")
        try:
            yield
        finally:
            self._free.release()

    @contextmanager
    def _process(self, module: str, fresh: bool, wanted: threading.Event | None) -> Iterator["_Process"]:
        """A process that is alive; afterwards it is kept for the next file if it still is."""
        process = (None if fresh else self._idle_process(module)) or _Process(module, self.memory_mb * 1_000_000)
        with self._lock:
            self._busy[process] = wanted
        try:
            yield process
        finally:
            with self._lock:
                del self._busy[process]
                keep = process.is_usable and not self._closed
                if keep:
                    self._idle.append(process)
            if not keep:
                process.end()

    def _idle_process(self, module: str) -> "_Process | None":
        """A process that waits for work; those that were ended meanwhile, by whoever, are put away."""
        with self._lock:
            for process in [each for each in reversed(self._idle) if each.module == module]:
                self._idle.remove(process)
                if process.is_alive:
                    return process
                process.end()
        return None


class _Process:
    """One child process (child.py)."""

    def __init__(self, module: str, memory: int) -> None:
        self.module = module
        self._files = 0
        self._between_files = True
        self._ended = False
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", module, str(memory)]
        environment = {**os.environ, **_ENVIRONMENT}
        # What a reader prints is of no use to anybody, and could steer a terminal.
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Whoever ends the command with Ctrl+C means the command, and not that the file is bad.
            start_new_session=True,
        )

    @property
    def is_usable(self) -> bool:
        """Whether it can be given another file."""
        return self._between_files and not self._ended and self._files < _FILES_PER_PROCESS

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return not self._ended and self._child.poll() is None

    def ask(self, request: Message, data: bytes, seconds: float) -> Iterator[tuple[Message, list[bytes]]]:
        """The frames that answer a request. Raises ParseError if it fails, also by the process's end."""
        self._files += 1
        self._between_files = False
        deadline = _Deadline(self._child, seconds)
        try:
            yield from self._answers(request, data, deadline)
        except (EOFError, OSError):
            raise self._death(deadline) from None
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ParseError(f"its reader gave no document: {error!r}") from None
        finally:
            deadline.cancel()
            # It may have been killed in the moment in which it was done.
            self._ended = self._ended or deadline.passed

    def _answers(self, request: Message, data: bytes, deadline: "_Deadline") -> Iterator[tuple[Message, list[bytes]]]:
        assert self._child.stdin
        assert self._child.stdout
        send(self._child.stdin, request, [data])
        while True:
            message, blobs = receive(self._child.stdout)
            kind = message.get("kind")
            if kind == "grant":
                deadline.extend(min(float(message["seconds"]), _MAX_GRANT))
            elif kind in ("end", "failed"):
                self._between_files = True
                if kind == "failed":
                    raise _failure(message)
                return
            else:
                yield message, blobs

    def _death(self, deadline: "_Deadline") -> ParseError:
        """What it means that the process is gone."""
        try:
            status = self._child.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return ParseError("its reader stopped answering")
        if deadline.passed:
            return ParseError(
                f"reading it took longer than {deadline.seconds:g} seconds; ASKREPORT_PARSE_SECONDS sets the limit",
                "timed_out",
            )
        if -status == _OUT_OF_TIME:
            return ParseError("it takes more of the processor's time than it may", "timed_out")
        if -status in _WITHOUT_MEMORY:
            return ParseError("reading it takes more memory than ASKREPORT_PARSE_MEMORY_MB allows", "too_large")
        if -status in _FROM_OUTSIDE:
            return ReaderEndedError(f"its reader was ended by signal {-status}; `askreport index` tries again")
        return ParseError(f"its reader crashed on it (exit status {status})")

    def kill(self) -> None:
        """Ends what the process does; whoever asked it for that is told."""
        self._child.kill()

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self._ended = True
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream:
                # What was not sent to a dead process need not be.
                with suppress(OSError):
                    stream.close()


def _failure(message: Message) -> ParseError:
    failed = decode({"kind": "error", "status": message.get("status"), "message": message.get("message")}, [])
    assert isinstance(failed, ParseError)
    return failed


class _Deadline:
    """Kills a process at its time, which can be put off."""

    def __init__(self, child: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._grants = 0
        self._child = child
        self._start(seconds)

    def _start(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True
        self._timer.start()

    def _kill(self) -> None:
        self.passed = True
        self._child.kill()

    def extend(self, seconds: float) -> None:
        """Gives the process so many seconds from now."""
        self._grants += 1
        if self._grants <= _MAX_GRANTS:
            self.cancel()
            self._start(max(seconds, self.seconds))

    def cancel(self) -> None:
        """Lets the process live."""
        self._timer.cancel()


def parser_pool(settings: "Settings") -> ParserPool:
    """The processes that read files, as the settings limit them."""
    passwords = tuple(line for line in settings.passwords.get_secret_value().splitlines() if line)
    options = ParseOptions(passwords=passwords, ocr_languages=settings.ocr, max_pages=settings.max_pages)
    return ParserPool(options, settings.parse_workers, settings.parse_seconds, settings.parse_memory_mb)
