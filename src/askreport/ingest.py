"""The document path: files -> a published index. Reads as the table of contents of what happens to a document."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from askreport.chunk import CHUNKING, chunk
from askreport.config import Settings
from askreport.embed import Encoder, PassageVectors
from askreport.errors import IndexDamagedError, IndexMissingError
from askreport.parse import PARSER_VERSION, Parsed, ParseOptions, ParserPool
from askreport.sources import Listed, Progress, SourceReader
from askreport.store import (
    FORMAT,
    EmbeddingCache,
    GenerationWriter,
    IndexCounts,
    ParsedCache,
    is_intact,
    latest_generation,
    read_manifest,
    write_failures,
    writer_lock,
)
from askreport.types import Document, Outcome, Passage, Span

CACHE = "embeddings.sqlite"
PARSED = "files.sqlite"
OUTCOMES = "outcomes.json"
# Passages embedded between two writes to the cache: what a killed run loses at most.
WINDOW = 256
# Documents are read back, embedded and written together until they have so many characters: about one window.
BATCH = 200_000
# Names what ``embedded_text`` returns: change it with that, or an index made before would pass for up to date.
EMBEDDED = "title-passage-v1"


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
) -> IngestReport:
    """Makes the index hold exactly the documents of ``paths``; publishes nothing if it already does.

    Raises CorpusError if a path is missing or unreadable, IndexBusyError, or IndexWriteError; the published index
    then stays as it is. A single bad file is an outcome, not an error; ``retry`` reads those of earlier runs again.
    """
    started = time.perf_counter()
    with writer_lock(index):
        cache = ParsedCache(index / PARSED)
        try:
            reader = SourceReader(parsers, cache, int(max_file_mb * 1e6), retry)
            report = _ingest(paths, index, encoder, reader, progress)
            reader.forget_others()
        finally:
            cache.close()
        _write_outcomes(index, report.outcomes)
    return replace(report, seconds=time.perf_counter() - started)


def _ingest(
    paths: Sequence[Path], index: Path, encoder: Encoder, reader: SourceReader, progress: Progress
) -> IngestReport:
    listed, outcomes = reader.read(paths, progress)
    library = _library_digest(listed, encoder)
    current = _current(index, library)
    if current is not None:
        return IngestReport(current[0], False, current[1], outcomes, 0, 0, 0.0)
    with GenerationWriter(index, encoder.dimension) as writer:
        embedder = _Embedder(index, encoder, progress)
        try:
            _write(writer, embedder, reader, listed)
        finally:
            embedder.cache.close()
        progress("writing", 0, 1)
        state = writer.publish(encoder.fingerprint, CHUNKING, library)
        progress("writing", 1, 1)
    counts = read_manifest(index, state.generation).counts
    return IngestReport(state.generation, True, counts, outcomes, embedder.embedded, embedder.reused, 0.0)


def _write_outcomes(index: Path, outcomes: Sequence[Outcome]) -> None:
    """Keeps what became of each file for those who ask later; whole, or as it was."""
    written = index / f"{OUTCOMES}.new"
    with write_failures(index):
        written.write_text(json.dumps([asdict(outcome) for outcome in outcomes]))
        written.replace(index / OUTCOMES)


def read_outcomes(index: Path) -> tuple[Outcome, ...]:
    """What became of each file in the last run; none if there was none."""
    try:
        return tuple(Outcome(**row) for row in json.loads((index / OUTCOMES).read_text()))
    except (OSError, ValueError, TypeError):
        return ()


def _library_digest(documents: Sequence[Listed], encoder: Encoder) -> str:
    """Equal for equal documents, read, chunked and embedded in the same way."""
    parts = [f"{PARSER_VERSION} {CHUNKING} {EMBEDDED} {encoder.fingerprint}"]
    parts += sorted(
        json.dumps([doc.id, doc.path, doc.title, doc.sha256, doc.metadata, str(doc.source.file)], sort_keys=True)
        for doc in documents
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _current(index: Path, library: str) -> tuple[int, IndexCounts] | None:
    """The published generation's number and counts, if it holds this library and not a byte of it has changed."""
    try:
        generation = latest_generation(index)
        manifest = read_manifest(index, generation)
    except (IndexMissingError, IndexDamagedError):
        return None
    unchanged = manifest.format == FORMAT and manifest.library == library and is_intact(index, manifest)
    return (generation, manifest.counts) if unchanged else None


def _write(writer: GenerationWriter, embedder: "_Embedder", reader: SourceReader, listed: Sequence[Listed]) -> None:
    """Chunks, embeds and adds the documents, of which no more than a batch is in memory."""
    embedder.expect(sum(entry.characters for entry in listed))
    for batch in _batches(reader.load(listed)):
        chunked = [(entry, parsed, chunk(parsed.document)) for entry, parsed in batch]
        vectors = embedder.vectors([(parsed.document, each) for _, parsed, passages in chunked for each in passages])
        for entry, parsed, passages in chunked:
            own = [next(vectors) for _ in passages]
            writer.add(parsed.document, passages, own, entry.source, parsed.layout)
    embedder.finish()


def _batches(documents: Iterable[tuple[Listed, Parsed]]) -> Iterator[list[tuple[Listed, Parsed]]]:
    batch: list[tuple[Listed, Parsed]] = []
    characters = 0
    for entry, parsed in documents:
        batch.append((entry, parsed))
        characters += entry.characters
        if characters >= BATCH:
            yield batch
            batch, characters = [], 0
    yield batch


class _Embedder:
    """Passages -> vectors, from the cache where it has them; progress counts the characters that went through."""

    def __init__(self, index: Path, encoder: Encoder, progress: Progress) -> None:
        self.cache = EmbeddingCache(index / CACHE, encoder.fingerprint, encoder.dimension)
        self.embedded = self.reused = 0
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

    def vectors(self, items: Sequence[tuple[Document, Passage]]) -> Iterator[PassageVectors]:
        """The vectors of each passage, in order, embedded window by window."""
        for start in range(0, len(items), WINDOW):
            window = items[start : start + WINDOW]
            yield from self._window(window)
            self._done += sum(passage.end - passage.start for _, passage in window)
            self._progress("embedding", min(self._done, self._total), self._total)

    def _window(self, items: Sequence[tuple[Document, Passage]]) -> list[PassageVectors]:
        texts = [document.context + document.text[passage.start : passage.end] for document, passage in items]
        spans = [_sentences_in_text(document, passage) for document, passage in items]
        keys = [self.cache.key(text, sentences) for text, sentences in zip(texts, spans, strict=True)]
        found = {key: vectors for key in set(keys) if (vectors := self.cache.get(key)) is not None}
        missing = {key: at for at, key in enumerate(keys) if key not in found}
        new = self._encoder.encode_passages(
            [texts[at] for at in missing.values()], [spans[at] for at in missing.values()]
        )
        fresh = dict(zip(missing, new, strict=True))
        self.cache.put(fresh.items())
        self.embedded += len(fresh)
        self.reused += len(keys) - len(fresh)
        return [(found | fresh)[key] for key in keys]


def _sentences_in_text(document: Document, passage: Passage) -> list[Span]:
    """The spans of a passage's sentences within the text that is embedded for it."""
    shift = len(document.context) - passage.start
    return [Span(start + shift, end + shift) for start, end in passage.sentences]
