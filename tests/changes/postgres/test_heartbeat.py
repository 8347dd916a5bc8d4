"""A worker shows that it lives while it works, and hears when its file is another's."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from askreport.changes.postgres import heartbeat
from askreport.changes.postgres.heartbeat import Heartbeat
from askreport.errors import StoppedError
from askreport.store.postgres.queue import TakenError, Task, take
from tests.tools.postgres_site import Site, until


@pytest.fixture
def site(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.1)
    monkeypatch.setattr(heartbeat, "MIN_GAP", 0.02)
    made = Site(tmp_path, database)
    yield made
    made.close()


def taken(site: Site) -> Task:
    site.upload(ferry="The ferry sails every hour.")
    task = take(site.manager.backend.database, "me")
    assert task
    return task


def started(site: Site, task: Task, stopping: bool = False) -> Heartbeat:
    return Heartbeat(site.manager.backend.database, task, lambda: stopping, lambda stage, done, total: None)


def test_it_beats_while_nothing_is_told_and_ends_with_the_work(site: Site) -> None:
    query = "SELECT heartbeat FROM job_files"
    with started(site, taken(site)):
        first = site.rows(query)
        until(lambda: site.rows(query), lambda now: now != first)
    last = site.rows(query)
    time.sleep(0.3)
    assert site.rows(query) == last


def test_progress_is_written_and_told_on(site: Site) -> None:
    with started(site, taken(site)) as beating:
        beating.report("embedding", 3, 9)
        until(lambda: site.rows("SELECT stage, done, total FROM job_files"), lambda now: now == [("embedding", 3, 9)])


def test_work_ends_when_another_has_the_file_or_the_worker_is_to_end(site: Site) -> None:
    task = taken(site)
    with started(site, task, stopping=True) as beating, pytest.raises(StoppedError):
        beating.report("reading", 0, 1)
    with started(site, task) as beating:
        with site.manager.backend.database.writing() as connection:
            connection.execute("UPDATE job_files SET token = gen_random_uuid()")

        def ends() -> bool:
            try:
                beating.report("reading", 0, 1)
            except TakenError:
                return True
            return False

        until(ends, bool)
