"""Changes of a library in PostgreSQL: documents come and go with the transaction they are in, whole or not at all."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from askreport.digest import text_digest
from askreport.errors import IndexMismatchError
from askreport.store.base import FORMAT, MadeWith
from askreport.store.codec import pack_vectors
from askreport.store.names import names_of
from askreport.store.postgres.pool import Connection, Database
from askreport.store.postgres.schema import COUNTING, GROUPING
from askreport.store.postgres.store import EXACT_UP_TO, ORDINAL_BITS
from askreport.store.rows import structure_of
from askreport.store.words import counted_length, terms_of
from askreport.text.language import language_of
from askreport.types import Document, FloatArray, Passage, PassageVectors, Source

# Passages whose rows are gathered before they are sent.
GATHERED = 500
_INDEX = "vectors_nearest"
# How many neighbours a vector is linked to, and among how many they are chosen; LOG.md has the recall.
_GRAPH = "m = 16, ef_construction = 200"
_COLUMNS = {
    "layouts": "document, page, boxes",
    "passages": 'document, ordinal, start, "end", digest, heading, sentences, sentence_vectors',
    "sentences": 'digest, document, start, "end"',
    "names": "word, document",
}
INTO_ANOTHER = (
    "`askreport originals FOLDER` writes its files; index that folder into another database (ASKREPORT_STORE)."
)


class PostgresWriter:
    """Adds and deletes documents in one transaction, that of ``connection``; use ``writing``."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
        self._vectors: list[str] = []
        self._postings: list[str] = []
        # How many more passages have each term than before, how many more documents are in each language, and how many
        # more documents, passages, sentences, tokens there are.
        self._terms: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._counts = np.zeros(4, np.int64)
        self.has_changed = False

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Iterable[PassageVectors],
        *,
        source: Source | None = None,
        layout: Sequence[bytes] = (),
        entry: str = "",
    ) -> bool:
        """Adds a document as ``GenerationWriter.add`` does; whether it was not there in just this way.

        A document of the same id but another entry gives way to it.
        """
        known = self._execute("SELECT entry FROM documents WHERE id = %s FOR UPDATE", document.id)
        if known and known[0][0] == entry != "":
            return False
        if known:
            self.delete([document.id])
        document = replace(document, language=language_of(document.text))
        terms = [self._analyse(document, passage) for passage in passages]
        number = self._insert(document, passages, sum(map(len, terms)), source, entry)
        if number is None:
            # Another worker has added it since.
            return self.add(document, passages, vectors, source=source, layout=layout, entry=entry)
        for ordinal, (passage, own, each) in enumerate(zip(passages, terms, vectors, strict=True)):
            self._add_passage(number, ordinal, document, passage, terms=own, vectors=each)
        digests = _sentences(document, passages)
        self._rows["sentences"] += [(digest, number, *span) for digest, span in digests]
        self._rows["names"] += [(word, number) for word in names_of(document)]
        pages = zip(document.pages, layout, strict=False)
        self._rows["layouts"] += [(number, page.number, boxes) for page, boxes in pages]
        self._count(1, len(passages), len(digests), sum(map(len, terms)))
        self._languages[document.language] += 1
        return True

    def delete(self, documents: Collection[str]) -> list[str]:
        """Deletes documents; the ids of those that were there."""
        self.flush()
        query = """SELECT number, id, title, structure, text, tokens FROM documents WHERE id = ANY(%s)
            ORDER BY number FOR UPDATE"""
        found = self._execute(query, sorted(documents))
        for row in found:
            self._delete(*row)
        return [row[1] for row in found]

    def flush(self) -> None:
        """Sends the rows that were gathered."""
        with self.connection.cursor() as cursor:
            for table, rows in self._rows.items():
                if rows:
                    with cursor.copy(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
                    rows.clear()
            for table, lines in (("vectors", self._vectors), ("postings", self._postings)):
                if lines:
                    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write("".join(lines))
                    lines.clear()

    def count(self) -> None:
        """Counts what has changed, as the last thing in the transaction: who counts makes others wait.

        So generations follow each other as transactions are committed.
        """
        self.flush()
        if not self.has_changed:
            return
        self.connection.execute("SELECT pg_advisory_xact_lock(%s)", (COUNTING,))
        changed = sorted((term, count) for term, count in self._terms.items() if count)
        values = [term for term, _ in changed], [count for _, count in changed]
        self.connection.execute(
            """INSERT INTO terms SELECT * FROM unnest(%s::text[], %s::integer[])
                ON CONFLICT (term) DO UPDATE SET passages = terms.passages + excluded.passages""",
            values,
        )
        languages = sorted((language, count) for language, count in self._languages.items() if count)
        self.connection.execute(
            """INSERT INTO languages SELECT * FROM unnest(%s::text[], %s::bigint[])
                ON CONFLICT (language) DO UPDATE SET documents = languages.documents + excluded.documents""",
            ([language for language, _ in languages], [count for _, count in languages]),
        )
        self.connection.execute("DELETE FROM languages WHERE documents <= 0")
        gone = [term for term, count in changed if count < 0]
        self.connection.execute("DELETE FROM terms WHERE term = ANY(%s) AND passages <= 0", (gone,))
        self.connection.execute(
            """UPDATE library SET generation = generation + 1, built_at = clock_timestamp(),
                documents = documents + %s, passages = passages + %s, sentences = sentences + %s,
                tokens = tokens + %s""",
            [int(count) for count in self._counts],
        )

    def _analyse(self, document: Document, passage: Passage) -> list[str]:
        """The terms of a passage as it is searched."""
        return terms_of(document.context + document.text[passage.start : passage.end], document.language)

    def _insert(
        self, document: Document, passages: Sequence[Passage], tokens: int, source: Source | None, entry: str
    ) -> int | None:
        """Adds a document's own row; its number, None if another transaction has added the document."""
        if len(passages) >> ORDINAL_BITS:
            raise ValueError(f"{document.path} has more than {1 << ORDINAL_BITS} passages")
        about = (document.id, _stored(document.path), _stored(document.title), document.sha256)
        sentences = len(_sentences(document, passages))
        counts = (len(passages), sentences, tokens, len(document.text), len(document.pages))
        file = (_stored(str(source.file)), source.id) if source else ("", "")
        parts = (json.dumps(document.metadata), structure_of(document), document.text)
        rows = self._execute(
            """INSERT INTO documents (id, path, title, sha256, passages, sentences, tokens, characters, pages, file,
                content, entry, metadata, structure, text)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (id) DO NOTHING RETURNING number""",
            *(*about, *counts, *file, entry, *parts),
        )
        return int(rows[0][0]) if rows else None

    def _add_passage(
        self,
        number: int,
        ordinal: int,
        document: Document,
        passage: Passage,
        *,
        terms: Sequence[str],
        vectors: PassageVectors,
    ) -> None:
        vector, sentence_vectors = vectors
        digest = text_digest(document.text[passage.start : passage.end])
        ends = [end for span in passage.sentences for end in span]
        about = (number, ordinal, passage.start, passage.end, digest, json.dumps(passage.heading))
        self._rows["passages"].append((*about, ends, pack_vectors(sentence_vectors)))
        self._vectors.append(f"{number}\t{ordinal}\t{_half(vector)}\n")
        counted, length = Counter(terms), counted_length(len(terms))
        self._postings += [f"{term}\t{number}\t{ordinal}\t{n}\t{length}\n" for term, n in counted.items()]
        self._terms.update(counted.keys())
        if len(self._vectors) >= GATHERED:
            self.flush()

    def _delete(self, number: int, identity: str, title: str, structure: str, text: str, tokens: int) -> None:
        """Deletes all rows of a document. What is in the two largest tables is looked up by what it is made of."""
        parts = json.loads(structure)
        about = {"has_title": parts["has_title"], "language": parts["language"]}
        document = Document(id=identity, path="", title=title, text=text, sha256="", **about)
        rows = self._execute('SELECT start, "end", sentences FROM passages WHERE document = %s', number)
        passages = [
            Passage(document_id=identity, start=start, end=end, heading=(), sentences=_pairs(ends))
            for start, end, ends in rows
        ]
        terms = [set(self._analyse(document, passage)) for passage in passages]
        digests = sorted({digest for digest, _ in _sentences(document, passages)})
        every = sorted(set().union(*terms))
        self._execute("DELETE FROM postings WHERE term = ANY(%s) AND document = %s RETURNING 1", every, number)
        self._execute("DELETE FROM sentences WHERE digest = ANY(%s) AND document = %s RETURNING 1", digests, number)
        for table in ("vectors", "passages", "layouts", "names"):
            self._execute(f"DELETE FROM {table} WHERE document = %s RETURNING 1", number)
        self._execute("DELETE FROM documents WHERE number = %s RETURNING 1", number)
        for own in terms:
            self._terms.subtract(own)
        self._count(-1, -len(passages), -len(_sentences(document, passages)), -tokens)
        self._languages[document.language] -= 1

    def _count(self, *counts: int) -> None:
        self._counts += np.array(counts, np.int64)
        self.has_changed = True

    def _execute(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), values).fetchall()


@contextmanager
def writing(database: Database, made_with: MadeWith) -> Iterator[PostgresWriter]:
    """One transaction of changes: all become visible when the block ends, or none does.

    Raises IndexMismatchError if the library was made with something else.
    """
    with database.writing() as connection:
        claim(connection, made_with)
        writer = PostgresWriter(connection)
        yield writer
        writer.count()


def claim(connection: Connection, made_with: MadeWith) -> None:
    """Says what the library is made with if nobody has yet; IndexMismatchError if it is made with something else."""
    wanted = (made_with.encoder, made_with.dimension, made_with.chunking, FORMAT)
    connection.execute(
        "INSERT INTO library (encoder, dimension, chunking, format) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        wanted,
    )
    found = connection.execute("SELECT encoder, dimension, chunking, format FROM library").fetchall()[0]
    check_made_with(found, wanted)


def check_made_with(found: Sequence[Any], wanted: Sequence[Any]) -> None:
    """IndexMismatchError unless a library was made with what is in use."""
    if tuple(found) == tuple(wanted):
        return
    if tuple(found)[2:] != tuple(wanted)[2:]:
        raise IndexMismatchError(
            "the library in the database was made by another version of askreport, which stays able to use it "
            f"(format {found[3]}, {found[2]}; this one makes format {wanted[3]}, {wanted[2]})",
            INTO_ANOTHER,
        )
    raise IndexMismatchError(
        f"the library in the database was made with {found[0]}, not with {wanted[0]}",
        "Set ASKREPORT_MODEL to the model it was made with, or give ASKREPORT_STORE another database.",
    )


def group(database: Database) -> bool:
    """Makes the graph by which near vectors are found, once there are many; whether it was made now.

    It takes minutes, in which everything goes on; who comes second leaves it to the first.
    """
    with database.connect() as connection:
        rows = connection.execute("SELECT dimension, passages FROM library").fetchall()
        there = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (_INDEX,)
        ).fetchall()
        if not rows or rows[0][1] <= EXACT_UP_TO or (there and there[0][0]):
            return False
        if not connection.execute("SELECT pg_try_advisory_lock(%s)", (GROUPING,)).fetchall()[0][0]:
            return False
        connection.execute("SET statement_timeout = 0")
        # One that was cut short is there, and good for nothing.
        connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
        connection.execute(
            f"CREATE INDEX CONCURRENTLY {_INDEX} ON vectors "
            f"USING hnsw ((vector::halfvec({int(rows[0][0])})) halfvec_ip_ops) WITH ({_GRAPH})"
        )
        return True


def _sentences(document: Document, passages: Iterable[Passage]) -> list[tuple[bytes, tuple[int, int]]]:
    """Digest and span of each sentence of a document; one that two passages share counts once."""
    spans: Mapping[int, int] = {start: end for passage in passages for start, end in passage.sentences}
    return [(text_digest(document.text[start:end]), (start, end)) for start, end in spans.items()]


def _pairs(ends: Sequence[int]) -> Any:
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def _half(vector: FloatArray) -> str:
    """A vector as PostgreSQL reads it, in half precision."""
    return "[" + ",".join(map(repr, vector.astype(np.float16).astype(np.float32).tolist())) + "]"


def _stored(text: str) -> str:
    """A text that PostgreSQL can store: it has no character 0."""
    return text.replace("\0", "\ufffd")
