"""Changes of a library in PostgreSQL by a process that works on the queue itself until they are done."""

import time
from collections.abc import Sequence
from pathlib import Path

from askreport.answering.library import Library
from askreport.changes.postgres.follow import follow
from askreport.changes.postgres.index_file import outcome_of
from askreport.changes.postgres.manage import PostgresManager
from askreport.changes.postgres.worker import Worked, Worker
from askreport.changes.types import KEEP, Added, Replacing
from askreport.config import Settings
from askreport.indexing.ingest import IngestReport
from askreport.parse import ParserPool
from askreport.progress import Progress
from askreport.store.postgres.files import files
from askreport.store.postgres.jobs import JobRow, held, read_job, read_outcomes
from askreport.types import Outcome


class PostgresInlineManager(PostgresManager):
    """A library in PostgreSQL, for commands; workers elsewhere help."""

    def __init__(self, settings: Settings, library: Library, parsers: ParserPool) -> None:
        super().__init__(settings, library)
        self._settings = settings
        self._encoder = library.encoder
        self._parsers = parsers

    def rename(self, document_id: str, name: str, progress: Progress = lambda stage, done, total: None) -> str:
        """Gives a document's file another name; the job by which its documents have followed. Errors as there."""
        job = super().rename(document_id, name)
        self._work(job, progress)
        return job

    def add(self, files: Sequence[Path], progress: Progress, replacing: Replacing = KEEP) -> tuple[Added, ...]:
        """Adds staged files as one upload; each file's outcome, in order. Errors as in ``upload``."""
        job = self.upload(files, replacing)
        self._work(job, progress)
        return tuple(map(outcome_of, read_outcomes(self.backend.database, job)))

    def index(self, paths: Sequence[Path], progress: Progress, retry: bool = False) -> IngestReport:
        """Has the library follow the files at or below the paths; files that were sent are left alone.

        Raises CorpusError if a path cannot be read, IndexMismatchError, and StoreError.
        """
        started = time.perf_counter()
        self.backend.bring_up_to_date()
        before, _ = held(self.backend.database)
        job = self._follow(paths, progress, retry)
        embedded = job.embedded
        if any(outcome_of(each).status == "duplicate" for each in read_outcomes(self.backend.database, job.id)):
            # The file that had the same bytes may have changed in the same run.
            embedded += self._follow(paths, progress, retry=False).embedded
        generation, counts = held(self.backend.database)
        with self.backend.database.reading(newest=True) as connection:
            found = [each for each in files(connection) if each.folder]
        outcomes = tuple(
            Outcome(path=each.name, status=each.status, reason=each.reason, documents=each.documents) for each in found
        )
        seconds = time.perf_counter() - started
        reused = max(0, counts.passages - embedded)
        return IngestReport(
            generation=generation,
            published=generation != before,
            counts=counts,
            outcomes=outcomes,
            embedded=embedded,
            reused=reused,
            seconds=seconds,
        )

    def _follow(self, paths: Sequence[Path], progress: Progress, retry: bool) -> JobRow:
        job = follow(self, paths, self._settings.max_file_bytes, retry, progress)
        self._work(job, progress)
        return read_job(self.backend.database, job).rows[0]

    def _work(self, job: str, progress: Progress) -> None:
        """Works on a job until it is over; of several files is told how many are done."""
        total = read_job(self.backend.database, job).rows[0].files
        done = 0

        def count(_: Worked) -> None:
            nonlocal done
            done += 1
            if total > 1:
                progress("reading", done, total)

        worker = Worker(self._settings, self.backend, self._encoder, self._parsers, count)
        try:
            worker.run(job, progress if total == 1 else _silent)
        finally:
            worker.close()


def _silent(stage: str, done: int, total: int) -> None:
    """Says nothing of one file's steps where there are many files."""
