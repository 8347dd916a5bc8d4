"""The changes of a library in PostgreSQL as the routes know them: what ``folder/jobs.py`` is for a corpus folder.

The jobs are in PostgreSQL, so that every service shows all of them, and any worker does them.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from askreport import freshness
from askreport.answering.library import Library
from askreport.changes.postgres.index_file import outcome_of
from askreport.changes.postgres.manage import PostgresManager, cancel_job
from askreport.changes.postgres.worker import Worker
from askreport.changes.staging import Staging, clear_uploads
from askreport.changes.types import CANCELLED, HEARTBEAT, KEEP, MIN_GAP, FileState, Job, JobKind, JobStatus, Replacing
from askreport.config import Settings
from askreport.errors import JobNotFoundError
from askreport.parse import ParserPool
from askreport.progress import Pace
from askreport.store.postgres.jobs import JobRow, Jobs, read_job, read_jobs


class PostgresJobs:
    """Uploads and what else changes the library; all methods may be called by any thread."""

    def __init__(self, settings: Settings, library: Library, parsers: ParserPool) -> None:
        self.manager = PostgresManager(settings, library)
        self._database = self.manager.backend.database
        self._worker = Worker(settings, library.backend, library.encoder, parsers) if settings.work else None
        self._hanging_up = threading.Event()

    def start(self) -> None:
        """Starts the worker in this process, unless others do all the work."""
        clear_uploads(self.manager.corpus)
        self._hanging_up.clear()
        if self._worker:
            self._worker.start()

    def hang_up(self) -> None:
        """Ends all that follow a job, so that a service can end without waiting for them; the jobs go on."""
        self._hanging_up.set()

    def stop(self) -> None:
        """Ends the worker; the file it is at is given back for others."""
        self.hang_up()
        if self._worker:
            self._worker.stop()

    @property
    def is_working(self) -> bool:
        """Whether the worker's thread runs; after ``stop``, whether it is at a step that takes long."""
        return self._worker is not None and self._worker.is_working

    def upload(self, staging: Staging, replacing: Replacing = KEEP) -> Job:
        """Takes the staged files, and ends the staging; errors as in ``PostgresManager.upload``."""
        try:
            return self.get(self.manager.upload(staging.files, replacing))
        finally:
            staging.close()

    def reindex(self, retry: bool = False) -> Job:
        """Has files read again that would be read otherwise now; what could not be read was not kept (``retry``)."""
        return self.get(self.manager.reindex())

    def rename(self, document_id: str, name: str) -> Job:
        """Gives a document's file another name; errors as in ``PostgresManager.rename``."""
        return self.get(self.manager.rename(document_id, name))

    def get(self, job_id: str) -> Job:
        """A job as it is now; JobNotFoundError."""
        self.manager.backend.bring_up_to_date()
        found = read_job(self._database, job_id) if job_id.isalnum() else None
        if found is None or not found.rows:
            raise JobNotFoundError(f"no job {job_id} is known", "GET /api/jobs lists those that are.")
        job = _job(found.rows[0], found)
        if job.is_over:
            # Who knows that it is over finds what it has changed.
            freshness.note(found.generation)
        return job

    def cancel(self, job_id: str) -> Job:
        """Ends a job, whichever worker is at it; the job as it is now. JobNotFoundError."""
        if not self.get(job_id).is_over:
            cancel_job(self.manager.backend, job_id)
        return self.get(job_id)

    def all(self) -> list[Job]:
        """The last jobs, the newest first."""
        self.manager.backend.bring_up_to_date()
        found = read_jobs(self._database)
        return [_job(row, found) for row in found.rows]

    async def states(self, job_id: str) -> AsyncIterator[Job | None]:
        """A job's state now and after each change, but not more often than every ``MIN_GAP``, up to its last one.

        None is a heartbeat: nothing has changed for a while. Raises JobNotFoundError.
        """
        loop = asyncio.get_running_loop()
        seen, told, pace = None, loop.time(), Pace()
        while True:
            job = await asyncio.to_thread(self.get, job_id)
            if job != seen:
                told = loop.time()
                yield _timed(job, pace)
            elif loop.time() - told >= HEARTBEAT:
                told = loop.time()
                yield None
            if job.is_over or self._hanging_up.is_set():
                return
            seen = job
            await asyncio.sleep(MIN_GAP)


# What the queue calls a file that is not done.
_STATES: dict[Any, FileState] = {"queued": "waiting", "running": "reading"}


def _job(row: JobRow, found: Jobs) -> Job:
    status: JobStatus = "done" if row.finished else "running" if row.has_begun else "queued"
    kind: JobKind = "upload" if row.kind == "upload" else "reindex"
    # Of one file its own steps are told, of several how many are done.
    own = (row.stage, row.done, row.total) if row.files == 1 else ("reading", row.over, row.files)
    stage, done, total = own if row.has_begun else ("", 0, 0)
    job = Job(
        id=row.id,
        kind=kind,
        status=status,
        created=row.created,
        finished=row.finished,
        stage=stage,
        done=done,
        total=total,
    )
    if kind == "upload":
        job = replace(job, states=tuple(_STATES.get(each, each) for each in row.states))
    if not row.finished:
        return replace(job, files=tuple(row.names))
    outcomes = tuple(map(outcome_of, row.outcomes))
    if any(outcome.reason == CANCELLED.message for outcome in outcomes):
        job = replace(job, status="cancelled", error=CANCELLED)
    if kind == "reindex":
        return replace(job, counts=found.counts)
    documents = tuple(dict.fromkeys(each for outcome in outcomes for each in outcome.documents))
    return replace(job, files=tuple(row.names), outcomes=outcomes, documents=documents)


def _timed(job: Job, pace: Pace) -> Job:
    """A job with how long its stage will still take."""
    if job.is_over:
        return job
    pace.update(job.stage, job.done, job.total)
    left = pace.seconds_left
    return replace(job, seconds_left=None if left is None else round(left, 1))
