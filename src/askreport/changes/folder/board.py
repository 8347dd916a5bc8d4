"""The board on which the worker processes of one service tell each other of their jobs."""

import logging
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from askreport.changes.types import Job, JobError
from askreport.store.folder.files import is_held

# Seconds for which the jobs of a process that has ended can still be asked for.
KEPT = 3_600
_LOCK = ".lock"
_CANCEL = ".cancel"


_JOB = TypeAdapter(Job)
_log = logging.getLogger(__name__)
LOST = JobError("service_stopped", "the process that did this has ended", "Try again.")


class Board:
    """Jobs as files, below one folder for each process, which holds a lock in it for as long as it lives.

    A process writes its own jobs only. All methods may be called by any thread.
    """

    def __init__(self, folder: Path, kept: float = KEPT) -> None:
        """``kept``: for how many seconds the jobs of a process that has ended can still be asked for."""
        self._folder = folder
        self._kept = kept
        self._own = folder / uuid.uuid4().hex[:12]
        self._lock = FileLock(self._own / _LOCK, thread_local=False)

    def open(self) -> None:
        """Takes a place on the board, and clears those of processes that ended long ago."""
        try:
            self._own.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            # A worker that others know nothing of answers all the same.
            _log.warning("the jobs of this process are not told to the others: %s", error)
            return
        for place in self._others():
            with suppress(OSError):
                if time.time() - place.stat().st_mtime >= self._kept and not is_held(place / _LOCK):
                    shutil.rmtree(place, ignore_errors=True)

    def close(self) -> None:
        """Gives the place back; what was not done counts as lost from now on."""
        self._lock.release()

    def put(self, job: Job) -> None:
        """Tells of a job as it is now."""
        file = self._own / f"{job.id}.json"
        scratch = file.with_suffix(".new")
        # Telling others is worth no failure: the job itself goes on.
        with suppress(OSError):
            scratch.write_bytes(_JOB.dump_json(job))
            scratch.replace(file)

    def remove(self, job_id: str) -> None:
        """Forgets a job of this process."""
        (self._own / f"{job_id}.json").unlink(missing_ok=True)

    def get(self, job_id: str) -> Job | None:
        """A job of another process, None if there is none of that id."""
        if not job_id.isalnum():
            return None
        found = (_read(place, place / f"{job_id}.json") for place in self._others())
        return next((job for job in found if job), None)

    def ask_to_cancel(self, job_id: str) -> bool:
        """Tells the process whose job this is that somebody wants it cancelled; whether there is such a process."""
        if not job_id.isalnum():
            return False
        for place in self._others():
            if (place / f"{job_id}.json").exists() and is_held(place / _LOCK):
                (place / f"{job_id}{_CANCEL}").touch()
                return True
        return False

    def to_cancel(self) -> list[str]:
        """The jobs of this process that others want cancelled, each told once."""
        asked = list(self._own.glob(f"*{_CANCEL}"))
        for file in asked:
            file.unlink(missing_ok=True)
        return [file.name.removesuffix(_CANCEL) for file in asked]

    def all(self) -> list[Job]:
        """The jobs of the other processes."""
        files = ((place, file) for place in self._others() for file in place.glob("*.json"))
        return [job for place, file in files if (job := _read(place, file))]

    def _others(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from (place for place in self._folder.iterdir() if place != self._own and place.is_dir())


def _read(place: Path, file: Path) -> Job | None:
    try:
        job = _JOB.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
    is_known = job.is_over or is_held(place / _LOCK)
    return job if is_known else replace(job, status="failed", error=LOST, seconds_left=None)
