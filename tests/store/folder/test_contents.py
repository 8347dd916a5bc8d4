"""What is read of whole documents of a segment is what a question finds there."""

from pathlib import Path

import numpy as np
import pytest

from askreport.boxes import unpack_boxes
from askreport.store import LocalStore
from askreport.store.contents import StoredDocument
from askreport.store.folder import contents as segment_contents
from askreport.store.folder import plan
from askreport.text.chunk import chunk
from askreport.types import Document
from tests.tools.moving import ENCODER, opened, publish_in
from tests.tools.parts import document, prose

DOCUMENTS = [document(prose(n, 5 * n + 1), f"{n}.txt") for n in range(8)]
EMPTY = document("", "empty.txt")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    """Two segments, with a document deleted from the first."""
    monkeypatch.setattr(plan, "SMALL", 0)
    publish_in(tmp_path, [*DOCUMENTS[:6], EMPTY])
    publish_in(tmp_path, DOCUMENTS[6:7], gone=[DOCUMENTS[0].id])
    publish_in(tmp_path, DOCUMENTS[7:])
    store = opened(tmp_path)
    assert len(store.manifest.segments) > 1
    assert any(segment.deleted for segment in store.manifest.segments)
    return store


def agrees(store: LocalStore, stored: StoredDocument) -> None:
    document = store.document(stored.document.id)
    assert stored.document == document
    assert stored.source == store.source(document.id)
    assert stored.entry == store.entries()[document.id]
    assert {number: unpack_boxes(boxes).tolist() for number, boxes in stored.layout.items()} == {
        page.number: boxes.tolist()
        for page in document.pages
        if (boxes := store.boxes(document.id, page.number)) is not None
    }


def test_every_document_but_the_deleted_ones_is_given_as_the_store_has_it(store: LocalStore) -> None:
    found = list(store.contents())
    for stored in found:
        agrees(store, stored)
    assert [stored.document.path for stored in found] == [
        "1.txt",
        "2.txt",
        "3.txt",
        "4.txt",
        "5.txt",
        "empty.txt",
        "6.txt",
        "7.txt",
    ]
    assert sum(stored.sentences for stored in found) == store.manifest.counts.sentences
    assert any(stored.layout for stored in found)


def test_passages_come_with_their_vectors_in_the_order_of_their_numbers(store: LocalStore) -> None:
    numbers = sorted(store.search_dense(ENCODER.encode_question("x"), 10_000))
    passages = store.passages(numbers)
    found = [(stored, at) for stored in store.contents() for at in range(len(stored.passages))]
    assert len(found) == len(passages)
    for (stored, at), passage in zip(found, passages, strict=True):
        assert (stored.passages[at].passage, stored.passages[at].digest) == (passage.passage, passage.digest)
        vector, sentences = list(stored.unpacked())[at]
        assert np.array_equal(sentences, passage.sentence_vectors)
        assert store.cosines(vector, [passage.number]) == pytest.approx([1], abs=1e-3)


def test_a_document_without_words_is_there_too(store: LocalStore) -> None:
    (empty,) = (stored for stored in store.contents() if stored.document.path == "empty.txt")
    assert (empty.passages, empty.vectors.shape, empty.sentences) == ((), (0, ENCODER.dimension), 0)


def test_documents_are_listed_whatever_part_of_them_is_listed_at_a_time(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {each.id: each.path for each in store.documents()}
    for size in (1, 3, 100):
        monkeypatch.setattr(segment_contents, "_LISTED", size)
        listed = list(store.listed())
        assert len(listed) == len(wanted)
        assert {identity: path for identity, path, _ in listed} == wanted
        assert all(source == store.source(identity) for identity, _, source in listed)


def test_passages_are_those_of_the_chunker(store: LocalStore) -> None:
    by_id: dict[str, Document] = {each.id: each for each in DOCUMENTS}
    for stored in store.contents():
        if original := by_id.get(stored.document.id):
            assert [each.passage for each in stored.passages] == chunk(original)
