"""The document path: files -> a published index. Reads as the table of contents of what happens to a document."""

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from askreport.errors import GaveWayError, IndexDamagedError, IndexWriteError
from askreport.indexing.builder import CACHE, Builder
from askreport.indexing.sources import SourceReader
from askreport.models.encoder import Encoder
from askreport.parse import ParserPool
from askreport.progress import BEAT, Progress
from askreport.store import (
    IndexCounts,
    Integrity,
    ParsedCache,
    first_in_line,
    must_give_way,
    writer_lock,
)
from askreport.store.folder.outcomes import read_outcomes, write_outcomes
from askreport.types import Outcome

__all__ = ["CACHE", "PARSED", "IngestReport", "ingest", "remove"]

PARSED = "files.sqlite"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What a run did: each file's outcome, the published generation, and how much had to be embedded."""

    generation: int
    published: bool
    counts: IndexCounts
    outcomes: tuple[Outcome, ...]
    embedded: int
    reused: int
    seconds: float


def ingest(
    paths: Sequence[Path],
    index: Path,
    encoder: Encoder,
    parsers: ParserPool,
    *,
    max_file_mb: float = 100,
    progress: Progress = lambda stage, done, total: None,
    retry: bool = False,
    compact: bool = False,
    integrity: Integrity | None = None,
    words_first: bool = True,
) -> IngestReport:
    """Makes the index hold exactly the documents of ``paths``; publishes nothing if it already does.

    A damaged index is rebuilt. ``retry`` reads files again that could not be read before. ``compact`` rewrites
    everything in one segment and leaves nothing of deleted documents on the disk. ``integrity`` knows which files of
    the index were verified already. Where much is new, it is published with its words before it is embedded, unless
    ``words_first`` is False: then all or nothing of a run is published.

    Raises CorpusError if a path is missing or unreadable, IndexBusyError, or IndexWriteError; the published index
    then stays as it is. A single bad file is an outcome, not an error.
    """
    started = time.perf_counter()
    turn, sound = _Turn(index, progress), integrity or Integrity()
    while True:
        try:
            with writer_lock(index), closing(ParsedCache(index / PARSED)) as cache:
                read = partial(SourceReader, parsers, cache, int(max_file_mb * 1e6), retry)
                build = partial(Builder, index, encoder, sound, turn.progress, words_first=words_first and not compact)
                try:
                    report = _follow(paths, read(), build(), turn.progress, compact)
                except IndexDamagedError:
                    # A file has changed that was found sound before, and that nobody seemed to have touched since.
                    sound.forget()
                    report = _follow(paths, read(), build(), turn.progress, compact)
            return replace(report, seconds=time.perf_counter() - started)
        except GaveWayError:
            # What was read and embedded is in the caches: little of it is done again.
            turn.wait()


def remove(index: Path, document_id: str, files: Sequence[str], encoder: Encoder, patience: float) -> None:
    """Publishes the index without a document, whatever else is being read; whoever writes the index gives way.

    ``files`` are its names in the library, of which no outcome is told any more. ``patience`` is in seconds. Raises
    IndexBusyError, IndexWriteError, and IndexDamagedError if the index must be built anew.
    """
    with first_in_line(index, patience):
        Builder(index, encoder, Integrity(), lambda stage, done, total: None).remove(document_id)
        write_outcomes(index, [each for each in read_outcomes(index) if each.path not in files])


def _follow(
    paths: Sequence[Path],
    reader: SourceReader,
    builder: Builder,
    progress: Progress,
    compact: bool,
) -> IngestReport:
    """One run, by the holder of the writer's lock."""
    listed, outcomes = reader.read(paths, progress, builder.words(reader).offer)
    # Before the index is published: what fails after that would make a change that is done look undone.
    write_outcomes(builder.index, outcomes)
    built = builder.build(reader, listed, compact)
    _tidy(reader)
    return IngestReport(
        generation=built.generation,
        published=built.published,
        counts=built.counts,
        outcomes=outcomes,
        embedded=built.embedded,
        reused=built.reused,
        seconds=0.0,
    )


class _Turn:
    """A run's turn to write, which it gives up at its next step once somebody is first in line."""

    def __init__(self, index: Path, told: Progress) -> None:
        self._index = index
        self._told = told
        self._looked = 0.0

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tells of progress; GaveWayError if it is somebody else's turn."""
        self._told(stage, done, total)
        now = time.monotonic()
        if now - self._looked > BEAT:
            self._looked = now
            if must_give_way(self._index):
                raise GaveWayError("another change of the index goes first")

    def wait(self) -> None:
        """Returns when nobody is first in line any more."""
        while must_give_way(self._index):
            self._told("waiting", 0, 1)
            time.sleep(BEAT)


def _tidy(reader: SourceReader) -> None:
    try:
        reader.forget_others()
    except IndexWriteError as error:
        _log.warning("what is kept of files that are gone could not be removed: %s", error.message)
