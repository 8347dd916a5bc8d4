"""Libraries of made documents, in a folder or in PostgreSQL, for the tests that hold for both."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeAlias

from askreport.digest import text_sha256
from askreport.models.encoder import Encoder
from askreport.store import Backend, FolderBackend, GenerationWriter, MadeWith, Store, writer_lock
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.writer import PostgresWriter, writing
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Document, Passage, Span
from tests.tools.engine.postgres import Server
from tests.tools.parts import HashingEncoder

ENCODER = HashingEncoder()
# What is added: a document with its passages.
Content: TypeAlias = tuple[Document, Sequence[Passage]]
Maker: TypeAlias = Callable[[Sequence[Content], Encoder], Backend]


class Place:
    """Where libraries are made; each gets a folder or a database of its own."""

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._made: list[Backend] = []

    def backend(self, documents: Sequence[Document], encoder: Encoder = ENCODER) -> Backend:
        """A library of these documents, with the passages that the chunker makes."""
        return self._kept(self._make([(item, chunk(item)) for item in documents], encoder))

    def store(self, documents: Sequence[Document], encoder: Encoder = ENCODER) -> Store:
        """The same, opened."""
        return self.backend(documents, encoder).store

    def of_passages(self, passages: Sequence[tuple[str, str]]) -> tuple[Store, list[int]]:
        """A library of (document id, text) pairs, a passage each, and the passages' numbers in order."""
        texts: dict[str, list[str]] = {}
        for identity, text in passages:
            texts.setdefault(identity, []).append(text)
        store = self._kept(self._make([_content(*each) for each in texts.items()], ENCODER)).store
        return store, numbers(store)

    def close(self) -> None:
        """Closes what was made: a server has only so many connections."""
        while self._made:
            self._made.pop().close()

    def _kept(self, backend: Backend) -> Backend:
        self._made.append(backend)
        return backend


def numbers(store: Store) -> list[int]:
    """The numbers of all passages of a library, in order."""
    return sorted(store.search_dense(ENCODER.encode_question("x"), 100_000))


def in_folder(contents: Sequence[Content], encoder: Encoder) -> Backend:
    """A library in a new folder."""
    index = Path(mkdtemp(prefix="askreport-"))
    with writer_lock(index), GenerationWriter(index, encoder.dimension) as writer:
        _add(writer, contents, encoder)
        writer.publish(encoder.fingerprint, CHUNKING, "library")
    return FolderBackend(index)


def in_postgres(server: Server, template: str) -> Maker:
    """Makes libraries in new databases of a server."""

    def make(contents: Sequence[Content], encoder: Encoder) -> Backend:
        backend = PostgresBackend(server.create_database(template))
        backend.bring_up_to_date()
        with writing(backend.database, MadeWith(encoder.fingerprint, encoder.dimension, CHUNKING)) as writer:
            _add(writer, contents, encoder)
        return backend

    return make


def _add(writer: GenerationWriter | PostgresWriter, contents: Sequence[Content], encoder: Encoder) -> None:
    for item, passages in contents:
        texts = [item.text[passage.start : passage.end] for passage in passages]
        spans = [[Span(a - p.start, b - p.start) for a, b in p.sentences] for p in passages]
        writer.add(item, passages, encoder.encode_passages(texts, spans))


def _content(identity: str, texts: Sequence[str]) -> Content:
    """A document of passages that each are one sentence."""
    whole, passages = "", []
    for text in texts:
        span = Span(len(whole), len(whole) + len(text))
        passages.append(Passage(document_id=identity, start=span.start, end=span.end, heading=(), sentences=(span,)))
        whole += f"{text}\n"
    return Document(
        id=identity, path=f"{identity}.txt", title=identity, text=whole, sha256=text_sha256(whole)
    ), passages
