"""The corpus folder is followed as it changes, goes and comes back: real files, real notifications, real runs."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from askreport.answering.library import Library
from askreport.changes.folder import watch as watch_module
from askreport.changes.folder.jobs import Jobs
from askreport.changes.folder.manage import Manager
from askreport.changes.folder.watch import Watcher
from askreport.changes.staging import UPLOADS
from askreport.changes.types import Job
from askreport.config import Settings
from askreport.errors import IndexMissingError
from askreport.indexing.ingest import IngestReport
from askreport.progress import Progress
from askreport.store import writer_lock
from tests.tools.parts import PARSERS, HashingEncoder, folder

DEADLINE = 30.0


class CountingManager(Manager):
    """A manager that counts how often it has indexed the folder."""

    runs = 0

    def reindex(self, progress: Progress = lambda stage, done, total: None, retry: bool = False) -> IngestReport:
        self.runs += 1
        return super().reindex(progress, retry)


class Place:
    """A corpus folder that is watched, and what is in the index of it."""

    def __init__(self, path: Path, encoder: HashingEncoder | None = None, retry: float = 60, index: str = "index"):
        self.corpus = path / "corpus"
        settings = Settings(corpus=self.corpus, index=path / index)
        self.library = Library(settings.index, encoder or HashingEncoder())
        self.manager = CountingManager(settings, self.library, PARSERS, patience=0.1)
        self.jobs = Jobs(self.manager)
        self.watcher = Watcher(self.jobs, settings.index, retry)

    def start(self) -> "Place":
        self.jobs.start()
        self.watcher.start()
        return self

    def stop(self) -> None:
        self.watcher.stop()
        self.jobs.stop()
        assert "watch" not in {thread.name for thread in threading.enumerate()}

    def found(self) -> set[str]:
        """The documents that a question could find now."""
        try:
            return {document.path for document in self.library.store.documents()}
        except IndexMissingError:
            return set()

    def texts(self) -> set[str]:
        store = self.library.store
        return {store.document(document.id).text for document in store.documents()}

    def becomes(self, *paths: str) -> bool:
        return until(lambda: self.found() == set(paths), self.found)

    def rest(self) -> None:
        """Waits until changes made so far would long have led to a run, and no run is at work."""
        time.sleep(2 * watch_module.QUIET + 6 * watch_module.TICK)
        until(lambda: self.last().is_over)

    def last(self) -> Job:
        return self.jobs.get(self.jobs._following)


def until(ready: Callable[[], bool], about: Callable[[], object] = lambda: "") -> bool:
    deadline = time.monotonic() + DEADLINE
    while not ready():
        assert time.monotonic() < deadline, about()
        time.sleep(0.02)
    return True


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder with one file that is indexed, and watched."""
    made = Place(tmp_path)
    folder(made.corpus, {"a.txt": "Nine goats."})
    made.start()
    made.becomes("a.txt")
    yield made
    made.stop()


# What changes is indexed


def test_at_the_start_the_index_is_made_to_follow_the_folder(place: Place) -> None:
    assert place.manager.runs == 1


def test_files_that_are_added_changed_moved_and_removed_are_followed(place: Place) -> None:
    folder(place.corpus, {"b.txt": "Ten sheep."})
    assert place.becomes("a.txt", "b.txt")
    (place.corpus / "b.txt").write_text("Eleven sheep.")
    until(lambda: "Eleven sheep." in place.texts())
    (place.corpus / "b.txt").rename(place.corpus / "c.txt")
    assert place.becomes("a.txt", "c.txt")
    (place.corpus / "a.txt").unlink()
    assert place.becomes("c.txt")


def test_new_folders_are_followed_with_what_comes_into_them_later(place: Place) -> None:
    folder(place.corpus, {"x/y/b.txt": "Ten sheep."})
    assert place.becomes("a.txt", "x/y/b.txt")
    folder(place.corpus, {"x/y/c.txt": "Two dogs."})
    assert place.becomes("a.txt", "x/y/b.txt", "x/y/c.txt")
    (place.corpus / "x").rename(place.corpus / "z")
    assert place.becomes("a.txt", "z/y/b.txt", "z/y/c.txt")
    shutil.rmtree(place.corpus / "z")
    assert place.becomes("a.txt")


def test_many_files_are_few_runs(place: Place) -> None:
    for n in range(100):
        folder(place.corpus, {f"n{n}.txt": f"Note number {n}."})
        time.sleep(0.005)
    assert place.becomes("a.txt", *(f"n{n}.txt" for n in range(100)))
    assert place.manager.runs <= 5


def test_what_changes_during_a_run_is_indexed_by_one_more(tmp_path: Path) -> None:
    place = Place(tmp_path, HashingEncoder(seconds=0.5))
    folder(place.corpus, {f"n{n}.txt": f"Note number {n}." for n in range(4)})
    place.start()
    until(lambda: place.manager.runs == 1)
    for n in range(4, 10):
        folder(place.corpus, {f"n{n}.txt": f"Note number {n}."})
        time.sleep(0.2)
    assert place.becomes(*(f"n{n}.txt" for n in range(10)))
    assert place.manager.runs <= 4
    place.stop()


def test_a_file_that_is_always_written_to_is_indexed_now_and_then(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "LONGEST", 1.0)
    with (place.corpus / "log.txt").open("w") as log:
        deadline = time.monotonic() + DEADLINE
        while "log.txt" not in place.found():
            assert time.monotonic() < deadline
            log.write("Another line.\n")
            log.flush()
            time.sleep(0.05)
    place.rest()


def test_a_folder_behind_a_link_is_followed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    folder(tmp_path / "one", {"a.txt": "Nine goats."})
    folder(tmp_path / "two", {"b.txt": "Ten sheep."})
    place.corpus.symlink_to(tmp_path / "one")
    place.start()
    place.becomes("a.txt")
    folder(tmp_path / "one", {"c.txt": "Two dogs."})
    place.becomes("a.txt", "c.txt")
    (tmp_path / "new").symlink_to(tmp_path / "two")
    (tmp_path / "new").replace(place.corpus)
    assert place.becomes("b.txt")
    place.stop()


def assert_follows_what_is_not_hidden(place: Place) -> None:
    """Starts with a file, finds one below a new folder, and does not run for hidden ones."""
    folder(place.corpus, {"a.txt": "Nine goats."})
    place.start()
    place.becomes("a.txt")
    folder(place.corpus, {"x/b.txt": "Ten sheep."})
    assert place.becomes("a.txt", "x/b.txt")
    place.rest()
    runs = place.manager.runs
    folder(place.corpus, {"x/.b.txt.swp": "Eleven", ".deleted/c.txt": "Two dogs."})
    place.rest()
    assert place.manager.runs == runs


def test_it_works_where_the_system_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    monkeypatch.setattr(watch_module, "POLL", 0.1)
    place = Place(tmp_path)
    assert_follows_what_is_not_hidden(place)
    place.stop()


def test_a_folder_that_cannot_be_watched_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*paths: Path, **options: object) -> object:
        raise OSError("OS file watch limit reached.")

    monkeypatch.setattr(watch_module, "watch", refuse)
    monkeypatch.setattr(watch_module, "POLL", 0.1)
    place = Place(tmp_path)
    assert_follows_what_is_not_hidden(place)
    (place.corpus / "a.txt").write_text("Eleven goats.")
    until(lambda: "Eleven goats." in place.texts())
    away = place.corpus.rename(tmp_path / "away")
    place.rest()
    (away / "a.txt").unlink()
    away.rename(place.corpus)
    assert place.becomes("x/b.txt")
    place.stop()
    assert caplog.text.count("is looked through instead: OS file watch limit reached.") == 1


def test_a_folder_that_may_not_be_read_hides_no_other(tmp_path: Path) -> None:
    place = Place(tmp_path)
    folder(place.corpus, {"a.txt": "Nine goats.", "m/secret.txt": "", "x/b.txt": "Ten sheep."})
    (place.corpus / "m").chmod(0)
    if os.access(place.corpus / "m", os.R_OK):
        pytest.skip("whoever runs this may read everything")
    place.start()
    place.becomes("a.txt", "x/b.txt")
    for name in "bdez":
        folder(place.corpus, {f"{name}/c.txt": f"Two dogs of {name}."})
    assert place.becomes("a.txt", "x/b.txt", *(f"{name}/c.txt" for name in "bdez"))
    place.stop()
    (place.corpus / "m").chmod(0o700)


# What changes without a run


def test_hidden_files_and_folders_are_nobodys_business(place: Place) -> None:
    place.rest()
    hidden = {".a.txt.swp": "Nine", ".deleted/b.txt": "Ten sheep.", f"{UPLOADS}/1/c.txt": "Two", "x/.git/d.txt": "d"}
    (place.corpus / "x").mkdir()
    place.rest()
    runs = place.manager.runs
    folder(place.corpus, hidden)
    folder(place.corpus, {name: text * 2 for name, text in hidden.items()})
    place.rest()
    assert place.manager.runs == runs
    assert place.found() == {"a.txt"}


def test_a_hidden_folder_above_the_corpus_hides_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path / ".local")
    folder(place.corpus, {"a.txt": "Nine goats."})
    place.start()
    place.becomes("a.txt")
    folder(place.corpus, {"b.txt": "Ten sheep."})
    assert place.becomes("a.txt", "b.txt")
    place.stop()


def test_reading_files_and_writing_an_index_among_them_leads_to_no_run(tmp_path: Path) -> None:
    place = Place(tmp_path, index="corpus/index")
    folder(place.corpus, {"a.txt": "Nine goats."})
    place.start()
    until(lambda: "a.txt" in place.found())
    place.rest()
    runs = place.manager.runs
    (place.corpus / "a.txt").read_text()
    place.rest()
    assert place.manager.runs == runs <= 2
    place.stop()


def test_an_upload_is_no_visible_re_index(place: Place) -> None:
    staging = place.manager.stage()
    staging.place("b.txt").write_text("Ten sheep.")
    before = place.jobs.all()
    upload = place.jobs.upload(staging)
    listed: set[str] = set()

    def is_settled() -> bool:
        listed.update(job.id for job in place.jobs.all())
        return place.manager.runs == 2 and place.last().is_over

    until(is_settled)
    assert listed == {upload.id} | {job.id for job in before}
    assert place.last().counts


# A folder that goes, and comes back


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_folder_that_is_missing_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = Place(tmp_path).start()
    until(lambda: bool(warnings(caplog)))
    time.sleep(3 * watch_module.TICK)
    assert (place.manager.runs, place.jobs.all()) == (0, [])
    assert warnings(caplog) == [f"{place.corpus} is missing or empty; it is indexed when there are files in it"]
    folder(place.corpus, {"a.txt": "Nine goats."})
    assert place.becomes("a.txt")
    place.stop()


def test_a_folder_that_goes_takes_nothing_out_of_the_index(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    away = place.corpus.rename(place.corpus.with_name("away"))
    place.rest()
    # The place of a disk that is not mounted is a folder with nothing in it.
    place.corpus.mkdir()
    place.rest()
    assert place.found() == {"a.txt"}
    assert [job.status for job in place.jobs.all()] == ["done"]
    assert len(warnings(caplog)) == 1
    place.corpus.rmdir()
    folder(away, {"b.txt": "Ten sheep."})
    away.rename(place.corpus)
    assert place.becomes("a.txt", "b.txt")
    folder(place.corpus, {"c.txt": "Two dogs."})
    assert place.becomes("a.txt", "b.txt", "c.txt")
    place.corpus.rename(away)
    until(lambda: len(warnings(caplog)) == 2)


def test_a_folder_that_is_replaced_by_another_is_followed(place: Place) -> None:
    other = folder(place.corpus.with_name("other"), {"b.txt": "Ten sheep."})
    place.corpus.rename(place.corpus.with_name("away"))
    other.rename(place.corpus)
    assert place.becomes("b.txt")
    folder(place.corpus, {"c.txt": "Two dogs."})
    assert place.becomes("b.txt", "c.txt")


def test_a_folder_that_is_made_anew_at_once_is_followed(place: Place) -> None:
    for n in range(3):
        shutil.rmtree(place.corpus)
        folder(place.corpus, {f"{n}.txt": "Ten sheep."})
        assert place.becomes(f"{n}.txt")
        folder(place.corpus, {"c.txt": f"{n} dogs."})
        assert place.becomes(f"{n}.txt", "c.txt")


def test_a_folder_whose_files_were_removed_is_followed(place: Place) -> None:
    (place.corpus / "a.txt").unlink()
    assert place.becomes()


def test_a_run_whose_folder_has_gone_by_its_turn_fails(place: Place) -> None:
    place.watcher.check()
    place.corpus.rename(place.corpus.with_name("away"))
    place.corpus.mkdir()
    job = place.jobs.follow(place.watcher.check)
    until(lambda: place.jobs.get(job.id).is_over)
    error = place.jobs.get(job.id).error
    assert error
    assert error.code == "corpus_unreadable"
    assert place.found() == {"a.txt"}


# Runs that fail


def test_a_run_that_failed_is_tried_again_and_listed_once(tmp_path: Path) -> None:
    place = Place(tmp_path, retry=0.2)
    folder(place.corpus, {"a.txt": "Nine goats."})
    with writer_lock(tmp_path / "index"):
        place.start()
        until(lambda: place.manager.runs >= 3)
        until(lambda: [job.status for job in place.jobs.all()] == ["failed"], place.jobs.all)
    assert place.becomes("a.txt")
    until(lambda: [job.status for job in place.jobs.all()] == ["done", "failed"], place.jobs.all)
    place.stop()


def test_a_run_that_failed_is_tried_again_at_the_next_change(tmp_path: Path) -> None:
    place = Place(tmp_path, retry=600)
    folder(place.corpus, {"a.txt": "Nine goats."})
    with writer_lock(tmp_path / "index"):
        place.start()
        until(lambda: [job.status for job in place.jobs.all()] == ["failed"], place.jobs.all)
    folder(place.corpus, {"b.txt": "Ten sheep."})
    assert place.becomes("a.txt", "b.txt")
    place.stop()


# The end


@pytest.mark.parametrize("is_there", [True, False])
def test_it_ends_though_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    monkeypatch.setattr(watch_module, "_GRACE", DEADLINE)
    place = Place(tmp_path)
    if is_there:
        folder(place.corpus, {"a.txt": "Nine goats."})
    place.start()
    time.sleep(3 * watch_module.TICK)
    place.watcher.stop()
    assert "watch" not in {thread.name for thread in threading.enumerate()}
    place.stop()


def test_it_can_be_started_again(place: Place) -> None:
    place.watcher.stop()
    folder(place.corpus, {"b.txt": "Ten sheep."})
    place.watcher.start()
    assert place.becomes("a.txt", "b.txt")


def test_changes_are_told_from_noise(place: Place, tmp_path: Path) -> None:
    root = place.corpus.resolve()
    cases = {"b.txt": True, "x/b.txt": True, ".b.txt": False, "x/.y/b.txt": False, ".deleted": False}
    for name, concerns in cases.items():
        assert place.watcher._concerns(root, Change.modified, str(root / name)) == concerns
    assert not place.watcher._concerns(root, Change.modified, str(root))
    assert not place.watcher._concerns(root, Change.added, str(tmp_path / "index" / "1"))
    # The target of a link out of the folder.
    assert place.watcher._concerns(root, Change.modified, str(tmp_path / "elsewhere.txt"))
