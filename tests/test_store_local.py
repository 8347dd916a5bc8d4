"""The store finds what it should, gives back what was stored, changes nothing, and notices damage."""

import gc
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.ask import ask
from askreport.chunk import chunk
from askreport.errors import AskReportError, DocumentNotFoundError, IndexDamagedError
from askreport.store import LocalStore, Store, local, read_manifest
from askreport.store.files import file_sum, files_of
from askreport.store.manifest import generation_folder
from askreport.types import Document, FloatArray, Place

from .parts import HashingEncoder, document, part, prose, publish

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


def matrix(documents: list[Document]) -> FloatArray:
    """The vectors of all passages, in order."""
    texts = [item.text[passage.start : passage.end] for item in documents for passage in chunk(item)]
    return np.array([ENCODER.encode_question(text) for text in texts])


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


@given(st.text(min_size=1), st.integers(1, 40))
def test_the_dense_search_is_brute_force(store: LocalStore, question: str, limit: int) -> None:
    vector = ENCODER.encode_question(question)
    scores = matrix(DOCUMENTS) @ vector
    found = store.search_dense(vector, limit)
    assert len(found) == min(limit, len(scores))
    assert found == pytest.approx({number: scores[number] for number in found}, abs=1e-3)
    assert list(found.values()) == pytest.approx(sorted(scores, reverse=True)[:limit], abs=1e-3)


@given(st.text(min_size=1), st.sets(st.sampled_from(range(len(DOCUMENTS)))))
def test_the_dense_search_in_some_documents_is_brute_force_over_their_passages(
    store: LocalStore, question: str, chosen: set[int]
) -> None:
    vector = ENCODER.encode_question(question)
    owners = [item.id for item in DOCUMENTS for _ in chunk(item)]
    ids = [DOCUMENTS[n].id for n in chosen]
    found = store.search_dense(vector, 1000, ids)
    assert set(found) == {number for number, owner in enumerate(owners) if owner in ids}
    scores = matrix(DOCUMENTS) @ vector
    assert found == pytest.approx({number: scores[number] for number in found}, abs=1e-3)


def test_the_lexical_search_names_the_passages_with_the_word(store: LocalStore) -> None:
    found = store.search_lexical("3-17", 100)
    best = store.passages(list(found)[:1])[0].passage
    assert "Box 3-17 " in store.document(best.document_id).text[best.start : best.end]
    only = store.search_lexical("3-17", 100, [DOCUMENTS[0].id])
    assert only
    assert {stored.passage.document_id for stored in store.passages(list(only))} == {DOCUMENTS[0].id}


def test_cosines_are_those_of_the_dense_search_in_the_order_asked_for(store: LocalStore) -> None:
    vector = ENCODER.encode_question(QUESTION)
    found = store.search_dense(vector, 5)
    numbers = list(found)[::-1]
    assert store.cosines(vector, numbers) == pytest.approx([found[number] for number in numbers], abs=1e-6)
    assert store.cosines(vector, []) == []


def test_passages_come_in_the_order_asked_for(store: LocalStore) -> None:
    assert [stored.number for stored in store.passages([4, 0, 2])] == [4, 0, 2]
    assert store.passages([]) == []


def test_sentence_vectors_are_those_of_the_passages_sentences(store: LocalStore) -> None:
    for stored in store.passages(range(store.manifest.counts.passages)):
        text = store.document(stored.passage.document_id).text
        vectors = np.array([ENCODER.encode_question(text[a:b]) for a, b in stored.passage.sentences])
        assert stored.sentence_vectors.shape == vectors.shape
        assert np.sum(stored.sentence_vectors * vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_documents_are_listed_by_path(store: LocalStore) -> None:
    listed = store.documents()
    assert [item.path for item in listed] == sorted(item.path for item in DOCUMENTS)
    for summary, item in zip(listed, DOCUMENTS, strict=True):
        assert (summary.id, summary.title, summary.sha256) == (item.id, item.title, item.sha256)
        assert (summary.characters, summary.passages) == (len(item.text), len(chunk(item)))


def test_places_are_the_same_words_but_for_case_and_space(tmp_path: Path) -> None:
    one = document("The sky is blue. Grass is green.\n\nTHE SKY\tis  Blue.", "one.txt")
    two = document("Nobody knows that the sky is blue. the sky\nis blue.", "two.txt")
    places = publish(tmp_path, [one, two]).places("the Sky is\n\nblue.")
    texts = {one.id: one.text, two.id: two.text}
    words = sorted(texts[place.document_id][place.start : place.end] for place in places)
    assert words == ["THE SKY\tis  Blue.", "The sky is blue.", "the sky\nis blue."]
    assert Place(one.id, 0, 16) in places


@pytest.mark.parametrize("use", ["document", "dense", "empty index"])
def test_an_unknown_document_is_an_error_with_advice(tmp_path: Path, store: LocalStore, use: str) -> None:
    uses: dict[str, Callable[[], object]] = {
        "document": lambda: store.document("unknown"),
        "dense": lambda: store.search_dense(ENCODER.encode_question("x"), 5, [DOCUMENTS[0].id, "unknown"]),
        "empty index": lambda: publish(tmp_path, []).search_dense(ENCODER.encode_question("x"), 5, ["unknown"]),
    }
    with pytest.raises(DocumentNotFoundError, match="unknown") as caught:
        uses[use]()
    assert caught.value.hint


@pytest.mark.parametrize("documents", [DOCUMENTS[:1], []])
def test_an_id_that_is_no_text_is_not_found_in_words_that_can_be_sent(
    tmp_path: Path, documents: list[Document]
) -> None:
    with pytest.raises(DocumentNotFoundError) as caught:
        publish(tmp_path, documents).document("\ud800")
    assert r"\ud800" in caught.value.message
    assert caught.value.message.encode()


def test_the_vocabulary_counts_the_passages_of_each_term(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("Boxes and a box.", "a.txt"), document("A boxer.", "b.txt")])
    assert store.vocabulary("box") == {"box": 1, "boxer": 1}
    assert store.vocabulary("zz") == {}


def test_an_empty_generation_finds_nothing(tmp_path: Path) -> None:
    store: Store = publish(tmp_path, [])
    vector = ENCODER.encode_question("x")
    assert (store.search_dense(vector, 5), store.search_lexical("x", 5)) == ({}, {})
    assert (store.documents(), store.places("x"), store.sentences("x")) == ([], [], [])


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
        each.write(generation_folder(index, 1))
        with pytest.raises(IndexDamagedError, match="manifest"):
            LocalStore(index, 1)


def test_many_threads_read_one_store_without_mixing_their_rows(store: LocalStore) -> None:
    wrong: list[object] = []

    def read(seed: int) -> None:
        chance = Random(seed)
        for _ in range(300):
            item, number = chance.choice(DOCUMENTS), chance.randrange(10)
            try:
                sentence = item.text.partition("\n")[0]
                right = (
                    store.places(sentence) == [Place(item.id, 0, len(sentence))]
                    and store.passages([number])[0].number == number
                    and store.sentences(item.id)[0] == (0, len(sentence))
                )
            except (AskReportError, sqlite3.Error) as error:
                wrong.append(error)
            else:
                wrong.extend([] if right else [item.id])

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


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
