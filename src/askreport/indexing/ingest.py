"""The document path: files -> a published index. Reads as the table of contents of what happens to a document."""

import hashlib
import json
import logging
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice, tee
from pathlib import Path

from askreport.config import Settings
from askreport.errors import IndexDamagedError, IndexMissingError, IndexWriteError, StoppedError
from askreport.indexing.sources import Listed, Progress, SourceReader
from askreport.models.encoder import Encoder
from askreport.parse import PARSER_VERSION, Parsed, ParseOptions, ParserPool
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
    latest_generation,
    read_manifest,
    remove_generations,
    seal,
    unseal,
    write_failures,
    writer_lock,
)
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Document, Outcome, Passage, PassageVectors, Span

CACHE = "embeddings.sqlite"
PARSED = "files.sqlite"
OUTCOMES = "outcomes.json"
# Passages embedded between two writes to the cache: what a killed run loses at most.
WINDOW = 64
# Seconds for which Python lets one thread run while others wait. Its own choice, ten times as long, has the encoder's
# threads wait for the one that cuts and writes.
TURN = 0.0005
# Names what ``embedded_text`` returns: change it with that, or an index made before would pass for up to date.
EMBEDDED = "title-passage-v1"


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did: each file's outcome, the published generation, and how much had to be embedded."""

    generation: int
    published: bool
    counts: IndexCounts
    outcomes: tuple[Outcome, ...]
    embedded: int
    reused: int
    seconds: float


def parser_pool(settings: Settings) -> ParserPool:
    """The processes that read files, as the settings limit them."""
    passwords = tuple(line for line in settings.passwords.get_secret_value().splitlines() if line)
    options = ParseOptions(passwords, settings.ocr, settings.max_pages)
    return ParserPool(options, settings.parse_workers, settings.parse_seconds, settings.parse_memory_mb)


def ingest(
    paths: Sequence[Path],
    index: Path,
    encoder: Encoder,
    parsers: ParserPool,
    max_file_mb: float = 100,
    progress: Progress = lambda stage, done, total: None,
    retry: bool = False,
    compact: bool = False,
    integrity: Integrity | None = None,
) -> IngestReport:
    """Makes the index hold exactly the documents of ``paths``; publishes nothing if it already does.

    A published index that is not as it was written is built anew. ``retry`` reads files again that could not be read
    before; ``compact`` writes all anew in one piece and leaves nothing on disk of what was deleted; ``integrity``
    knows which files of the index need not be compared with their checksums.

    Raises CorpusError if a path is missing or unreadable, IndexBusyError, or IndexWriteError; the published index
    then stays as it is. A single bad file is an outcome, not an error.
    """
    started = time.perf_counter()
    with writer_lock(index), closing(ParsedCache(index / PARSED)) as cache:
        reader = SourceReader(parsers, cache, int(max_file_mb * 1e6), retry)
        listed, outcomes = reader.read(paths, progress)
        # Before the index is published: what fails after that would make a change that is done look undone.
        _write_outcomes(index, outcomes)
        builder = _Builder(index, encoder, integrity or Integrity(), progress)
        try:
            report = builder.build(reader, listed, compact)
        except IndexDamagedError:
            # A file has changed that was found sound before, and that nobody seemed to have touched since.
            builder.doubt()
            report = builder.build(reader, listed, compact)
        _tidy(reader)
    return replace(report, outcomes=outcomes, seconds=time.perf_counter() - started)


class _Builder:
    """Builds the next generation on top of the published one."""

    def __init__(self, index: Path, encoder: Encoder, integrity: Integrity, progress: Progress) -> None:
        self._index = index
        self._encoder = encoder
        self._integrity = integrity
        self._progress = progress

    def doubt(self) -> None:
        """Has every file of the published index be read anew before it is gone on from."""
        self._integrity.forget()

    def build(self, reader: SourceReader, listed: Sequence[Listed], compact: bool) -> IngestReport:
        """Publishes a generation of exactly the documents that are listed, unless the published one is that."""
        encoder = self._encoder.fingerprint
        entries = {document.id: entry_of(document, document.source.file, encoder) for document in listed}
        library = library_digest(entries.values())
        base = self._sound()
        with closing(EmbeddingCache(self._index / CACHE, self._encoder.dimension)) as cache:
            if base and base.manifest.library == library and not (compact and _is_split(base.manifest)):
                report = IngestReport(base.state.generation, False, base.manifest.counts, (), 0, 0, 0.0)
            else:
                embedder = Embedder(cache, self._encoder, self._progress)
                with GenerationWriter(
                    self._index, self._encoder.dimension, base.manifest if base else None, compact
                ) as writer:
                    _write(writer, embedder, reader, listed, entries, base.entries() if base else {})
                    report = self._publish(writer, library, embedder)
            if compact:
                remove_generations(self._index, kept=1)
                store = LocalStore(self._index, report.generation, self._integrity)
                cache.keep_only(_keys(store, self._encoder.fingerprint))
        return report

    def _publish(self, writer: GenerationWriter, library: str, embedder: "Embedder") -> IngestReport:
        self._progress("writing", 0, 1)
        state = writer.publish(self._encoder.fingerprint, CHUNKING, library)
        # Who wants the run to end now comes too late.
        with suppress(StoppedError):
            self._progress("writing", 1, 1)
        reused = writer.counts.passages - embedder.embedded
        return IngestReport(state.generation, True, writer.counts, (), embedder.embedded, reused, 0.0)

    def _sound(self) -> LocalStore | None:
        """The published generation if it can be gone on from: made in the same way, and not a byte of it changed."""
        try:
            manifest = read_manifest(self._index, latest_generation(self._index))
            made_with = (manifest.encoder, manifest.chunking, manifest.format)
            if made_with != (self._encoder.fingerprint, CHUNKING, FORMAT):
                return None
            if self._integrity.damaged(self._index, manifest):
                return None
            return LocalStore(self._index, manifest.generation, self._integrity)
        except (IndexMissingError, IndexDamagedError, OSError):
            return None


def _tidy(reader: SourceReader) -> None:
    try:
        reader.forget_others()
    except IndexWriteError as error:
        _log.warning("what is kept of files that are gone could not be removed: %s", error.message)


def entry_of(document: Listed | Document, file: Path, encoder: str) -> str:
    """Equal for equal documents of equal files, read, chunked and embedded in the same way."""
    about = [document.id, document.path, document.title, document.sha256, document.metadata, str(file)]
    return _digest(json.dumps([*_made(encoder), *about], sort_keys=True))


def made_of(encoder: str) -> str:
    """Equal for files that are read, chunked and embedded in the same way (``encoder``: its fingerprint)."""
    return _digest(json.dumps(_made(encoder)))


def _made(encoder: str) -> list[int | str]:
    return [PARSER_VERSION, CHUNKING, EMBEDDED, encoder]


def library_digest(entries: Iterable[str]) -> str:
    """The digest of a library's documents, by their entries (manifest.py)."""
    return _digest(*sorted(entries))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _is_split(manifest: Manifest) -> bool:
    return len(manifest.segments) > 1 or any(segment.deleted for segment in manifest.segments)


def _write_outcomes(index: Path, outcomes: Sequence[Outcome]) -> None:
    """Keeps what became of each file for those who ask later; whole, or as it was."""
    rows = [(each.path, each.status, each.reason, each.documents) for each in outcomes]
    content = seal({"outcomes": rows}).encode()
    written = index / f"{OUTCOMES}.new"
    with write_failures(index):
        if (index / OUTCOMES).exists() and (index / OUTCOMES).read_bytes() == content:
            return
        written.write_bytes(content)
        written.replace(index / OUTCOMES)


def read_outcomes(index: Path) -> tuple[Outcome, ...]:
    """What became of each file in the last run; none if there was none, or if it cannot be read."""
    try:
        return tuple(Outcome(*row) for row in unseal((index / OUTCOMES).read_bytes())["outcomes"])
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def _write(
    writer: GenerationWriter,
    embedder: "Embedder",
    reader: SourceReader,
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
            writer.add(parsed.document, passages, vectors, found.source, parsed.layout, entries[found.id])
    embedder.finish()


class Embedder:
    """Passages -> vectors, from the cache where it has them; progress counts the characters that went through."""

    def __init__(self, cache: EmbeddingCache, encoder: Encoder, progress: Progress) -> None:
        self.embedded = 0
        self._cache = cache
        self._encoder = encoder
        self._progress = progress
        self._done = self._total = 0

    def expect(self, characters: int) -> None:
        """Says how much there is to do."""
        self._total = characters
        self._progress("embedding", 0, characters)

    def finish(self) -> None:
        """Says that all of it is done."""
        self._progress("embedding", self._total, self._total)

    def documents(
        self, read: Iterable[tuple[Listed, Parsed]]
    ) -> Generator[tuple[Listed, Parsed, list[Passage], Iterator[PassageVectors]], None, None]:
        """Each document with its passages and their vectors, which are to be taken before the next document is."""
        chunked = ((found, parsed, chunk(parsed.document)) for found, parsed in read)
        to_embed, to_give = tee(chunked)
        items = ((parsed.document, passage) for _, parsed, passages in to_embed for passage in passages)
        with closing(self.vectors(items)) as vectors:
            for found, parsed, passages in to_give:
                yield found, parsed, passages, islice(vectors, len(passages))

    def vectors(self, items: Iterable[tuple[Document, Passage]]) -> Generator[PassageVectors, None, None]:
        """The vectors of each passage, in order; while a window's are given, the next is embedded in a thread."""
        remaining = iter(items)
        ahead: deque[Future[list[PassageVectors]]] = deque()
        with _short_turns(), ThreadPoolExecutor(1, "window") as thread:
            while window := list(islice(remaining, WINDOW)):
                ahead.append(thread.submit(self._window, window))
                if len(ahead) > 1:
                    yield from self._given(ahead.popleft())
            for last in ahead:
                yield from self._given(last)

    def _given(self, window: Future[list[PassageVectors]]) -> list[PassageVectors]:
        vectors = window.result()
        self._progress("embedding", min(self._done, self._total), self._total)
        return vectors

    def _window(self, items: Sequence[tuple[Document, Passage]]) -> list[PassageVectors]:
        texts, spans = zip(*(embedded_text(document, passage) for document, passage in items), strict=True)
        encoder = self._encoder.fingerprint
        keys = [embedding_key(encoder, text, sentences) for text, sentences in zip(texts, spans, strict=True)]
        found = {key: vectors for key in set(keys) if (vectors := self._cache.get(key)) is not None}
        missing = {key: at for at, key in enumerate(keys) if key not in found}
        new = self._encoder.encode_passages(
            [texts[at] for at in missing.values()], [spans[at] for at in missing.values()]
        )
        fresh = dict(zip(missing, new, strict=True))
        self._cache.put(fresh.items())
        self.embedded += len(fresh)
        self._done += sum(passage.end - passage.start for _, passage in items)
        return [(found | fresh)[key] for key in keys]


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def embedded_text(document: Document, passage: Passage) -> tuple[str, list[Span]]:
    """The text that is embedded for a passage, and the spans of its sentences within it."""
    shift = len(document.context) - passage.start
    spans = [Span(start + shift, end + shift) for start, end in passage.sentences]
    return document.context + document.text[passage.start : passage.end], spans


def _keys(store: LocalStore, encoder: str) -> set[bytes]:
    """The keys of all passages of an index."""
    documents = (store.document(summary.id) for summary in store.documents())
    return {
        embedding_key(encoder, *embedded_text(document, passage))
        for document in documents
        for passage in chunk(document)
    }
