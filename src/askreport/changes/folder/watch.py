"""The corpus folder watched while the service runs: what changes in it is indexed without being asked for."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout
from watchfiles import Change, watch

from askreport.changes.folder.jobs import Jobs
from askreport.errors import CorpusError, JobNotFoundError
from askreport.indexing.sources import files_below, signs_of_change

# Seconds without a change before a run begins, so that many files copied in are one run;
QUIET = 0.3
# but not longer than this after the first change: a file that is always written to is indexed now and then.
LONGEST = 10.0
# Seconds until a run that failed is tried again.
RETRY = 30.0
# Seconds between two looks at whether the folder is still there and the same one.
TICK = 0.2
# Seconds between two looks at every file, where the system does not tell of changes.
POLL = 1.0
# Milliseconds in which notifications are gathered. ``stop`` waits for no longer than the first.
_STEP, _GATHERED = 100, 400
_GRACE = 2.0
# In the index's folder: locked by the process that follows the corpus folder.
TURN = ".watching"

Changes: TypeAlias = set[tuple[Change, str]]

_log = logging.getLogger(__name__)


class Watcher:
    """Has the jobs of a service follow its corpus folder, from ``start`` to ``stop``, in a thread of its own.

    A folder that is missing is waited for, and never indexed as an empty one. So is a folder with nothing at all in it,
    unless it is the one whose files were there before: it may be the place of a disk that is not mounted.
    ``index`` is the index's folder, whose changes are no changes of the corpus; ``retry`` is in seconds. Of several
    processes that follow a folder (``shared``) one does at a time.
    """

    def __init__(self, jobs: Jobs, index: Path, retry: float = RETRY, shared: bool = False) -> None:
        self._jobs = jobs
        self._corpus = jobs.manager.corpus
        self._index = index.resolve()
        self._retry = retry
        self._turn = FileLock(index / TURN, thread_local=False) if shared else None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        # The folder that is followed, by what tells it from another one at the same path.
        self._followed: tuple[int, int] | None = None
        self._has_warned = False
        self._has_warned_of_looking = False
        self._job_id = ""
        self._failed_at: float | None = None

    def start(self) -> None:
        """Starts the thread, whose first run makes the index follow the folder as it is now."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; a run at work is the jobs' to end."""
        self._stopping.set()
        if self._thread:
            self._thread.join(_GRACE)

    def check(self) -> None:
        """Raises CorpusError if the folder is missing, or has nothing in it that was there before."""
        if self._identity() is None:
            raise CorpusError(
                f"{self._corpus} is missing or empty",
                "Mount its disk or set ASKREPORT_CORPUS; if you emptied it, press Re-index on the documents page.",
            )

    def _run(self) -> None:
        if not self._has_turn():
            return
        try:
            self._watch()
        finally:
            if self._turn:
                self._turn.release()

    def _has_turn(self) -> bool:
        """Waits until no other process follows the folder; whether that came before the end."""
        while self._turn and not self._turn.is_locked:
            try:
                self._turn.acquire(timeout=TICK)
            except (Timeout, OSError):
                if self._stopping.wait(TICK):
                    return False
        return True

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._followed = self._identity()
            if self._followed:
                self._has_warned = False
                self._follow(self._followed)
                # One that is made anew may have the number of the one before.
                self._followed = None
            elif not self._has_warned:
                self._has_warned = True
                _log.warning("%s is missing or empty; it is indexed when there are files in it", self._corpus)
            self._stopping.wait(TICK)

    def _follow(self, identity: tuple[int, int]) -> None:
        """Follows the folder's changes until it is another one, or missing."""
        root = self._corpus.resolve()
        try:
            self._heed(root, identity, self._notified(root))
        # What the package raises: OSError, its own child of RuntimeError, and of a path that is not UTF-8 ValueError.
        except (OSError, RuntimeError, ValueError) as error:
            if self._identity() != identity:
                return
            # Linux has a limit of notifications, some file systems have none, and an unreadable folder below is enough.
            if not self._has_warned_of_looking:
                self._has_warned_of_looking = True
                _log.warning("%s cannot be watched, and is looked through instead: %s", self._corpus, error)
            self._heed(root, identity, self._looked_at(root))

    def _heed(self, root: Path, identity: tuple[int, int], observed: Iterable[Changes]) -> None:
        """Has the jobs follow what is observed, until that must begin anew or the folder is another one."""
        calm = _Calm()
        has_new_folder = False
        # What changed before anything could be observed is found by a first run.
        calm.disturb()
        for changes in observed:
            if _is_replaced(root, changes) or self._identity() != identity:
                return
            concerning = [Path(path) for change, path in changes if self._concerns(root, change, path)]
            has_new_folder = has_new_folder or any(path.is_dir() for path in concerning)
            if concerning:
                calm.disturb()
            has_come = calm.has_come()
            if has_come or self._is_to_be_tried_again():
                self._job_id = self._jobs.follow(self.check).id
            # One folder too many for the system's limit is said when watching begins, and not when it comes later.
            if has_come and has_new_folder:
                return

    def _notified(self, root: Path) -> Iterable[Changes]:
        """Sets of changes as the system tells them, an empty one at each tick, until the watcher is stopped."""
        return watch(
            root,
            watch_filter=None,
            debounce=_GATHERED,
            step=_STEP,
            stop_event=self._stopping,
            rust_timeout=int(TICK * 1000),
            yield_on_timeout=True,
            poll_delay_ms=int(POLL * 1000),
            # To ignore what is denied would be to miss, without a word, all that stands behind it.
            ignore_permission_denied=False,
        )

    def _looked_at(self, root: Path) -> Iterator[Changes]:
        """The same, found by looking at every file."""
        before, took = _states(root)
        due = time.monotonic() + POLL
        while not self._stopping.wait(TICK):
            changes: Changes = set()
            if time.monotonic() >= due:
                now, took = _states(root)
                changes = {(Change.modified, path) for path, _ in now ^ before}
                # A large folder must not keep a core at work.
                before, due = now, time.monotonic() + max(POLL, 10 * took)
            yield changes

    def _identity(self) -> tuple[int, int] | None:
        """The device and the number of the folder, None if it is to be waited for."""
        try:
            found = self._corpus.stat()
            identity = (found.st_dev, found.st_ino)
            is_there = identity == self._followed or not self._corpus.is_dir() or any(self._corpus.iterdir())
        except OSError:
            return None
        return identity if is_there else None

    def _concerns(self, root: Path, change: Change, path: str) -> bool:
        """Whether a change is one of what the index holds: not of hidden files, nor of the index itself."""
        file = Path(path)
        if file.is_relative_to(self._index):
            return False
        if not file.is_relative_to(root):
            return True
        if any(part.startswith(".") for part in file.relative_to(root).parts):
            return False
        # A folder that is modified is one in which something, hidden perhaps, has a change of its own.
        return not (change == Change.modified and file.is_dir())

    def _is_to_be_tried_again(self) -> bool:
        """Whether the last run has failed, and so long ago that another may go better."""
        try:
            failed = self._jobs.get(self._job_id).status == "failed"
        except JobNotFoundError:
            failed = False
        if not failed:
            self._failed_at = None
        elif self._failed_at is None:
            self._failed_at = time.monotonic()
        return self._failed_at is not None and time.monotonic() - self._failed_at >= self._retry


class _Calm:
    """When to act on changes: once they have come to an end, or gone on for long."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0

    def disturb(self) -> None:
        """Says that something changes now."""
        self._last = time.monotonic()
        self._first = self._last if self._first is None else self._first

    def has_come(self) -> bool:
        """Whether it is time to act; that ends the matter."""
        now = time.monotonic()
        if self._first is None or (now - self._last < QUIET and now - self._first < LONGEST):
            return False
        self._first = None
        return True


def _is_replaced(root: Path, changes: Changes) -> bool:
    """Whether the folder itself was removed or made: its notifications may have ended, whatever is there now."""
    return any(change != Change.modified and Path(path) == root for change, path in changes)


def _states(root: Path) -> tuple[set[tuple[str, tuple[int, ...]]], float]:
    """Each file with what changes when it is written to, and the seconds this took; no files if the folder is gone."""
    started = time.monotonic()
    found: set[tuple[str, tuple[int, ...]]] = set()
    # The next look at the folder itself says that it is gone.
    with suppress(CorpusError):
        for file, _ in files_below(root):
            with suppress(OSError):
                found.add((str(file), signs_of_change(file)))
    return found, time.monotonic() - started
