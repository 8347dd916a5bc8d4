"""A library in PostgreSQL as something one can change: add files, delete documents, read files again."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from askreport import freshness
from askreport.answering.library import Library, made_with
from askreport.changes.originals import name_taken, renamed
from askreport.changes.staging import Staging
from askreport.changes.types import CANCELLED, KEEP, Added, Deleted, Replacing
from askreport.config import Settings
from askreport.digest import content_id
from askreport.errors import (
    CollectionPartError,
    CorpusWriteError,
    DocumentNotFoundError,
    IndexBusyError,
    OverloadedError,
)
from askreport.indexing.entries import made_of
from askreport.progress import Progress
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.files import (
    at_work,
    copies_of,
    drop_original,
    files,
    find_file,
    hold_contents,
    remove_file,
    rename_file,
)
from askreport.store.postgres.jobs import held, waiting
from askreport.store.postgres.pool import Connection
from askreport.store.postgres.queue import Wanted, cancel, finish_file, put
from askreport.store.postgres.writer import PostgresWriter, writing
from askreport.store.rows import not_found

# Jobs that are not over, at most: a flood of uploads is put off before it fills the disks.
MAX_WAITING = 10_000
# Seconds after which one more may be tried.
RETRY_AFTER = 10


class PostgresManager:
    """Changes a library in PostgreSQL, from any of its services at the same time."""

    def __init__(self, settings: Settings, library: Library) -> None:
        assert isinstance(library.backend, PostgresBackend)
        self.backend = library.backend
        # Where files wait that come in; nothing of it is needed once they are in PostgreSQL.
        self.corpus = settings.index
        self.originals = self.backend.originals
        self._made_with = made_with(library.encoder)
        self._fingerprint = library.encoder.fingerprint

    def made(self, name: str) -> str:
        """What the documents of a file of this name are made with now."""
        return made_of(self._fingerprint, name)

    def stage(self) -> Staging:
        """A place for files that are to be added; CorpusWriteError if it cannot be written."""
        try:
            self.corpus.mkdir(parents=True, exist_ok=True)
            return Staging(self.corpus)
        except OSError as error:
            raise CorpusWriteError(
                f"the folder {self.corpus} cannot be written: {error.strerror}",
                "Free space, allow writing there, or set ASKREPORT_INDEX to another folder.",
            ) from error

    def upload(self, files: Sequence[Path], replacing: Replacing = KEEP) -> str:
        """Puts staged files into the queue; the job's id. They are safe once this returns.

        A file whose place one takes stays until that has been read.

        Raises OverloadedError if too much waits, and StoreError; nothing is then kept.
        """
        self.backend.bring_up_to_date()
        with self.backend.database.writing() as connection:
            check_waiting(connection)
            wanted = [_replacing(connection, _wanted(file), replacing) for file in files]
            hold_contents(connection, [each.content for each in wanted])
            for file, each in zip(files, wanted, strict=True):
                self.originals.put(each.content, file.read_bytes(), connection)
            return put_job(connection, "upload", wanted)

    def reindex(self) -> str:
        """Has files read again whose documents were made otherwise than they would be now; the job's id."""
        self.backend.bring_up_to_date()
        with self.backend.database.writing() as connection:
            check_waiting(connection)
            old = [each for each in files(connection) if each.status == "indexed" and each.made != self.made(each.name)]
            wanted = [
                Wanted(name=each.name, content=each.content, size=each.size, folder=each.folder, path=each.name)
                for each in old
            ]
            return put_job(connection, "reindex", wanted)

    def rename(self, document_id: str, name: str, progress: Progress = lambda stage, done, total: None) -> str:
        """Gives a document's file another name; the job that has its documents follow. Its ending stays.

        Raises NameTakenError, and what ``delete`` raises.
        """
        self.backend.bring_up_to_date()
        with self.backend.database.writing() as connection:
            check_waiting(connection)
            _, old, content = _document(connection, document_id)
            folder, slash, last = old.rpartition("/")
            new = f"{folder}{slash}{renamed(last, name)}"
            hold_contents(connection, [content])
            if at_work(connection, old):
                raise IndexBusyError(f"{old} is being read", "Try again when that has finished.")
            file = find_file(connection, old)
            if new == old or file is None:
                return put_job(connection, "reindex", ())
            if find_file(connection, new) is not None or at_work(connection, new):
                raise name_taken(new)
            rename_file(connection, old, new)
            wanted = Wanted(name=new, content=content, size=file.size, folder=file.folder, path=new)
            return put_job(connection, "reindex", [wanted])

    def delete(self, document_id: str) -> Deleted:
        """Deletes a document with its file and that file's copies; once this returns, no question finds it.

        Raises DocumentNotFoundError; CollectionPartError for one of several documents of a file; IndexBusyError if the
        file is being read; StoreError.
        """
        self.backend.bring_up_to_date()
        try:
            with self.changing() as (connection, writer):
                title, name, content = _document(connection, document_id)
                hold_contents(connection, [content])
                if at_work(connection, name):
                    raise IndexBusyError(f"{name} is being read", "Try again when that has finished.")
                writer.delete([document_id])
                names = [name, *copies_of(connection, content, name)]
                for each in names:
                    remove_file(connection, each, self.originals)
        except DocumentNotFoundError:
            # Perhaps it was there until just now: by an attempt whose answer was lost, or by somebody else.
            self._note_newest()
            raise
        self._note_newest()
        return Deleted(id=document_id, title=title, files=tuple(names), kept_in="")

    def _note_newest(self) -> None:
        """Has the client of this request answered from nothing older than what there is now."""
        generation, _ = held(self.backend.database)
        freshness.note(generation)

    @contextmanager
    def changing(self) -> Iterator[tuple[Connection, PostgresWriter]]:
        """One transaction that changes documents; IndexMismatchError, StoreError."""
        with writing(self.backend.database, self._made_with) as writer:
            yield writer.connection, writer


def cancel_job(backend: PostgresBackend, job: str) -> None:
    """Ends a job: its files that are not done yet stay as the library has them, or are not added; StoreError."""
    backend.bring_up_to_date()
    with backend.database.writing() as connection:
        left = cancel(connection, job)
        hold_contents(connection, [content for _, _, content in left])
        for number, name, _ in left:
            outcome = Added(name=name, path="", status="unreadable", reason=CANCELLED.message)
            finish_file(connection, job, number, json.dumps(asdict(outcome)))
        for _, _, content in left:
            drop_original(connection, content, backend.originals)


def put_job(connection: Connection, kind: str, wanted: Sequence[Wanted]) -> str:
    """Adds a job of these files, and gives it an id."""
    job = uuid.uuid4().hex[:12]
    put(connection, job, kind, wanted)
    return job


def check_waiting(connection: Connection) -> None:
    """Raises OverloadedError if too much waits."""
    if waiting(connection) >= MAX_WAITING:
        raise OverloadedError(
            f"{MAX_WAITING:,} changes are waiting already", "Try again when some of them are done.", RETRY_AFTER
        )


def _wanted(file: Path) -> Wanted:
    data = file.read_bytes()
    return Wanted(name=file.name, content=content_id(data), size=len(data))


def _replacing(connection: Connection, wanted: Wanted, replacing: Replacing) -> Wanted:
    """The file under the name of the one whose place it takes, if that is there and has other bytes."""
    name = replacing.of(wanted.name)
    old = find_file(connection, name) if name else None
    if old is None or old.content == wanted.content:
        return wanted
    return replace(wanted, folder=old.folder, path=name)


def _document(connection: Connection, document_id: str) -> tuple[str, str, str]:
    """Title, name of the file, and id of its bytes, of a document that is the only one of its file."""
    query = "SELECT title, file, content, path FROM documents WHERE id = %s"
    # Whatever else somebody asks for may be no text that PostgreSQL takes.
    rows = connection.execute(query, (document_id,)).fetchall() if document_id.isalnum() else []
    if not rows:
        raise not_found(document_id)
    title, file, content, path = rows[0]
    if connection.execute("SELECT count(*) FROM documents WHERE file = %s", (file,)).fetchall()[0][0] > 1:
        raise CollectionPartError(
            f"the document is part of {file}, and cannot be deleted alone",
            "Remove its line from that file, and add the file anew.",
        )
    return title, file or path, content
