"""Documents without vectors are found by their words, shown and cited as others are, and never as near as others."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.answering.overview import overview
from askreport.errors import IndexDamagedError
from askreport.store import GenerationWriter, LocalStore, Manifest, writer_lock
from askreport.store.folder.generations import MANIFEST, generation_folder
from askreport.store.folder.segment import VECTORS
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Document, PassageVectors, Span
from tests.tools.faults import damage_each
from tests.tools.parts import HashingEncoder, document, prose, publish, publish_by_words

ENCODER = HashingEncoder()
OLD = [document(prose(n, 40), f"{n}.txt") for n in range(2)]
NEW = [document(prose(n, 40), f"{n}.txt") for n in range(2, 5)]
QUESTION = "Which colour is Box 3-17 and what does it weigh?"


def vectors_of(item: Document) -> list[PassageVectors]:
    passages = chunk(item)
    texts = [item.text[each.start : each.end] for each in passages]
    spans = [[Span(a - each.start, b - each.start) for a, b in each.sentences] for each in passages]
    return ENCODER.encode_passages(texts, spans)


def embed(index: Path, documents: Sequence[Document], base: Manifest) -> LocalStore:
    """The next generation, in which these documents have vectors."""
    with writer_lock(index), GenerationWriter(index, ENCODER.dimension, base) as writer:
        for each in documents:
            writer.complete(each, chunk(each), vectors_of(each))
        state = writer.publish(ENCODER.fingerprint, CHUNKING, "embedded")
    return LocalStore(index, state.generation)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """Two documents with vectors, three without."""
    return publish_by_words(tmp_path, NEW, publish(tmp_path, OLD).manifest)


def numbers(store: LocalStore, documents: Sequence[Document]) -> list[int]:
    """The numbers of their passages."""
    found = [
        number
        for segment in store._segments
        for number, identity, _ in segment.terms(0)
        if identity in {each.id for each in documents}
    ]
    return sorted(found)


def test_the_share_with_vectors_is_told(store: LocalStore, tmp_path: Path) -> None:
    passages = {each.id: len(chunk(each)) for each in OLD + NEW}
    share = sum(passages[each.id] for each in OLD) / sum(passages.values())
    assert store.state.embedded == store.manifest.embedded == math.floor(10_000 * share) / 10_000
    assert [segment.embedded for segment in store.manifest.segments] == [True, False]
    assert not (generation_folder(tmp_path, 2) / store.manifest.segments[1].name / VECTORS).exists()


def test_of_an_index_that_is_complete_the_manifest_is_as_former_versions_know_it(tmp_path: Path) -> None:
    manifest = publish(tmp_path, OLD).manifest
    written = json.loads((generation_folder(tmp_path, 1) / MANIFEST).read_text())
    assert manifest.embedded == 1
    assert "embedded" not in written
    assert all("embedded" not in segment for segment in written["segments"])


def test_by_meaning_only_those_with_vectors_are_found(store: LocalStore) -> None:
    vector = ENCODER.encode_question(QUESTION)
    assert sorted(store.search_dense(vector, 1_000)) == numbers(store, OLD)
    assert store.search_dense(vector, 10, [each.id for each in NEW]) == {}
    cosines = store.cosines(vector, numbers(store, OLD + NEW))
    assert [math.isnan(each) for each in cosines] == [n not in numbers(store, OLD) for n in numbers(store, OLD + NEW)]


def test_passages_without_vectors_have_all_but_them(store: LocalStore) -> None:
    for stored in store.passages(numbers(store, OLD + NEW)):
        is_new = stored.passage.document_id in {each.id for each in NEW}
        assert stored.embedded is not is_new
        assert stored.sentence_vectors.shape == (len(stored.passage.sentences), ENCODER.dimension)
        assert stored.sentence_vectors.any() != is_new
    for each in NEW:
        assert store.document(each.id) == each
        assert store.sentences(each.id) == sorted({span for passage in chunk(each) for span in passage.sentences})


def test_the_cosines_of_sentences_without_vectors_are_0(store: LocalStore) -> None:
    vector = ENCODER.encode_question(QUESTION)
    for documents in (None, [each.id for each in NEW]):
        found = store.sentence_cosines(vector, documents)
        wanted = numbers(store, OLD + NEW if documents is None else NEW)
        assert found.numbers.tolist() == wanted
        stored = store.passages(wanted)
        assert found.sizes.tolist() == [len(each.passage.sentences) for each in stored]
        assert len(found.cosines) == found.sizes.sum()
    assert not found.cosines.any()


def test_words_find_what_has_no_vectors_and_it_is_quoted(store: LocalStore, tmp_path: Path) -> None:
    found = store.search_lexical(QUESTION, 3)
    assert next(iter(found)) in numbers(store, [NEW[1]])
    answer = ask(store, ENCODER, QUESTION)
    assert answer.quotes[0].document.path == "3.txt"
    assert "Box 3-17 " in answer.quotes[0].text
    assert answer.index.embedded == store.state.embedded
    assert answer.passages[0].dense == 0
    assert Library(tmp_path, ENCODER).ask(QUESTION).quotes == answer.quotes


def test_all_mentions_of_what_has_no_vectors_are_those_with_all_words(store: LocalStore, tmp_path: Path) -> None:
    found = Library(tmp_path, ENCODER).mentions("Box 3-17")
    assert "3.txt" in {each.document.path for each in found.mentions}
    assert found.index.embedded < 1


def test_an_overview_of_what_has_no_vectors_has_no_key_sentences(store: LocalStore) -> None:
    made = overview(store, ENCODER, None, NEW[0].id)
    assert (made.key_sentences, made.questions) == ((), ())
    assert made.index.embedded < 1


def test_words_absorb_words_and_not_what_has_vectors(store: LocalStore, tmp_path: Path) -> None:
    more = publish_by_words(tmp_path, [document(prose(9, 40), "9.txt")], store.manifest)
    assert [segment.embedded for segment in more.manifest.segments] == [True, False]
    assert [segment.documents for segment in more.manifest.segments] == [2, 4]


def test_what_gets_its_vectors_part_by_part_is_in_the_end_one_segment(store: LocalStore, tmp_path: Path) -> None:
    shares = [store.state.embedded]
    words = store.search_lexical(QUESTION, 1_000)
    wanted = numbers(store, OLD + NEW)
    for each in NEW:
        store = embed(tmp_path, [each], store.manifest)
        shares.append(store.state.embedded)
        assert store.manifest.counts.documents == 5
        assert ask(store, ENCODER, QUESTION).quotes[0].document.path == "3.txt"
        # Numbers and words stay as they were.
        assert store.search_lexical(QUESTION, 1_000) == words
        assert numbers(store, OLD + NEW) == wanted
        assert [stored.number for stored in store.passages(wanted)] == wanted
    assert shares == sorted(set(shares))
    assert shares[-1] == 1
    assert sum(segment.live for segment in store.manifest.segments) == store.manifest.counts.passages
    afresh = publish(tmp_path / "afresh", OLD + NEW)
    assert [each.checksum() for each in store.contents()] == [each.checksum() for each in afresh.contents()]


def test_only_what_is_there_without_vectors_can_be_completed(store: LocalStore, tmp_path: Path) -> None:
    for item in (OLD[0], document(prose(9, 40), "9.txt"), NEW[0]):
        passages = chunk(item)[: -1 if item == NEW[0] else None]
        with (
            writer_lock(tmp_path),
            GenerationWriter(tmp_path, ENCODER.dimension, store.manifest) as writer,
            pytest.raises(IndexDamagedError),
        ):
            writer.complete(item, passages, vectors_of(item))


def test_a_passage_has_its_number_in_one_segment_only(store: LocalStore, tmp_path: Path) -> None:
    after = embed(tmp_path, NEW[:1], store.manifest)
    for number in numbers(after, OLD + NEW):
        assert sum(number in segment for segment in after._segments) == 1


def test_what_has_no_vectors_is_deleted_as_others_are(store: LocalStore, tmp_path: Path) -> None:
    with writer_lock(tmp_path), GenerationWriter(tmp_path, ENCODER.dimension, store.manifest) as writer:
        writer.delete([NEW[1].id, OLD[0].id])
        state = writer.publish(ENCODER.fingerprint, CHUNKING, "less")
    less = LocalStore(tmp_path, state.generation)
    assert {each.path for each in less.documents()} == {"1.txt", "2.txt", "4.txt"}
    assert "3.txt" not in {hit.document.path for hit in ask(less, ENCODER, QUESTION, k=50).passages}
    assert 0 < less.state.embedded < 1


def test_a_changed_byte_of_any_file_is_noticed(store: LocalStore, tmp_path: Path) -> None:
    right = ask(store, ENCODER, QUESTION)
    noticed = 0
    for _ in damage_each(generation_folder(tmp_path, 2), seed=1):
        try:
            answer = Library(tmp_path, ENCODER).ask(QUESTION)
        except IndexDamagedError:
            noticed += 1
        else:
            assert (answer.quotes, answer.passages) == (right.quotes, right.passages)
    assert noticed > 8
