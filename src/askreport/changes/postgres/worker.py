"""What indexes the files that wait in PostgreSQL: takes one, does it, says so, and takes the next."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from askreport.answering.library import made_with
from askreport.changes.postgres.heartbeat import Heartbeat
from askreport.changes.postgres.index_file import FileIndexer
from askreport.changes.types import Added
from askreport.config import Settings
from askreport.errors import AskReportError, IndexMismatchError, StoppedError, StoreError
from askreport.models.encoder import Encoder
from askreport.parse import ParserPool
from askreport.progress import Progress
from askreport.store import Backend
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.queue import MAX_ATTEMPTS, Bell, TakenError, Task, give_back, is_over, put_off, take
from askreport.store.postgres.writer import group
from askreport.whereabouts import Whereabouts

# Seconds between two looks at the queue if nothing rings: for files that were put off, and those of workers that ended.
POLL = 0.5
# Seconds between two attempts to reach PostgreSQL while it is away.
AWAY = 1.0
# Seconds without a file after which memory is given back: what reads files takes longer to start than to read most.
REST = 10.0
# Seconds that a worker which is to end has to finish what it writes.
GRACE = 3.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worked:
    """A file that is done: what became of it, and how many seconds it took."""

    outcome: Added
    seconds: float


class Worker:
    """Takes one file after another; an instance does one at a time.

    It waits for PostgreSQL while that is away. A file that fails is put off, each time for longer, and in the end set
    aside.
    """

    def __init__(
        self,
        settings: Settings,
        backend: Backend,
        encoder: Encoder,
        parsers: ParserPool,
        said: Callable[[Worked], None] = lambda _: None,
    ) -> None:
        """The worker opens connections of its own to the backend's library; ``said`` is told of each file."""
        assert isinstance(backend, PostgresBackend)
        self._backend = backend.with_own_connections(made_with(encoder), readers=2)
        self._database = self._backend.database
        self._indexer = FileIndexer(settings, self._database, self._backend.originals, encoder, parsers)
        self._parsers = parsers
        self._said = said
        self._hide = Whereabouts(settings).hide
        self._name = f"{socket.gethostname()} {os.getpid()}"
        self._stopping = threading.Event()
        self._task: Task | None = None
        self._thread: threading.Thread | None = None
        self._grouping: threading.Thread | None = None
        self._has_grouped = False
        # When the last file was done, 0 once memory was given back (monotonic seconds).
        self._worked = 0.0
        self.error: AskReportError | None = None

    def start(self) -> None:
        """Works in a thread, until ``stop``; ``error`` says why it ended before."""
        self._stopping.clear()
        # A daemon: a file that takes its reader minutes must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; what it is at is finished or given back at once, for others to take."""
        self._stopping.set()
        if self._thread:
            self._thread.join(GRACE)
        task = self._task
        if self.is_working and task:
            with suppress(StoreError):
                give_back(self._database, task)
        if not self.is_working:
            self._backend.close()

    @property
    def is_working(self) -> bool:
        """Whether the thread runs; after ``stop``, whether it is at a step that takes long."""
        return self._thread is not None and self._thread.is_alive()

    def run(self, job: str = "", progress: Progress = lambda stage, done, total: None) -> None:
        """Works until ``stop``, or on the files of one job until that is over.

        Raises IndexMismatchError if the library was made with something else.
        """
        bell = Bell(self._database)
        try:
            while not self._stopping.is_set():
                try:
                    self._backend.bring_up_to_date()
                    if job and is_over(self._database, job):
                        break
                    if not self._work(job, progress):
                        self._rest()
                        bell.wait(POLL)
                except StoreError as error:
                    _log.warning("%s; the worker waits for it", error.message)
                    self._stopping.wait(AWAY)
                    self._database.refresh()
        finally:
            bell.close()

    def close(self) -> None:
        """Closes the connections of a worker that was not started in a thread."""
        self._backend.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run()
            except AskReportError as error:
                _log.error("the worker has ended: %s", error.message)
                self.error = error
                return
            # What nobody thought of; the files that wait depend on this thread.
            except Exception:  # noqa: BLE001
                _log.exception("the worker failed, and goes on")
                self._stopping.wait(AWAY)

    def _work(self, job: str, progress: Progress) -> bool:
        """Takes the next file and does it; whether there was one."""
        task = take(self._database, self._name, job)
        if task is None:
            return False
        self._task, self._has_grouped = task, False
        started = time.monotonic()
        try:
            outcome = self._done(task, progress)
        finally:
            self._task, self._worked = None, time.monotonic()
        if outcome:
            self._said(Worked(outcome, time.monotonic() - started))
        return True

    def _done(self, task: Task, progress: Progress) -> Added | None:
        """What became of a file; None if it will be tried again, or is another worker's."""
        if task.attempts > MAX_ATTEMPTS:
            return self._indexer.set_aside(task)
        try:
            with Heartbeat(self._database, task, self._stopping.is_set, progress) as heartbeat:
                return self._indexer.index(task, heartbeat.report)
        except TakenError as error:
            _log.warning("%s, for this one had given no sign of life", error.message)
        except StoppedError:
            give_back(self._database, task)
        except (IndexMismatchError, KeyboardInterrupt):
            give_back(self._database, task)
            raise
        # Whatever else goes wrong with one file must not end the worker, for which the others wait.
        except Exception as error:  # noqa: BLE001
            return self._failed(task, error)
        return None

    def _failed(self, task: Task, error: Exception) -> Added | None:
        """Puts a file off that failed, or aside if it did so too often."""
        failure = f"the program failed ({type(error).__name__})"
        reason = self._hide(error.message) if isinstance(error, AskReportError) else failure
        if isinstance(error, StoreError):
            self._database.refresh()
        if task.attempts >= MAX_ATTEMPTS:
            _log.error("%s is set aside", task.file.name, exc_info=error)
            return self._indexer.set_aside(replace(task, reason=reason))
        seconds = put_off(self._database, task, reason)
        _log.warning("%s failed, and is tried again in %s s", task.file.name, seconds, exc_info=error)
        return None

    def _rest(self) -> None:
        """Does what there is time for once no file waits."""
        if self._worked and time.monotonic() - self._worked > REST:
            self._worked = 0.0
            self._parsers.rest()
        if not (self._has_grouped or (self._grouping and self._grouping.is_alive())):
            self._has_grouped = True
            # It may take minutes, in which files may come.
            self._grouping = threading.Thread(target=self._group, name="group", daemon=True)
            self._grouping.start()

    def _group(self) -> None:
        try:
            group(self._database)
        # It is done with the next file that comes.
        except Exception:  # noqa: BLE001
            _log.exception("the graph of the vectors could not be made")
