"""Changes and their jobs: their nouns, and the protocols that a folder and PostgreSQL both fulfil."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Protocol, TypeAlias

from askreport.changes.staging import Staging
from askreport.errors import OtherKindError, SourceChangedError
from askreport.progress import Progress
from askreport.store import IndexCounts
from askreport.types import OutcomeStatus

JobKind: TypeAlias = Literal["upload", "reindex"]
JobStatus: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]
# Seconds between two states of one job for one listener: progress is reported thousands of times.
MIN_GAP = 0.2
# A proxy closes a connection on which nothing comes for long.
HEARTBEAT = 10.0
# A collection may become a million documents: so many ids and reasons are listed of one file.
MAX_LISTED = 20


# Bytes of a file that are in memory at a time.
PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Original:
    """The file a document was read from, byte for byte: its name without a folder, and its bytes, open to be read.

    ``id`` is that of the bytes (digest.py). Whoever gets it closes it, or reads it to the end.
    """

    name: str
    stream: IO[bytes]
    id: str

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.stream.seek(0, SEEK_END)

    def read(self) -> bytes:
        """All bytes; SourceChangedError as for ``pieces``."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces. Raises SourceChangedError before the last one if the file has changed meanwhile."""
        digest, before = hashlib.sha256(), b""
        with self.stream:
            self.stream.seek(0)
            while piece := self.stream.read(PIECE):
                digest.update(piece)
                if before:
                    yield before
                before = piece
        if not digest.hexdigest().startswith(self.id):
            raise SourceChangedError(f"{self.name} was changed while it was read", "Try again.")
        yield before


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of one file that was added.

    ``path`` is its name in the library, "" if it was not kept; ``documents`` are the ids of the documents it is (of a
    duplicate: that the other file is), at most ``MAX_LISTED`` of ``count``; ``problems`` says which parts failed.
    """

    name: str
    path: str
    status: OutcomeStatus
    reason: str = ""
    documents: tuple[str, ...] = ()
    count: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacing:
    """Which files of the library new ones take the place of: that of the same name, or the one called ``file``."""

    same_name: bool = False
    file: str = ""

    def of(self, name: str) -> str:
        """The name in the library of the file whose place a new one of this name takes, if there is such; "" if none.

        A new version is a file of the same kind: OtherKindError if its ending is another.
        """
        if self.file and PurePosixPath(self.file).suffix.lower() != PurePosixPath(name).suffix.lower():
            raise OtherKindError(
                f"{name} is no new version of {self.file}: it is a file of another kind",
                "Add it as another document, and delete the old one.",
            )
        return self.file or (name if self.same_name else "")


KEEP = Replacing()
# What has become of a file while its job goes on; "read" is one that is to be indexed.
FileState: TypeAlias = Literal["waiting", "reading", "read"] | OutcomeStatus
# Told of the file of this place among those of a job.
Said: TypeAlias = Callable[[int, FileState], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A document that is deleted: the names its files had in the library, and the folder that keeps them now.

    ``kept_in`` is "" where they are gone with it.
    """

    id: str
    title: str
    files: tuple[str, ...]
    kept_in: str


class LibraryManager(Protocol):
    """What changes a library, wherever that stands; ``corpus`` is the folder in which files wait that come in."""

    corpus: Path

    def stage(self) -> Staging:
        """A place for files that are to be added; CorpusWriteError if there can be none."""

    def delete(self, document_id: str) -> Deleted:
        """Deletes a document; errors as ``Manager`` and ``PostgresManager`` have them."""


class AddingManager(LibraryManager, Protocol):
    """One that also adds files, and returns when they are there."""

    def add(self, files: Sequence[Path], progress: Progress, replacing: Replacing = KEEP) -> tuple[Added, ...]:
        """Adds staged files; each file's outcome, in order."""

    def rename(self, document_id: str, name: str, progress: Progress = lambda stage, done, total: None) -> str:
        """Gives a document's file another name; the name it has then. Errors as for ``delete``, and NameTakenError."""


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, as an error of the API says it."""

    code: str
    message: str
    hint: str | None


CANCELLED = JobError("cancelled", "somebody cancelled it before it was done", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A change and how far it is: ``done`` of ``total`` in the stage; times are ISO 8601 in UTC, "" if not yet.

    Stages are "waiting" (for another process), "checking" (new files), and those of indexing: "reading",
    "embedding", "writing". ``seconds_left`` is how long the stage will still take, None while that is unknown.
    ``files`` are the names that were uploaded, ``states`` what has become of each so far, ``outcomes`` all of it, and
    ``documents`` the ids they have in the index; ``counts`` is what the index holds after re-indexing.
    """

    id: str
    kind: JobKind
    status: JobStatus
    created: str
    finished: str = ""
    stage: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    files: tuple[str, ...] = ()
    states: tuple[FileState, ...] = ()
    outcomes: tuple[Added, ...] = ()
    documents: tuple[str, ...] = ()
    counts: IndexCounts | None = None
    error: JobError | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in ("done", "failed", "cancelled")


class LibraryJobs(Protocol):
    """The changes of a library, wherever that stands; ``Jobs`` says what the methods do."""

    @property
    def manager(self) -> LibraryManager:
        """What deletes documents, and takes files."""

    @property
    def is_working(self) -> bool:
        """Whether this process is at a step that takes long."""

    def start(self) -> None:
        """Begins to work."""

    def hang_up(self) -> None:
        """Ends all that follow a job; the jobs go on."""

    def stop(self) -> None:
        """Ends the work."""

    def upload(self, staging: Staging, replacing: Replacing = KEEP) -> Job:
        """Adds the staged files, and ends the staging."""

    def rename(self, document_id: str, name: str) -> Job:
        """Gives a document's file another name."""

    def reindex(self, retry: bool = False) -> Job:
        """Makes the library follow its files."""

    def get(self, job_id: str) -> Job:
        """A job as it is now; JobNotFoundError."""

    def cancel(self, job_id: str) -> Job:
        """Ends a job at its next step, whatever file it is at; the job as it is now. JobNotFoundError."""

    def all(self) -> list[Job]:
        """The jobs that are kept, the newest first."""

    def states(self, job_id: str) -> AsyncIterator[Job | None]:
        """A job's states up to its last one; None is a heartbeat."""
