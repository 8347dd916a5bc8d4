"""Opens what changes a library, for a corpus folder or for PostgreSQL; the other's modules are not imported."""

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from askreport.answering.library import Library, backend_of
from askreport.changes.types import AddingManager, Job, LibraryJobs
from askreport.config import Settings
from askreport.errors import JobNotFoundError, SettingError
from askreport.parse import ParserPool
from askreport.store import Backend

if TYPE_CHECKING:
    from askreport.changes.folder.watch import Watcher

# In the index's folder: what the jobs of several worker processes are doing.
BOARD = ".jobs"


def open_manager(settings: Settings, library: Library, parsers: ParserPool) -> AddingManager:
    """What adds and deletes documents, for a command that waits until they are there or gone."""
    if library.backend.is_postgres:
        from askreport.changes.postgres.inline import PostgresInlineManager  # noqa: PLC0415

        return PostgresInlineManager(settings, library, parsers)
    from askreport.changes.folder.manage import Manager  # noqa: PLC0415

    return Manager(settings, library, parsers)


def open_jobs(settings: Settings, library: Library, parsers: ParserPool, over: Callable[[Job], None]) -> LibraryJobs:
    """What changes the library of a service; ``over`` is told of each job that a corpus folder's service ends."""
    if library.backend.is_postgres:
        from askreport.changes.postgres.jobs import PostgresJobs  # noqa: PLC0415

        return PostgresJobs(settings, library, parsers)
    from askreport.changes.folder.board import Board  # noqa: PLC0415
    from askreport.changes.folder.jobs import Jobs  # noqa: PLC0415
    from askreport.changes.folder.manage import Manager  # noqa: PLC0415

    # Of one process nobody but the command line asks; what its forerunner did is over.
    board = Board(settings.index / BOARD) if settings.workers > 1 else Board(settings.index / BOARD, kept=0)
    return Jobs(Manager(settings, library, parsers), board, over=over)


def cancel_job(settings: Settings, job_id: str) -> None:
    """Has whoever is at a job end it; JobNotFoundError if nobody is."""
    with closing(backend_of(settings)) as backend:
        is_known = _cancel_in_postgres(backend, job_id) if backend.is_postgres else _cancel_on_board(settings, job_id)
    if not is_known:
        raise JobNotFoundError(f"no job {job_id} is at work or waits", "The documents page lists those that are.")


def _cancel_in_postgres(backend: Backend, job_id: str) -> bool:
    from askreport.changes.postgres.manage import cancel_job as cancel_there  # noqa: PLC0415
    from askreport.store.postgres.backend import PostgresBackend  # noqa: PLC0415
    from askreport.store.postgres.jobs import read_job  # noqa: PLC0415

    assert isinstance(backend, PostgresBackend)
    found = read_job(backend.database, job_id).rows if job_id.isalnum() else []
    if not found or found[0].finished:
        return False
    cancel_there(backend, job_id)
    return True


def _cancel_on_board(settings: Settings, job_id: str) -> bool:
    from askreport.changes.folder.board import Board  # noqa: PLC0415

    return Board(settings.index / BOARD).ask_to_cancel(job_id)


def open_watcher(settings: Settings, jobs: LibraryJobs) -> "Watcher | None":
    """What has the jobs follow the corpus folder, None unless the settings say so; SettingError without a folder."""
    if not settings.watch:
        return None
    from askreport.changes.folder.jobs import Jobs  # noqa: PLC0415
    from askreport.changes.folder.watch import Watcher  # noqa: PLC0415

    if not isinstance(jobs, Jobs):
        raise SettingError(
            "ASKREPORT_WATCH follows a corpus folder; this library is in a database",
            "Set it to false, and run `askreport index` from a timer where the folder is.",
        )
    return Watcher(jobs, settings.index, shared=settings.workers > 1)
