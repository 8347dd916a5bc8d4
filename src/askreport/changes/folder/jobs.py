"""Changes that take a while: uploads and re-indexing, one after another, in one thread beside the service.

Of several worker processes each does what it was asked for, the index's lock makes them wait for each other, and a
board (board.py) lets each tell of all.
"""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

from askreport.changes.folder.board import Board
from askreport.changes.folder.manage import Manager
from askreport.changes.staging import Staging, clear_uploads
from askreport.changes.types import CANCELLED, HEARTBEAT, KEEP, MIN_GAP, FileState, Job, JobError, JobKind, Replacing
from askreport.errors import AskReportError, CancelledError, JobNotFoundError, OverloadedError, StoppedError
from askreport.progress import Pace

KEPT_JOBS = 200
# Jobs that are not over, at most; uploads among them hold their files on the disk.
MAX_QUEUED = 200
# Seconds after which one more may be tried.
RETRY_AFTER = 10
# Of the jobs that are not listed; whoever followed one may want to know how it ended.
KEPT_UNLISTED = 10
# Seconds a job nobody asked for may look through the library before it is listed.
UNLISTED_FOR = 2.0
# How long the end of the service waits for the job at work.
GRACE = 1.5

_log = logging.getLogger(__name__)


class Jobs:
    """The queue, the thread that works on it, and the last jobs' states; all methods may be called by any thread."""

    def __init__(
        self, manager: Manager, board: Board | None = None, over: Callable[[Job], None] = lambda job: None
    ) -> None:
        """``over`` is told of each job of this process when nothing of it will change any more."""
        self.manager: Manager = manager
        self._over = over
        self._board = board
        self._told: dict[str, float] = {}
        self._jobs: dict[str, Job] = {}
        self._unlisted: set[str] = set()
        self._cancelled: set[str] = set()
        # What removes the files of jobs that wait.
        self._discards: dict[str, Callable[[], None]] = {}
        self._heeded = 0.0
        # The last job that follows the folder, and the one before it if that failed.
        self._following = self._failed = ""
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.RLock()
        self._listeners: set[Callable[[], object]] = set()
        self._stopping = threading.Event()
        self._hanging_up = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread; what is left of uploads that an earlier service did not finish is removed."""
        clear_uploads(self.manager.corpus)
        if self._board:
            self._board.open()
        self._stopping.clear()
        self._hanging_up.clear()
        # A daemon: a file that takes its reader minutes must not keep the service from ending.
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        """Ends all that follow a job, so that a service can end without waiting for them; the jobs go on."""
        self._hanging_up.set()
        self._wake()

    def stop(self) -> None:
        """Ends the thread at the next step of the job at work, whose change is taken back; waits a little for that."""
        self._stopping.set()
        self._queue.put(None)
        self.hang_up()
        if self._thread:
            self._thread.join(GRACE)
        if self._board:
            self._board.close()

    @property
    def is_working(self) -> bool:
        """Whether the thread has not ended: after ``stop``, that a job is at a step that takes long."""
        return self._thread is not None and self._thread.is_alive()

    def upload(self, staging: Staging, replacing: Replacing = KEEP) -> Job:
        """Adds the staged files to the library, and then ends the staging; OverloadedError if too much waits."""
        files = tuple(file.name for file in staging.files)
        if self._waiting >= MAX_QUEUED:
            staging.close()
            raise _overloaded()
        return self._enqueue(
            self._new("upload", files), lambda job: self._upload(job, staging, replacing), staging.close
        )

    def reindex(self, retry: bool = False) -> Job:
        """Makes the index follow the corpus folder; OverloadedError if too much waits."""
        if self._waiting >= MAX_QUEUED:
            raise _overloaded()
        return self._enqueue(self._new("reindex"), lambda job: self._reindex(job, retry))

    def rename(self, document_id: str, name: str) -> Job:
        """Gives a document's file another name; OverloadedError if too much waits."""
        if self._waiting >= MAX_QUEUED:
            raise _overloaded()
        return self._enqueue(self._new("reindex"), lambda job: self._rename(job, document_id, name))

    def follow(self, check: Callable[[], None] = lambda: None) -> Job:
        """Makes the index follow the corpus folder although nobody asked for it: the job that waits to do so.

        ``check`` is called when its turn has come; it fails by the AskReportError that this raises. It is listed if
        there is something to see: that it takes long, what it changes, or that it failed.
        """
        with self._lock:
            waiting = self._jobs.get(self._following)
            if waiting and waiting.status == "queued":
                return waiting
            job = self._new("reindex")
            self._following = job.id
            self._unlisted.add(job.id)
            return self._enqueue(job, lambda job_id: self._follow(job_id, check))

    def get(self, job_id: str) -> Job:
        """A job as it is now; JobNotFoundError."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None and self._board:
            job = self._board.get(job_id)
        if job is None:
            raise JobNotFoundError(
                f"no job {job_id} is known",
                f"The last {KEPT_JOBS} are kept while the service runs; GET /api/jobs lists them.",
            )
        return job

    def cancel(self, job_id: str) -> Job:
        """Ends a job: one that waits at once, one at work at its next step, whatever file it is at; JobNotFoundError.

        What it has changed is taken back; but where re-indexing has published what is new with its words, that stays,
        and the next run completes it. The job of another process is ended by that one. The job as it is now.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return self._cancel_other(job_id)
            if job.is_over:
                return job
            self._cancelled.add(job_id)
            if job.status == "queued":
                self._discards.pop(job_id)()
                self._change(job_id, finished=_now(), status="cancelled", error=CANCELLED)
            return self._jobs[job_id]

    def all(self) -> list[Job]:
        """The jobs that are kept and listed, the newest first."""
        with self._lock:
            own = [job for job in reversed(self._jobs.values()) if job.id not in self._unlisted]
        others = self._board.all() if self._board else []
        return sorted(own + others, key=lambda job: job.created, reverse=True) if others else own

    async def states(self, job_id: str) -> AsyncIterator[Job | None]:
        """A job's state now and after each change, but not more often than every ``MIN_GAP``, up to its last one.

        None is a heartbeat: nothing has changed for a while. Raises JobNotFoundError.
        """
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            # A loop that has ended needs no waking.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(changed.set)

        with self._lock:
            self._listeners.add(wake)
        try:
            seen, told = None, loop.time()
            while True:
                changed.clear()
                job = self.get(job_id)
                if job != seen:
                    told = loop.time()
                    yield job
                if job.is_over or self._hanging_up.is_set():
                    return
                seen = job
                await asyncio.sleep(MIN_GAP)
                # Of a job of another process nobody wakes us.
                patience = HEARTBEAT if job_id in self._jobs else MIN_GAP
                try:
                    await asyncio.wait_for(changed.wait(), patience)
                except TimeoutError:
                    if loop.time() - told >= HEARTBEAT:
                        told = loop.time()
                        yield None
        finally:
            with self._lock:
                self._listeners.discard(wake)

    def _cancel_other(self, job_id: str) -> Job:
        """Has another process cancel its job; the job as it is now."""
        job = self.get(job_id)
        if self._board and not job.is_over:
            self._board.ask_to_cancel(job_id)
        return job

    @property
    def _waiting(self) -> int:
        with self._lock:
            return sum(not job.is_over for job in self._jobs.values())

    def _new(self, kind: JobKind, files: tuple[str, ...] = ()) -> Job:
        waiting: tuple[FileState, ...] = tuple("waiting" for _ in files)
        return Job(id=uuid.uuid4().hex[:12], kind=kind, status="queued", created=_now(), files=files, states=waiting)

    def _enqueue(
        self, job: Job, work: Callable[[str], dict[str, Any]], discard: Callable[[], None] = lambda: None
    ) -> Job:
        """Lets a job wait for its turn; ``discard`` removes what it has brought if that never comes."""
        with self._lock:
            self._jobs[job.id] = job
            self._discards[job.id] = discard
            listed = [old for old in self._jobs.values() if old.id not in self._unlisted]
            unlisted = [old for old in self._jobs.values() if old.id in self._unlisted]
            for old in _surplus(listed, KEPT_JOBS) + _surplus(unlisted, KEPT_UNLISTED):
                del self._jobs[old]
                self._unlisted.discard(old)
                self._told.pop(old, None)
                self._cancelled.discard(old)
                if self._board:
                    self._board.remove(old)
            self._tell(job)
        self._queue.put(lambda: self._run(job.id, work))
        return job

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            task()
            if self._queue.empty():
                self.manager.rest()

    def _run(self, job_id: str, work: Callable[[str], dict[str, Any]]) -> None:
        """Does the work of a job, and keeps what comes of it; not of one that was cancelled while it waited."""
        with self._lock:
            if job_id not in self._jobs or self._jobs[job_id].is_over:
                return
            self._discards.pop(job_id)
            self._change(job_id, status="running")
        try:
            result = work(job_id)
        except CancelledError:
            self._change(job_id, finished=_now(), status="cancelled", error=CANCELLED)
        except AskReportError as error:
            hide = self.manager.hide
            failure = JobError(error.code, hide(error.message), error.hint and hide(error.hint))
            self._change(job_id, finished=_now(), status="failed", error=failure)
        # Whatever else goes wrong must not end the thread, on which all later jobs depend.
        except Exception:  # noqa: BLE001
            _log.exception("job %s failed", job_id)
            failure = JobError("internal_error", "the service failed", "The log of the service says why.")
            self._change(job_id, finished=_now(), status="failed", error=failure)
        else:
            self._change(job_id, finished=_now(), status="done", **result)

    def _rename(self, job_id: str, document_id: str, name: str) -> dict[str, Any]:
        self.manager.rename(document_id, name, self._progress_of(job_id))
        return {"documents": (document_id,)}

    def _upload(self, job_id: str, staging: Staging, replacing: Replacing) -> dict[str, Any]:
        def said(place: int, state: FileState) -> None:
            with self._lock:
                states = list(self._jobs[job_id].states)
                states[place] = state
                self._change(job_id, states=tuple(states))

        try:
            outcomes = self.manager.add(staging.files, self._progress_of(job_id), replacing, said)
        finally:
            staging.close()
        documents = dict.fromkeys(document for outcome in outcomes for document in outcome.documents)
        states: tuple[FileState, ...] = tuple(outcome.status for outcome in outcomes)
        return {"outcomes": outcomes, "states": states, "documents": tuple(documents)}

    def _reindex(self, job_id: str, retry: bool) -> dict[str, Any]:
        return {"counts": self.manager.reindex(self._progress_of(job_id), retry).counts}

    def _follow(self, job_id: str, check: Callable[[], None]) -> dict[str, Any]:
        started = time.monotonic()
        report_progress = self._progress_of(job_id)

        def progress(stage: str, done: int, total: int) -> None:
            if stage != "reading" or time.monotonic() - started > UNLISTED_FOR:
                self._list(job_id)
            report_progress(stage, done, total)

        try:
            check()
            report = self.manager.reindex(progress)
        except Exception:
            self._follow_failed(job_id)
            raise
        self._failed = ""
        self._list(job_id, report.published)
        return {"counts": report.counts}

    def _follow_failed(self, job_id: str) -> None:
        """Lists a job that failed, in place of the one before if that failed as well: it is tried again for days."""
        self._list(self._failed, False)
        self._list(job_id)
        self._failed = job_id

    def _list(self, job_id: str, listed: bool = True) -> None:
        with self._lock:
            if listed:
                self._unlisted.discard(job_id)
                if job_id in self._jobs:
                    self._tell(self._jobs[job_id])
            elif job_id in self._jobs:
                self._unlisted.add(job_id)

    def _progress_of(self, job_id: str) -> Callable[[str, int, int], None]:
        pace = Pace()

        def progress(stage: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise StoppedError("the service was ended before this was done", "Start it, and try again.")
            self._heed_others()
            if job_id in self._cancelled:
                raise CancelledError(CANCELLED.message)
            pace.update(stage, done, total)
            left = pace.seconds_left
            self._change(
                job_id, stage=stage, done=done, total=total, seconds_left=None if left is None else round(left, 1)
            )

        return progress

    def _heed_others(self) -> None:
        """Cancels what other processes ask for, and looks for that not more often than anybody notices."""
        now = time.monotonic()
        if self._board and now - self._heeded > MIN_GAP:
            self._heeded = now
            for job_id in self._board.to_cancel():
                with suppress(JobNotFoundError):
                    self.cancel(job_id)

    def _change(self, job_id: str, **values: Any) -> None:
        with self._lock:
            job = replace(self._jobs[job_id], **values)
            job = replace(job, seconds_left=None) if job.is_over else job
            self._jobs[job_id] = job
            self._tell(job)
        if job.is_over:
            self._over(job)
        self._wake()

    def _tell(self, job: Job) -> None:
        """Puts a listed job on the board, its progress not more often than anybody looks."""
        now = time.monotonic()
        is_new = job.stage == "" or job.is_over or now - self._told.get(job.id, 0.0) > MIN_GAP
        if self._board and is_new and job.id not in self._unlisted:
            self._told[job.id] = now
            self._board.put(job)

    def _wake(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for wake in listeners:
            wake()


def _surplus(jobs: list[Job], kept: int) -> list[str]:
    """The ids of the oldest jobs that are over, so many as there are more than are kept."""
    over = [job.id for job in jobs if job.is_over]
    return over[: max(0, len(jobs) - kept)]


def _overloaded() -> OverloadedError:
    return OverloadedError(
        f"{MAX_QUEUED} changes are waiting already", "Try again when some of them are done.", RETRY_AFTER
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
