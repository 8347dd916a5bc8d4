"""The store finds what it should, gives back what was stored, changes nothing, and notices damage."""

import gc
import sqlite3
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.answering.ask import ask
from askreport.errors import IndexDamagedError
from askreport.store import LocalStore, read_manifest
from askreport.store.folder import store as local
from askreport.store.folder.files import file_sum, files_of
from askreport.store.folder.generations import generation_folder, write_manifest
from tests.tools.parts import HashingEncoder, document, part, prose, publish

ENCODER = HashingEncoder()
DOCUMENTS = [document(prose(n, 40), f"{n}.txt") for n in range(6)]
QUESTION = "Which boxes are red?"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return publish(tmp_path_factory.mktemp("store"), DOCUMENTS)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index that a test may damage."""
    publish(tmp_path, DOCUMENTS)
    return tmp_path


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No index is small enough to be compared with its checksums at opening."""
    monkeypatch.setattr(local, "CHECKED_AT_OPENING", -1)


def change(index: Path, *statements: str) -> None:
    """Edits the library behind the index's back, without changing the size of its file."""
    database = sqlite3.connect(part(index, 1, "library.sqlite"))
    for statement in statements:
        assert database.execute(statement).rowcount > 0
    database.commit()
    database.close()


def assert_never_quoted(index: Path) -> None:
    """Opening the index or asking it says that it is damaged, and what to run."""
    with pytest.raises(IndexDamagedError) as caught:
        ask(LocalStore(index, 1), ENCODER, QUESTION)
    assert caught.value.hint
    assert "askreport index" in caught.value.hint


def test_reading_changes_no_file(index: Path) -> None:
    before = {path: file_sum(path) for path in files_of(index)}
    store = LocalStore(index, 1)
    ask(store, ENCODER, QUESTION)
    store.documents()
    assert {path: file_sum(path) for path in files_of(index)} == before


@pytest.mark.parametrize("name", ["a b", "100%25", "what?", "#1", "größe 🙂", "a'b\"c"])
def test_the_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    store = publish(tmp_path / name, DOCUMENTS[:1])
    assert ask(store, ENCODER, QUESTION).passages


@pytest.mark.parametrize("damage", ["removed", "emptied", "truncated", "longer"])
def test_a_file_that_is_not_as_it_was_written_is_noticed_at_opening(index: Path, damage: str) -> None:
    for file in files_of(generation_folder(index, 1)):
        content = file.read_bytes()
        file.unlink()
        damaged = {"emptied": b"", "truncated": content[: len(content) // 2], "longer": content + b"x"}
        if damage != "removed":
            file.write_bytes(damaged[damage])
        with pytest.raises(IndexDamagedError) as caught:
            LocalStore(index, 1)
        assert caught.value.hint
        file.write_bytes(content)
    LocalStore(index, 1)


def test_one_changed_bit_of_any_file_is_noticed_at_opening(index: Path) -> None:
    chance = Random(1)
    for name in read_manifest(index, 1).files:
        file = generation_folder(index, 1) / name
        content = file.read_bytes()
        at = chance.randrange(len(content))
        file.write_bytes(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
        with pytest.raises(IndexDamagedError, match=file.name) as caught:
            LocalStore(index, 1)
        assert caught.value.hint
        file.write_bytes(content)
    LocalStore(index, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = replace(text, 'red', 'tan')",
        "UPDATE documents SET text = ''",
        "UPDATE documents SET text = NULL",
        "UPDATE documents SET text = CAST(x'ff' AS TEXT)",
        "UPDATE documents SET sha256 = 'x'",
        "UPDATE documents SET structure = '{'",
        "UPDATE documents SET structure = '[]'",
        "UPDATE documents SET metadata = 'x'",
        "UPDATE documents SET id = 'x' || id",
        "UPDATE passages SET start = start + 1",
        'UPDATE passages SET "end" = "end" - 1',
        'UPDATE passages SET start = 0, "end" = 10',
        "UPDATE passages SET start = -5",
        'UPDATE passages SET "end" = 1000000',
        "UPDATE passages SET digest = x'00'",
        "UPDATE passages SET document = 'x'",
        "UPDATE passages SET sentences = '[[0, 1000000]]', sentence_vectors = substr(sentence_vectors, 1, 32)",
        "UPDATE passages SET sentences = '[[-9, -2]]', sentence_vectors = substr(sentence_vectors, 1, 32)",
        "UPDATE passages SET sentences = 'x'",
        "UPDATE passages SET sentences = '[1]'",
        "UPDATE passages SET heading = NULL",
        "UPDATE passages SET sentence_vectors = x'0102'",
        "UPDATE passages SET sentence_vectors = substr(sentence_vectors, 1, 32)",
        "DELETE FROM passages",
        "DELETE FROM passages WHERE number % 2",
        "DELETE FROM documents",
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_row_changed_behind_the_indexs_back_is_damage_and_never_a_quote(index: Path, statement: str) -> None:
    change(index, statement)
    assert_never_quoted(index)


@pytest.mark.usefixtures("unchecked")
def test_pages_overwritten_in_the_middle_of_the_library_are_damage_and_never_a_quote(index: Path) -> None:
    file = part(index, 1, "library.sqlite")
    content = bytearray(file.read_bytes())
    for start in range(4096, len(content), 4096):
        broken = content[:start] + b"\xff" * 4096 + content[start + 4096 :]
        file.write_bytes(broken)
        try:
            answer = ask(LocalStore(index, 1), ENCODER, QUESTION)
        except IndexDamagedError:
            continue
        texts = {item.id: item.text for item in DOCUMENTS}
        assert all(texts[quote.document.id][quote.start : quote.end] == quote.text for quote in answer.quotes)


@pytest.mark.usefixtures("unchecked")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_random_damage_to_the_library_never_makes_a_false_quote_nor_another_error(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Some damage hits what a question does not need; then the answer is right."""
    index = tmp_path_factory.getbasetemp() / "random-damage"
    if not index.exists():
        publish(index, DOCUMENTS)
        (index / "whole").write_bytes((part(index, 1, "library.sqlite")).read_bytes())
    chance = Random(seed)
    content = bytearray((index / "whole").read_bytes())
    for _ in range(chance.choice([1, 10, 100, 1000])):
        content[chance.randrange(len(content))] = chance.randrange(256)
    (part(index, 1, "library.sqlite")).write_bytes(content)
    texts = {item.id: item.text for item in DOCUMENTS}
    try:
        answer = ask(LocalStore(index, 1), ENCODER, QUESTION)
    except IndexDamagedError:
        return
    assert all(texts[quote.document.id][quote.start : quote.end] == quote.text for quote in answer.quotes)


def test_a_generation_that_holds_other_counts_than_its_manifest_says_is_damage(index: Path) -> None:
    manifest = read_manifest(index, 1)
    fewer = replace(manifest.counts, passages=manifest.counts.passages - 1)
    (segment,) = manifest.segments
    wrong = [replace(manifest, counts=fewer)]
    wrong += [replace(manifest, segments=(replace(segment, documents=5),))]
    wrong += [replace(manifest, segments=(replace(segment, deleted=(DOCUMENTS[0].id,)),))]
    for each in wrong:
        write_manifest(generation_folder(index, 1), each)
        with pytest.raises(IndexDamagedError, match="manifest"):
            LocalStore(index, 1)


def test_a_store_closes_its_file_with_its_last_reader(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("A text.")])
    store.document(store.documents()[0].id)
    database = store._segments[0]._database
    gc.disable()
    try:
        del store
        with pytest.raises(sqlite3.ProgrammingError):
            database.execute("SELECT 1")
    finally:
        gc.enable()
