"""A document's file is given back byte for byte, or not at all."""

import os
import shutil
from collections import deque
from pathlib import Path

import pytest

from askreport.changes.originals import find_document, open_original
from askreport.changes.types import PIECE
from askreport.errors import DocumentNotFoundError, SourceChangedError
from askreport.indexing.ingest import ingest
from askreport.store import FolderBackend
from tests.tools.parts import PARSERS, HashingEncoder, folder, prose


class Place:
    """A corpus folder with two files, and its index."""

    def __init__(self, path: Path) -> None:
        self.corpus = folder(path / "corpus", {"a.txt": prose(1, 5), "b.txt": prose(2, 5)})
        self.backend = FolderBackend(path / "index")
        self.index()

    def index(self) -> None:
        ingest([self.corpus], self.backend.index, HashingEncoder(), PARSERS)

    def id_of(self, path: str) -> str:
        return find_document(self.backend.store, path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_original_is_the_file_byte_for_byte(place: Place) -> None:
    original = open_original(place.backend, place.id_of("a.txt"), place.corpus)
    assert (original.name, original.size, original.read().decode()) == ("a.txt", len(prose(1, 5)), prose(1, 5))


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_file_that_changes_while_it_is_read_is_not_read_to_its_end(place: Place, length: int) -> None:
    text = "Goats. " * length
    folder(place.corpus, {"a.txt": text[:length]})
    place.index()
    pieces = open_original(place.backend, place.id_of("a.txt"), place.corpus).pieces()
    with (place.corpus / "a.txt").open("r+") as file:
        file.seek(length - 3)
        file.write("?")
    read = bytearray()
    with pytest.raises(SourceChangedError):
        deque(map(read.extend, pieces))
    assert len(read) < length


def test_a_changed_file_is_no_original_whatever_its_time_and_size_say(place: Place) -> None:
    file = place.corpus / "a.txt"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    text = file.read_text()
    file.write_text(text.replace("B", "C"))
    os.utime(file, ns=times)
    with pytest.raises(SourceChangedError) as caught:
        open_original(place.backend, place.id_of("a.txt"), place.corpus)
    assert "askreport index" in str(caught.value.hint)
    file.unlink()
    with pytest.raises(SourceChangedError):
        open_original(place.backend, place.id_of("a.txt"), place.corpus)
    with pytest.raises(DocumentNotFoundError):
        open_original(place.backend, "none", place.corpus)


def test_the_original_is_found_where_corpus_and_index_were_moved_to(place: Place, tmp_path: Path) -> None:
    folder(place.corpus, {"below/all.jsonl": '{"id": "q#all.jsonl#", "text": "Goats."}\n{"id": 2, "text": "Sheep."}'})
    place.index()
    moved = tmp_path / "moved"
    shutil.move(place.corpus, moved)
    backend = place.backend
    assert open_original(backend, place.id_of("b.txt"), moved).read().decode() == prose(2, 5)
    collection = open_original(backend, place.id_of("below/all.jsonl#q#all.jsonl#"), moved)
    assert (collection.name, collection.read().count(b"\n")) == ("all.jsonl", 1)
    (moved / "b.txt").write_text("other")
    with pytest.raises(SourceChangedError):
        open_original(backend, place.id_of("b.txt"), moved)


def test_a_document_is_found_by_its_id_and_by_its_file(place: Place) -> None:
    document = place.id_of("a.txt")
    assert find_document(place.backend.store, document) == document
    with pytest.raises(DocumentNotFoundError, match="askreport"):
        find_document(place.backend.store, "askreport")
