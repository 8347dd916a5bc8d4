"""Builds generations of an index, each on top of the one before, until it holds exactly what was listed.

What changed is published as one generation. Where much is new, it is published with its words first, in batches that
double while files are still read, and then part by part with its vectors.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from askreport.errors import IndexDamagedError, IndexMissingError, StoppedError
from askreport.indexing.embedding import Embedder, embedded_text
from askreport.indexing.entries import by_words, entry_of, is_by_words, library_digest
from askreport.indexing.sources import Listed, SourceReader
from askreport.models.encoder import Encoder
from askreport.parse import Parsed
from askreport.progress import Progress
from askreport.store import (
    FORMAT,
    EmbeddingCache,
    GenerationWriter,
    IndexCounts,
    Integrity,
    LocalStore,
    Manifest,
    embedding_key,
    latest_generation,
    read_manifest,
    remove_generations,
)
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Passage, PassageVectors

CACHE = "embeddings.sqlite"
# Characters of new documents from which on their words do not wait for their vectors, and of the first batch of words:
# two hundred passages, which an idle machine embeds in three seconds.
MUCH = 150_000
# Into how many parts is divided what gets its vectors after its words.
PARTS = 8

_Embedded: TypeAlias = tuple[Listed, Parsed, list[Passage], Iterator[PassageVectors]]


@dataclass(frozen=True, slots=True)
class Built:
    """The generation that holds what was listed, whether it is a new one, and how many passages had to be embedded."""

    generation: int
    published: bool
    counts: IndexCounts
    embedded: int
    reused: int


class Builder:
    """Goes on from the published generation, for the holder of ``writer_lock`` only.

    ``words_first`` allows to publish documents before they have vectors; not over an index that must be built anew,
    which goes on answering until a whole one takes its place.
    """

    def __init__(
        self, index: Path, encoder: Encoder, integrity: Integrity, progress: Progress, words_first: bool = False
    ) -> None:
        self.index = index
        self._encoder = encoder
        self._integrity = integrity
        self._progress = progress
        self._base = self._sound()
        self._newest = self._base.manifest if self._base else None
        self._entries = self._base.entries() if self._base else {}
        self._words_first = words_first and (self._base is not None or not self._is_there())

    @cached_property
    def _paths(self) -> set[str]:
        """The names that documents had when the run began."""
        return set(self._base.paths().values()) if self._base else set()

    def remove(self, document_id: str) -> None:
        """Publishes a generation without the document; IndexDamagedError if that cannot go on from the newest one."""
        if self._newest is None:
            raise IndexDamagedError(f"the index in {self.index} must be built anew", "Run `askreport index`.")
        if self._entries.pop(document_id, None) is None:
            return
        with self._next() as writer:
            writer.delete([document_id])

    def words(self, reader: SourceReader) -> "Words":
        """What takes documents as they are read, and publishes those that are new with their words."""
        return Words(self, reader)

    def is_new(self, document: Listed) -> bool:
        """Whether it may be published before it has vectors: it is in no generation, nor another of its name."""
        return self._words_first and document.id not in self._entries and document.path not in self._paths

    def add_words(self, documents: Sequence[Listed], reader: SourceReader, beat: Callable[[], None]) -> None:
        """Publishes a generation with these documents, which it did not have, without vectors."""
        with self._next(embedded=False) as writer:
            for found, parsed in reader.load(documents):
                passages = chunk(parsed.document)
                entry = self._entries[found.id] = by_words(self._entry(found))
                none = [None] * len(passages)
                writer.add(parsed.document, passages, none, source=found.source, layout=parsed.layout, entry=entry)
                beat()

    def build(self, reader: SourceReader, listed: Sequence[Listed], compact: bool) -> Built:
        """Publishes what is missing until there is exactly what is listed; nothing, if there is that already."""
        entries = {document.id: self._entry(document) for document in listed}
        library, newest = library_digest(entries.values()), self._newest
        with closing(EmbeddingCache(self.index / CACHE, self._encoder.dimension)) as cache:
            if newest and newest.library == library and not (compact and _is_split(newest)):
                built = Built(newest.generation, False, newest.counts, 0, 0)
            else:
                embedder = Embedder(cache, self._encoder, self._progress)
                new = [each for each in listed if self._entries.get(each.id) != entries[each.id]]
                built = self._write(embedder, reader, new, entries, compact)
            if compact:
                remove_generations(self.index, kept=1)
                store = LocalStore(self.index, built.generation, self._integrity)
                cache.keep_only(_keys(store, self._encoder.fingerprint))
        return built

    def _write(
        self,
        embedder: Embedder,
        reader: SourceReader,
        new: Sequence[Listed],
        entries: Collection[str],
        compact: bool,
    ) -> Built:
        """Deletes what is not listed as it is known; chunks, embeds and adds what is ``new``."""
        embedder.expect(sum(document.characters for document in new))
        late = [] if compact else self._late(new)
        waiting = {document.id for document in late}
        changed = [document for document in new if document.id not in waiting]
        gone = [each for each in self._entries if each not in entries] + [each.id for each in changed]
        if changed or not late or any(each in self._entries for each in gone):
            self._change(embedder, reader, gone, changed, compact=compact, is_all=not late)
        self._complete(embedder, reader, late)
        assert self._newest is not None
        newest = self._newest
        reused = newest.counts.passages - embedder.embedded
        return Built(newest.generation, True, newest.counts, embedder.embedded, reused)

    def _late(self, new: Sequence[Listed]) -> list[Listed]:
        """Those that get their vectors after their words; none if all that is little."""
        late = [each for each in new if self.is_new(each) or is_by_words(self._entries.get(each.id, ""))]
        is_much = self._words_first and sum(document.characters for document in late) >= MUCH
        return late if is_much else []

    def _change(
        self,
        embedder: Embedder,
        reader: SourceReader,
        gone: Sequence[str],
        changed: Sequence[Listed],
        *,
        compact: bool,
        is_all: bool,
    ) -> None:
        """Publishes a generation without some documents, which may be added again, and with those that changed.

        While passages are embedded, those before them are written and those after them cut: of all there are, only so
        many are in memory. ``is_all`` says that nothing else is to do.
        """
        with self._next(compact=compact, is_told=is_all) as writer:
            writer.delete([each for each in gone if self._entries.pop(each, None) is not None])
            with closing(embedder.documents(reader.load(changed))) as documents:
                self._add(writer, documents)
            if is_all:
                embedder.finish()

    def _complete(self, embedder: Embedder, reader: SourceReader, late: Sequence[Listed]) -> None:
        """Publishes the words that are not, and then, in parts, all of ``late`` with their vectors."""
        if not late:
            return
        if wordless := [document for document in late if document.id not in self._entries]:
            self.add_words(wordless, reader, embedder.beat)
        part = max(MUCH, sum(document.characters for document in late) // PARTS)
        with closing(embedder.documents(reader.load(late))) as documents:
            # While a part is published, the next window is embedded.
            for first in documents:
                with self._next() as writer:
                    self._add(writer, _part(first, documents, part))
        embedder.finish()
        self._tell_of_end()

    def _add(self, writer: GenerationWriter, documents: Iterable[_Embedded]) -> None:
        """Adds documents with their vectors, to their words where these are there."""
        replaced = []
        for found, parsed, passages, vectors in documents:
            entry, known = self._entry(found), self._entries.get(found.id)
            self._entries[found.id] = entry
            is_there = known == by_words(entry)
            replaced += [found.id] if known and not is_there else []
            add = writer.complete if is_there else writer.add
            add(parsed.document, passages, vectors, source=found.source, layout=parsed.layout, entry=entry)
        writer.delete(replaced)

    @contextmanager
    def _next(
        self, *, compact: bool = False, embedded: bool = True, is_told: bool = False
    ) -> Iterator[GenerationWriter]:
        """A writer, whose generation is published at the end and then gone on from; ``is_told`` tells of that."""
        dimension, fingerprint = self._encoder.dimension, self._encoder.fingerprint
        with GenerationWriter(self.index, dimension, self._newest, compact=compact, embedded=embedded) as writer:
            yield writer
            if is_told:
                self._progress("writing", 0, 1)
            state = writer.publish(fingerprint, CHUNKING, library_digest(self._entries.values()))
        self._newest = read_manifest(self.index, state.generation)
        if is_told:
            self._tell_of_end()

    def _tell_of_end(self) -> None:
        # Who wants the run to end now comes too late.
        with suppress(StoppedError):
            self._progress("writing", 1, 1)

    def _entry(self, document: Listed) -> str:
        return entry_of(document, document.source.file, self._encoder.fingerprint)

    def _is_there(self) -> bool:
        """Whether any index was published, sound or not."""
        try:
            return latest_generation(self.index) > 0
        except IndexMissingError:
            return False
        except IndexDamagedError:
            return True

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


class Words:
    """Takes documents as they are read and publishes those that are new, without vectors, in batches that double."""

    def __init__(self, builder: Builder, reader: SourceReader) -> None:
        self._builder = builder
        self._reader = reader
        self._waiting: list[Listed] = []
        self._characters = self._published = 0

    def offer(self, documents: Sequence[Listed], beat: Callable[[], None]) -> None:
        """Takes documents; ``beat`` is called while they are published."""
        new = [document for document in documents if self._builder.is_new(document)]
        self._waiting += new
        self._characters += sum(document.characters for document in new)
        if self._characters >= max(MUCH, self._published):
            self._builder.add_words(self._waiting, self._reader, beat)
            self._published += self._characters
            self._waiting, self._characters = [], 0


def _part(first: _Embedded, others: Iterator[_Embedded], characters: int) -> Iterator[_Embedded]:
    """Documents of so many characters, and with the last one more, of those that follow the first."""
    done = 0
    for each in chain([first], others):
        yield each
        done += each[0].characters
        if done >= characters:
            return


def _is_split(manifest: Manifest) -> bool:
    return len(manifest.segments) > 1 or any(segment.deleted for segment in manifest.segments)


def _keys(store: LocalStore, encoder: str) -> set[bytes]:
    """The keys of all passages of an index."""
    documents = map(store.document, store.paths())
    return {
        embedding_key(encoder, *embedded_text(document, passage))
        for document in documents
        for passage in chunk(document)
    }
