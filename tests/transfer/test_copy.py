"""A library is the same wherever it is copied to, and gives the same answers; a copy that was cut short goes on."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.answering.ask import ask
from askreport.answering.library import Library, made_with
from askreport.config import Settings
from askreport.errors import CopyError, IndexDamagedError, IndexMismatchError, IndexMissingError, SettingError
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.readers import load_scorer
from askreport.store import Replacement, Store
from askreport.store.descriptions import correct, corrections_of
from askreport.store.folder import plan
from askreport.store.folder.desk import DeskFile
from askreport.store.folder.replaced import find_replaced, note_replaced
from askreport.store.postgres.backend import PostgresBackend
from askreport.transfer.copy import open_places
from askreport.transfer.replaced import add_replaced, read_replaced
from askreport.types import Answer, Document
from tests.conftest import CORPUS
from tests.tools.engine.postgres import Server
from tests.tools.moving import ENCODER, compared, index_files, move, of_files, opened, publish_in
from tests.tools.parts import PARSERS, HashingEncoder, document, kill, prose, publish, start_python

QUESTIONS = ("Which box is red?", "What came by ship?", "Box 2-3")


def said(answer: Answer) -> Answer:
    """An answer without when and from which generation it was given."""
    return replace(answer, took_ms=0, index=replace(answer.index, generation=0, built_at=""))


def answers(store: Store) -> list[Answer]:
    return [said(ask(store, ENCODER, question)) for question in QUESTIONS]


@st.composite
def libraries(draw: st.DrawFn) -> list[tuple[list[Document], list[str]]]:
    """What is added and what is deleted in each of some generations; texts may stand in several documents."""
    seeds = draw(st.lists(st.integers(0, 4), min_size=1, max_size=7))
    headings = draw(st.lists(st.booleans(), min_size=len(seeds), max_size=len(seeds)))
    made = [
        replace(
            document(prose(seed, 4 * seed), f"{n}.txt", [f"Box {seed}-0"] if has and seed else ()),
            metadata={"n": n},
            has_title=has,
        )
        for n, (seed, has) in enumerate(zip(seeds, headings, strict=True))
    ]
    cut = draw(st.integers(0, len(made)))
    gone = draw(st.sets(st.sampled_from([each.id for each in made[:cut]]))) if cut else set()
    return [(made[:cut], []), (made[cut:], sorted(gone))]


@pytest.fixture
def vectors(request: pytest.FixtureRequest) -> str:
    """The database of which copies are made (conftest.py)."""
    return str(request.getfixturevalue("_vectors"))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(libraries())
def test_there_and_back_it_is_the_same_library(
    engine: Server, vectors: str, monkeypatch: pytest.MonkeyPatch, library: list[tuple[list[Document], list[str]]]
) -> None:
    monkeypatch.setattr(plan, "SMALL", 0)
    database = engine.create_database(vectors)
    with TemporaryDirectory() as name:
        where = Path(name)
        for documents, gone in library:
            publish_in(where / "a", documents, gone)
        assert move(where, where / "a", database).comparison.is_same
        assert move(where, database, where / "b").comparison.is_same
        assert compared(where, where / "a", where / "b").is_same
        before, after = opened(where / "a"), opened(where / "b")
        assert [each.checksum() for each in before.contents()] == [each.checksum() for each in after.contents()]
        assert before.manifest.counts == after.manifest.counts
        # Until it writes their files anew, tantivy counts deleted passages in.
        if not any(gone for _, gone in library):
            assert answers(before) == answers(after)
        before = after = None  # type: ignore[assignment]
    engine.drop_database(database)


def test_of_files_there_and_back_nothing_is_to_be_indexed(tmp_path: Path, database: str) -> None:
    of_files(tmp_path / "a")
    assert move(tmp_path / "a", tmp_path / "a" / "index", database).comparison.is_same
    assert move(tmp_path / "b", database, tmp_path / "b" / "index").comparison.is_same
    before = len(ENCODER.encoded)
    report = index_files(tmp_path / "b")
    assert (report.published, report.embedded, len(ENCODER.encoded)) == (False, 0, before)
    assert report.counts.documents == 5
    (tmp_path / "b" / "corpus" / "a.txt").unlink()
    assert index_files(tmp_path / "b").counts.documents == 4


def test_what_was_read_by_another_version_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_files(tmp_path / "a")
    monkeypatch.setattr("askreport.indexing.entries.EMBEDDED", "newer")
    copied = move(tmp_path / "b", tmp_path / "a" / "index", tmp_path / "b" / "index")
    assert copied.comparison.is_same
    assert index_files(tmp_path / "b").published


def test_what_is_there_is_passed_over(tmp_path: Path, database: str) -> None:
    publish_in(tmp_path / "a", [document(prose(n, 9), f"{n}.txt") for n in range(3)])
    for target in (database, tmp_path / "b"):
        assert (move(tmp_path, tmp_path / "a", target).documents) == 3
    publish_in(tmp_path / "a", [document(prose(7, 9), "7.txt")])
    for target in (database, tmp_path / "b"):
        again = move(tmp_path, tmp_path / "a", target)
        assert (again.documents, again.known, again.comparison.is_same) == (1, 3, True)
    generation = opened(tmp_path / "b").state.generation
    assert move(tmp_path, tmp_path / "a", tmp_path / "b").documents == 0
    assert opened(tmp_path / "b").state.generation == generation


def test_other_documents_are_only_added_to_if_that_is_asked_for(tmp_path: Path, database: str) -> None:
    publish_in(tmp_path / "a", [document(prose(1, 9), "1.txt"), document(prose(2, 9), "2.txt")])
    publish_in(tmp_path / "other", [document(prose(3, 9), "3.txt"), document(prose(2, 9), "2.txt")])
    for target in (database, tmp_path / "b"):
        move(tmp_path, tmp_path / "other", target)
        with pytest.raises(CopyError, match="holds 1 other documents"):
            move(tmp_path, tmp_path / "a", target)
        assert not compared(tmp_path, tmp_path / "a", target).is_same
        added = move(tmp_path, tmp_path / "a", target, add=True)
        assert (added.documents, added.known) == (1, 1)
        assert added.comparison.is_same
        assert (added.comparison.source.documents, added.comparison.target.documents) == (2, 3)


def test_links_to_replaced_documents_lead_on_in_a_copy_there_and_back(tmp_path: Path, database: str) -> None:
    publish_in(tmp_path / "a", [document(prose(1, 9), "1.txt")])
    note_replaced(tmp_path / "a", {"old1": "new1", "old2": "new2"})
    noted = read_replaced(tmp_path / "a")
    assert noted.keys() == {"old1", "old2"}
    move(tmp_path, tmp_path / "a", database)
    backend = PostgresBackend(database)
    assert {old: backend.replaced(old) for old in noted} == noted
    backend.close()
    # What was noted there later stays; what is not known there is added.
    newer = {"old1": Replacement("other", "2099-01-01T00:00:00+00:00")}
    publish_in(tmp_path / "b", [document(prose(1, 9), "1.txt")])
    add_replaced(tmp_path / "b", newer)
    move(tmp_path, database, tmp_path / "b")
    assert read_replaced(tmp_path / "b") == noted | newer
    assert find_replaced(tmp_path / "b", "old2") == noted["old2"]
    move(tmp_path, tmp_path / "b", database)
    backend = PostgresBackend(database)
    assert backend.replaced("old1") == newer["old1"]
    backend.close()


def test_nothing_is_copied_to_what_was_made_otherwise(tmp_path: Path) -> None:
    publish_in(tmp_path / "a", [document(prose(1, 9))])
    publish(tmp_path / "b", [document(prose(1, 9))], HashingEncoder(fingerprint="other"))
    with pytest.raises(IndexMismatchError):
        move(tmp_path, tmp_path / "a", tmp_path / "b")
    with pytest.raises(IndexMissingError):
        move(tmp_path, tmp_path / "nowhere", tmp_path / "c")


def test_two_files_of_one_name_are_an_error(tmp_path: Path) -> None:
    for where in ("one", "two"):
        (tmp_path / where).mkdir()
        (tmp_path / where / "a.txt").write_text(f"The text of {where}.")
    ingest([tmp_path / "one", tmp_path / "two"], tmp_path / "index", ENCODER, PARSERS)
    with pytest.raises(CopyError, match=r"two files are called a\.txt"):
        move(tmp_path, tmp_path / "index", tmp_path / "new")


# Copies in small steps and says how far it is; it is killed at some moment.
COPYING = """
import sys
from pathlib import Path
from askreport.transfer import postgres_place
from askreport.transfer import folder_place
from askreport.config import Settings
from askreport.transfer.copy import copy, open_places

folder_place._FolderWriting.step = postgres_place._PostgresWriting.step = 4
source, target, corpus = sys.argv[1:]

def progress(stage, done, total):
    print(stage, done, flush=True)

with open_places(Settings(corpus=Path(corpus)), source, target) as (here, there):
    copy(here, there, progress=progress)
"""


def test_a_copy_that_was_killed_goes_on(tmp_path: Path, database: str) -> None:
    steps, count = 9, 20
    publish_in(tmp_path / "a", [document(prose(n, 9), f"{n}.txt") for n in range(count)])
    for source, target in ((str(tmp_path / "a"), database), (database, str(tmp_path / "b"))):
        process = start_python(COPYING, source, target, tmp_path / "corpus")
        assert process.stdout
        for _ in range(steps):
            assert process.stdout.readline().startswith("copying")
        kill(process)
        copied = move(tmp_path, source, target)
        assert copied.comparison.is_same
        # What was told of may be in the transaction that was at work.
        assert steps - 8 < copied.known < count
        assert copied.known + copied.documents == count
    assert answers(opened(tmp_path / "a")) == answers(opened(tmp_path / "b"))


# What may happen to a document in a database; ONE is its number.
DAMAGE = {
    "metadata": "UPDATE documents SET metadata = '{\"n\": 2}' WHERE number ONE",
    "path": "UPDATE documents SET path = 'other.txt' WHERE number ONE",
    "text": "UPDATE documents SET text = 'Other words.' WHERE number ONE",
    "structure": "UPDATE documents SET structure = replace(structure, 'true', 'false') WHERE number ONE",
    "span": 'UPDATE passages SET "end" = "end" - 1 WHERE document ONE',
    "sentences": "UPDATE passages SET sentences[2] = sentences[2] - 1 WHERE document ONE",
    "digest": "UPDATE passages SET digest = '\\x0000000000000000' WHERE document ONE AND ordinal = 0",
    "sentence vector": "UPDATE passages SET sentence_vectors = set_byte(sentence_vectors, 0, "
    "(get_byte(sentence_vectors, 0) + 1) % 256) WHERE document ONE AND ordinal = 0",
    "vector": "UPDATE vectors SET vector = vector + vector WHERE document ONE AND ordinal = 0",
    "boxes": "UPDATE layouts SET boxes = boxes || 'x' WHERE document ONE AND page = 1",
    "page": "DELETE FROM layouts WHERE document ONE AND page = 2",
    "passage": "WITH v AS (DELETE FROM vectors WHERE document ONE AND ordinal = 1) "
    "DELETE FROM passages WHERE document ONE AND ordinal = 1",
}


def test_damage_on_the_way_names_the_document(tmp_path: Path, database: str) -> None:
    texts = [prose(n, 24) + " " * (len(prose(n, 24)) % 2) for n in range(len(DAMAGE) + 2)]
    documents = [document(text, f"{n}.txt") for n, text in enumerate(texts)]
    publish_in(tmp_path / "a", documents)
    move(tmp_path, tmp_path / "a", database)
    backend = PostgresBackend(database)
    with backend.database.writing() as connection:
        for each, statement in zip(documents, DAMAGE.values(), strict=False):
            one = f"= (SELECT number FROM documents WHERE id = '{each.id}')"
            connection.execute(statement.replace("ONE", one).encode())
        connection.execute("DELETE FROM documents WHERE id = %s", (documents[-1].id,))
    backend.close()
    found = compared(tmp_path, tmp_path / "a", database)
    kinds = {each.id: each.kind for each in found.named}
    damaged = dict(zip(DAMAGE, documents, strict=False))
    assert {name: kinds.pop(each.id, "the same") for name, each in damaged.items()} == dict.fromkeys(
        DAMAGE, "different"
    )
    assert kinds == {documents[-1].id: "missing"}
    assert found.target != found.stated


def test_a_damaged_text_is_not_copied(tmp_path: Path, database: str) -> None:
    publish_in(tmp_path / "a", [document(prose(1, 9), "1.txt")])
    move(tmp_path, tmp_path / "a", database)
    backend = PostgresBackend(database)
    with backend.database.writing() as connection:
        connection.execute("UPDATE documents SET text = text || 'x'")
    backend.close()
    with pytest.raises(IndexDamagedError, match=r"stored text of 1\.txt"):
        move(tmp_path, database, tmp_path / "b")
    with pytest.raises(IndexMissingError):
        opened(tmp_path / "b")


def test_the_corpus_answers_from_a_database_as_from_its_index(
    library: Library, corpus_index: Path, encoder: Encoder, database: str, tmp_path: Path
) -> None:
    assert move(CORPUS.parent, corpus_index, database).comparison.is_same
    moved = Library(
        tmp_path,
        encoder,
        load_scorer(Settings().reader, Settings().cache),
        PostgresBackend(database, made_with(encoder)),
    )
    for question in ("does the SVR spy on China?", "When was the treaty signed?", "How do I reset my password?"):
        mine, wanted = moved.ask(question), library.ask(question)
        assert (mine.status, mine.quotes, mine.answer) == (wanted.status, wanted.quotes, wanted.answer)
        assert mine.confidence == pytest.approx(wanted.confidence, abs=1e-3)
    moved.backend.close()
    assert move(tmp_path, database, tmp_path / "index").comparison.is_same
    report = ingest([tmp_path / "corpus"], tmp_path / "index", encoder, PARSERS)
    assert (report.published, report.embedded) == (False, 0)


def test_what_is_no_place_is_said() -> None:
    with pytest.raises(SettingError, match="mysql:// is no place"), open_places(Settings(), "mysql://u:secret@h/d"):
        pass


def test_what_people_keep_beside_a_library_goes_there_and_back(tmp_path: Path, database: str) -> None:
    ferry = document(prose(1, 9), "1.txt")
    publish_in(tmp_path / "a", [ferry])
    correct(DeskFile(tmp_path / "a"), ferry, {"date": "2024", "tags": ["sea"]})
    assert move(tmp_path, tmp_path / "a", database).kept == 1
    assert move(tmp_path, database, tmp_path / "b").kept == 1
    assert corrections_of(DeskFile(tmp_path / "b"), [ferry]) == {ferry.id: {"date": "2024", "tags": ["sea"]}}
    assert move(tmp_path, tmp_path / "b", database).kept == 0
