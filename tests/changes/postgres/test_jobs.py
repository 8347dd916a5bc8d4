"""The jobs of a library in PostgreSQL, as a service shows them, whoever does them."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from askreport import freshness
from askreport.changes.open import cancel_job
from askreport.changes.postgres.jobs import PostgresJobs
from askreport.changes.types import CANCELLED, Job
from askreport.errors import JobNotFoundError, SettingError
from askreport.service.app import create_app
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, prose
from tests.tools.postgres_site import Site, until

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    made = Site(tmp_path, database)
    yield made
    made.close()


def test_a_job_waits_runs_and_is_over(site: Site) -> None:
    job = site.upload(ferry=FERRY, again=FERRY)
    assert (job.kind, job.status, job.files, job.outcomes) == ("upload", "queued", ("ferry.txt", "again.txt"), ())
    site.work(job)
    with freshness.seeing(0) as seen:
        over = site.jobs.get(job.id)
    assert (over.status, over.done, over.total) == ("done", 2, 2)
    assert [each.status for each in over.outcomes] == ["indexed", "duplicate"]
    assert over.documents == over.outcomes[0].documents
    assert job.created <= over.finished
    assert seen.generation == site.library.store.state.generation == 1


def test_jobs_are_listed_the_newest_first_by_every_service(site: Site) -> None:
    ids = [site.upload(**{f"f{n}": prose(n, 2)}).id for n in range(3)]
    other = PostgresJobs(site.settings, site.library, PARSERS)
    assert [job.id for job in other.all()] == ids[::-1]


@pytest.mark.parametrize("name", ["0123456789ab", "\0", "../x"])
def test_there_is_no_other_job(site: Site, name: str) -> None:
    with pytest.raises(JobNotFoundError):
        site.jobs.get(name)


def test_a_job_is_followed_to_its_end(site: Site) -> None:
    job = site.upload(**{f"f{n}": prose(n, 3) for n in range(3)})

    async def follow() -> list[Job | None]:
        working = asyncio.create_task(asyncio.to_thread(site.work, job))
        seen = [state async for state in site.jobs.states(job.id)]
        await working
        return seen

    seen = asyncio.run(follow())
    assert seen[0] is not None
    assert seen[-1] is not None
    assert (seen[0].status, seen[-1].status) == ("queued", "done")
    assert [each.done for each in seen if each] == sorted(each.done for each in seen if each)


def test_who_follows_a_job_is_let_go_when_the_service_ends(site: Site) -> None:
    job = site.upload(ferry=FERRY)

    async def follow() -> list[Any]:
        seen = []
        async for state in site.jobs.states(job.id):
            seen.append(state)
            site.jobs.hang_up()
        return seen

    assert len(asyncio.run(follow())) == 1


def test_a_service_indexes_what_is_sent_to_it_and_deletes_it(tmp_path: Path, database: str) -> None:
    site = Site(tmp_path, database)
    settings = site.settings.model_copy(update={"work": True})
    with TestClient(create_app(settings, site.library, PARSERS)) as client:
        sent = client.post("/api/documents", files=[("files", ("ferry.txt", FERRY))])
        assert sent.status_code == 202
        job = sent.json()["id"]
        over = until(lambda: client.get(f"/api/jobs/{job}").json(), lambda found: found["status"] == "done")
        (identity,) = over["documents"]
        assert client.get(f"/api/documents/{identity}/original").text == FERRY
        assert "ferry.txt" in client.get("/documents").text
        asked = client.get(f"/documents/{identity}/delete").text
        assert ".deleted" not in asked
        gone = client.post(f"/documents/{identity}/delete", headers={"origin": "http://127.0.0.1"})
        assert gone.status_code == 200
        assert ".deleted" not in gone.text
        assert client.get(f"/api/documents/{identity}").status_code == 404
        rebuilt = client.post("/api/index/rebuild")
        assert (rebuilt.status_code, rebuilt.json()["status"]) == (202, "done")
        assert client.get(f"/api/jobs/{job}/events").text.startswith("data: ")
    assert not client.app.state.jobs.is_working  # type: ignore[attr-defined]
    site.close()


def test_a_service_that_does_not_work_leaves_it_to_others(site: Site) -> None:
    with TestClient(create_app(site.settings, site.library, PARSERS)) as client:
        sent = client.post("/api/documents", files=[("files", ("ferry.txt", FERRY))])
        job = site.jobs.get(sent.json()["id"])
        assert (job.status, site.jobs.is_working) == ("queued", False)
        site.work(job)
        assert client.get(f"/api/jobs/{job.id}").json()["status"] == "done"


def test_a_database_has_no_folder_to_watch(site: Site) -> None:
    with pytest.raises(SettingError, match="follows a corpus folder"):
        create_app(site.settings.model_copy(update={"watch": True}), site.library, PARSERS)


def test_a_job_that_waits_is_cancelled_and_nothing_of_it_is_kept(site: Site) -> None:
    job = site.upload(ferry=FERRY, goats="Nine goats.")
    cancelled = site.jobs.cancel(job.id)
    assert (cancelled.status, cancelled.error) == ("cancelled", CANCELLED)
    assert site.rows("SELECT count(*) FROM originals") == [(0,)]
    assert site.jobs.cancel(job.id) == cancelled
    # Those after it are done.
    assert [each.status for each in site.add(ferry=FERRY)] == ["indexed"]
    with pytest.raises(JobNotFoundError):
        site.jobs.cancel("none")


def test_a_worker_leaves_the_file_of_a_job_that_is_cancelled(tmp_path: Path, database: str) -> None:
    site = Site(tmp_path, database, HashingEncoder(seconds=0.02))
    job = site.upload(long=prose(1, 5_000))
    working = threading.Thread(target=site.work, args=(job,))
    working.start()
    until(lambda: site.jobs.get(job.id), lambda found: found.stage == "embedding")
    assert site.jobs.cancel(job.id).status == "cancelled"
    working.join(60)
    assert not working.is_alive()
    assert site.rows("SELECT count(*) FROM documents") == [(0,)]
    site.close()


def test_the_command_line_cancels_what_it_finds(site: Site) -> None:
    job = site.upload(ferry=FERRY)
    cancel_job(site.settings, job.id)
    assert site.jobs.get(job.id).status == "cancelled"
    for other in (job.id, "none", "../x"):
        with pytest.raises(JobNotFoundError):
            cancel_job(site.settings, other)
