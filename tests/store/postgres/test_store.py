"""What is particular to a library in PostgreSQL; what holds for every library is in tests/store/test_conformance.py."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.boxes import pack_boxes
from askreport.errors import DocumentNotFoundError
from askreport.store import MadeWith
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.pool import Database
from askreport.store.postgres.store import PostgresStore
from askreport.store.postgres.writer import writing
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Page, Source
from tests.tools.engine.postgres import Server
from tests.tools.parts import add, document, prose
from tests.tools.stores import ENCODER

MADE_WITH = MadeWith(ENCODER.fingerprint, ENCODER.dimension, CHUNKING)
BOXES = np.array([[n, 10, n + 5, 20] for n in range(11)], np.int32)
DOCUMENTS = [document(prose(n, 30), f"{n}.txt") for n in range(4)]


@pytest.fixture
def backend(database: str) -> Iterator[PostgresBackend]:
    backend = PostgresBackend(database)
    backend.bring_up_to_date()
    with writing(backend.database, MADE_WITH) as writer:
        add(writer, DOCUMENTS, ENCODER)
    yield backend
    backend.close()


def test_a_question_asks_the_server_a_few_times_only(backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    rows = PostgresStore._rows

    def counted(self: PostgresStore, query: str, values: dict[str, object] | None = None) -> list[tuple[object, ...]]:
        asked.append(query)
        return rows(self, query, values)

    monkeypatch.setattr(PostgresStore, "_rows", counted)
    with backend.reading() as (_, store):
        quotes = ask(store, ENCODER, "Which boxes are red?").quotes
    # What it is, the counts of its terms, the two searches, the documents, and each quote's neighbours and places.
    assert len(asked) <= 4 + len(DOCUMENTS) + 2 * len(quotes)
    asked.clear()
    with backend.reading() as (_, store):
        ask(store, ENCODER, "Which boxes are red?")
    # The documents are in memory by now.
    assert len(asked) <= 4 + 2 * len(quotes)


def test_a_document_that_came_again_is_not_the_one_in_memory(backend: PostgresBackend) -> None:
    first = DOCUMENTS[0]
    assert backend.store.document(first.id).title == first.title
    with writing(backend.database, MADE_WITH) as writer:
        writer.delete([first.id])
    with pytest.raises(DocumentNotFoundError):
        backend.store.document(first.id)
    with writing(backend.database, MADE_WITH) as writer:
        add(writer, [replace(first, title="Another title")], ENCODER)
    assert backend.store.document(first.id).title == "Another title"


def test_after_a_restore_to_an_earlier_moment_nothing_of_the_later_one_answers(
    backend: PostgresBackend, database: str, engine: Server
) -> None:
    backend.close()
    earlier = engine.create_database(database.rpartition("/")[2])
    later, other = (document(f"The code is {word}.", "code.txt") for word in ("quagga", "zebra"))
    library = Library(Path("unused"), ENCODER, backend=backend)
    backend.database = Database(database)
    for item, address in ((later, database), (other, earlier)):
        backend.database.close()
        backend.database = Database(address)
        with writing(backend.database, MADE_WITH) as writer:
            add(writer, [item], ENCODER)
        # The same generation twice, as it comes again where another history begins; and so does the number.
        answer = library.ask("What is the code?")
        assert answer.index.generation == 2
        assert answer.quotes[0].text == item.text
    backend.close()
    engine.drop_database(earlier)


def test_the_file_and_the_boxes_of_a_document_come_back(backend: PostgresBackend) -> None:
    item = document("Some words.", "a.pdf")
    paged = replace(item, pages=(Page(number=3, start=0, end=11, width=100, height=200),))
    packed = pack_boxes(BOXES)
    with writing(backend.database, MADE_WITH) as writer:
        passages = chunk(paged)
        vectors = ENCODER.encode_passages(["Some words."], [passages[0].sentences])
        source = Source(Path("folder/a.pdf"), "0123456789abcdef")
        writer.add(paged, passages, vectors, source=source, layout=[packed])
    store = backend.store
    assert store.source(item.id) == Source(Path("folder/a.pdf"), "0123456789abcdef")
    found = store.boxes(item.id, 3)
    assert found is not None
    assert found.tolist() == BOXES.tolist()
    assert store.boxes(item.id, 1) is None
    assert store.document(item.id) == paged


def test_a_node_without_the_document_says_so_for_every_call(backend: PostgresBackend) -> None:
    for call in (backend.store.document, backend.store.source):
        with pytest.raises(DocumentNotFoundError, match="unknown"):
            call("unknown")
    assert backend.store.sentences("unknown") == []
    assert backend.store.boxes("unknown", 1) is None
    assert backend.store.boxes("\ud800", 1) is None
