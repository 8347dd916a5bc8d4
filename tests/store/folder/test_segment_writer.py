"""What a segment takes over of others stays what it was; what is deleted of them stays behind."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from askreport.store import read_manifest
from askreport.store.base import Segment
from askreport.store.folder.generations import generation_folder
from askreport.store.folder.segment import LIBRARY, OpenSegment
from askreport.store.folder.segment_writer import SegmentWriter
from askreport.text.chunk import chunk
from askreport.types import Document, PassageVectors, Span
from tests.tools.parts import HashingEncoder, document, prose, publish

ENCODER = HashingEncoder()


def embedded(item: Document) -> list[PassageVectors]:
    passages = chunk(item)
    texts = [item.text[passage.start : passage.end] for passage in passages]
    return ENCODER.encode_passages(texts, [[Span(a - p.start, b - p.start) for a, b in p.sentences] for p in passages])


def add(writer: SegmentWriter, first: int, item: Document) -> int:
    for number, (passage, vectors) in enumerate(zip(chunk(item), embedded(item), strict=True), first):
        writer.add_passage(number, item, passage, vectors)
    return writer.add_document(first, item, chunk(item), source=None, layout=(), entry="entry")


def published(index: Path, *documents: Document) -> tuple[Path, Segment]:
    """A published segment of these documents, and its generation's folder."""
    publish(index, documents)
    return generation_folder(index, 1), read_manifest(index, 1).segments[0]


def test_a_segment_without_documents_is_none(tmp_path: Path) -> None:
    assert SegmentWriter(tmp_path / "new", ENCODER.dimension).close() is None
    assert list(tmp_path.iterdir()) == []


def test_adding_tells_how_many_sentences_a_document_has(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "new", ENCODER.dimension)
    assert add(writer, 0, document(prose(1, 33))) == 33
    writer.close()


def test_what_is_taken_over_comes_before_what_is_new_by_its_numbers(tmp_path: Path) -> None:
    old = [document(prose(n, 40), f"{n}.txt") for n in range(3)]
    folder, segment = published(tmp_path / "index", *old)
    new = document(prose(9, 20), "9.txt")
    writer = SegmentWriter(tmp_path / "new", ENCODER.dimension)
    add(writer, 100, new)
    deleted = replace(segment, deleted=(old[1].id,), dead=len(chunk(old[1])))
    writer.take_over(folder, deleted)
    made = writer.close()
    assert made == Segment(name="new", documents=3, passages=segment.passages - deleted.dead + len(chunk(new)))
    opened = OpenSegment(tmp_path, made, ENCODER.dimension)
    assert list(opened.numbers) == sorted(opened.numbers)
    before = OpenSegment(folder, deleted, ENCODER.dimension)
    kept = before.numbers[before.live].tolist()
    assert opened.numbers.tolist() == [*kept, *range(100, 100 + len(chunk(new)))]
    np.testing.assert_array_equal(opened.rows(np.arange(len(kept))), before.rows(np.flatnonzero(before.live)))
    assert {number: stored.passage for number, stored in opened.passages(kept).items()} == {
        number: stored.passage for number, stored in before.passages(kept).items()
    }
    assert [opened.document(item.id) for item in (*old, new)] == [old[0], None, old[2], new]


def test_a_deleted_text_is_not_in_the_new_segments_files(tmp_path: Path) -> None:
    secret = document("The secret word is xylophone-quartz. " * 30, "s.txt")
    folder, segment = published(tmp_path / "index", document(prose(1, 40)), secret)
    writer = SegmentWriter(tmp_path / "new", ENCODER.dimension)
    writer.take_over(folder, replace(segment, deleted=(secret.id,), dead=len(chunk(secret))))
    writer.close()
    assert b"xylophone" in (folder / segment.name / LIBRARY).read_bytes()
    assert all(b"xylophone" not in path.read_bytes() for path in (tmp_path / "new").iterdir())
