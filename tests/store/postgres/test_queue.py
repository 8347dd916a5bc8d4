"""The queue gives every file to one worker at a time, loses none, and believes only who holds it."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.store.postgres.jobs import read_job, read_jobs, read_outcomes, waiting
from askreport.store.postgres.pool import Database
from askreport.store.postgres.queue import (
    STALLED,
    Bell,
    TakenError,
    Task,
    Wanted,
    beat,
    finish,
    give_back,
    hold,
    is_over,
    put,
    put_off,
    take,
)
from askreport.store.postgres.schema import migrate


@pytest.fixture
def queue(database: str) -> Iterator[Database]:
    made = Database(database, writers=6)
    migrate(made)
    yield made
    made.close()


def wanted(name: str, folder: bool = False) -> Wanted:
    return Wanted(name=name, content=f"content of {name}", size=1, folder=folder, path=name if folder else "")


def enqueue(queue: Database, job: str, *files: Wanted) -> None:
    with queue.writing() as connection:
        put(connection, job, "upload", files)


def done(queue: Database, task: Task) -> None:
    with queue.writing() as connection:
        hold(connection, task)
        finish(connection, task, f'"{task.file.name}"')


def taken(queue: Database, job: str = "") -> Task:
    task = take(queue, "me", job)
    assert task
    return task


def age(queue: Database, seconds: float) -> None:
    """Lets time pass."""
    with queue.writing() as connection:
        connection.execute(
            "UPDATE job_files SET heartbeat = heartbeat - make_interval(secs => %(s)s), "
            "due = due - make_interval(secs => %(s)s)",
            {"s": seconds},
        )


def test_a_file_is_taken_once_and_its_job_is_over_with_its_last(queue: Database) -> None:
    enqueue(queue, "j", wanted("a"), wanted("b"))
    first, second = taken(queue), taken(queue)
    assert (first.file, second.file, first.attempts) == (wanted("a"), wanted("b"), 1)
    assert take(queue, "other") is None
    done(queue, first)
    assert not is_over(queue, "j")
    done(queue, second)
    assert is_over(queue, "j")
    assert read_outcomes(queue, "j") == ['"a"', '"b"']
    row = read_job(queue, "j").rows[0]
    assert (row.files, row.over, row.names, row.has_begun, row.finished > "") == (2, 2, ["a", "b"], True, True)


def test_uploads_come_before_the_files_of_folders_and_a_job_can_be_asked_for(queue: Database) -> None:
    enqueue(queue, "folder", wanted("f", folder=True))
    enqueue(queue, "upload", wanted("u"))
    assert [taken(queue, "folder").file.name, taken(queue).file.name] == ["f", "u"]


def test_a_job_without_files_is_over(queue: Database) -> None:
    enqueue(queue, "none")
    assert is_over(queue, "none")
    with queue.reading() as connection:
        assert waiting(connection) == 0


def test_a_file_whose_worker_is_gone_is_taken_up_again_and_the_first_is_not_believed(queue: Database) -> None:
    enqueue(queue, "j", wanted("a"))
    first = taken(queue)
    age(queue, STALLED - 1)
    assert beat(queue, first, "reading", 1, 2)
    age(queue, STALLED - 1)
    assert take(queue, "other") is None
    age(queue, 2)
    second = taken(queue)
    assert (second.attempts, second.file) == (2, first.file)
    assert not beat(queue, first, "reading", 2, 2)
    with pytest.raises(TakenError):
        done(queue, first)
    give_back(queue, first)
    done(queue, second)


def test_what_was_given_back_is_there_at_once_and_what_was_put_off_later(queue: Database) -> None:
    enqueue(queue, "j", wanted("a"))
    give_back(queue, taken(queue))
    task = taken(queue)
    assert (task.attempts, put_off(queue, task, "no memory")) == (1, 2)
    assert take(queue, "other") is None
    age(queue, 2)
    task = taken(queue)
    assert (task.attempts, task.reason, put_off(queue, task, "")) == (2, "no memory", 4)


def test_jobs_that_are_long_over_are_forgotten(queue: Database) -> None:
    enqueue(queue, "old", wanted("a"))
    done(queue, taken(queue))
    with queue.writing() as connection:
        connection.execute("UPDATE jobs SET finished = finished - interval '8 days'")
    enqueue(queue, "new", wanted("b"))
    assert [row.id for row in read_jobs(queue).rows] == ["new"]


def test_a_bell_rings_for_what_comes(queue: Database) -> None:
    bell = Bell(queue)
    bell.wait(10)
    rung = threading.Event()

    def wait() -> None:
        bell.wait(60)
        rung.set()

    waits = threading.Thread(target=wait)
    waits.start()
    assert not rung.wait(0.1)
    enqueue(queue, "j", wanted("a"))
    assert rung.wait(30)
    waits.join()
    bell.wait(0.01)
    bell.close()


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=4), workers=st.integers(2, 4))
def test_workers_at_once_do_every_file_once_and_end_every_job(queue: Database, sizes: list[int], workers: int) -> None:
    with queue.writing() as connection:
        connection.execute("DELETE FROM jobs")
    for number, size in enumerate(sizes):
        enqueue(queue, f"j{number}", *(wanted(f"{number}-{n}") for n in range(size)))
    names: list[str] = []

    def work() -> None:
        while task := take(queue, "me"):
            done(queue, task)
            names.append(task.file.name)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == sorted(f"{number}-{n}" for number, size in enumerate(sizes) for n in range(size))
    assert all(row.finished for row in read_jobs(queue).rows)
