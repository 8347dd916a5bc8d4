"""Writes a new generation beside the published ones and publishes it by one rename."""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import faiss
import numpy as np

from askreport.digest import text_digest
from askreport.store.cache import PassageVectors
from askreport.store.codec import pack_vectors
from askreport.store.lexical import LexicalWriter
from askreport.store.manifest import (
    IndexCounts,
    Manifest,
    file_sums,
    generation_folder,
    generations,
    unfinished,
    write_failures,
)
from askreport.types import Document, IndexState, Passage, Source

LIBRARY = "library.sqlite"
VECTORS = "passages.faiss"
LEXICAL = "lexical"
# Readers that opened the generation before the newest finish with it.
KEPT_GENERATIONS = 2
_BUILDING = ".building-"

_SCHEMA = """
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT UNIQUE, path TEXT, title TEXT, sha256 TEXT, text TEXT,
    structure TEXT, metadata TEXT, first_passage INTEGER, passages INTEGER, characters INTEGER, file TEXT,
    source TEXT);
CREATE TABLE layouts (document TEXT, page INTEGER, boxes BLOB, PRIMARY KEY (document, page)) WITHOUT ROWID;
CREATE TABLE passages (number INTEGER PRIMARY KEY, document TEXT, start INTEGER, "end" INTEGER, heading TEXT,
    digest BLOB, sentences TEXT, sentence_vectors BLOB);
CREATE INDEX passages_of_document ON passages (document);
CREATE TABLE sentences (digest BLOB, document TEXT, start INTEGER, "end" INTEGER,
    PRIMARY KEY (digest, document, start)) WITHOUT ROWID;
"""


class GenerationWriter:
    """Collects documents in a hidden folder; ``publish`` makes them the newest generation, leaving removes the folder.

    Use it as a context manager, by the holder of ``writer_lock`` only. Whatever fails, the published generation
    stays as it is; failures to write are IndexWriteError.
    """

    def __init__(self, index: Path, dimension: int) -> None:
        self._index = index
        self._dimension = dimension
        self._documents = self._passages = 0

    def __enter__(self) -> Self:
        with write_failures(self._index):
            for left in (*self._index.glob(f"{_BUILDING}*"), *unfinished(self._index)):
                shutil.rmtree(left, ignore_errors=True)
            self._folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self._index))
            self._folder.chmod(0o755)
            self._database = sqlite3.connect(self._folder / LIBRARY)
            # Not yet anybody's truth: the rename publishes it, and publish() makes it durable before.
            self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
            self._vectors = faiss.IndexFlatIP(self._dimension)
            self._lexical = LexicalWriter(self._folder / LEXICAL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._lexical.abandon()
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Sequence[PassageVectors],
        source: Source | None = None,
        layout: Sequence[bytes] = (),
    ) -> None:
        """Adds a document with its passages and their vectors, its file, and the packed boxes of each of its pages."""
        with write_failures(self._index):
            self._add(document, passages, vectors)
            self._add_document(document, self._passages - len(passages), len(passages), source)
            rows = [(document.id, page.number, boxes) for page, boxes in zip(document.pages, layout, strict=False)]
            self._database.executemany("INSERT OR REPLACE INTO layouts VALUES (?, ?, ?)", rows)

    def _add(self, document: Document, passages: Sequence[Passage], vectors: Sequence[PassageVectors]) -> None:
        for passage, (vector, sentence_vectors) in zip(passages, vectors, strict=True):
            text = document.text[passage.start : passage.end]
            self._vectors.add(np.ascontiguousarray(vector[None], np.float32))
            self._lexical.add(self._passages, document.id, document.context + text)
            row = (self._passages, document.id, passage.start, passage.end, json.dumps(passage.heading))
            spans = json.dumps([list(span) for span in passage.sentences])
            self._database.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, text_digest(text), spans, pack_vectors(sentence_vectors)),
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO sentences VALUES (?, ?, ?, ?)",
                [(text_digest(document.text[a:b]), document.id, a, b) for a, b in passage.sentences],
            )
            self._passages += 1

    def _add_document(self, document: Document, first: int, passages: int, source: Source | None) -> None:
        headings = [[item.start, item.end, item.level, item.title] for item in document.headings]
        pages = [[page.number, page.start, page.end, page.width, page.height, page.ocr] for page in document.pages]
        parts = {"headings": headings, "pages": pages, "furniture": list(document.furniture)}
        structure = json.dumps(parts | {"has_title": document.has_title})
        about = (document.id, document.path, document.title, document.sha256, document.text)
        counts = (first, passages, len(document.text))
        file = (str(source.file), source.id) if source else ("", "")
        self._database.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self._documents, *about, structure, json.dumps(document.metadata), *counts, *file),
        )
        self._documents += 1

    def publish(self, encoder: str, chunking: str, library: str) -> IndexState:
        """Completes the generation, makes it durable, and publishes it; older ones but the last are removed."""
        with write_failures(self._index):
            return self._publish(encoder, chunking, library)

    def _publish(self, encoder: str, chunking: str, library: str) -> IndexState:
        sentences = self._database.execute("SELECT count(*) FROM sentences").fetchone()[0]
        self._database.commit()
        self._database.close()
        self._lexical.close()
        # Given a name instead of a stream, FAISS would not report that the last bytes found no room.
        with (self._folder / VECTORS).open("wb") as stream:
            faiss.write_index(self._vectors, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined]
        number = max(generations(self._index), default=0) + 1
        built_at = datetime.now(UTC).isoformat(timespec="seconds")
        counts = IndexCounts(self._documents, self._passages, sentences)
        manifest = Manifest(
            number, built_at, encoder, self._dimension, chunking, library, counts, file_sums(self._folder)
        )
        _sync(*(path for path in self._folder.rglob("*") if path.is_file()))
        manifest.write(self._folder)
        _sync(self._folder / "manifest.json", self._folder)
        self._folder.rename(generation_folder(self._index, number))
        _sync(self._index)
        for old in generations(self._index)[:-KEPT_GENERATIONS]:
            shutil.rmtree(generation_folder(self._index, old), ignore_errors=True)
        return IndexState(number, built_at)


def _sync(*paths: Path) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
