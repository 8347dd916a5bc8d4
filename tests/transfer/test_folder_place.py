"""A folder takes a library in generations, and files without harm to those that are there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.digest import content_id
from askreport.errors import (
    CopyError,
    CorpusWriteError,
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
)
from askreport.indexing.entries import library_digest
from askreport.store import IndexCounts, Manifest, writer_lock
from askreport.store.folder.generations import write_manifest
from askreport.transfer import folder_place
from askreport.transfer.copy import copy
from askreport.transfer.folder_place import FolderPlace
from askreport.transfer.places import Writing
from tests.tools.moving import ENCODER, of_files, opened, publish_in
from tests.tools.parts import HashingEncoder, document, folder, part, prose, publish, publish_by_words

LIKE = Manifest(
    generation=1,
    built_at="",
    encoder=ENCODER.fingerprint,
    dimension=ENCODER.dimension,
    chunking="chunking",
    library="",
    counts=IndexCounts(0, 0, 0),
    segments=(),
    next_number=0,
    files={},
)


@contextmanager
def writing(where: Path) -> Iterator[Writing]:
    with FolderPlace(where / "index", where / "corpus").writing(LIKE) as there:
        yield there


def test_an_index_that_is_not_wholly_embedded_is_not_copied_nor_copied_into(tmp_path: Path) -> None:
    whole, other = (FolderPlace(tmp_path / name / "index", tmp_path / name / "corpus") for name in "ab")
    of_files(tmp_path / "a")
    publish_by_words(tmp_path / "b" / "index", [document("The ferry sails.")])
    for source, target in ((whole, other), (other, whole)):
        with pytest.raises(CopyError, match="not complete") as caught:
            copy(source, target)
        assert "askreport index" in str(caught.value.hint)


def test_files_go_below_the_corpus_folder(tmp_path: Path) -> None:
    source = FolderPlace(tmp_path / "a" / "index", tmp_path / "a" / "corpus")
    library = of_files(tmp_path / "a")
    copied = copy(source, FolderPlace(tmp_path / "b" / "index", tmp_path / "b" / "corpus"))
    assert copied.comparison.is_same
    for file in ("a.txt", "b/ü.md", "c.jsonl", "d.pdf"):
        assert (tmp_path / "b" / "corpus" / file).read_bytes() == (tmp_path / "a" / "corpus" / file).read_bytes()
    store = opened(tmp_path / "b" / "index")
    for each in library.documents():
        moved = store.source(each.id)
        assert moved.file.is_relative_to(tmp_path / "b" / "corpus")
        assert content_id(moved.file.read_bytes()) == moved.id == library.source(each.id).id


def test_a_generation_is_published_after_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_place._FolderWriting, "step", 3)
    publish_in(tmp_path / "a", [document(prose(n, 20), f"{n}.txt") for n in range(6)])
    copied = copy(FolderPlace(tmp_path / "a", tmp_path / "c"), FolderPlace(tmp_path / "b", tmp_path / "c"))
    store = opened(tmp_path / "b")
    assert store.state.generation > 2
    assert copied.comparison.is_same
    assert store.manifest.library == library_digest(store.entries().values())


def test_of_an_index_that_was_moved_with_its_files_they_are_found(tmp_path: Path) -> None:
    of_files(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    target = FolderPlace(tmp_path / "c" / "index", tmp_path / "c" / "corpus")
    lost = copy(FolderPlace(tmp_path / "b" / "index", tmp_path / "none"), target).lost
    assert set(lost) == {"a.txt", "b/ü.md", "c.jsonl", "d.pdf"}
    found = FolderPlace(tmp_path / "b" / "index", tmp_path / "b" / "corpus")
    other = FolderPlace(tmp_path / "d" / "index", tmp_path / "d" / "corpus")
    assert copy(found, other).lost == ()


def test_names_that_other_files_have_are_taken(tmp_path: Path) -> None:
    folder(tmp_path / "corpus", {"same.txt": "same", "other.txt": "other", "folder/x.txt": "x"})
    (tmp_path / "corpus" / "broken").symlink_to("nowhere")
    same, new = content_id(b"same"), content_id(b"new")
    names = {"same.txt": same, "other.txt": new, "folder": new, "broken": new, "new.txt": new, "folder/new.txt": new}
    with writing(tmp_path) as there:
        assert there.taken(names) == ["other.txt", "folder", "broken"]


@pytest.mark.parametrize("name", ["/etc/x.txt", "../x.txt", "a/../../x.txt", ".hidden", "a/.b/c.txt", ""])
def test_names_that_lead_elsewhere_or_would_not_be_found_are_refused(tmp_path: Path, name: str) -> None:
    with writing(tmp_path) as there, pytest.raises(CopyError, match="is no name for a file"):
        there.taken({name: "content"})


def test_a_folder_that_cannot_be_written_is_an_error_and_publishes_nothing(tmp_path: Path) -> None:
    of_files(tmp_path / "a")
    (tmp_path / "file").write_text("no folder")
    target = FolderPlace(tmp_path / "b", tmp_path / "file")
    with pytest.raises(CorpusWriteError, match=r"a\.txt cannot be written"):
        copy(FolderPlace(tmp_path / "a" / "index", tmp_path), target)
    with pytest.raises(IndexMissingError):
        opened(tmp_path / "b")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with writer_lock(tmp_path / "index"), pytest.raises(IndexBusyError):  # noqa: SIM117
        with writing(tmp_path):
            pass


def test_an_index_made_otherwise_is_refused(tmp_path: Path) -> None:
    publish(tmp_path / "index", [document(prose(1, 3))], HashingEncoder(fingerprint="other"))
    with pytest.raises(IndexMismatchError, match="was made with other"):  # noqa: SIM117
        with writing(tmp_path):
            pass


def test_an_index_that_is_not_as_it_was_written_is_refused(tmp_path: Path) -> None:
    publish_in(tmp_path / "index", [document(prose(1, 3))])
    file = part(tmp_path / "index", 1, "passages.faiss")
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    with pytest.raises(IndexDamagedError, match=r"passages\.faiss"):  # noqa: SIM117
        with FolderPlace(tmp_path / "index", tmp_path).reading():
            pass


def test_an_index_of_another_format_is_refused(tmp_path: Path) -> None:
    publish_in(tmp_path / "index", [document(prose(1, 3))])
    generation = tmp_path / "index" / "generation-000001"
    write_manifest(generation, replace(opened(tmp_path / "index").manifest, format=3))
    with pytest.raises(IndexMismatchError, match="has format 3, not"):  # noqa: SIM117
        with FolderPlace(tmp_path / "index", tmp_path).reading():
            pass


def test_a_library_of_no_documents_is_one(tmp_path: Path) -> None:
    publish_in(tmp_path / "a", [])
    copied = copy(FolderPlace(tmp_path / "a", tmp_path / "c"), FolderPlace(tmp_path / "b", tmp_path / "c"))
    assert copied.comparison.is_same
    assert opened(tmp_path / "b").manifest.counts.documents == 0
