"""Everything that PostgreSQL has of its documents, some documents at a time, from one snapshot."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from askreport.store.base import Manifest
from askreport.store.contents import PackedPassage, StoredDocument
from askreport.store.postgres.pool import WRITE_TIMEOUT, Connection, unavailable
from askreport.store.postgres.store import Kept, PostgresStore, damage
from askreport.store.rows import unchecked_document
from askreport.types import HalfArray, Passage, Source, Span

# Passages that are read at a time, or one document that has more; and documents that are listed at a time.
READ = 500
_LISTED = 10_000
_BETWEEN = "WHERE document BETWEEN %s AND %s ORDER BY document"
_Made = TypeVar("_Made")


class PostgresContents:
    """A library as it is in a connection's transaction, which shows one state of the database (pool.py).

    ``name`` is the database's, for errors: StoreError if it cannot be used, IndexMissingError if it has no library,
    IndexDamagedError for what is not as it was written.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        # A question may not take long, but this is no question.
        connection.execute("SELECT set_config('statement_timeout', %s, true)", (str(WRITE_TIMEOUT),))
        self._store = PostgresStore(lambda: nullcontext(connection), Kept(0))
        self.manifest: Manifest = self._store.manifest

    def entries(self) -> dict[str, str]:
        """What was given as each document's entry, by its id."""
        return self._store.entries()

    def files(self) -> Iterator[tuple[str, str]]:
        """The name of each file in the library, and the id of its bytes."""
        yield from self._streamed("SELECT name, content FROM files")

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        """The id, the path and the file of each document, in no order."""
        for identity, path, file, content in self._streamed("SELECT id, path, file, content FROM documents"):
            yield identity, path, Source(Path(file), content)

    def contents(self) -> Iterator[StoredDocument]:
        """The documents in the order of their passages' numbers."""
        about = "SELECT number, passages FROM documents WHERE number > %s ORDER BY number LIMIT %s"
        last = 0
        while rows := self._rows(about, last, READ):
            chosen = _first(rows)
            yield from self._between(chosen[0], chosen[-1])
            last = chosen[-1]

    def _between(self, first: int, last: int) -> list[StoredDocument]:
        """The documents whose numbers are not outside of these."""
        query = """SELECT number, id, path, title, text, sha256, structure, metadata, file, content, entry
            FROM documents WHERE number BETWEEN %s AND %s ORDER BY number"""
        passages = self._grouped(f"SELECT {_PASSAGE} FROM passages {_BETWEEN}, ordinal", _passage, first, last)
        vectors = self._grouped(f"SELECT document, vector FROM vectors {_BETWEEN}, ordinal", _vector, first, last)
        layouts = self._grouped(f"SELECT document, page, boxes FROM layouts {_BETWEEN}, page", _boxes, first, last)
        found = []
        for number, *columns, file, content, entry in self._rows(query, first, last):
            with damage():
                document = unchecked_document(columns)
                own = tuple(
                    PackedPassage(Passage(document_id=document.id, **about), *packed)
                    for about, packed in passages.get(number, [])
                )
                stacked = self._stacked(vectors.get(number, []))
                layout = dict(layouts.get(number, []))
                found.append(
                    StoredDocument(
                        document=document,
                        passages=own,
                        vectors=stacked,
                        layout=layout,
                        source=Source(Path(file), content),
                        entry=entry,
                    )
                )
        return found

    def _grouped(
        self, query: str, make: Callable[[Sequence[Any]], _Made], first: int, last: int
    ) -> dict[int, list[_Made]]:
        """What is made of the rows of each document, by its number."""
        with damage():
            rows = self._rows(query, first, last)
            return {
                number: [make(row[1:]) for row in own] for number, own in groupby(rows, key=lambda row: int(row[0]))
            }

    def _stacked(self, vectors: list[HalfArray]) -> HalfArray:
        return np.stack(vectors) if vectors else np.zeros((0, self.manifest.dimension), np.float16)

    def _rows(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        with unavailable(self._name), self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    def _streamed(self, query: str) -> Iterator[tuple[Any, ...]]:
        with unavailable(self._name), self._connection.cursor("listed") as cursor:
            cursor.itersize = _LISTED
            yield from cursor.execute(query.encode())


_PASSAGE = 'document, start, "end", heading, sentences, digest, sentence_vectors'


def _first(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """The numbers of the first documents, of (number, passages), that have no more passages than are read at a time."""
    chosen: list[int] = []
    taken = 0
    for number, passages in rows:
        taken += passages
        if chosen and taken > READ:
            break
        chosen.append(int(number))
    return chosen


def _passage(row: Sequence[Any]) -> tuple[dict[str, Any], tuple[bytes, bytes]]:
    """Where a passage is and what it has, and what is packed of it."""
    start, end, heading, ends, digest, vectors = row
    spans = tuple(Span(*span) for span in zip(ends[::2], ends[1::2], strict=True))
    about = {"start": start, "end": end, "heading": tuple(json.loads(heading)), "sentences": spans}
    return about, (digest, vectors)


def _vector(row: Sequence[Any]) -> HalfArray:
    """A vector as PostgreSQL sends it: after four bytes, of which two are the dimension, its components."""
    (sent,) = row
    return np.frombuffer(sent, ">f2", offset=4).astype(np.float16)


def _boxes(row: Sequence[Any]) -> tuple[int, bytes]:
    page, boxes = row
    return page, boxes
