"""The jobs of a library in PostgreSQL, as they are read: how far each is, and what became of its files."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from askreport.store.base import IndexCounts
from askreport.store.postgres.pool import Connection, Database

# Files of one job that are named, with their outcomes, and jobs that are listed.
MAX_FILES = 200
MAX_JOBS = 200
_TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
_JOBS = f"""SELECT j.id, j.kind, {_TIME.format("j.created")} AS created,
        coalesce({_TIME.format("j.finished")}, '') AS finished, j.has_begun, f.files, f.over, f.embedded,
        coalesce(r.stage, '') AS stage, coalesce(r.done, 0) AS done, coalesce(r.total, 0) AS total,
        ARRAY(SELECT name FROM job_files WHERE job = j.id ORDER BY number LIMIT {MAX_FILES}) AS names,
        ARRAY(SELECT coalesce(outcome::json->>'status', status) FROM job_files WHERE job = j.id ORDER BY number
            LIMIT {MAX_FILES}) AS states,
        ARRAY(SELECT outcome FROM job_files WHERE job = j.id AND outcome IS NOT NULL ORDER BY number LIMIT {MAX_FILES})
            AS outcomes
    FROM jobs j
    CROSS JOIN LATERAL (SELECT count(*) AS files, count(*) FILTER (WHERE status = 'done') AS over,
        coalesce(sum(embedded), 0) AS embedded FROM job_files WHERE job = j.id) f
    LEFT JOIN LATERAL (SELECT stage, done, total FROM job_files
        WHERE job = j.id AND status = 'running' ORDER BY number LIMIT 1) r ON true"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job: times are ISO 8601 in UTC, ``finished`` "" if it is not; ``over`` of its ``files`` are done.

    ``stage``, ``done`` and ``total`` are of a file at work; ``outcomes`` are JSON, as ``finish`` was given it.
    ``states`` are the statuses of the outcomes, and of files that are not done "queued" or "running".
    """

    id: str
    kind: str
    created: str
    finished: str
    has_begun: bool
    files: int
    over: int
    embedded: int
    stage: str
    done: int
    total: int
    names: list[str]
    states: list[Any]
    outcomes: list[str]


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs, and what the library held at the same moment."""

    rows: list[JobRow]
    generation: int
    counts: IndexCounts


def read_job(database: Database, job: str) -> Jobs:
    """The job of this id, if there is one, as the node has it that takes writes; StoreError."""
    return _read(database, f"{_JOBS} WHERE j.id = %s", (job,))


def read_jobs(database: Database) -> Jobs:
    """The last jobs, the newest first; StoreError."""
    return _read(database, f"{_JOBS} ORDER BY j.created DESC, j.id LIMIT %s", (MAX_JOBS,))


def read_outcomes(database: Database, job: str) -> list[str]:
    """The outcomes of all files of a job that are done, in their order; JSON, as ``finish`` was given them."""
    with database.reading(newest=True) as connection:
        query = "SELECT outcome FROM job_files WHERE job = %s AND outcome IS NOT NULL ORDER BY number"
        return [outcome for (outcome,) in connection.execute(query, (job,)).fetchall()]


def waiting(connection: Connection) -> int:
    """How many jobs are not over."""
    return int(connection.execute("SELECT count(*) FROM jobs WHERE finished IS NULL").fetchall()[0][0])


def held(database: Database) -> tuple[int, IndexCounts]:
    """The newest generation of the library, and what it holds; 0 and nothing if there is none."""
    with database.reading(newest=True) as connection:
        return _held(connection)


def _read(database: Database, query: str, values: tuple[object, ...]) -> Jobs:
    with database.reading(newest=True) as connection, connection.cursor(row_factory=class_row(JobRow)) as cursor:
        rows = cursor.execute(query.encode(), values).fetchall()
        return Jobs(rows, *_held(connection))


def _held(connection: Connection) -> tuple[int, IndexCounts]:
    rows = connection.execute("SELECT generation, documents, passages, sentences FROM library").fetchall()
    generation, *counts = rows[0] if rows else (0, 0, 0, 0)
    return generation, IndexCounts(*counts)
