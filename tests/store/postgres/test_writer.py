"""Changes are whole or not there, counted right whoever makes them, and leave nothing of what is deleted."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.errors import DocumentNotFoundError, IndexMismatchError, StoreError
from askreport.store import MadeWith
from askreport.store.postgres import store as postgres
from askreport.store.postgres import writer as postgres_writer
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.writer import group, writing
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Document
from tests.tools.parts import add, document, prose
from tests.tools.stores import ENCODER

MADE_WITH = MadeWith(ENCODER.fingerprint, ENCODER.dimension, CHUNKING)
DOCUMENTS = [document(prose(n, 12), f"{n}.txt") for n in range(5)]
# Which column of a table has the document's number.
NUMBERED = {
    "documents": 0,
    "layouts": 0,
    "passages": 0,
    "vectors": 0,
    "sentences": 1,
    "postings": 1,
    "names": 1,
    "terms": -1,
    "languages": -1,
}
TABLES = tuple(NUMBERED)


@pytest.fixture
def backend(database: str) -> Iterator[PostgresBackend]:
    backend = PostgresBackend(database)
    backend.bring_up_to_date()
    yield backend
    backend.close()


def put(backend: PostgresBackend, documents: Sequence[Document]) -> None:
    with writing(backend.database, MADE_WITH) as writer:
        add(writer, documents, ENCODER)


def delete(backend: PostgresBackend, documents: Sequence[Document]) -> None:
    with writing(backend.database, MADE_WITH) as writer:
        writer.delete([item.id for item in documents])


def contents(backend: PostgresBackend) -> dict[str, list[tuple[Any, ...]]]:
    """All rows, with the documents' ids in place of their numbers."""
    with backend.database.reading() as connection:
        rows = {table: connection.execute(f"SELECT * FROM {table}".encode()).fetchall() for table in TABLES}
        # No two rows have one key.
        rows["documents"] = [(row[0], *row[2:]) for row in rows["documents"]]
        names = dict(connection.execute("SELECT number, id FROM documents").fetchall())
        counts = connection.execute("SELECT documents, passages, sentences, tokens FROM library").fetchall()
    named = {
        table: sorted(
            ((*row[:at], names[row[at]], *row[at + 1 :]) if (at := NUMBERED[table]) >= 0 else row for row in found),
            key=repr,
        )
        for table, found in rows.items()
    }
    return named | {"counts": counts}


def test_what_was_added_and_deleted_leaves_nothing_and_counts_right(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:2])
    before = contents(backend)
    put(backend, DOCUMENTS[2:])
    delete(backend, DOCUMENTS[2:])
    assert contents(backend) == before
    delete(backend, DOCUMENTS[:2])
    after = contents(backend)
    assert after.pop("counts") == [(0, 0, 0, 0)]
    assert after == {table: [] for table in TABLES}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=8))
def test_any_changes_leave_what_the_last_ones_say(backend: PostgresBackend, changes: list[tuple[bool, int]]) -> None:
    delete(backend, DOCUMENTS)
    there: dict[str, Document] = {}
    for adds, at in changes:
        item = DOCUMENTS[at]
        if adds:
            put(backend, [item])
            there[item.id] = item
        else:
            delete(backend, [item])
            there.pop(item.id, None)
    manifest = backend.store.manifest if changes else None
    assert {summary.id for summary in backend.store.documents()} == set(there)
    if manifest:
        passages = [passage for item in there.values() for passage in chunk(item)]
        assert (manifest.counts.documents, manifest.counts.passages) == (len(there), len(passages))
        terms = {
            term
            for item in there.values()
            for p in chunk(item)
            for term in backend.store.terms(item.text[p.start : p.end])
        }
        assert backend.store.vocabulary("").keys() == terms


def test_a_document_of_the_same_entry_stays_and_one_of_another_is_replaced(backend: PostgresBackend) -> None:
    item = DOCUMENTS[0]
    changed = replace(item, path="renamed.txt")
    for each, entry, is_new in ((item, "one", True), (item, "one", False), (changed, "two", True)):
        with writing(backend.database, MADE_WITH) as writer:
            vectors = ENCODER.encode_passages([""] * len(chunk(each)), [p.sentences for p in chunk(each)])
            assert writer.add(each, chunk(each), vectors, entry=entry) is is_new
    assert [summary.path for summary in backend.store.documents()] == ["renamed.txt"]
    assert backend.store.state.generation == 2
    assert backend.store.document(item.id).path == "renamed.txt"


def test_a_change_that_fails_was_never_there(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:1])
    before = contents(backend)
    with pytest.raises(RuntimeError, match="in the middle"):
        _fail_in_the_middle(backend)
    assert contents(backend) == before
    assert backend.store.state.generation == 1


def _fail_in_the_middle(backend: PostgresBackend) -> None:
    with writing(backend.database, MADE_WITH) as writer:
        writer.delete([DOCUMENTS[0].id])
        add(writer, DOCUMENTS[1:], ENCODER)
        writer.flush()
        raise RuntimeError("in the middle")


def test_nothing_is_seen_of_a_change_before_its_end_and_all_of_it_after(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:1])
    with backend.reading() as (_, old), writing(backend.database, MADE_WITH) as writer:
        writer.delete([DOCUMENTS[0].id])
        add(writer, DOCUMENTS[1:3], ENCODER)
        writer.flush()
        assert [summary.id for summary in backend.store.documents()] == [DOCUMENTS[0].id]
    # A snapshot stays what it was; whoever comes now sees the change.
    with backend.reading() as (_, new):
        assert {summary.id for summary in new.documents()} == {item.id for item in DOCUMENTS[1:3]}
    assert old.state.generation == 1


def test_a_snapshot_still_reads_what_has_been_deleted_since(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:1])
    with backend.reading() as (_, store):
        delete(backend, DOCUMENTS[:1])
        assert store.document(DOCUMENTS[0].id).text == DOCUMENTS[0].text
    with pytest.raises(DocumentNotFoundError):
        backend.store.document(DOCUMENTS[0].id)


def test_many_writers_at_once_count_as_one_after_another(backend: PostgresBackend) -> None:
    put(backend, [])
    failed: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for item in DOCUMENTS if seed % 2 else reversed(DOCUMENTS):
                # The same documents from all: the entry makes them the same.
                with writing(backend.database, MADE_WITH) as writer:
                    vectors = ENCODER.encode_passages([""] * len(chunk(item)), [p.sentences for p in chunk(item)])
                    writer.add(item, chunk(item), vectors, entry="same")
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    together = contents(backend)
    delete(backend, DOCUMENTS)
    for item in DOCUMENTS:
        with writing(backend.database, MADE_WITH) as writer:
            vectors = ENCODER.encode_passages([""] * len(chunk(item)), [p.sentences for p in chunk(item)])
            writer.add(item, chunk(item), vectors, entry="same")
    assert contents(backend) == together


def test_a_change_of_nothing_is_no_change(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:1])
    delete(backend, DOCUMENTS[1:])
    assert backend.store.state.generation == 1


def test_a_library_of_another_format_says_how_it_is_made_anew(backend: PostgresBackend) -> None:
    put(backend, DOCUMENTS[:1])
    with backend.database.writing() as connection:
        connection.execute("UPDATE library SET format = 4")
    with pytest.raises(IndexMismatchError) as caught, writing(backend.database, MADE_WITH):
        pass
    assert "another database" in str(caught.value.hint)


@pytest.mark.parametrize(
    "other", [MadeWith("another", ENCODER.dimension, CHUNKING), MadeWith(ENCODER.fingerprint, 3, CHUNKING)]
)
def test_a_library_made_with_something_else_is_left_alone(
    backend: PostgresBackend, database: str, other: MadeWith
) -> None:
    put(backend, DOCUMENTS[:1])
    with pytest.raises(IndexMismatchError) as caught, writing(backend.database, other):
        pass
    assert caught.value.hint
    with pytest.raises(IndexMismatchError):
        _ = PostgresBackend(database, other).store


def test_many_passages_are_grouped_once_and_found_the_same(
    backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(backend, DOCUMENTS)
    assert not group(backend.database)
    vector = ENCODER.encode_question("Which boxes are red?")
    exact = backend.store.search_dense(vector, 5)
    monkeypatch.setattr(postgres_writer, "EXACT_UP_TO", 3)
    monkeypatch.setattr(postgres, "EXACT_UP_TO", 3)
    assert group(backend.database)
    assert not group(backend.database)
    assert backend.store.search_dense(vector, 5) == pytest.approx(exact, abs=1e-6)


def test_what_a_database_refuses_is_said_in_its_own_words(backend: PostgresBackend) -> None:
    with pytest.raises(StoreError, match="nowhere"), backend.database.writing() as connection:
        connection.execute("SELECT * FROM nowhere")


def test_a_passage_of_a_document_too_long_is_refused(backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_writer, "ORDINAL_BITS", 0)
    with pytest.raises(ValueError, match="more than"):
        put(backend, DOCUMENTS[:1])
