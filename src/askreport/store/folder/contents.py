"""Everything that a segment has of its documents, one document at a time."""

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from askreport.store.contents import PackedPassage, StoredDocument
from askreport.store.folder.segment import OpenSegment
from askreport.store.rows import unchecked_document
from askreport.types import Passage, Source, Span

# Documents that are listed at a time.
_LISTED = 10_000


def listed(segment: OpenSegment) -> Iterator[tuple[str, str, Source]]:
    """The id, the path and the file of each document, in no order."""
    deleted = frozenset(segment.segment.deleted)
    query = f"SELECT rowid, id, path, file, source FROM documents WHERE rowid > ? ORDER BY rowid LIMIT {_LISTED}"  # noqa: S608
    last = -1
    while rows := segment.select(query, last):
        last = rows[-1][0]
        for _, identity, path, file, source in rows:
            if identity not in deleted:
                yield identity, path, Source(Path(file), source)


def contents(segment: OpenSegment) -> Iterator[StoredDocument]:
    """The documents in the order of their passages' numbers."""
    deleted = frozenset(segment.segment.deleted)
    # Of a document without passages the first number is that of the next one.
    order = array("q", (row for (row,) in segment.select("SELECT rowid FROM documents ORDER BY first_passage, rowid")))
    about = """SELECT id, path, title, text, sha256, structure, metadata, file, source, entry, first_passage, passages
        FROM documents WHERE rowid = ?"""
    for row in order:
        (found,) = segment.select(about, row)
        if found[0] not in deleted:
            yield _document(segment, found[:7], *found[7:])


def _document(
    segment: OpenSegment, columns: tuple[Any, ...], file: str, source: str, entry: str, first: int, count: int
) -> StoredDocument:
    document = unchecked_document(columns)
    query = """SELECT start, "end", heading, digest, sentences, sentence_vectors FROM passages
        WHERE number BETWEEN ? AND ? ORDER BY number"""
    passages = [_passage(document.id, *row) for row in segment.select(query, first, first + count - 1)]
    at = int(np.searchsorted(segment.numbers, first))
    vectors = segment.rows(np.arange(at, at + count)).astype(np.float16)
    layout = dict(segment.select("SELECT page, boxes FROM layouts WHERE document = ?", document.id))
    return StoredDocument(
        document=document,
        passages=tuple(passages),
        vectors=vectors,
        layout=layout,
        source=Source(Path(file), source),
        entry=entry,
    )


def _passage(
    document: str, start: int, end: int, heading: str, digest: bytes, sentences: str, vectors: bytes
) -> PackedPassage:
    spans = tuple(Span(int(first), int(last)) for first, last in json.loads(sentences))
    return PackedPassage(
        Passage(
            document_id=document, start=int(start), end=int(end), heading=tuple(json.loads(heading)), sentences=spans
        ),
        digest,
        vectors,
    )
