"""A segment shows its documents but for the deleted ones, and what it cannot read is damage."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from askreport.digest import text_digest
from askreport.errors import IndexDamagedError
from askreport.store import Manifest, read_manifest
from askreport.store.base import Segment
from askreport.store.folder.generations import generation_folder
from askreport.store.folder.segment import LIBRARY, NUMBERS, OpenSegment
from askreport.store.words import terms_of
from askreport.text.chunk import chunk
from askreport.text.language import language_of
from tests.tools.parts import HashingEncoder, document, prose, publish

ENCODER = HashingEncoder()
DOCUMENTS = [document(prose(n, 40), f"{n}.txt") for n in range(5)]
GONE = DOCUMENTS[1]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("segment")
    publish(folder, DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def manifest(index: Path) -> Manifest:
    return read_manifest(index, 1)


def opened(index: Path, segment: Segment) -> OpenSegment:
    return OpenSegment(generation_folder(index, 1), segment, ENCODER.dimension)


@pytest.fixture(scope="module")
def segment(index: Path, manifest: Manifest) -> OpenSegment:
    """Opened as a generation does from which a document was deleted."""
    return opened(index, replace(manifest.segments[0], deleted=(GONE.id,), dead=len(chunk(GONE))))


def test_a_deleted_document_is_in_no_way_there(segment: OpenSegment) -> None:
    vector = ENCODER.encode_question("Box 1-17 red")
    first = GONE.text.partition("\n")[0]
    assert segment.document(GONE.id) is None
    assert segment.source(GONE.id) is None
    assert not segment.holds(GONE.id)
    assert segment.sentences(GONE.id) == []
    assert segment.places(text_digest(first)) == []
    assert segment.sizes([GONE.id]) == {}
    assert segment.search(vector, 1_000, [GONE.id]) == {}
    assert GONE.id not in segment.entries()
    assert GONE.id not in {summary.id for summary in segment.documents()}
    assert GONE.id not in {identity for _, identity, _ in segment.terms(0)}
    found = segment.passages(list(segment.search(vector, 1_000, None)))
    assert {stored.passage.document_id for stored in found.values()} == {item.id for item in DOCUMENTS} - {GONE.id}


def test_asking_for_a_passage_of_a_deleted_document_is_damage(segment: OpenSegment) -> None:
    """No search gives its number, unless the words' index is not the one that belongs to the generation."""
    number = len(chunk(DOCUMENTS[0]))
    with pytest.raises(IndexDamagedError, match="deleted"):
        segment.passages([number])


def test_the_others_are_there(segment: OpenSegment) -> None:
    for item in DOCUMENTS:
        if item is not GONE:
            language = language_of(item.text)
            assert segment.document(item.id) == item
            assert segment.sizes([item.id]) == {item.id: (len(chunk(item)), 40, language)}
            assert len(segment.search(ENCODER.encode_question("red"), 1_000, [item.id])) == len(chunk(item))


def test_the_terms_are_those_of_the_passages_from_a_number_on(segment: OpenSegment) -> None:
    first = sum(len(chunk(item)) for item in DOCUMENTS[:3]) + 1
    expected = [
        (item.id, terms_of(item.text[passage.start : passage.end], language_of(item.text)))
        for item in DOCUMENTS[3:]
        for passage in chunk(item)
    ]
    assert [(identity, terms) for _, identity, terms in segment.terms(first)] == expected[1:]
    assert [number for number, _, _ in segment.terms(first)] == list(range(first, first + len(expected) - 1))


def test_any_number_of_documents_can_be_asked_for(segment: OpenSegment) -> None:
    asked = [f"other-{n}" for n in range(3_000)] + [DOCUMENTS[4].id]
    assert set(segment.sizes(asked)) == {DOCUMENTS[4].id}


@pytest.mark.parametrize("change", ["documents", "passages"])
def test_a_segment_that_holds_other_counts_is_damage(index: Path, manifest: Manifest, change: str) -> None:
    (right,) = manifest.segments
    wrong = replace(right, documents=4) if change == "documents" else replace(right, passages=right.passages + 1)
    with pytest.raises(IndexDamagedError):
        opened(index, wrong)


@pytest.mark.parametrize("name", [NUMBERS, LIBRARY, "passages.faiss"])
def test_a_file_that_is_something_else_is_damage(tmp_path: Path, name: str) -> None:
    publish(tmp_path, DOCUMENTS[:1])
    (segment,) = read_manifest(tmp_path, 1).segments
    file = generation_folder(tmp_path, 1) / segment.name / name
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(IndexDamagedError, match="cannot be opened") as caught:
        opened(tmp_path, segment)
    assert caught.value.hint


def test_cosines_are_those_of_the_search(segment: OpenSegment) -> None:
    vector = ENCODER.encode_question("blue Box 3-3")
    found = segment.search(vector, 1_000, None)
    assert segment.cosines(vector, list(found)) == pytest.approx(found, abs=1e-6)
    np.testing.assert_allclose(
        segment.rows(np.flatnonzero(segment.live)) @ vector, [found[n] for n in sorted(found)], atol=1e-6
    )
