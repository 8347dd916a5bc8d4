"""A library in PostgreSQL for tests: its settings, its changes, and workers in processes of their own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from askreport.answering.library import Library, made_with
from askreport.changes.postgres.jobs import PostgresJobs
from askreport.changes.postgres.worker import Worker
from askreport.changes.staging import Staging
from askreport.changes.types import Added, Job
from askreport.config import Settings
from askreport.models.encoder import Encoder
from askreport.store import open_backend
from tests.tools.parts import PARSERS, HashingEncoder

ENCODER = HashingEncoder()
Found = TypeVar("Found")

# Starts a worker for each line that it reads, and says its number: importing everything takes longer than it works.
WORKERS = """
import os, sys
from pathlib import Path
from askreport.answering.library import backend_of
from askreport.changes.postgres import heartbeat
from askreport.config import Settings
from askreport.parse import ParserPool
from askreport.store.postgres import queue
from askreport.changes.postgres.worker import Worker
from tests.tools.parts import HashingEncoder
queue.STALLED, heartbeat.INTERVAL, heartbeat.MIN_GAP = 1, 0.2, 0.1
settings = Settings(store=sys.argv[1], index=Path(sys.argv[2]))
backend = backend_of(settings)
for line in sys.stdin:
    number = os.fork()
    if number == 0:
        Worker(settings, backend, HashingEncoder(seconds=float(line)), ParserPool(workers=1)).run()
    print(number, flush=True)
"""


class Site:
    """A library in PostgreSQL, a folder for what can be lost, and the changes of a service without a worker."""

    def __init__(self, path: Path, database: str, encoder: Encoder = ENCODER, **settings: Any) -> None:
        self.settings = Settings(
            store=SecretStr(database), index=path / "index", corpus=path / "corpus", work=False, **settings
        )
        self.encoder = encoder
        backend = open_backend(database, self.settings.index, made_with(encoder), self.settings.originals)
        self.library = Library(self.settings.index, encoder, None, backend)
        self.jobs = PostgresJobs(self.settings, self.library, PARSERS)
        self.manager = self.jobs.manager

    def stage(self, files: dict[str, str | bytes]) -> Staging:
        """These files, staged."""
        staging = self.manager.stage()
        for name, data in files.items():
            staging.place(name).write_bytes(data.encode() if isinstance(data, str) else data)
        return staging

    def upload(self, **files: str | bytes) -> Job:
        """A job of these files; a name without an ending is a text's."""
        return self.jobs.upload(
            self.stage({name if "." in name else f"{name}.txt": each for name, each in files.items()})
        )

    def work(self, job: Job, **changes: Any) -> tuple[Added, ...]:
        """Works on a job until it is over; what became of its files."""
        worker = Worker(self.settings.model_copy(update=changes), self.library.backend, self.encoder, PARSERS)
        try:
            worker.run(job.id)
        finally:
            worker.close()
        return self.jobs.get(job.id).outcomes

    def add(self, **files: str | bytes) -> tuple[Added, ...]:
        """Adds files; what became of them."""
        return self.work(self.upload(**files))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        self.manager.backend.bring_up_to_date()
        with self.manager.backend.database.reading(newest=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def close(self) -> None:
        """Closes the connections."""
        self.library.backend.close()


def until(get: Callable[[], Found], ready: Callable[[Found], bool], seconds: float = 30) -> Found:
    """What ``get`` returns once that is ready, which must be in time."""
    deadline = time.monotonic() + seconds
    while not ready(found := get()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found
