"""Writes a segment: documents that are new, and those of older segments that it takes over."""

import json
import shutil
import sqlite3
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from askreport.digest import text_digest
from askreport.store.base import Segment
from askreport.store.codec import pack_vectors
from askreport.store.folder.segment import LIBRARY, NUMBERS, SCHEMA, VECTORS, OpenSegment, location
from askreport.store.folder.vectors import Positions, write_vectors
from askreport.store.names import names_of
from askreport.store.rows import structure_of
from askreport.types import Document, HalfArray, Passage, PassageVectors, Source

_TABLES = {
    "documents": "id",
    "layouts": "document",
    "passages": "document",
    "sentences": "document",
    "names": "document",
}
# Rows that are taken over at a time.
_BLOCK = 65_536


class SegmentWriter:
    """Collects documents in a new folder. Vectors go to a file of their own at once: memory does not grow with them.

    ``embedded`` tells whether the passages have vectors: all of them, or none.
    """

    def __init__(self, folder: Path, dimension: int, embedded: bool = True) -> None:
        folder.mkdir()
        self._folder = folder
        self._dimension = dimension
        self._embedded = embedded
        self._numbers: array[int] = array("q")
        self._raw = folder / "vectors.raw"
        self._stream = self._raw.open("wb")
        self._database = sqlite3.connect(folder / LIBRARY, uri=True)
        # Not yet anybody's truth: the rename publishes it, and the writer of the generation makes it durable before.
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)

    def add_passage(self, number: int, document: Document, passage: Passage, vectors: PassageVectors | None) -> None:
        """Adds a passage of a document, which is added after its passages; None for the vectors that are not there."""
        packed = b""
        if vectors is not None:
            vector, sentence_vectors = vectors
            self._stream.write(vector.astype(np.float16).tobytes())
            packed = pack_vectors(sentence_vectors)
        self._numbers.append(number)
        text = document.text[passage.start : passage.end]
        spans = json.dumps([list(span) for span in passage.sentences])
        about = (number, document.id, passage.start, passage.end, json.dumps(passage.heading), text_digest(text))
        self._database.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*about, spans, packed))

    def add_document(
        self,
        first: int,
        document: Document,
        passages: Sequence[Passage],
        *,
        source: Source | None,
        layout: Sequence[bytes],
        entry: str,
    ) -> int:
        """Adds a document whose passages have the numbers from ``first`` on; how many sentences it has."""
        # A sentence that two passages share counts once.
        spans = {start: end for passage in passages for start, end in passage.sentences}
        self._database.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?)",
            sorted((text_digest(document.text[a:b]), document.id, a, b) for a, b in spans.items()),
        )
        words = sorted((word, document.id) for word in names_of(document))
        self._database.executemany("INSERT INTO names VALUES (?, ?)", words)
        boxes = [(document.id, page.number, packed) for page, packed in zip(document.pages, layout, strict=False)]
        self._database.executemany("INSERT OR REPLACE INTO layouts VALUES (?, ?, ?)", boxes)
        about = (document.id, document.path, document.title, document.sha256)
        counts = (first, len(passages), len(spans), len(document.text), len(document.pages))
        file = (str(source.file), source.id) if source else ("", "")
        metadata = json.dumps(document.metadata)
        self._database.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*about, *counts, *file, entry, metadata, structure_of(document), document.text),
        )
        return len(spans)

    def take_over(self, folder: Path, segment: Segment) -> None:
        """Adds the documents of another segment below ``folder``, with their numbers, but for its deleted ones."""
        self._take_over_vectors(OpenSegment(folder, segment, self._dimension))
        database = self._database
        database.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO gone VALUES (?)", [(identity,) for identity in segment.deleted])
        database.commit()
        database.execute("ATTACH ? AS other", (location(folder / segment.name / LIBRARY),))
        for table, owner in _TABLES.items():
            database.execute(
                f"INSERT INTO main.{table} SELECT * FROM other.{table} "  # noqa: S608
                f"WHERE {owner} NOT IN (SELECT id FROM temp.gone)"
            )
        database.commit()
        database.execute("DETACH other")
        database.execute("DROP TABLE temp.gone")

    def _take_over_vectors(self, other: OpenSegment) -> None:
        kept = np.flatnonzero(other.live)
        self._numbers.extend(other.numbers[kept].tolist())
        if not self._embedded:
            return
        for start in range(0, len(kept), _BLOCK):
            self._stream.write(other.rows(kept[start : start + _BLOCK]).astype(np.float16).tobytes())

    def close(self) -> Segment | None:
        """Completes the segment; None, and the folder is removed, if it has no documents."""
        documents = self._database.execute("SELECT count(*) FROM documents").fetchone()[0]
        self._database.commit()
        self.abandon()
        if not documents:
            shutil.rmtree(self._folder)
            return None
        numbers = np.array(self._numbers, np.int64)
        # What was taken over came after what is new.
        order = np.argsort(numbers)
        with (self._folder / NUMBERS).open("wb") as stream:
            np.save(stream, numbers[order])
        if self._embedded:
            rows = self._rows
            write_vectors(lambda places: rows(order[places]), len(numbers), self._dimension, self._folder / VECTORS)
        self._raw.unlink()
        return Segment(name=self._folder.name, documents=documents, passages=len(numbers), embedded=self._embedded)

    def _rows(self, places: Positions) -> HalfArray:
        """The rows that were written at these places; mapped anew each time, or all would come to be in memory."""
        rows: HalfArray = np.memmap(self._raw, np.float16, "r").reshape(-1, self._dimension)[places]
        return np.array(rows)

    def abandon(self) -> None:
        """Closes its files, so that the folder can be removed."""
        self._database.close()
        self._stream.close()
