"""The Store in a PostgreSQL database: the same questions, the same answers, from any of its nodes.

Each question is answered from one snapshot (REPEATABLE READ), so that it never sees half of a change; what a reader
keeps in memory are documents, under keys that are never given twice.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

import askreport.store.postgres.search as search
from askreport.boxes import BoxArray, unpack_boxes
from askreport.digest import text_digest
from askreport.errors import IndexDamagedError, IndexMissingError
from askreport.store.base import Candidate, DocumentSummary, IndexCounts, Manifest, Mix, StoredPassage
from askreport.store.codec import all_cosines, unpack_vectors
from askreport.store.lru import Recent
from askreport.store.names import MANY
from askreport.store.postgres.pool import Connection
from askreport.store.rows import document_of, not_found, summary_of
from askreport.store.words import forms_of, idf_of, in_order, mistyped_in, terms_of, weights_of
from askreport.types import Document, FloatArray, IndexState, IntArray, Passage, Place, SentenceCosines, Source, Span

# Up to so many passages every vector is looked at, and from there on those that an HNSW graph leads to.
EXACT_UP_TO = 50_000
# A passage's number holds its document's, and which of its passages it is.
ORDINAL_BITS = 20
# Passages whose sentences are compared at a time: some megabytes.
_AT_A_TIME = 1_000
REPAIR_HINT = "Delete the document and add it again, or restore the database."

_MANIFEST = """SELECT identity::text, generation || ' ' || extract(epoch FROM built_at), tokens, format, encoder,
    dimension, chunking, generation, to_char(built_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
    (SELECT coalesce(json_object_agg(language, l.documents), '{}') FROM languages l),
    documents, passages, sentences
    FROM library"""

_NAMED = """SELECT w.word, d.id FROM unnest(%(words)s::text[]) AS w(word), LATERAL (
        SELECT document FROM names n WHERE n.word = w.word COLLATE "C" LIMIT %(most)s) n
    JOIN documents d ON d.number = n.document"""
_NAMED_AMONG = """SELECT n.word, d.id FROM unnest(%(words)s::text[]) AS w(word)
    JOIN names n ON n.word = w.word COLLATE "C" AND n.document = ANY(%(documents)s::integer[])
    JOIN documents d ON d.number = n.document"""


@dataclass(frozen=True, slots=True)
class Known:
    """A document's number, and what no other row of any time has."""

    number: int
    key: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The library's one row: its identity, the tokens of all passages together, and the manifest.

    ``version`` is another after every change, also after one that followed a restore to an earlier moment.
    """

    identity: str
    version: str
    tokens: int
    manifest: Manifest


class PostgresStore:
    """What PostgreSQL holds: within one snapshot, or, over a pool, as it is at each call.

    All methods may be called by any thread, those of a snapshot by one at a time. StoreError if PostgreSQL cannot
    be used, IndexDamagedError for what is not as it was written.
    """

    def __init__(self, connected: Callable[[], AbstractContextManager[Connection]], kept: "Kept") -> None:
        self._connected = connected
        self._kept = kept

    @property
    def state(self) -> IndexState:
        """The generation, which counts the changes, and when the last one was made."""
        manifest = self.manifest
        return IndexState(manifest.generation, manifest.built_at)

    @property
    def manifest(self) -> Manifest:
        """What the library holds and what it was made with; IndexMissingError if nothing was ever added."""
        return self._about().manifest

    def _about(self) -> About:
        rows = self._rows(_MANIFEST)
        if not rows:
            raise IndexMissingError("the database holds no library yet", "Add documents: `askreport add FILE`.")
        identity, version, tokens, form, encoder, dimension, chunking, generation, built_at, languages, *counts = rows[
            0
        ]
        return About(
            identity=identity,
            version=version,
            tokens=tokens,
            manifest=Manifest(
                generation=generation,
                built_at=built_at,
                encoder=encoder,
                dimension=dimension,
                chunking=chunking,
                library="",
                counts=IndexCounts(*counts),
                segments=(),
                next_number=0,
                files={},
                languages=in_order(languages),
                format=form,
            ),
        )

    def search(
        self, question: str, vector: FloatArray, *, mix: Mix, limit: int, documents: Collection[str] | None = None
    ) -> list[Candidate]:
        """The best passages by meaning and words, each text once, from one statement."""
        manifest = self.manifest
        chosen = self._numbers(documents)
        values = self._words(question) | {"each": mix.each, "share": mix.share, "limit": limit, "documents": chosen}
        kind = (_is_exact(manifest, chosen), chosen is not None, bool(values["meant"]))
        rows = self._rows(search.fused_search(manifest.dimension, *kind), values | {"vector": _text(vector)})
        return [
            Candidate(stored=self._passage(passage, manifest.dimension), score=score, dense=cosine, lexical=bm25)
            for *passage, cosine, bm25, score in rows
        ]

    def search_dense(
        self, vector: FloatArray, limit: int, documents: Collection[str] | None = None
    ) -> dict[int, float]:
        """The nearest passages and their cosines, best first."""
        manifest = self.manifest
        chosen = self._numbers(documents)
        statement = search.dense_search(manifest.dimension, _is_exact(manifest, chosen), chosen is not None)
        rows = self._rows(statement, {"vector": _text(vector), "each": limit, "documents": chosen})
        return {_number(document, ordinal): cosine for document, ordinal, cosine in rows}

    def search_lexical(self, question: str, limit: int, documents: Collection[str] | None = None) -> dict[int, float]:
        """The passages with the highest BM25, best first."""
        chosen = None if documents is None else [each.number for each in self._known(documents).values()]
        values = self._words(question) | {"each": limit, "documents": chosen}
        rows = self._rows(search.lexical_search(chosen is not None, bool(values["meant"])), values)
        return {_number(document, ordinal): score for document, ordinal, score in rows}

    def cosines(self, vector: FloatArray, numbers: Sequence[int]) -> list[float]:
        """The cosine of each of the passages to a unit vector."""
        if not numbers:
            return []
        values = _pairs(numbers) | {"vector": _text(vector)}
        rows = self._rows(search.cosines(self.manifest.dimension), values)
        found = {_number(document, ordinal): cosine for document, ordinal, cosine in rows}
        return [found[number] for number in numbers]

    def sentence_cosines(self, vector: FloatArray, documents: Collection[str] | None = None) -> SentenceCosines:
        """The cosine of every sentence to a unit vector, of all passages or of those of some documents."""
        with damage():
            return all_cosines(self._packed_sentences(self._numbers(documents)), vector)

    def _packed_sentences(self, documents: list[int] | None) -> Iterator[tuple[list[int], list[bytes]]]:
        """The numbers of the passages, ascending, of these documents or of all, and their sentences' packed vectors."""
        among = "" if documents is None else "AND document = ANY(%(documents)s::integer[])"
        query = f"""SELECT document, ordinal, sentence_vectors FROM passages
            WHERE (document, ordinal) > (%(document)s, %(ordinal)s) {among} ORDER BY document, ordinal LIMIT %(most)s"""
        last = (-1, -1)
        while True:
            values = {"document": last[0], "ordinal": last[1], "documents": documents, "most": _AT_A_TIME}
            rows = self._rows(query, values)
            yield [_number(row[0], row[1]) for row in rows], [row[2] for row in rows]
            if len(rows) < _AT_A_TIME:
                return
            last = rows[-1][:2]

    def having(self, terms: Collection[str]) -> dict[str, IntArray]:
        """The numbers of the passages that have each of the terms, ascending."""
        query = "SELECT term, array_agg(document::bigint << %(bits)s::integer | ordinal ORDER BY document, ordinal)"
        query += " FROM postings WHERE term = ANY(%(terms)s::text[]) GROUP BY term"
        rows = self._rows(query, {"terms": list(terms), "bits": ORDINAL_BITS})
        return {term: np.asarray(numbers, np.int64) for term, numbers in rows}

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the order asked for."""
        if not numbers:
            return []
        query = f"""SELECT {search.PASSAGE} FROM passages p JOIN documents d ON d.number = p.document
            JOIN unnest(%(documents)s::integer[], %(ordinals)s::integer[]) AS f(document, ordinal)
            USING (document, ordinal)"""
        dimension = self.manifest.dimension
        found = {
            each.number: each for each in (self._passage(row, dimension) for row in self._rows(query, _pairs(numbers)))
        }
        with damage():
            return [found[number] for number in numbers]

    def document(self, document_id: str) -> Document:
        """A document with its text, checked against its SHA-256; DocumentNotFoundError if there is none."""
        known = self._known([document_id]).get(document_id)
        if known is None:
            raise not_found(document_id)
        return self._kept.documents.get(known.key, partial(self._read_document, known, document_id))

    def texts(self, documents: Collection[str]) -> dict[str, Document]:
        """Several documents by their ids, each as ``document`` gives it, from one statement."""
        columns = "id, path, title, text, sha256, structure, metadata"
        query = f"SELECT {columns} FROM documents WHERE id = ANY(%(ids)s::text[])"
        rows = self._rows(query, {"ids": [_sent(each) for each in documents]})
        with damage():
            found = {row[0]: document_of(row, REPAIR_HINT) for row in rows}
        for each in documents:
            if each not in found:
                raise not_found(each)
        return found

    def _read_document(self, known: Known, document_id: str) -> Document:
        query = """SELECT id, path, title, text, sha256, structure, metadata FROM documents
            WHERE number = %(number)s AND key = %(key)s"""
        rows = self._rows(query, {"number": known.number, "key": known.key})
        if not rows:
            raise not_found(document_id)
        with damage():
            return document_of(rows[0], REPAIR_HINT)

    def source(self, document_id: str) -> Source:
        """The file a document was read from, by its name in the library; DocumentNotFoundError if there is none."""
        rows = self._rows("SELECT file, content FROM documents WHERE id = %(id)s", {"id": _sent(document_id)})
        if not rows:
            raise not_found(document_id)
        return Source(Path(rows[0][0]), rows[0][1])

    def boxes(self, document_id: str, page: int) -> BoxArray | None:
        """A box for each character of a page; None if the page has no layout."""
        query = """SELECT l.boxes FROM layouts l JOIN documents d ON d.number = l.document
            WHERE d.id = %(id)s AND l.page = %(page)s"""
        rows = self._rows(query, {"id": _sent(document_id), "page": page})
        with damage():
            return unpack_boxes(rows[0][0]) if rows else None

    def documents(self) -> list[DocumentSummary]:
        """All documents, by path."""
        columns = "d.id, d.title, d.path, d.sha256, d.characters, d.passages, d.pages, d.metadata"
        language = "d.structure::json ->> 'language'"
        added = """coalesce(to_char(f.added AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), '')"""
        query = f"""SELECT {columns}, {language}, {added} FROM documents d LEFT JOIN files f ON f.name = d.file
            ORDER BY d.path COLLATE "C", d.number"""
        return [replace(summary_of(row[:-1]), added=row[-1]) for row in self._rows(query)]

    def entries(self) -> dict[str, str]:
        """What ``PostgresWriter.add`` was given as each document's entry, by its id."""
        return dict(self._rows("SELECT id, entry FROM documents"))

    def sentences(self, document_id: str) -> list[Span]:
        """The spans of a document's sentences, in order; none if there is no such document."""
        query = """SELECT p.sentences FROM passages p JOIN documents d ON d.number = p.document WHERE d.id = %(id)s"""
        rows = self._rows(query, {"id": _sent(document_id)})
        return sorted({span for row in rows for span in _spans(row[0])})

    def terms(self, text: str, language: str = "") -> list[str]:
        """The terms of a text in this language, in order."""
        return terms_of(text, language)

    def forms(self, question: str) -> dict[str, frozenset[str]]:
        """The terms of a question, each with its forms in documents of all the library's languages."""
        return forms_of(question, self.manifest.languages)

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """The inverse document frequency of each term over passages."""
        counts, total = self._counts(terms), self.manifest.counts.passages
        return {term: idf_of(counts.get(term, 0), total) for term in terms}

    def unknown(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that no passage has."""
        return set(terms) - self._counts(terms).keys()

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, and how many passages have each."""
        query = 'SELECT term, passages FROM terms WHERE term >= %(first)s COLLATE "C" AND starts_with(term, %(first)s)'
        # An upper bound lets the index give these alone; the last code point is none a term can have.
        query += ' AND term <= %(last)s COLLATE "C"'
        return dict(self._rows(query, {"first": prefix, "last": prefix + "\U0010ffff"}))

    def named(self, words: Collection[str], among: Collection[str] | None = None) -> dict[str, set[str]]:
        """The ids of the documents that each of the words is a name of, of all or of some documents."""
        asked = [_sent(word) for word in words]
        if among is None:
            rows = self._rows(_NAMED, {"words": asked, "most": MANY + 1})
        else:
            chosen = [each.number for each in self._known(among).values()]
            rows = self._rows(_NAMED_AMONG, {"words": asked, "documents": chosen})
        found: dict[str, set[str]] = {}
        for word, identity in rows:
            found.setdefault(word, set()).add(identity)
        return {word: own for word, own in found.items() if among is not None or len(own) <= MANY}

    def places(self, sentence: str) -> list[Place]:
        """Every place where this sentence stands, but for case and white space."""
        query = """SELECT d.id, s.start, s."end" FROM sentences s JOIN documents d ON d.number = s.document
            WHERE s.digest = %(digest)s ORDER BY s.document, s.start"""
        return [Place(*row) for row in self._rows(query, {"digest": text_digest(sentence)})]

    def _counts(self, terms: Collection[str]) -> dict[str, int]:
        """How many passages have each of the terms, of those that any has."""
        query = "SELECT term, passages FROM terms WHERE term = ANY(%(terms)s::text[])"
        return dict(self._rows(query, {"terms": list(terms)}))

    def _words(self, question: str) -> dict[str, Any]:
        """The values of a search for the words of a question."""
        forms = self.forms(question)
        terms = {form for own in forms.values() for form in own}
        counts = self._counts(terms)
        mistyped = sorted(mistyped_in(forms, terms - counts.keys()))
        asked = {term: found for term in mistyped if (found := search.variants(term))}
        known = self._counts(set().union(*asked.values())).keys() if asked else set()
        meant = {term: sorted(found & known) for term, found in asked.items()}
        about = self._about()
        passages = about.manifest.counts.passages
        weights = weights_of(forms, {term: idf_of(counts.get(term, 0), passages) for term in terms})
        return search.words(counts, weights, meant, about.tokens / passages if about.tokens else 1.0)

    def _numbers(self, documents: Collection[str] | None) -> list[int] | None:
        """The numbers of documents; DocumentNotFoundError for the first that there is not."""
        if documents is None:
            return None
        known = self._known(documents)
        for identity in documents:
            if identity not in known:
                raise not_found(identity)
        return [known[identity].number for identity in documents]

    def _known(self, documents: Collection[str]) -> dict[str, Known]:
        query = "SELECT id, number, key FROM documents WHERE id = ANY(%(ids)s::text[])"
        rows = self._rows(query, {"ids": [_sent(each) for each in documents]})
        return {identity: Known(number, key) for identity, number, key in rows}

    def _passage(self, row: Sequence[Any], dimension: int) -> StoredPassage:
        identity, _, document, ordinal, start, end, digest, heading, sentences, vectors = row
        with damage():
            spans = _spans(sentences)
            sentence_vectors = unpack_vectors(vectors, dimension)
            if len(sentence_vectors) != len(spans):
                raise ValueError(f"passage {ordinal} of {identity} has {len(spans)} sentences, {len(vectors)} vectors")
            passage = Passage(
                document_id=identity, start=start, end=end, heading=tuple(json.loads(heading)), sentences=spans
            )
        return StoredPassage(
            number=_number(document, ordinal), passage=passage, digest=digest, sentence_vectors=sentence_vectors
        )

    def _rows(self, query: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._connected() as connection, connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode(), values).fetchall()


class Snapshot(PostgresStore):
    """The library as it was when the snapshot's transaction began; what was looked up is not asked for again."""

    def __init__(self, connection: Connection, kept: "Kept") -> None:
        super().__init__(lambda: nullcontext(connection), kept)
        self._seen = super()._about()
        self._found: dict[str, Known] = {}
        self._counted: dict[str, int] = {}

    @property
    def version(self) -> tuple[str, str]:
        """Which state of which library it is."""
        return self._seen.identity, self._seen.version

    def _about(self) -> About:
        return self._seen

    def _known(self, documents: Collection[str]) -> dict[str, Known]:
        if missing := [each for each in documents if each not in self._found]:
            self._found |= super()._known(missing)
        return {each: self._found[each] for each in documents if each in self._found}

    def _passage(self, row: Sequence[Any], dimension: int) -> StoredPassage:
        identity, key, number = row[:3]
        self._found[identity] = Known(number, key)
        return super()._passage(row, dimension)

    def _counts(self, terms: Collection[str]) -> dict[str, int]:
        if missing := [each for each in terms if each not in self._counted]:
            self._counted |= dict.fromkeys(missing, 0) | super()._counts(missing)
        return {each: self._counted[each] for each in terms if self._counted[each]}


class Kept:
    """What readers of one database keep in memory: documents, by their keys."""

    def __init__(self, documents: int = 64) -> None:
        self.documents: Recent[UUID, Document] = Recent(documents)


@contextmanager
def damage() -> Iterator[None]:
    """Turns what cannot be read of a row into IndexDamagedError."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise IndexDamagedError(f"a row of the database cannot be read: {error}", REPAIR_HINT) from error


def _is_exact(manifest: Manifest, documents: Collection[int] | None) -> bool:
    return documents is not None or manifest.counts.passages <= EXACT_UP_TO


def _number(document: int, ordinal: int) -> int:
    return document << ORDINAL_BITS | ordinal


def _pairs(numbers: Iterable[int]) -> dict[str, Any]:
    """Passages' numbers as two arrays."""
    pairs = [divmod(number, 1 << ORDINAL_BITS) for number in numbers]
    return {"documents": [document for document, _ in pairs], "ordinals": [ordinal for _, ordinal in pairs]}


def _spans(ends: Sequence[int]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True))


def _text(vector: FloatArray) -> str:
    """A vector as PostgreSQL reads it."""
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def _sent(text: str) -> str:
    """A text that can be sent: what no row can have stands for what cannot."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
