"""Builds a new generation beside the published ones and publishes it by one rename."""

import math
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from askreport.errors import IndexDamagedError
from askreport.store.base import REBUILD_HINT, IndexCounts, Manifest, Segment
from askreport.store.folder.files import file_sum, files_of, link_folder, sync
from askreport.store.folder.generations import (
    MANIFEST,
    changed,
    generation_folder,
    generations,
    unfinished,
    write_failures,
    write_manifest,
)
from askreport.store.folder.lexical import LexicalWriter
from askreport.store.folder.plan import Plan, plan
from askreport.store.folder.segment import OpenSegment
from askreport.store.folder.segment_writer import SegmentWriter
from askreport.store.words import in_order
from askreport.text.language import language_of
from askreport.types import Document, IndexState, Passage, PassageVectors, Source

LEXICAL = "lexical"
# Readers that opened the generation before the newest finish with it.
KEPT_GENERATIONS = 2
_BUILDING = ".building-"
_NOTHING = IndexCounts(0, 0, 0)


class GenerationWriter:
    """Collects what is new in a hidden folder; ``publish`` makes it, with what stays of ``base``, a new generation.

    ``base`` is the published generation to go on from, made with the same encoder; its files are shared, not copied.
    Leaving removes the folder. Use it as a context manager, by the holder of ``writer_lock`` only. Whatever fails, the
    published generation stays as it is; failures to write are IndexWriteError. ``compact`` writes everything anew as
    one segment, so that nothing is left on disk of what was deleted. What is added has vectors if ``embedded``, and
    otherwise none: it is found by its words, until ``complete`` brings them.
    """

    def __init__(
        self,
        index: Path,
        dimension: int,
        base: Manifest | None = None,
        *,
        compact: bool = False,
        embedded: bool = True,
    ) -> None:
        self._index = index
        self._dimension = dimension
        self._base = base
        self._compact = compact
        self._embedded = embedded
        self._segments = list(base.segments) if base else []
        self._first = self._next = base.next_number if base else 0
        self.counts = base.counts if base else _NOTHING
        self._languages = Counter(base.languages if base else {})
        self._new_documents = self._new_passages = 0
        self._added: list[SegmentWriter] = []
        self._deleted: list[str] = []
        self._completed: list[str] = []
        self._lexical: LexicalWriter | None = None

    def __enter__(self) -> Self:
        with write_failures(self._index):
            for left in (*self._index.glob(f"{_BUILDING}*"), *unfinished(self._index)):
                shutil.rmtree(left, ignore_errors=True)
            self._number = max(generations(self._index), default=0) + 1
            self._folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self._index))
            self._folder.chmod(0o755)
            self._new = self._segment_writer(self._embedded)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._added:
            # A failure to write has its own report by now.
            with suppress(OSError):
                writer.abandon()
        if self._lexical:
            self._lexical.abandon()
        shutil.rmtree(self._folder, ignore_errors=True)

    def delete(self, documents: Collection[str]) -> None:
        """Leaves out documents of the base; they may be added again, changed."""
        self._deleted += self._leave_out(documents)

    def _leave_out(self, documents: Collection[str]) -> list[str]:
        """Marks documents of the base as deleted and counts them no more; those that it has."""
        found: list[str] = []
        if not documents or not self._base:
            return found
        for at, segment in enumerate(self._segments):
            sizes = OpenSegment(self._base_folder, segment, self._dimension).sizes(documents)
            passages = sum(size for size, _, _ in sizes.values())
            sentences = sum(size for _, size, _ in sizes.values())
            self._languages.subtract(language for _, _, language in sizes.values())
            deleted = (*segment.deleted, *sorted(sizes))
            self._segments[at] = replace(segment, deleted=deleted, dead=segment.dead + passages)
            self._count(-len(sizes), -passages, -sentences)
            found += sizes
        return found

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Iterable[PassageVectors | None],
        *,
        source: Source | None = None,
        layout: Sequence[bytes] = (),
        entry: str = "",
    ) -> None:
        """Adds a document with its passages and their vectors, its file, and the packed boxes of each of its pages.

        Vectors are taken one by one, so that those of a long document need not be in memory together; each is None
        if there are none yet. ``entry`` is
        kept with the document, and tells the next run whether it has changed.
        """
        self._add(self._next, document, passages, vectors, source=source, layout=layout, entry=entry)
        self._next += len(passages)

    def complete(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Iterable[PassageVectors],
        *,
        source: Source | None = None,
        layout: Sequence[bytes] = (),
        entry: str = "",
    ) -> None:
        """Adds a document that the base has without vectors, as in ``add``; its passages keep their numbers and words.

        Raises IndexDamagedError if the base does not have it so.
        """
        held = next((found for segment in self._wordy if (found := segment.first(document.id))), None)
        if held is None or held[1] != len(passages):
            raise IndexDamagedError(f"the index in {self._index} does not have {document.path} as read", REBUILD_HINT)
        self._add(held[0], document, passages, vectors, source=source, layout=layout, entry=entry)
        self._completed.append(document.id)

    def _add(
        self,
        first: int,
        document: Document,
        passages: Sequence[Passage],
        vectors: Iterable[PassageVectors | None],
        *,
        source: Source | None,
        layout: Sequence[bytes],
        entry: str,
    ) -> None:
        for number, (passage, each) in enumerate(zip(passages, vectors, strict=True), first):
            with write_failures(self._index):
                self._new.add_passage(number, document, passage, each)
        with write_failures(self._index):
            sentences = self._new.add_document(first, document, passages, source=source, layout=layout, entry=entry)
        self._new_passages += len(passages)
        self._new_documents += 1
        self._languages[language_of(document.text)] += 1
        self._count(1, len(passages), sentences)

    def publish(self, encoder: str, chunking: str, library: str) -> IndexState:
        """Completes the generation, makes it durable, and publishes it; older ones but the last are removed."""
        with write_failures(self._index):
            # A document without a passage is something that is added, too.
            added = max(self._new_passages, self._new_documents)
            self._leave_out(self._completed)
            chosen = plan(self._segments, added, self._compact, self._embedded)
            segments = self._write_segments(chosen)
            self._write_lexical(segments, anew=not chosen.keeps)
            built_at = datetime.now(UTC).isoformat(timespec="seconds")
            files, new = self._checksums({segment.name for segment in chosen.apart} - chosen.renewed)
            manifest = Manifest(
                generation=self._number,
                built_at=built_at,
                encoder=encoder,
                dimension=self._dimension,
                chunking=chunking,
                library=library,
                counts=self.counts,
                segments=segments,
                next_number=self._next,
                files=files,
                languages=in_order(self._languages),
                embedded=_embedded_share(segments),
            )
            self._publish(manifest, new)
            return IndexState(self._number, built_at, manifest.embedded)

    def _count(self, documents: int, passages: int, sentences: int) -> None:
        now = self.counts
        self.counts = IndexCounts(now.documents + documents, now.passages + passages, now.sentences + sentences)

    def _segment_writer(self, embedded: bool) -> SegmentWriter:
        # A generation that was restored has a number of its own, and segments named by the numbers they had elsewhere.
        known = {segment.name for segment in self._segments}
        names = (f"segment-{self._number:06d}-{n}" for n in count())
        name = next(each for each in names if each not in known and not (self._folder / each).exists())
        self._added.append(SegmentWriter(self._folder / name, self._dimension, embedded))
        return self._added[-1]

    def _write_segments(self, chosen: Plan) -> tuple[Segment, ...]:
        """Links, writes anew and takes over as planned; the segments of the generation, in order."""
        segments: list[Segment | None] = []
        for segment in chosen.apart:
            if segment.name in chosen.renewed:
                writer = self._segment_writer(segment.embedded)
                self._take_over(writer, segment)
                segments.append(writer.close())
            else:
                link_folder(self._base_folder / segment.name, self._folder / segment.name)
                segments.append(segment)
        for segment in chosen.taken:
            self._take_over(self._new, segment)
        segments.append(self._new.close())
        return tuple(segment for segment in segments if segment is not None)

    def _take_over(self, writer: SegmentWriter, segment: Segment) -> None:
        self._check(files_of(self._base_folder / segment.name))
        writer.take_over(self._base_folder, segment)

    def _check(self, files: Sequence[Path]) -> None:
        """Raises IndexDamagedError if one of the base's files is not as it was written.

        What goes on from them gets checksums of its own, and damage would look sound.
        """
        assert self._base is not None
        names = {path: path.relative_to(self._base_folder).as_posix() for path in files}
        if damaged := [path for path, name in names.items() if file_sum(path) != self._base.files.get(name)]:
            raise changed(damaged)

    def _write_lexical(self, segments: Sequence[Segment], anew: bool) -> None:
        """Writes the words of all passages, or, on top of the base's, of those that are new."""
        base = None if anew else self._base_folder / LEXICAL
        self._lexical = LexicalWriter(self._folder / LEXICAL, base)
        for document in [] if anew else self._deleted:
            self._lexical.delete(document)
        # All that is new is in the last segment; with what it took over or completes, which the base's words have.
        first = 0 if anew else self._first
        for segment in segments if anew else segments[-1:]:
            for passage in OpenSegment(self._folder, segment, self._dimension).terms(first):
                self._lexical.add(*passage)
        self._lexical.close()
        if base:
            # What tantivy has merged into files of its own.
            self._check([path for path in files_of(base) if not (self._folder / LEXICAL / path.name).exists()])

    def _checksums(self, kept: Collection[str]) -> tuple[dict[str, tuple[int, str]], list[Path]]:
        """Size and SHA-256 of every file, by its path, and the files that are not also the base's.

        Of what is the base's the checksum goes on as it is: computed again, it would make damage look sound.
        """
        sums, new = {}, []
        for path in files_of(self._folder):
            name = path.relative_to(self._folder).as_posix()
            if self._is_kept(name, kept):
                assert self._base is not None
                sums[name] = self._base.files[name]
                new += [] if path.stat().st_nlink > 1 else [path]
            else:
                sums[name] = file_sum(path)
                new.append(path)
        return sums, new

    def _is_kept(self, name: str, kept: Collection[str]) -> bool:
        if not self._base or name not in self._base.files:
            return False
        file = self._folder / name
        # Some file systems have no numbers for files, by which all would be the same.
        is_linked = file.stat().st_nlink > 1 and file.samefile(self._base_folder / name)
        return name.partition("/")[0] in kept or is_linked

    def _publish(self, manifest: Manifest, new: Sequence[Path]) -> None:
        write_manifest(self._folder, manifest)
        folders = [path for path in self._folder.rglob("*") if path.is_dir()]
        sync([*new, *folders, self._folder / MANIFEST, self._folder])
        self._folder.rename(generation_folder(self._index, self._number))
        # Published it is; only a machine that loses power now might not know of it.
        with suppress(OSError):
            sync([self._index])
        remove_generations(self._index, kept=KEPT_GENERATIONS)

    @cached_property
    def _wordy(self) -> list[OpenSegment]:
        """The segments of the base that have no vectors."""
        held = self._base.segments if self._base else ()
        return [OpenSegment(self._base_folder, each, self._dimension) for each in held if not each.embedded]

    @property
    def _base_folder(self) -> Path:
        assert self._base is not None
        return generation_folder(self._index, self._base.generation)


def _embedded_share(segments: Sequence[Segment]) -> float:
    """The share of the passages that have vectors, rounded so that it is 1 only if all have."""
    passages = sum(segment.live for segment in segments)
    embedded = sum(segment.live for segment in segments if segment.embedded)
    return math.floor(10_000 * embedded / passages) / 10_000 if passages else 1.0


def remove_generations(index: Path, kept: int) -> None:
    """Removes all generations but the newest; who has one open keeps its files until it is closed."""
    for old in generations(index)[:-kept]:
        shutil.rmtree(generation_folder(index, old), ignore_errors=True)
