"""The queue of files that are to be indexed, in PostgreSQL: taken by one worker at a time, and never lost.

A file waits, is taken, and is done in the same transaction as its documents are there. A worker that is killed leaves
a heartbeat that grows old, and another takes the file; should the first live after all, what it writes is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from askreport.errors import AskReportError, StoreError
from askreport.store.postgres.pool import Connection, Database, unavailable

CHANNEL = "askreport_queue"
MAX_ATTEMPTS = 5
# Seconds without a heartbeat after which a worker counts as gone, so that a file of one is soon taken up again.
STALLED = 12
# Days for which jobs that are over can be asked for.
KEPT_DAYS = 7


class TakenError(AskReportError):
    """The file was taken by another worker, for this one gave no sign of life."""

    code = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that is to be indexed: its name, the id and the number of its bytes, and whether a folder has it.

    ``path`` is its name in the library, "" if it is to get one that is free.
    """

    name: str
    content: str
    size: int
    folder: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A file that a worker has taken, for the ``attempts``-th time; ``reason`` is why the last attempt failed."""

    number: int
    job: str
    file: Wanted
    attempts: int
    reason: str
    token: str


def put(connection: Connection, job: str, kind: str, files: Sequence[Wanted]) -> None:
    """Adds a job, which is over already if it has no files; workers are told when the transaction is committed."""
    connection.execute("DELETE FROM jobs WHERE finished < now() - make_interval(days => %s)", (KEPT_DAYS,))
    connection.execute(
        "INSERT INTO jobs (id, kind, finished) VALUES (%s, %s, CASE WHEN %s THEN now() END)", (job, kind, not files)
    )
    rows = [(job, each.name, each.content, each.size, each.folder, each.path) for each in files]
    query = "INSERT INTO job_files (job, name, content, size, folder, path) VALUES (%s, %s, %s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.executemany(query, rows)
    connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))


def take(database: Database, worker: str, job: str = "") -> Task | None:
    """The next file that waits or whose worker is gone, of one job or of any; uploads first. None if there is none."""
    with database.writing() as connection:
        rows = connection.execute(
            """UPDATE job_files SET status = 'running', attempts = attempts + 1, worker = %(worker)s,
                    token = gen_random_uuid(), heartbeat = clock_timestamp(), stage = '', done = 0, total = 0
                WHERE number = (
                    SELECT number FROM job_files
                    WHERE (status = 'queued' AND due <= clock_timestamp()
                        OR status = 'running' AND heartbeat < clock_timestamp() - make_interval(secs => %(stalled)s))
                        AND (%(job)s = '' OR job = %(job)s)
                    ORDER BY folder, number LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING number, job, attempts, reason, token::text, name, content, size, folder, path""",
            {"worker": worker, "stalled": STALLED, "job": job},
        ).fetchall()
        if not rows:
            return None
        number, of, attempts, reason, token, name, content, size, folder, path = rows[0]
        file = Wanted(name=name, content=content, size=size, folder=folder, path=path)
        connection.execute("UPDATE jobs SET has_begun = true WHERE id = %s AND NOT has_begun", (of,))
        return Task(number=number, job=of, file=file, attempts=attempts, reason=reason, token=token)


def beat(database: Database, task: Task, stage: str, done: int, total: int) -> bool:
    """Says that a worker lives and how far it is; whether the file still is its own."""
    with database.writing() as connection:
        rows = connection.execute(
            """UPDATE job_files SET heartbeat = clock_timestamp(), stage = %s, done = %s, total = %s
                WHERE number = %s AND token = %s AND status = 'running' RETURNING 1""",
            (stage, done, total, task.number, task.token),
        ).fetchall()
        return bool(rows)


def give_back(database: Database, task: Task) -> None:
    """Lets others take a file at once, as if it had not been taken."""
    _release(database, task, "attempts = attempts - 1, due = clock_timestamp()", ())


def put_off(database: Database, task: Task, reason: str) -> int:
    """Lets a file that failed be taken again later; in how many seconds, twice as many with each attempt."""
    seconds = int(2**task.attempts)
    _release(database, task, "due = clock_timestamp() + make_interval(secs => %s), reason = %s", (seconds, reason))
    return seconds


def _release(database: Database, task: Task, changes: str, values: tuple[object, ...]) -> None:
    with database.writing() as connection:
        connection.execute(
            f"UPDATE job_files SET status = 'queued', worker = '', {changes} "
            "WHERE number = %s AND token = %s AND status = 'running'",
            (*values, task.number, task.token),
        )
        connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))


def hold(connection: Connection, task: Task) -> None:
    """Keeps others from taking the file until the transaction ends; TakenError if one has."""
    query = "SELECT 1 FROM job_files WHERE number = %s AND token = %s AND status = 'running' FOR UPDATE"
    if not connection.execute(query, (task.number, task.token)).fetchall():
        raise TakenError(f"{task.file.name} was taken by another worker")


def finish(connection: Connection, task: Task, outcome: str, embedded: int = 0) -> None:
    """Says with the transaction what became of a file; its job is over with its last one."""
    finish_file(connection, task.job, task.number, outcome, embedded)


def finish_file(connection: Connection, job: str, number: int, outcome: str, embedded: int = 0) -> None:
    """The same of a file by the number it has in the queue."""
    connection.execute(
        "UPDATE job_files SET status = 'done', outcome = %s, embedded = %s, reason = '' WHERE number = %s",
        (outcome, embedded, number),
    )
    # Of two workers that finish the last two files of a job, the second must see the first's.
    connection.execute("SELECT 1 FROM jobs WHERE id = %s FOR UPDATE", (job,))
    connection.execute(
        """UPDATE jobs SET finished = clock_timestamp() WHERE id = %s
            AND NOT EXISTS (SELECT 1 FROM job_files WHERE job = %s AND status <> 'done')""",
        (job, job),
    )


def cancel(connection: Connection, job: str) -> list[tuple[int, str, str]]:
    """Takes the files of a job that are not done; number, name and content of each.

    A worker that is at one of them notices by its next heartbeat, and what it writes is refused.
    """
    rows = connection.execute(
        """UPDATE job_files SET status = 'running', token = gen_random_uuid(), heartbeat = clock_timestamp()
            WHERE job = %s AND status <> 'done' RETURNING number, name, content""",
        (job,),
    ).fetchall()
    return [(int(number), str(name), str(content)) for number, name, content in rows]


def is_over(database: Database, job: str) -> bool:
    """Whether all files of a job are done; also if it is not known any more."""
    with database.reading(newest=True) as connection:
        query = "SELECT 1 FROM jobs WHERE id = %s AND finished IS NULL"
        return not connection.execute(query, (job,)).fetchall()


class Bell:
    """Rings when files come into the queue, or come back to it; for one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def wait(self, seconds: float) -> None:
        """Returns when it rings, or after so many seconds; StoreError if PostgreSQL cannot be used."""
        try:
            with unavailable(self._database.name):
                if self._connection is None:
                    self._connection = self._database.connect()
                    self._connection.execute(f"LISTEN {CHANNEL}")
                    # What came before this has rung for nobody.
                    return
                for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                    pass
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Ends listening."""
        if self._connection:
            self._connection.close()
            self._connection = None
