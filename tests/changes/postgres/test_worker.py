"""Workers can be killed, ended, doubled and cut off from the database: every file is there in the end, once."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from askreport.changes.postgres.worker import Worked, Worker
from askreport.changes.types import Job
from askreport.errors import IndexMismatchError, StoreError
from askreport.parse import ParserPool
from askreport.store.postgres import queue
from askreport.store.postgres.queue import Task, take
from tests.tools.engine.postgres import Server
from tests.tools.parts import PARSERS, HashingEncoder, kill, prose, start_python
from tests.tools.postgres_site import ENCODER, WORKERS, Site, until

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    made = Site(tmp_path, database)
    yield made
    made.close()


def check_sound(site: Site, names: set[str]) -> None:
    """Every file is there once and answers; the counts are those of the rows, and what words there are."""
    assert sorted(each.path for each in site.library.store.documents()) == sorted(names)
    counts = site.library.store.manifest.counts
    assert site.rows("SELECT count(*) FROM passages") == [(counts.passages,)]
    assert site.rows("SELECT count(*) FROM vectors") == [(counts.passages,)]
    assert site.rows("SELECT count(*) FROM sentences") == [(counts.sentences,)]
    assert site.rows("SELECT sum(tokens) FROM documents") == site.rows("SELECT tokens FROM library")
    wrong = """SELECT * FROM (SELECT term, count(*) AS passages FROM postings GROUP BY term) p
        FULL JOIN terms t USING (term) WHERE p.passages IS DISTINCT FROM t.passages"""
    assert site.rows(wrong) == []


def test_a_worker_that_is_killed_at_any_moment_loses_nothing_and_does_nothing_twice(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "STALLED", 1)
    monkeypatch.setattr("askreport.changes.postgres.heartbeat.INTERVAL", 0.2)
    chance = random.Random(8)
    texts = {f"f{n}.txt": f"Harbour{n} has a lamp.\n{prose(n, 30)}" for n in range(20)}
    jobs = [site.upload(**{name: text}) for name, text in texts.items()]
    starter = start_python(WORKERS, site.settings.store.get_secret_value(), site.settings.index)
    assert starter.stdin
    assert starter.stdout
    killed = []
    for _ in range(4):
        print(0.02, file=starter.stdin, flush=True)
        number = int(starter.stdout.readline())
        try:
            alive = "SELECT 1 FROM job_files WHERE status = 'running' AND heartbeat > now() - '1 s'::interval"
            until(partial(site.rows, alive), bool)
            time.sleep(chance.random() * 0.8)
        finally:
            os.kill(number, signal.SIGKILL)
        killed.append(site.rows("SELECT count(*) FROM job_files WHERE status = 'done'")[0][0])
    kill(starter)
    assert killed[0] < 20
    for job in jobs:
        site.work(job)
    check_sound(site, set(texts))
    assert [site.jobs.get(job.id).outcomes[0].status for job in jobs] == ["indexed"] * 20
    for n in range(20):
        assert site.library.search(f"Harbour{n}").passages[0].document.path == f"f{n}.txt"


def test_two_workers_share_the_files(site: Site) -> None:
    texts = {f"f{n}.txt": prose(n % 10, 6) for n in range(20)}
    job = site.upload(**texts)
    done: dict[int, list[str]] = {0: [], 1: []}

    def told(names: list[str]) -> Callable[[Worked], None]:
        return lambda each: names.append(each.outcome.name)

    workers = [
        Worker(site.settings, site.library.backend, HashingEncoder(seconds=0.01), PARSERS, told(done[n]))
        for n in range(2)
    ]
    for worker in workers:
        worker.start()
    over = until(lambda: site.jobs.get(job.id), lambda found: found.is_over)
    for worker in workers:
        worker.stop()
    assert sorted(done[0] + done[1]) == sorted(texts)
    assert min(len(done[0]), len(done[1])) > 3
    kept = {each.path for each in over.outcomes if each.status == "indexed"}
    assert len(kept) == 10
    assert [each.status for each in over.outcomes].count("duplicate") == 10
    check_sound(site, kept)


def test_what_comes_rings_for_a_worker_that_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than ``until`` waits.
    monkeypatch.setattr("askreport.changes.postgres.worker.POLL", 90.0)
    worker = Worker(site.settings, site.library.backend, ENCODER, PARSERS)
    worker.start()
    listening = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    until(lambda: site.rows(listening), bool)
    for text in (FERRY, prose(1, 3)):
        time.sleep(0.3)
        job = site.upload(ferry=text)
        until(partial(site.jobs.get, job.id), lambda found: found.is_over)
    worker.stop()


def test_what_reads_files_is_kept_for_the_next_one_and_ended_after_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("askreport.changes.postgres.worker.REST", 1.5)
    monkeypatch.setattr("askreport.changes.postgres.worker.POLL", 0.1)
    before = readers()
    with ParserPool(workers=1) as parsers:
        worker = Worker(site.settings, site.library.backend, ENCODER, parsers)
        worker.start()
        kept = []
        for text in (FERRY, prose(1, 3)):
            job = site.upload(ferry=text)
            until(partial(site.jobs.get, job.id), lambda found: found.is_over)
            kept.append(readers() - before)
            time.sleep(0.3)
        until(lambda: readers() - before, lambda left: not left)
        worker.stop()
    assert len(kept[0]) == 1
    assert kept[1] == kept[0]


def readers() -> set[int]:
    """The processes that read files for this one."""
    found = set()
    for each in psutil.Process().children(recursive=True):
        # One that has just ended says nothing any more.
        with suppress(psutil.Error):
            if "askreport.parse.child" in each.cmdline():
                found.add(each.pid)
    return found


def test_a_worker_that_is_to_end_gives_its_file_back_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.indexing.embedding.WINDOW", 2)
    monkeypatch.setattr("askreport.changes.postgres.worker.GRACE", 30)
    job = site.upload(long=prose(1, 200))
    worker = Worker(site.settings, site.library.backend, HashingEncoder(seconds=0.2), PARSERS)
    worker.start()
    until(lambda: site.jobs.get(job.id), lambda found: found.stage == "embedding")
    worker.stop()
    assert not worker.is_working
    assert site.rows("SELECT status, attempts FROM job_files") == [("queued", 0)]
    assert site.work(job)[0].status == "indexed"


def test_progress_is_told_and_the_heartbeat_goes_on_meanwhile(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.indexing.embedding.WINDOW", 2)
    job = site.upload(long=prose(1, 100))
    seen: list[Job] = []
    working = threading.Thread(
        target=Worker(site.settings, site.library.backend, HashingEncoder(seconds=0.2), PARSERS).run, args=(job.id,)
    )
    working.start()
    until(lambda: seen.append(site.jobs.get(job.id)) or seen[-1], lambda found: found.is_over)  # type: ignore[func-returns-value]
    working.join()
    assert [each.status for each in (seen[0], seen[-1])] == ["queued", "done"]
    assert {each.stage for each in seen} >= {"embedding"}
    assert any(0 < each.done < each.total for each in seen)


def test_a_worker_goes_on_after_what_nobody_thought_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.changes.postgres.worker.AWAY", 0.1)
    failures = [ValueError("never seen before")]

    def fails_once(*given: str) -> Task | None:
        if failures:
            raise failures.pop()
        return take(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("askreport.changes.postgres.worker.take", fails_once)
    worker = Worker(site.settings, site.library.backend, ENCODER, PARSERS)
    worker.start()
    job = site.upload(ferry=FERRY)
    until(lambda: site.jobs.get(job.id), lambda found: found.is_over)
    worker.stop()
    assert (failures, worker.error) == ([], None)


def test_a_worker_of_another_model_ends_and_gives_its_file_back(site: Site) -> None:
    site.add(ferry=FERRY)
    job = site.upload(goats=prose(1, 3))
    worker = Worker(site.settings, site.library.backend, HashingEncoder(fingerprint="another"), PARSERS)
    worker.start()
    until(lambda: worker.is_working, lambda works: not works)
    worker.stop()
    assert isinstance(worker.error, IndexMismatchError)
    assert site.work(job)[0].status == "indexed"


def test_a_worker_waits_for_a_database_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "STALLED", 1)
    monkeypatch.setattr("askreport.changes.postgres.heartbeat.INTERVAL", 0.2)
    monkeypatch.setattr("askreport.changes.postgres.worker.AWAY", 0.2)
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.3)
    with Server() as server:
        site = Site(tmp_path, server.create_database())
        worker = Worker(site.settings, site.library.backend, HashingEncoder(seconds=0.02), PARSERS)
        worker.start()
        site.add(first=FERRY)
        job = site.upload(**{f"f{n}.txt": prose(n, 10) for n in range(10)})
        until(lambda: site.jobs.get(job.id), lambda found: found.done > 2)
        server.kill()
        time.sleep(1)
        assert worker.is_working
        server.start()
        until(partial(patient, lambda: site.jobs.get(job.id)), lambda found: found is not None and found.is_over)
        worker.stop()
        site.library.backend.database.refresh()  # type: ignore[attr-defined]
        check_sound(site, {"first.txt", *(f"f{n}.txt" for n in range(10))})
        site.close()


def patient(get: Callable[[], Job]) -> Job | None:
    """What there is, None while the database is away."""
    try:
        return get()
    except StoreError:
        return None
