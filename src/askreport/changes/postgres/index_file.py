"""A file of the queue -> its documents in PostgreSQL, which are there with the transaction that says so."""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from askreport.answering.library import made_with
from askreport.changes.staging import names_like
from askreport.changes.types import MAX_LISTED, Added
from askreport.config import Settings
from askreport.indexing.embedding import Embedder
from askreport.indexing.entries import entry_of, made_of
from askreport.indexing.ingest import CACHE
from askreport.indexing.sources import Listed, SourceReader
from askreport.models.encoder import Encoder
from askreport.parse import Parsed, ParserPool
from askreport.progress import Progress
from askreport.store import EmbeddingCache, ParsedCache, write_failures
from askreport.store.postgres.files import (
    File,
    begin_file,
    choose_name,
    documents_of,
    drop_original,
    find_file,
    hold_contents,
    known,
    note_replaced,
    put_file,
    same_content,
)
from askreport.store.postgres.originals import Originals
from askreport.store.postgres.pool import Connection, Database
from askreport.store.postgres.queue import MAX_ATTEMPTS, Task, finish, hold
from askreport.store.postgres.writer import PostgresWriter, writing
from askreport.types import Outcome, Passage, PassageVectors, Source

# Passages after which what there is of a collection is written, so that no transaction is long.
BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A document of a file, embedded."""

    listed: Listed
    parsed: Parsed
    passages: Sequence[Passage]
    vectors: Sequence[PassageVectors]


@dataclass(slots=True)
class _Reading:
    """What was read of a task's file: what is said of it and its parts, and its documents' entries by their ids."""

    outcomes: Sequence[Outcome]
    entries: dict[str, str]
    embedded: int = 0


class FileIndexer:
    """Does tasks, one at a time, with what indexing needs.

    Killed at any moment it can do a task again: documents that are there already are not made anew.
    """

    def __init__(
        self, settings: Settings, database: Database, originals: Originals, encoder: Encoder, parsers: ParserPool
    ) -> None:
        self._settings = settings
        self._database = database
        self._originals = originals
        self._encoder = encoder
        self._parsers = parsers
        self._made_with = made_with(encoder)

    def index(self, task: Task, progress: Progress) -> Added:
        """Makes the task's file documents of the library; what became of it.

        Raises TakenError if another worker has the task, StoreError, IndexMismatchError, and what indexing raises.
        """
        named = self._begin(task)
        if isinstance(named, Added):
            return named
        data = self._originals.get(named.file.content)
        if data is None:
            return self._refuse(
                named,
                Outcome(path=named.file.path, status="unreadable", reason="its bytes are not where files are kept"),
            )
        with TemporaryDirectory(prefix="askreport-") as folder:
            file = Path(folder, "files", named.file.path)
            file.parent.mkdir(parents=True)
            file.write_bytes(data)
            # Not the cache of the index: nothing of a document stays behind where it was only read.
            with closing(ParsedCache(Path(folder, "read.sqlite"))) as cache:
                reader = SourceReader(self._parsers, cache, self._settings.max_file_bytes)
                listed, outcomes = reader.read([Path(folder, "files")], progress)
                if not listed:
                    return self._refuse(named, outcomes[0])
                return self._add(named, reader, listed, outcomes, progress)

    def set_aside(self, task: Task) -> Added:
        """Gives a task up that failed too often; what is there of its file goes, unless it was there before."""
        file = task.file
        reason = f"set aside after {MAX_ATTEMPTS} attempts: {task.reason or 'the workers that read it ended'}"
        with self._changing(task) as (connection, writer):
            before = find_file(connection, task.file.path)
            is_other = before is not None and before.content != file.content
            if before is None or is_other or not before.documents:
                there = documents_of(connection, task.file.path)
                writer.delete([each for each, content in there.items() if content == file.content])
                if not is_other:
                    connection.execute("DELETE FROM files WHERE name = %s", (task.file.path,))
                    self._list(connection, task, Outcome(path=task.file.path, status="unreadable", reason=reason))
            outcome = Added(name=file.name, path="", status="unreadable", reason=reason)
            finish(connection, task, _json(outcome))
            drop_original(connection, file.content, self._originals)
        return outcome

    def _begin(self, task: Task) -> Task | Added:
        """The task with a name for its file, or the outcome of one whose bytes the library has already."""
        with self._changing(task) as (connection, _):
            if same := self._same(connection, task):
                return same
            names = map(str, names_like(Path(task.file.name)))
            path = task.file.path or choose_name(connection, task, names)
            return replace(task, file=replace(task.file, path=path))

    def _same(self, connection: Connection, task: Task) -> Added | None:
        """Finishes a task whose bytes another file has; None if there is none."""
        file = task.file
        same = same_content(connection, file.content, task.file.path)
        if not same:
            return None
        reason, documents = f"same content as {same}", tuple(documents_of(connection, same))
        outcome = Added(
            name=file.name,
            path="",
            status="duplicate",
            reason=reason,
            documents=documents[:MAX_LISTED],
            count=len(documents),
        )
        self._list(connection, task, Outcome(path=task.file.path, status="duplicate", reason=reason))
        finish(connection, task, _json(outcome))
        return outcome

    def _add(
        self,
        task: Task,
        reader: SourceReader,
        listed: Sequence[Listed],
        outcomes: Sequence[Outcome],
        progress: Progress,
    ) -> Added:
        """Embeds and adds the documents that are not there in just this way."""
        reading, new = self._compared(task, listed, outcomes)
        if not reading.entries:
            return self._refuse(
                task, Outcome(path=task.file.path, status="duplicate", reason=reading.outcomes[-1].reason)
            )
        batch: list[_Ready] = []
        with closing(self._embedded(reading, reader, new, progress)) as documents:
            for ready in documents:
                batch.append(ready)
                if sum(len(each.passages) for each in batch) >= BATCH:
                    if same := self._add_some(task, reading, batch):
                        return same
                    batch.clear()
        progress("writing", 0, 1)
        return self._add_last(task, reading, batch)

    def _compared(
        self, task: Task, listed: Sequence[Listed], outcomes: Sequence[Outcome]
    ) -> tuple[_Reading, list[Listed]]:
        """What was read without what other files have brought already, and what of it must be added."""
        encoder = self._encoder.fingerprint
        entries = {each.id: entry_of(each, Path(task.file.path), encoder) for each in listed}
        with self._database.reading(newest=True) as connection:
            there = known(connection, list(entries))
        same = []
        for each in listed:
            _, file, path = there.get(each.id, ("", "", ""))
            if file not in ("", task.file.path):
                same.append(Outcome(path=each.path, status="duplicate", reason=f"same content as {path}"))
                del entries[each.id]
        new = [each for each in listed if each.id in entries and there.get(each.id, ("",))[0] != entries[each.id]]
        return _Reading([*outcomes, *same], entries), new

    def _embedded(
        self, reading: _Reading, reader: SourceReader, new: Sequence[Listed], progress: Progress
    ) -> Generator[_Ready, None, None]:
        """The documents, cut and embedded, one after another."""
        index = self._settings.index
        with write_failures(index):
            index.mkdir(parents=True, exist_ok=True)
        with closing(EmbeddingCache(index / CACHE, self._encoder.dimension)) as cache:
            embedder = Embedder(cache, self._encoder, progress)
            embedder.expect(sum(each.characters for each in new))
            with closing(embedder.documents(reader.load(new))) as documents:
                for listed, parsed, passages, vectors in documents:
                    yield _Ready(listed=listed, parsed=parsed, passages=passages, vectors=list(vectors))
            reading.embedded = embedder.embedded

    def _add_some(self, task: Task, reading: _Reading, batch: Sequence[_Ready]) -> Added | None:
        """Adds documents of a file that has more; the outcome if its bytes have come by another file meanwhile."""
        with self._changing(task) as (connection, writer):
            if same := self._same(connection, task):
                return same
            begin_file(connection, _file(task, replace(reading.outcomes[0], documents=0)))
            _write(writer, task, reading, batch)
        return None

    def _add_last(self, task: Task, reading: _Reading, batch: Sequence[_Ready]) -> Added:
        """Adds the last documents of a file, and says what became of it."""
        outcome = _added(task, reading)
        with self._changing(task) as (connection, writer):
            if same := self._same(connection, task):
                return same
            before = find_file(connection, task.file.path)
            old = [each for each in documents_of(connection, task.file.path) if each not in reading.entries]
            writer.delete(old)
            note_replaced(connection, old, next(iter(reading.entries)))
            _write(writer, task, reading, batch)
            said = Outcome(path=task.file.path, status=outcome.status, reason=outcome.reason, documents=outcome.count)
            put_file(connection, _file(task, said, self._made(task)))
            finish(connection, task, _json(outcome), reading.embedded)
            if before and before.content != task.file.content:
                hold_contents(connection, [before.content])
                drop_original(connection, before.content, self._originals)
        return outcome

    def _refuse(self, task: Task, said: Outcome) -> Added:
        """Finishes a task whose file holds no document."""
        outcome = Added(name=task.file.name, path="", status=said.status, reason=said.reason)
        with self._changing(task) as (connection, writer):
            if task.file.folder:
                writer.delete(list(documents_of(connection, task.file.path)))
            self._list(connection, task, said)
            finish(connection, task, _json(outcome))
            drop_original(connection, task.file.content, self._originals)
        return outcome

    def _list(self, connection: Connection, task: Task, said: Outcome) -> None:
        """Says of a folder's file why it has no documents; a file that was sent is not kept then."""
        if task.file.folder:
            put_file(connection, _file(task, said, self._made(task)))

    def _made(self, task: Task) -> str:
        return made_of(self._encoder.fingerprint, task.file.path)

    @contextmanager
    def _changing(self, task: Task) -> Iterator[tuple[Connection, PostgresWriter]]:
        """One transaction of a task that still is this worker's."""
        with writing(self._database, self._made_with) as writer:
            hold(writer.connection, task)
            hold_contents(writer.connection, [task.file.content])
            yield writer.connection, writer


def _write(writer: PostgresWriter, task: Task, reading: _Reading, batch: Sequence[_Ready]) -> None:
    source = Source(Path(task.file.path), task.file.content)
    for ready in batch:
        document, layout = ready.parsed.document, ready.parsed.layout
        entry = reading.entries[document.id]
        writer.add(document, ready.passages, ready.vectors, source=source, layout=layout, entry=entry)


def _file(task: Task, said: Outcome, made: str = "") -> File:
    file = task.file
    return File(
        name=task.file.path,
        content=file.content,
        size=file.size,
        folder=file.folder,
        status=said.status,
        reason=said.reason,
        documents=said.documents,
        made=made,
    )


def _added(task: Task, reading: _Reading) -> Added:
    documents, (first, *others) = tuple(reading.entries), reading.outcomes
    return Added(
        name=task.file.name,
        path=task.file.path,
        status=first.status,
        reason=first.reason,
        documents=documents[:MAX_LISTED],
        count=len(documents),
        problems=tuple(each.reason for each in others[:MAX_LISTED]),
    )


def outcome_of(text: str) -> Added:
    """What became of a file, as PostgreSQL has it."""
    values = json.loads(text)
    fields: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Added(**fields)


def _json(outcome: Added) -> str:
    return json.dumps(asdict(outcome))
