"""What a database holds is handed out as it is now, and never older than what a client has seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from askreport import freshness
from askreport.answering.library import Library
from askreport.errors import IndexDamagedError
from askreport.store import MadeWith, Recent, Store
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.writer import writing
from askreport.text.chunk import CHUNKING
from tests.tools.behind import Behind
from tests.tools.engine.postgres import Server
from tests.tools.parts import add, document, prose
from tests.tools.stores import ENCODER

MADE_WITH = MadeWith(ENCODER.fingerprint, ENCODER.dimension, CHUNKING)
DOCUMENTS = [document(prose(n, 12), f"{n}.txt") for n in range(3)]


@pytest.fixture
def backend(database: str) -> Iterator[PostgresBackend]:
    backend = PostgresBackend(database, MADE_WITH)
    backend.bring_up_to_date()
    with writing(backend.database, MADE_WITH) as writer:
        add(writer, DOCUMENTS[:2], ENCODER)
    yield backend
    backend.close()


def test_who_has_seen_a_change_is_not_answered_from_a_node_that_is_behind(
    backend: PostgresBackend, database: str, engine: Server
) -> None:
    backend.close()
    copy = engine.create_database(database.rpartition("/")[2])
    backend.database = Behind(database, copy)
    with writing(backend.database, MADE_WITH) as writer:
        add(writer, DOCUMENTS[2:], ENCODER)
    with freshness.seeing(0) as seen, backend.reading() as (_, store):
        assert (len(store.documents()), seen.generation) == (2, 1)
    with freshness.seeing(2) as seen, backend.reading() as (_, store):
        assert (len(store.documents()), seen.generation) == (3, 2)
        assert len(backend.store.documents()) == 3
    backend.close()
    engine.drop_database(copy)


def test_equal_versions_are_equal_states(backend: PostgresBackend) -> None:
    with backend.reading() as (first, _), backend.reading() as (second, _):
        assert first == second
    with writing(backend.database, MADE_WITH) as writer:
        writer.delete([DOCUMENTS[0].id])
    with backend.reading() as (third, _):
        assert third != first


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = replace(text, 'Box', 'Bax')",
        "UPDATE documents SET structure = '[]'",
        "UPDATE passages SET start = start + 1",
        "UPDATE passages SET digest = 'x'",
        "UPDATE passages SET heading = 'x'",
        "UPDATE passages SET sentence_vectors = 'x'",
        "UPDATE passages SET sentences = sentences[2:]",
    ],
)
def test_a_row_changed_behind_the_librarys_back_is_damage_and_never_a_quote(
    backend: PostgresBackend, tmp_path: Path, statement: str
) -> None:
    library = Library(tmp_path, ENCODER, backend=backend)
    assert library.ask("Which boxes are red?").passages
    with backend.database.writing() as connection:
        connection.execute(statement.encode())
        connection.execute("UPDATE library SET generation = generation + 1")
    backend._kept.documents = Recent(64)
    with pytest.raises(IndexDamagedError) as caught:
        library.ask("Which boxes are red?")
    assert caught.value.hint


def test_a_question_goes_on_when_its_connection_is_lost(backend: PostgresBackend, tmp_path: Path) -> None:
    library = Library(tmp_path, ENCODER, backend=backend)
    asked = 0

    def work(store: Store) -> int:
        nonlocal asked
        asked += 1
        if asked == 1:
            with backend.database.connect() as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                    "AND application_name = 'askreport'"
                )
        return len(store.documents())

    assert library.read(work) == 2
    assert asked > 1
