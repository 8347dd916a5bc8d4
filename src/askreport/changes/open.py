"""Opens what changes a library, for a corpus folder or for PostgreSQL; the other's modules are not imported."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from askreport.answering.library import Library
from askreport.changes.types import AddingManager, Job, LibraryJobs
from askreport.config import Settings
from askreport.errors import SettingError
from askreport.parse import ParserPool

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

    board = Board(settings.index / BOARD) if settings.workers > 1 else None
    return Jobs(Manager(settings, library, parsers), board, over=over)


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
