"""Jobs run one after another, say how far they are, and end in a state that says what came of them."""

import asyncio
import json
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar

import pytest

from askreport.answering.library import Library
from askreport.changes.folder import jobs as jobs_module
from askreport.changes.folder.board import Board
from askreport.changes.folder.jobs import KEPT_JOBS, KEPT_UNLISTED, MAX_QUEUED, Jobs
from askreport.changes.folder.manage import Manager
from askreport.changes.staging import UPLOADS, Staging
from askreport.changes.types import CANCELLED, MIN_GAP, Job
from askreport.config import Settings
from askreport.errors import CorpusError, JobNotFoundError, OverloadedError
from askreport.indexing.ingest import ingest
from askreport.parse import GaveUpError
from askreport.service.app import create_app
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, folder, prose, start_python
from tests.tools.timing import seconds

Result = TypeVar("Result")

SERVE = """
import sys
from pathlib import Path
from askreport.service import server
from askreport.service.app import create_app
from askreport.answering.library import Library
from askreport.config import Settings
from tests.tools.parts import HashingEncoder
settings = Settings(corpus=Path(sys.argv[1]), index=Path(sys.argv[2]), port=0)
library = Library(settings.index, HashingEncoder(seconds=float(sys.argv[3])))
made = create_app(settings, library)
server.create_app = lambda settings, **_: made
server.run(settings)
"""


class Place:
    """A corpus folder, and the jobs of a service over it."""

    def __init__(self, path: Path, encoder: HashingEncoder | None = None) -> None:
        self.corpus = folder(path / "corpus", {"a.txt": prose(1, 5)})
        self.settings = Settings(corpus=self.corpus, index=path / "index")
        self.library = Library(self.settings.index, encoder or HashingEncoder())
        self.manager = Manager(self.settings, self.library, PARSERS)
        self.jobs = Jobs(self.manager)

    def stage(self, **files: str) -> Staging:
        staging = self.manager.stage()
        for name, text in files.items():
            staging.place(f"{name}.txt").write_text(text)
        return staging

    def ended(self, job: Job) -> Job:
        """The job when it is over."""
        return until(lambda: self.jobs.get(job.id), lambda found: found.is_over)

    def uploads(self) -> list[Path]:
        return list((self.corpus / UPLOADS).iterdir())


def until(get: Callable[[], Job], ready: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + 30
    while not ready(found := get()):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    made.jobs.start()
    yield made
    made.jobs.stop()
    assert not made.jobs.is_working


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns; in a thread of its own, for the browser's tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _states(jobs: Jobs, job_id: str) -> list[Job | None]:
    return [state async for state in jobs.states(job_id)]


def test_an_upload_ends_with_outcomes_and_ids_that_are_in_the_index(place: Place) -> None:
    job = place.jobs.upload(place.stage(goats="Nine goats.", none=""))
    assert (job.kind, job.status, job.files, job.finished) == ("upload", "queued", ("goats.txt", "none.txt"), "")
    ended = place.ended(job)
    assert ended.status == "done"
    assert [(outcome.name, outcome.status) for outcome in ended.outcomes] == [
        ("goats.txt", "indexed"),
        ("none.txt", "no_text"),
    ]
    assert place.library.store.document(ended.documents[0]).text == "Nine goats."
    assert ended.created.endswith("+00:00")
    assert ended.created <= ended.finished
    assert place.uploads() == []


def test_re_indexing_follows_the_folder(place: Place) -> None:
    ended = place.ended(place.jobs.reindex())
    assert (ended.kind, ended.status, ended.error) == ("reindex", "done", None)
    assert ended.counts
    assert ended.counts.documents == 1


def test_jobs_run_in_their_order_one_at_a_time(place: Place) -> None:
    started = [place.jobs.upload(place.stage(**{f"n{n}": f"Note number {n}."})) for n in range(5)]
    running = 0
    while not place.jobs.get(started[-1].id).is_over:
        states = [place.jobs.get(job.id).status for job in started]
        running = max(running, states.count("running"))
        assert states == sorted(states, key=["done", "running", "queued"].index)
        time.sleep(0.005)
    assert running == 1
    assert [job.id for job in place.jobs.all()] == [job.id for job in reversed(started)]
    assert len(place.library.store.documents()) == 6


def test_a_job_that_fails_says_why_and_the_next_one_runs(place: Place) -> None:
    place.corpus.rename(place.corpus.with_name("away"))
    failed = place.ended(place.jobs.reindex())
    assert failed.status == "failed"
    assert failed.error
    assert (failed.error.code, "ASKREPORT_CORPUS" in str(failed.error.hint)) == ("corpus_unreadable", True)
    place.corpus.with_name("away").rename(place.corpus)
    assert place.ended(place.jobs.reindex()).status == "done"


def test_a_failure_that_nobody_foresaw_shows_no_details(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(HashingEncoder):
        def encode_passages(self, texts: object, sentences: object) -> list[object]:  # type: ignore[override]
            raise ValueError("secret")

    place = Place(tmp_path, Broken())
    place.jobs.start()
    staging = place.stage(goats="Nine goats.")
    failed = place.ended(place.jobs.upload(staging))
    place.jobs.stop()
    assert failed.error
    assert failed.error.code == "internal_error"
    assert "secret" not in failed.error.message
    assert "secret" in caplog.text
    assert place.uploads() == []


def test_an_unknown_job_is_an_error(place: Place) -> None:
    with pytest.raises(JobNotFoundError):
        place.jobs.get("none")
    with pytest.raises(JobNotFoundError):
        finished(_states(place.jobs, "none"))


def test_only_the_last_jobs_are_kept_and_none_that_is_not_over(place: Place) -> None:
    first = [place.ended(place.jobs.reindex()) for _ in range(3)]
    place.jobs.stop()
    waiting = [place.jobs.reindex() for _ in range(KEPT_JOBS)]
    kept = {job.id for job in place.jobs.all()}
    assert kept == {job.id for job in waiting}
    assert not kept & {job.id for job in first}


def test_more_changes_than_can_wait_are_put_off_and_leave_nothing_behind(place: Place) -> None:
    place.jobs.stop()
    for _ in range(MAX_QUEUED):
        place.jobs.reindex()
    with pytest.raises(OverloadedError) as put_off:
        place.jobs.reindex()
    assert put_off.value.retry_after
    with pytest.raises(OverloadedError):
        place.jobs.upload(place.stage(goats="Nine goats."))
    assert place.uploads() == []
    assert len(place.jobs.all()) == MAX_QUEUED


def test_who_follows_a_job_is_let_go_when_the_service_ends(place: Place) -> None:
    place.jobs.stop()
    job = place.jobs.reindex()
    place.jobs.hang_up()
    assert [state and state.status for state in finished(_states(place.jobs, job.id))] == ["queued"]


# Several processes


def test_a_job_of_another_process_is_listed_and_followed_to_its_end(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ours, other = (Jobs(place.manager, Board(tmp_path / "board")) for _ in range(2))
    for jobs in (ours, other):
        jobs.start()
    try:
        job = ours.upload(place.stage(goats="Nine goats."))
        states = finished(_states(other, job.id))
        assert states[-1]
        assert (states[-1].status, states[-1].files) == ("done", ("goats.txt",))
        assert other.get(job.id) == ours.get(job.id)
        own = other.reindex()
        until(lambda: other.get(own.id), lambda found: found.is_over)
        assert {each.id for each in other.all()} == {each.id for each in ours.all()} == {job.id, own.id}
    finally:
        for jobs in (ours, other):
            jobs.stop()


# Runs that nobody asked for


def test_one_run_that_nobody_asked_for_waits_at_a_time_and_another_during_it(tmp_path: Path) -> None:
    place = Place(tmp_path, HashingEncoder(seconds=0.5))
    first = place.jobs.follow()
    assert place.jobs.follow() == first
    place.jobs.start()
    until(lambda: place.jobs.get(first.id), lambda job: job.stage == "embedding")
    second = place.jobs.follow()
    assert second.id != first.id
    assert place.jobs.follow() == second
    assert place.ended(second).status == "done"
    place.jobs.stop()


def test_a_run_that_nobody_asked_for_is_listed_if_it_changed_something(place: Place) -> None:
    changed = place.ended(place.jobs.follow())
    assert (changed.kind, changed.status, place.jobs.all()) == ("reindex", "done", [changed])
    idle = [place.ended(place.jobs.follow()) for _ in range(KEPT_UNLISTED + 2)]
    assert place.jobs.all() == [changed]
    assert place.jobs.get(idle[-1].id).counts == changed.counts
    with pytest.raises(JobNotFoundError):
        place.jobs.get(idle[0].id)


def test_a_run_that_nobody_asked_for_is_listed_while_it_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "UNLISTED_FOR", 0.0)
    place = Place(tmp_path)
    queued = place.jobs.follow()
    assert place.jobs.all() == []
    ingest([place.corpus], place.settings.index, HashingEncoder(), PARSERS)
    listed: list[Job] = []
    place.jobs.manager.rest = lambda: None  # type: ignore[method-assign]
    progress = place.jobs._change

    def change(job_id: str, **values: Any) -> None:
        progress(job_id, **values)
        listed.extend(place.jobs.all())

    monkeypatch.setattr(place.jobs, "_change", change)
    place.jobs.start()
    place.ended(queued)
    place.jobs.stop()
    assert "reading" in {job.stage for job in listed}
    assert place.jobs.all() == []


def test_a_run_that_fails_again_takes_the_place_of_the_one_before(place: Place) -> None:
    def check() -> None:
        raise CorpusError("the folder is missing", "Bring it back.")

    failed = [place.ended(place.jobs.follow(check)) for _ in range(3)]
    assert place.jobs.all() == failed[-1:]
    assert failed[-1].error
    assert failed[-1].error.code == "corpus_unreadable"
    done = place.ended(place.jobs.follow())
    again = place.ended(place.jobs.follow(check))
    assert place.jobs.all() == [again, done, failed[-1]]


def test_runs_that_nobody_asked_for_push_no_others_out_of_the_list(place: Place) -> None:
    asked = place.ended(place.jobs.reindex())
    for _ in range(KEPT_UNLISTED + 2):
        place.ended(place.jobs.follow())
    place.jobs.stop()
    waiting = [place.jobs.reindex() for _ in range(KEPT_JOBS - 1)]
    assert [job.id for job in place.jobs.all()] == [job.id for job in (*reversed(waiting), asked)]


# The states as they change


def test_a_job_says_how_long_its_stage_still_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.indexing.embedding.WINDOW", 16)
    place = Place(tmp_path, HashingEncoder(seconds=0.02))
    folder(place.corpus, {"long.txt": prose(2, 2_000)})
    place.jobs.start()
    job = place.jobs.reindex()
    assert job.seconds_left is None
    states: list[Job] = []
    took = seconds(lambda: states.extend(state for state in finished(_states(place.jobs, job.id)) if state))
    place.jobs.stop()
    # On a busy machine the reading may take long enough to be estimated, too.
    lefts = [state.seconds_left for state in states if state.seconds_left is not None and state.stage == "embedding"]
    assert len(lefts) >= 2
    assert 0 < lefts[-1] < lefts[0] < 5 * took
    assert states[-1].seconds_left is None


def test_states_begin_with_now_follow_changes_and_end_with_the_job(tmp_path: Path) -> None:
    place = Place(tmp_path, HashingEncoder(seconds=0.05))
    folder(place.corpus, {f"{n}.txt": prose(n, 200) for n in range(2, 6)})
    place.jobs.start()
    job = place.jobs.reindex()
    started = time.monotonic()
    states = [state for state in finished(_states(place.jobs, job.id)) if state]
    took = time.monotonic() - started
    place.jobs.stop()
    assert states[-1].status == "done"
    assert "embedding" in {state.stage for state in states}
    assert len(set(states)) == len(states) >= 3
    assert len(states) <= took / MIN_GAP + 2


def test_states_of_a_job_that_is_over_are_its_last_one(place: Place) -> None:
    ended = place.ended(place.jobs.reindex())
    assert finished(_states(place.jobs, ended.id)) == [ended]


def test_a_heartbeat_comes_while_nothing_changes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "HEARTBEAT", 0.05)
    fresh = Jobs(place.manager)
    queued = fresh.reindex()

    async def first(number: int) -> list[Job | None]:
        found: list[Job | None] = []
        async for state in fresh.states(queued.id):
            found.append(state)
            if len(found) == number:
                break
        return found

    assert finished(first(3)) == [queued, None, None]


def test_states_end_with_the_service(place: Place) -> None:
    place.jobs.stop()
    waiting = place.jobs.reindex()
    assert finished(_states(place.jobs, waiting.id)) == [waiting]


# The end of the service


def test_stopping_takes_back_what_is_not_done(tmp_path: Path) -> None:
    place = Place(tmp_path, HashingEncoder(seconds=0.02))
    place.jobs.start()
    job = place.jobs.upload(place.stage(big=prose(9, 8_000)))
    until(lambda: place.jobs.get(job.id), lambda found: found.stage == "embedding")
    place.jobs.stop()
    until(lambda: place.jobs.get(job.id), lambda found: found.is_over)
    error = place.jobs.get(job.id).error
    assert error
    assert error.code == "service_stopped"
    assert {path.name for path in place.corpus.iterdir()} == {"a.txt", UPLOADS}
    assert place.uploads() == []


def test_the_next_start_removes_what_an_interrupted_upload_left(place: Place) -> None:
    left = place.corpus / UPLOADS / "left"
    (left / "0").mkdir(parents=True)
    (left / "0" / "half.txt").write_text("half")
    place.jobs.stop()
    place.jobs.start()
    assert not left.exists()


def test_the_service_ends_in_the_middle_of_a_job(tmp_path: Path) -> None:
    corpus = folder(tmp_path / "corpus", {"a.txt": prose(1, 5)})
    index = tmp_path / "index"
    ingest([corpus], index, HashingEncoder(), PARSERS)
    (corpus / "b.txt").write_text(prose(2, 8_000))
    process = start_python(SERVE, corpus, index, 1.0)
    assert process.stderr
    address = process.stderr.readline().split()[3]
    request = urllib.request.Request(f"{address}/api/index/rebuild?wait=false", method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 202
    follower = threading.Thread(target=_follow, args=(address,))
    follower.start()
    wait_for_embedding(address)
    process.send_signal(signal.SIGINT)
    # The job would go on for a quarter of an hour.
    process.communicate(timeout=60)
    follower.join()
    store = Library(index, HashingEncoder()).store
    assert [item.path for item in store.documents()] == ["a.txt", "b.txt"]
    # The words of the other one were published before it was embedded.
    assert 0 < store.state.embedded < 1


def wait_for_embedding(address: str) -> None:
    deadline = time.monotonic() + 60
    stage = ""
    while stage != "embedding":
        assert time.monotonic() < deadline
        time.sleep(0.05)
        with urllib.request.urlopen(f"{address}/api/jobs", timeout=10) as response:
            stage = json.load(response)[0]["stage"]


def _follow(address: str) -> None:
    """Reads the events of the newest job until they end, in whatever way."""
    with urllib.request.urlopen(f"{address}/api/jobs", timeout=10) as response:
        job_id = response.read().decode().split('"id":"')[1].split('"')[0]
    try:
        with urllib.request.urlopen(f"{address}/api/jobs/{job_id}/events", timeout=30) as response:
            response.read()
    except (OSError, HTTPException):
        return


# Cancelling


class Stuck:
    """A reader's pool whose next file takes for ever, until it is given up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_reached = threading.Event()
        real = PARSERS.parse

        def parse(data: bytes, ending: str, wanted: threading.Event | None = None) -> object:
            if b"STUCK" not in data:
                return real(data, ending, wanted)
            self.is_reached.set()
            deadline = time.monotonic() + 60
            while wanted is None or wanted.is_set():
                assert time.monotonic() < deadline
                time.sleep(0.01)
            raise GaveUpError("nobody wants it read any more")

        monkeypatch.setattr(PARSERS, "parse", parse)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Stuck:
    return Stuck(monkeypatch)


def test_a_running_job_is_cancelled_whatever_file_it_is_at(place: Place, stuck: Stuck) -> None:
    job = place.jobs.upload(place.stage(goats="Nine goats.", slow="STUCK"))
    assert stuck.is_reached.wait(30)
    place.jobs.cancel(job.id)
    ended = place.ended(job)
    assert (ended.status, ended.error) == ("cancelled", CANCELLED)
    assert ended.finished
    assert sorted(path.name for path in place.corpus.glob("*.txt")) == ["a.txt"]
    assert place.uploads() == []
    # What comes after it is done, and it stays as it is.
    assert place.ended(place.jobs.upload(place.stage(sheep="Two sheep."))).status == "done"
    assert place.jobs.cancel(job.id) == ended


def test_one_that_waits_is_cancelled_at_once_and_its_files_are_gone(place: Place, stuck: Stuck) -> None:
    first = place.jobs.upload(place.stage(slow="STUCK"))
    assert stuck.is_reached.wait(30)
    waiting = place.jobs.upload(place.stage(goats="Nine goats."))
    assert place.jobs.cancel(waiting.id).status == "cancelled"
    assert len(place.uploads()) == 1
    place.jobs.cancel(first.id)
    assert place.ended(first).status == "cancelled"
    assert place.ended(place.jobs.reindex()).counts is not None
    assert place.jobs.get(waiting.id).outcomes == ()


def test_a_deletion_does_not_wait_for_the_file_that_a_job_is_at(place: Place, stuck: Stuck) -> None:
    place.ended(place.jobs.reindex())
    job = place.jobs.upload(place.stage(slow="STUCK"))
    assert stuck.is_reached.wait(30)
    (listed,) = place.library.store.documents()
    assert place.manager.delete(listed.id).files == ("a.txt",)
    assert place.library.store.documents() == []
    assert place.jobs.get(job.id).status == "running"
    place.jobs.cancel(job.id)
    assert place.ended(job).status == "cancelled"


def test_a_job_of_another_process_is_cancelled_by_that_one(tmp_path: Path, stuck: Stuck) -> None:
    place = Place(tmp_path)
    ours, other = (Jobs(place.manager, Board(tmp_path / "board")) for _ in range(2))
    for jobs in (ours, other):
        jobs.start()
    job = ours.upload(place.stage(slow="STUCK"))
    assert stuck.is_reached.wait(30)
    assert other.cancel(job.id).status == "running"
    assert until(lambda: other.get(job.id), lambda found: found.is_over).status == "cancelled"
    assert other.cancel(job.id).status == "cancelled"
    with pytest.raises(JobNotFoundError):
        other.cancel("none")
    # As the command line asks.
    job = ours.upload(place.stage(slow="STUCK"))
    board = Board(tmp_path / "board")
    until(lambda: ours.get(job.id), lambda found: found.status == "running")
    assert board.ask_to_cancel(job.id)
    assert until(lambda: ours.get(job.id), lambda found: found.is_over).status == "cancelled"
    assert not board.ask_to_cancel("none")
    for jobs in (ours, other):
        jobs.stop()
    assert not board.ask_to_cancel(job.id)


def test_the_page_and_the_api_cancel(tmp_path: Path, stuck: Stuck) -> None:
    place = Place(tmp_path)
    app = create_app(place.settings, place.library, PARSERS)
    with TestClient(app, follow_redirects=False) as client:
        for path in ("/api/jobs/{}/cancel", "/documents/jobs/{}/cancel"):
            stuck.is_reached.clear()
            job = client.post("/api/documents", files=[("files", ("slow.txt", b"STUCK"))]).json()["id"]
            assert stuck.is_reached.wait(30)
            assert "/cancel" in client.get(f"/documents?job={job}").text
            assert client.post(path.format(job)).status_code in (200, 303)
            until(lambda job=job: app.state.jobs.get(job), lambda found: found.is_over)  # type: ignore[misc]
            assert client.get(f"/api/jobs/{job}").json()["status"] == "cancelled"
            assert "Cancelled" in client.get(f"/documents?job={job}").text
        assert client.post("/api/jobs/none/cancel").status_code == 404
