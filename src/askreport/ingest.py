"""The document path: files -> a published index. Reads as the table of contents of what happens to a document."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from askreport.chunk import CHUNKING, chunk
from askreport.embed import Encoder, PassageVectors
from askreport.errors import CorpusError, IndexDamagedError, IndexMissingError, ParseError
from askreport.parse import PARSER_VERSION, parse
from askreport.store import (
    FORMAT,
    EmbeddingCache,
    GenerationWriter,
    IndexCounts,
    is_intact,
    latest_generation,
    read_manifest,
    writer_lock,
)
from askreport.types import Document, Outcome, Passage, Span

# Called with a stage ("reading", "embedding", "writing"), how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

CACHE = "embeddings.sqlite"
# Passages embedded between two writes to the cache: what a killed run loses at most.
WINDOW = 256
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


def ingest(
    paths: Sequence[Path],
    index: Path,
    encoder: Encoder,
    max_file_mb: float = 100,
    progress: Progress = lambda stage, done, total: None,
) -> IngestReport:
    """Makes the index hold exactly the documents of ``paths``; publishes nothing if it already does.

    Raises CorpusError if a path is missing or unreadable, IndexBusyError, or IndexWriteError; the published index
    then stays as it is. A single bad file is an outcome, not an error.
    """
    started = time.perf_counter()
    with writer_lock(index):
        documents, outcomes = _read(paths, int(max_file_mb * 1e6), progress)
        library = _library_digest(documents, encoder)
        current = _current(index, library)
        if current is not None:
            generation, counts = current
            return IngestReport(generation, False, counts, outcomes, 0, 0, time.perf_counter() - started)
        with GenerationWriter(index, encoder.dimension) as writer:
            embedder = _Embedder(index, encoder, progress)
            try:
                _write(writer, embedder, documents)
            finally:
                embedder.cache.close()
            progress("writing", 0, 1)
            state = writer.publish(encoder.fingerprint, CHUNKING, library)
            progress("writing", 1, 1)
    counts = read_manifest(index, state.generation).counts
    seconds = time.perf_counter() - started
    return IngestReport(state.generation, True, counts, outcomes, embedder.embedded, embedder.reused, seconds)


def _read(paths: Sequence[Path], max_bytes: int, progress: Progress) -> tuple[list[Document], tuple[Outcome, ...]]:
    """The documents of all files, each content once, and every file's outcome."""
    files = [pair for path in paths for pair in _files(path)]
    documents: dict[str, Document] = {}
    outcomes: list[Outcome] = []
    for done, (file, name) in enumerate(files):
        progress("reading", done, len(files))
        outcomes += _read_file(file, name, max_bytes, documents)
    progress("reading", len(files), len(files))
    return list(documents.values()), tuple(outcomes)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """Files at or below a path with their names in the library: relative to the path, hidden ones left out."""
    try:
        if path.is_file():
            yield path, path.name
        else:
            yield from _walk(path, "", set())
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read: {error.strerror}",
            "Set ASKREPORT_CORPUS to the folder of your documents, or name files and folders after `askreport index`.",
        ) from None


def _walk(folder: Path, prefix: str, seen: set[Path]) -> Iterator[tuple[Path, str]]:
    """The files of a folder tree in order; a folder below that cannot be read stands for itself.

    Links are followed, but no folder is walked twice: links may lead in circles.
    """
    entries = sorted(folder.iterdir())
    seen.add(folder.resolve())
    for entry in entries:
        name = prefix + entry.name
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield entry, name
        elif entry.resolve() not in seen:
            try:
                yield from _walk(entry, f"{name}/", seen)
            except OSError:
                yield entry, name


def _read_file(file: Path, name: str, max_bytes: int, documents: dict[str, Document]) -> list[Outcome]:
    """Adds the file's documents to ``documents``; one outcome for the file and one for each part that failed."""
    shown = name.encode("utf-8", "replace").decode()
    if shown != name:
        return [Outcome(shown, "unreadable", "the file's name is not valid UTF-8; rename it")]
    added = 0
    outcomes: list[Outcome] = []
    try:
        for item in parse(file, name, max_bytes):
            if isinstance(item, ParseError):
                outcomes.append(Outcome(name, item.status, item.message))
            elif item.id in documents:
                outcomes.append(Outcome(item.path, "duplicate", f"same content as {documents[item.id].path}"))
            else:
                documents[item.id] = item
                added += 1
    except ParseError as error:
        outcomes.append(Outcome(name, error.status, error.message))
    if added or not outcomes:
        outcomes.insert(0, Outcome(name, "indexed", documents=added))
    return outcomes


def _library_digest(documents: Sequence[Document], encoder: Encoder) -> str:
    """Equal for equal documents, read, chunked and embedded in the same way."""
    parts = [f"{PARSER_VERSION} {CHUNKING} {EMBEDDED} {encoder.fingerprint}"]
    parts += sorted(
        json.dumps([doc.id, doc.path, doc.title, doc.sha256, doc.metadata], sort_keys=True) for doc in documents
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


def _write(writer: GenerationWriter, embedder: "_Embedder", documents: Sequence[Document]) -> None:
    chunked = [(document, chunk(document)) for document in documents]
    flat = [(document, passage) for document, passages in chunked for passage in passages]
    vectors = embedder.vectors(flat)
    for document, passages in chunked:
        writer.add(document, passages, [next(vectors) for _ in passages])


class _Embedder:
    """Passages -> vectors, from the cache where it has them."""

    def __init__(self, index: Path, encoder: Encoder, progress: Progress) -> None:
        self.cache = EmbeddingCache(index / CACHE, encoder.fingerprint, encoder.dimension)
        self.embedded = self.reused = 0
        self._encoder = encoder
        self._progress = progress

    def vectors(self, items: Sequence[tuple[Document, Passage]]) -> Iterator[PassageVectors]:
        """The vectors of each passage, in order, embedded window by window."""
        self._progress("embedding", 0, len(items))
        for start in range(0, len(items), WINDOW):
            window = self._window(items[start : start + WINDOW])
            self._progress("embedding", start + len(window), len(items))
            yield from window

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
