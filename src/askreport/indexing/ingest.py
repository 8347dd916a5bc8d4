"""The document path: files -> a published index. Reads as the table of contents of what happens to a document."""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from askreport.errors import GaveWayError, IndexDamagedError, IndexMissingError, IndexWriteError, StoppedError
from askreport.indexing.embedding import Embedder, embedded_text
from askreport.indexing.entries import entry_of, library_digest
from askreport.indexing.sources import Listed, SourceReader
from askreport.models.encoder import Encoder
from askreport.parse import ParserPool
from askreport.progress import BEAT, Progress
from askreport.store import (
    FORMAT,
    EmbeddingCache,
    GenerationWriter,
    IndexCounts,
    Integrity,
    LocalStore,
    Manifest,
    ParsedCache,
    embedding_key,
    first_in_line,
    latest_generation,
    must_give_way,
    read_manifest,
    remove_generations,
    writer_lock,
)
from askreport.store.folder.outcomes import read_outcomes, write_outcomes
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Outcome

CACHE = "embeddings.sqlite"
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
) -> IngestReport:
    """Makes the index hold exactly the documents of ``paths``; publishes nothing if it already does.

    A damaged index is rebuilt. ``retry`` reads files again that could not be read before. ``compact`` rewrites
    everything in one segment and leaves nothing of deleted documents on the disk. ``integrity`` knows which files of
    the index were verified already.

    Raises CorpusError if a path is missing or unreadable, IndexBusyError, or IndexWriteError; the published index
    then stays as it is. A single bad file is an outcome, not an error.
    """
    started = time.perf_counter()
    turn = _Turn(index, progress)
    while True:
        try:
            with writer_lock(index), closing(ParsedCache(index / PARSED)) as cache:
                reader = SourceReader(parsers, cache, int(max_file_mb * 1e6), retry)
                builder = _Builder(index, encoder, integrity or Integrity(), turn.progress)
                report = _follow(paths, reader, builder, turn.progress, compact)
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
        _Builder(index, encoder, Integrity(), lambda stage, done, total: None).remove(document_id)
        write_outcomes(index, [each for each in read_outcomes(index) if each.path not in files])


def _follow(
    paths: Sequence[Path], reader: SourceReader, builder: "_Builder", progress: Progress, compact: bool
) -> IngestReport:
    """One run, by the holder of the writer's lock."""
    listed, outcomes = reader.read(paths, progress)
    # Before the index is published: what fails after that would make a change that is done look undone.
    write_outcomes(builder.index, outcomes)
    try:
        report = builder.build(reader, listed, compact)
    except IndexDamagedError:
        # A file has changed that was found sound before, and that nobody seemed to have touched since.
        builder.doubt()
        report = builder.build(reader, listed, compact)
    _tidy(reader)
    return replace(report, outcomes=outcomes)


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


class _Builder:
    """Builds the next generation on top of the published one."""

    def __init__(self, index: Path, encoder: Encoder, integrity: Integrity, progress: Progress) -> None:
        self.index = index
        self._encoder = encoder
        self._integrity = integrity
        self._progress = progress

    def remove(self, document_id: str) -> None:
        """Publishes a generation without the document; IndexDamagedError if that cannot go on from the newest one."""
        base = self._sound()
        if base is None:
            raise IndexDamagedError(f"the index in {self.index} must be built anew", "Run `askreport index`.")
        entries = base.entries()
        if entries.pop(document_id, None) is None:
            return
        with GenerationWriter(self.index, self._encoder.dimension, base.manifest) as writer:
            writer.delete([document_id])
            writer.publish(self._encoder.fingerprint, CHUNKING, library_digest(entries.values()))

    def doubt(self) -> None:
        """Has every file of the published index be read anew before it is gone on from."""
        self._integrity.forget()

    def build(self, reader: SourceReader, listed: Sequence[Listed], compact: bool) -> IngestReport:
        """Publishes a generation of exactly the documents that are listed, unless the published one is that."""
        encoder = self._encoder.fingerprint
        entries = {document.id: entry_of(document, document.source.file, encoder) for document in listed}
        library = library_digest(entries.values())
        base = self._sound()
        with closing(EmbeddingCache(self.index / CACHE, self._encoder.dimension)) as cache:
            if base and base.manifest.library == library and not (compact and _is_split(base.manifest)):
                report = IngestReport(
                    generation=base.state.generation,
                    published=False,
                    counts=base.manifest.counts,
                    outcomes=(),
                    embedded=0,
                    reused=0,
                    seconds=0.0,
                )
            else:
                embedder = Embedder(cache, self._encoder, self._progress)
                with GenerationWriter(
                    self.index, self._encoder.dimension, base.manifest if base else None, compact
                ) as writer:
                    known = base.entries() if base else {}
                    _write(writer, embedder, reader, listed=listed, entries=entries, known=known)
                    report = self._publish(writer, library, embedder)
            if compact:
                remove_generations(self.index, kept=1)
                store = LocalStore(self.index, report.generation, self._integrity)
                cache.keep_only(_keys(store, self._encoder.fingerprint))
        return report

    def _publish(self, writer: GenerationWriter, library: str, embedder: "Embedder") -> IngestReport:
        self._progress("writing", 0, 1)
        state = writer.publish(self._encoder.fingerprint, CHUNKING, library)
        # Who wants the run to end now comes too late.
        with suppress(StoppedError):
            self._progress("writing", 1, 1)
        reused = writer.counts.passages - embedder.embedded
        return IngestReport(
            generation=state.generation,
            published=True,
            counts=writer.counts,
            outcomes=(),
            embedded=embedder.embedded,
            reused=reused,
            seconds=0.0,
        )

    def _sound(self) -> LocalStore | None:
        """The published generation if it can be gone on from: made in the same way, and not a byte of it changed."""
        try:
            manifest = read_manifest(self.index, latest_generation(self.index))
            made_with = (manifest.encoder, manifest.chunking, manifest.format)
            if made_with != (self._encoder.fingerprint, CHUNKING, FORMAT):
                return None
            if self._integrity.damaged(self.index, manifest):
                return None
            return LocalStore(self.index, manifest.generation, self._integrity)
        except (IndexMissingError, IndexDamagedError, OSError):
            return None


def _tidy(reader: SourceReader) -> None:
    try:
        reader.forget_others()
    except IndexWriteError as error:
        _log.warning("what is kept of files that are gone could not be removed: %s", error.message)


def _is_split(manifest: Manifest) -> bool:
    return len(manifest.segments) > 1 or any(segment.deleted for segment in manifest.segments)


def _write(
    writer: GenerationWriter,
    embedder: "Embedder",
    reader: SourceReader,
    *,
    listed: Sequence[Listed],
    entries: Mapping[str, str],
    known: Mapping[str, str],
) -> None:
    """Deletes what is not listed as it is known; chunks, embeds and adds what is not known as it is listed.

    While passages are embedded, those before them are written and those after them cut: of all there are, only so
    many are in memory.
    """
    writer.delete([identity for identity, entry in known.items() if entries.get(identity) != entry])
    new = [document for document in listed if known.get(document.id) != entries[document.id]]
    embedder.expect(sum(document.characters for document in new))
    with closing(embedder.documents(reader.load(new))) as documents:
        for found, parsed, passages, vectors in documents:
            layout, entry = parsed.layout, entries[found.id]
            writer.add(parsed.document, passages, vectors, source=found.source, layout=layout, entry=entry)
    embedder.finish()


def _keys(store: LocalStore, encoder: str) -> set[bytes]:
    """The keys of all passages of an index."""
    documents = (store.document(summary.id) for summary in store.documents())
    return {
        embedding_key(encoder, *embedded_text(document, passage))
        for document in documents
        for passage in chunk(document)
    }
