"""Changes a corpus folder and its index: adds files, deletes documents, indexes anew."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from askreport.answering.library import Library
from askreport.changes.incoming import Incoming, content_of, read_incoming, size_of
from askreport.changes.originals import collection_size, file_part, name_taken, renamed, source_changed
from askreport.changes.staging import Staging, move_new
from askreport.changes.types import KEEP, MAX_LISTED, Added, Deleted, Replacing, Said
from askreport.config import Settings
from askreport.errors import (
    AskReportError,
    CollectionPartError,
    CorpusWriteError,
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexWriteError,
    OutsideCorpusError,
)
from askreport.indexing.ingest import PARSED, IngestReport, ingest, remove
from askreport.indexing.sources import SourceReader, files_below, same_as
from askreport.parse import ParserPool
from askreport.progress import Progress
from askreport.store import FolderBackend, ParsedCache, latest_generation
from askreport.store.folder.outcomes import read_outcomes
from askreport.store.folder.replaced import note_replaced
from askreport.types import Outcome, Source
from askreport.whereabouts import Whereabouts

# Hidden, so that nothing in it is indexed; in the corpus folder, so that whoever misses a file finds it.
DELETED = ".deleted"
# How long a change waits for another process, or for another change, before it says that the index is busy.
PATIENCE = 60.0
_PAUSE = 0.25
_log = logging.getLogger(__name__)


class Manager:
    """Changes a library's corpus folder and its index together; within one process one change at a time."""

    def __init__(self, settings: Settings, library: Library, parsers: ParserPool, patience: float = PATIENCE) -> None:
        assert isinstance(library.backend, FolderBackend)
        self.corpus = settings.corpus
        self._backend = library.backend
        self._settings = settings
        self._library = library
        self._parsers = parsers
        self._patience = patience
        self.hide = Whereabouts(settings).hide
        self._changing = threading.Lock()

    def stage(self) -> Staging:
        """A place for files that are to be added; CorpusWriteError if the corpus folder cannot be written.

        A corpus folder that is not there is made only where there is no index either: otherwise a disk is missing,
        and indexing an empty folder in its place would forget all documents.
        """
        with _writing(self.corpus):
            if not has_index(self._settings.index):
                self.corpus.mkdir(parents=True, exist_ok=True)
            return Staging(self.corpus)

    def add(
        self,
        files: Sequence[Path],
        progress: Progress = lambda stage, done, total: None,
        replacing: Replacing = KEEP,
        said: Said = lambda place, state: None,
    ) -> tuple[Added, ...]:
        """Moves staged files that can be read into the corpus folder and indexes them; each file's outcome, in order.

        A file that cannot be read at all, or whose bytes the corpus has already, is not kept. One whose place another
        takes moves to the hidden folder for deleted ones. If indexing fails the corpus is as it was, and the error goes
        on: CorpusWriteError, and those of ``ingest``. ``said`` is told of each file as soon as it was read.
        """
        with self._changing:
            incoming = read_incoming(files, self._settings, self._parsers, progress, said)
            with self._moved_in(incoming, replacing) as (paths, aside):
                report = self._ingest(progress)
        self._forget([now for _, now in aside])
        return tuple(_added(file, path, report.outcomes) for file, path in zip(incoming, paths, strict=True))

    def delete(self, document_id: str) -> Deleted:
        """Moves a document's file and its copies out of the corpus and indexes the rest; no later question finds it.

        Raises DocumentNotFoundError; CollectionPartError for one of several documents of a file;
        OutsideCorpusError; SourceChangedError if the file is another by now; IndexBusyError if another change takes
        too long; CorpusWriteError; and what ``ingest`` raises. After an error the files are where they were.
        """
        store = self._library.store
        document = store.document(document_id)
        source = store.source(document_id)
        if collection_size(document.path, source, store.documents()) > 1:
            raise _part_of(file_part(document.path, source.file.name))
        with self._set_aside(self._copies(document.path, source)) as (names, moved):
            self._check_alone(document.path, names)
            self._remove(document_id, (*names, document.path))
        self._forget(moved)
        return Deleted(id=document_id, title=document.title, files=names, kept_in=str(self.corpus / DELETED))

    def reindex(self, progress: Progress = lambda stage, done, total: None, retry: bool = False) -> IngestReport:
        """Makes the index follow the corpus folder; errors and ``retry`` as in ``ingest``."""
        with self._changing:
            return self._ingest(progress, retry, words_first=True)

    def rename(self, document_id: str, name: str, progress: Progress = lambda stage, done, total: None) -> str:
        """Gives a document's file another name in its folder, and its copies stay; the name it has then.

        The ending stays. Raises NameTakenError, and what ``delete`` raises; after an error the file has its old name.
        """
        with self._changing:
            store = self._library.store
            document, source = store.document(document_id), store.source(document_id)
            if collection_size(document.path, source, store.documents()) > 1:
                raise _part_of(file_part(document.path, source.file.name))
            self._copies(document.path, source)
            wanted = source.file.with_name(renamed(source.file.name, name))
            if wanted == source.file:
                return document.path
            with _writing(self.corpus):
                if wanted.exists():
                    raise name_taken(wanted.name)
                source.file.rename(wanted)
            try:
                self._ingest(progress)
            except BaseException:
                wanted.rename(source.file)
                raise
            return wanted.relative_to(self.corpus.absolute()).as_posix()

    def rest(self) -> None:
        """Ends the processes that read files until there are files to read again."""
        self._parsers.rest()

    def _remove(self, document_id: str, files: Sequence[str]) -> None:
        """Takes a document out of the index, whatever file is being read meanwhile."""
        try:
            remove(self._settings.index, document_id, files, self._library.encoder, self._patience)
        except IndexDamagedError:
            # Then there is nothing to take it out of, and the index is built without it.
            with self._changing:
                self._ingest(lambda stage, done, total: None)

    def _ingest(self, progress: Progress, retry: bool = False, words_first: bool = False) -> IngestReport:
        """Indexes the corpus, and notes which documents were replaced by others of the same file.

        Not ``words_first``, where files are taken back if something fails: then all or nothing must be published.
        """
        before = self._by_path()
        report = self._index(progress, retry, words_first)
        after = self._by_path() if report.published else before
        there = set(after.values())
        gone = {path: old for path, old in before.items() if old not in there}
        note_replaced(self._settings.index, {old: after[path] for path, old in gone.items() if path in after})
        return report

    def _by_path(self) -> dict[str, str]:
        """The documents' ids by their paths; none of an index that cannot be read."""
        try:
            return {path: identity for identity, path in self._backend.store.paths().items()}
        except AskReportError:
            return {}

    def _index(self, progress: Progress, retry: bool, words_first: bool) -> IngestReport:
        """Indexes the corpus, and tries again for a while if another process is doing the same."""
        settings, encoder = self._settings, self._library.encoder
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return ingest(
                    [self.corpus],
                    settings.index,
                    encoder,
                    self._parsers,
                    max_file_mb=settings.max_file_mb,
                    progress=progress,
                    retry=retry,
                    integrity=self._backend.integrity,
                    words_first=words_first,
                )
            except IndexBusyError:
                if time.monotonic() > deadline:
                    raise
            progress("waiting", 0, 1)
            time.sleep(_PAUSE)

    @contextmanager
    def _moved_in(
        self, incoming: Sequence[Incoming], replacing: Replacing
    ) -> Iterator[tuple[list[str], list[tuple[Path, Path]]]]:
        """Moves the files that are to be kept into the corpus, and takes that back if what follows fails.

        Gives each file's name in the library, "" for those that are not kept, and those whose place others have taken:
        where they were, and where they are now.
        """
        kept: list[Path] = []
        names: list[str] = []
        aside: list[tuple[Path, Path]] = []
        try:
            for each in incoming:
                names.append("")
                if not each.keep:
                    continue
                with _writing(self.corpus):
                    name = replacing.of(each.file.name)
                    old = self.corpus / name
                    # Of two files of one name in an upload both are kept.
                    if name and old.is_file() and old not in kept:
                        aside.append((old, move_new(old, self.corpus / DELETED / name)))
                    kept.append(move_new(each.file, self.corpus / (name or each.file.name)))
                names[-1] = kept[-1].relative_to(self.corpus).as_posix()
            yield names, aside
        except BaseException:
            for file in kept:
                file.unlink(missing_ok=True)
            for old, now in aside:
                move_new(now, old)
            raise

    def _copies(self, path: str, source: Source) -> list[Path]:
        """The files in the corpus with the bytes a document was read from; none if its file is gone already."""
        root = self.corpus.resolve()
        there = source.file.exists()
        if there and not source.file.parent.resolve().is_relative_to(root):
            raise _outside(path)
        found = self._with_content(source)
        for file in found:
            # Below a link to a folder elsewhere: that folder's files are not ours to move.
            if not file.parent.resolve().is_relative_to(root):
                raise _outside(path)
        if there and not found:
            raise source_changed(path)
        if not found and not source.file.is_relative_to(self.corpus.absolute()):
            raise _outside(path)
        return found

    def _with_content(self, source: Source) -> list[Path]:
        limit = self._settings.max_file_bytes
        files = [file for file, _ in files_below(self.corpus)]
        if content_of(source.file, limit) == source.id:
            # Its size is known, and no file of another size need be read.
            size = size_of(source.file)
            files = [file for file in files if size_of(file) == size]
        return [file for file in files if content_of(file, limit) == source.id]

    @contextmanager
    def _set_aside(self, files: Sequence[Path]) -> Iterator[tuple[tuple[str, ...], list[Path]]]:
        """Moves files of the corpus to its hidden folder for deleted ones, and back if what follows fails.

        Gives the names they had in the library, and where they are now.
        """
        moved: list[tuple[Path, Path]] = []
        try:
            for file in files:
                with _writing(self.corpus):
                    moved.append((file, move_new(file, self.corpus / DELETED / file.relative_to(self.corpus))))
            yield tuple(file.relative_to(self.corpus).as_posix() for file in files), [now for _, now in moved]
        except BaseException:
            for before, now in reversed(moved):
                move_new(now, before)
            raise

    def _check_alone(self, path: str, files: Sequence[str]) -> None:
        """Raises CollectionPartError if another file than these has the document too, and would bring it back."""
        for outcome in read_outcomes(self._settings.index):
            is_of_these = any(outcome.path == file or outcome.path.startswith(f"{file}#") for file in files)
            if outcome.reason == same_as(path) and not is_of_these:
                raise _part_of(outcome.path)

    def _forget(self, moved: Sequence[Path]) -> None:
        """Removes from the indexer's cache what was read of files that are deleted."""
        settings = self._settings
        try:
            with closing(ParsedCache(settings.index / PARSED)) as cache:
                SourceReader(self._parsers, cache, settings.max_file_bytes).forget(moved)
        except IndexWriteError as error:
            _log.warning("what is kept of a deleted file could not be removed: %s", error.message)


def has_index(index: Path) -> bool:
    """Whether an index was published in the folder."""
    try:
        return latest_generation(index) > 0
    except IndexMissingError:
        return False


def _added(incoming: Incoming, path: str, outcomes: Sequence[Outcome]) -> Added:
    """The outcome of a file: as the index has it if it was kept, otherwise why it was not."""
    name, documents = incoming.file.name, incoming.documents
    if incoming.same_as:
        return Added(
            name=name,
            path="",
            status="duplicate",
            reason=f"same content as {incoming.same_as}",
            documents=documents[:MAX_LISTED],
            count=len(documents),
        )
    if not path:
        return Added(name=name, path="", status=incoming.outcomes[0].status, reason=incoming.outcomes[0].reason)
    own = [each for each in outcomes if each.path == path or each.path.startswith(f"{path}#")] or incoming.outcomes
    problems = tuple(outcome.reason for outcome in own[1 : MAX_LISTED + 1])
    return Added(
        name=name,
        path=path,
        status=own[0].status,
        reason=own[0].reason,
        documents=documents[:MAX_LISTED],
        count=len(documents),
        problems=problems,
    )


@contextmanager
def _writing(corpus: Path) -> Iterator[None]:
    """Turns a failed change of the corpus folder into CorpusWriteError."""
    try:
        yield
    except OSError as error:
        raise CorpusWriteError(
            f"the corpus folder {corpus} cannot be written: {error.strerror}",
            "Free space, allow writing there, or set ASKREPORT_CORPUS to another folder.",
        ) from error


def _part_of(file: str) -> AskReportError:
    return CollectionPartError(
        f"the document is part of {file}, and cannot be deleted alone",
        "Remove its line from that file, or the file from the corpus folder, and re-index.",
    )


def _outside(path: str) -> AskReportError:
    return OutsideCorpusError(
        f"{path} was read from a file that is not in the corpus folder",
        "Remove that file yourself, or set ASKREPORT_CORPUS to its folder.",
    )
