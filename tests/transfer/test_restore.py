"""What is restored is what was backed up; from a damaged or a made-up archive nothing is taken."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.errors import BackupError, IndexBusyError
from askreport.indexing import builder
from askreport.indexing.ingest import ingest
from askreport.store import seal, writer_lock
from askreport.store.descriptions import correct, corrections_of
from askreport.store.folder.desk import DESK, DeskFile
from askreport.store.folder.outcomes import read_outcomes
from askreport.store.folder.replaced import find_replaced, note_replaced
from askreport.transfer.backup import CONTENTS, back_up
from askreport.transfer.restore import BEFORE, restore
from askreport.types import Answer
from tests.tools.parts import PARSERS, HashingEncoder, document, folder, prose
from tests.transfer.test_backup import library

QUESTIONS = ("Which box is red?", "What came by ship?", "How heavy is box 1-2?")


def answers(index: Path) -> list[Answer]:
    """What a library answers, without what differs from one moment to another."""
    opened = Library(index, HashingEncoder())
    given = [opened.ask(question) for question in QUESTIONS]
    return [replace(each, took_ms=0.0, index=replace(each.index, generation=0)) for each in given]


def test_what_is_backed_up_before_all_is_embedded_is_completed_where_it_is_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "MUCH", 1)
    corpus = folder(tmp_path / "corpus", {f"{n}.txt": prose(n, 30) for n in range(3)})

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "embedding" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([corpus], tmp_path / "index", HashingEncoder(), PARSERS, progress=stop)
    back_up(corpus, tmp_path / "index", tmp_path / "b.tar")
    to = tmp_path / "there"
    restore(tmp_path / "b.tar", to / "corpus", to / "index")
    assert answers(to / "index") == answers(tmp_path / "index")
    assert {each.index.embedded for each in answers(to / "index")} == {0.0}
    for place in (tmp_path, to):
        ingest([place / "corpus"], place / "index", HashingEncoder(), PARSERS)
    assert [each.quotes for each in answers(to / "index")] == [each.quotes for each in answers(tmp_path / "index")]
    assert {each.index.embedded for each in answers(to / "index")} == {1.0}


def checksums(where: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder that is not hidden."""
    files = [file for file in where.rglob("*") if file.is_file() and "/." not in file.relative_to(where).as_posix()]
    return {
        file.relative_to(where).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if not file.name.startswith(".")
    }


@given(st.dictionaries(st.sampled_from(["a.txt", "b.md", "c/d.txt", "c/e f.txt"]), st.integers(1, 9), min_size=1))
@settings(max_examples=4, deadline=None)
def test_the_same_files_give_the_same_answers(seeds: dict[str, int]) -> None:
    with TemporaryDirectory() as made:
        where = Path(made)
        corpus, index = library(where, {name: prose(seed, 12) for name, seed in seeds.items()})
        back_up(corpus, index, where / "b.tar")
        restored = restore(where / "b.tar", where / "new" / "corpus", where / "new" / "index")
        assert restored.kept_in == ""
        assert checksums(where / "new" / "corpus") == checksums(corpus)
        assert answers(where / "new" / "index") == answers(index)
        assert read_outcomes(where / "new" / "index") == read_outcomes(index)
        generation = "generation-000001"
        ours, theirs = checksums(where / "new" / "index" / generation), checksums(index / generation)
        assert ours == theirs


def test_indexing_what_was_restored_embeds_nothing(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 30), "b.txt": prose(2, 30)})
    back_up(corpus, index, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "n" / "corpus", tmp_path / "n" / "index")
    encoder = HashingEncoder()
    report = ingest([tmp_path / "n" / "corpus"], tmp_path / "n" / "index", encoder, PARSERS)
    assert (encoder.encoded, report.counts.documents) == ([], 2)


def test_a_library_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 12)})
    before = answers(index)
    back_up(corpus, index, tmp_path / "b.tar")
    folder(corpus, {"a.txt": "Something else.", "c.txt": "And more.", ".deleted/d.txt": "Gone."})
    ingest([corpus], index, HashingEncoder(), PARSERS)
    service = Library(index, HashingEncoder())
    assert service.store.state.generation == 2
    for there in [(corpus, tmp_path / "none"), (tmp_path / "none", index)]:
        with pytest.raises(BackupError, match=r"there (are files|is an index) in") as caught:
            restore(tmp_path / "b.tar", *there)
        assert "--force" in (caught.value.hint or "")
    restored = restore(tmp_path / "b.tar", corpus, index, force=True)
    assert (restored.generation, answers(index)) == (3, before)
    # A service that is running answers from it.
    assert service.store.state.generation == 3
    kept = Path(restored.kept_in)
    assert kept.parent == corpus
    assert kept.name.startswith(BEFORE)
    assert (kept / "a.txt").read_text() == "Something else."
    assert (corpus / ".deleted" / "d.txt").exists()
    assert (corpus / "a.txt").read_text() == prose(1, 12)
    assert not list(corpus.glob(".restoring*")) + list(index.glob(".restoring*"))


def test_while_another_writes_the_index_nothing_is_restored(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    back_up(corpus, index, tmp_path / "b.tar")
    with writer_lock(tmp_path / "new"), pytest.raises(IndexBusyError):
        restore(tmp_path / "b.tar", tmp_path / "c", tmp_path / "new")
    with pytest.raises(BackupError, match="there is no file"):
        restore(tmp_path / "none.tar", tmp_path / "c", tmp_path / "new")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("archive")
    back_up(*library(where, {"a.txt": prose(1, 3), "b.txt": prose(2, 3)}), where / "b.tar")
    return where / "b.tar"


def check_refused(data: bytes) -> None:
    """Nothing is restored, and nothing left behind, in empty folders and over a library."""
    with TemporaryDirectory() as made:
        where = Path(made)
        (where / "b.tar").write_bytes(data)
        folder(where / "corpus", {"mine.txt": "Mine."})
        with pytest.raises(BackupError, match="is damaged, or not a backup"):
            restore(where / "b.tar", where / "corpus", where / "index", force=True)
        left = {file.name for file in where.rglob("*") if file.is_file()}
        assert left == {"b.tar", "mine.txt", ".writer.lock"}


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_one_changed_byte_is_found(archive: Path, data: st.DataObject) -> None:
    content = bytearray(archive.read_bytes())
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    # Any byte of a file's content or of its header; what fills blocks up means nothing.
    member = data.draw(st.sampled_from(members))
    start = data.draw(st.sampled_from([member.offset, member.offset_data]))
    length = 148 if start == member.offset else member.size
    place = start + data.draw(st.integers(0, max(0, length - 1)))
    content[place] ^= data.draw(st.integers(1, 255))
    check_refused(bytes(content))


@given(st.floats(0, 1, exclude_max=True))
@settings(max_examples=12, deadline=None)
def test_an_archive_that_is_cut_short_is_refused(archive: Path, share: float) -> None:
    with tarfile.open(archive) as tar:
        last = tar.getmember(CONTENTS)
    check_refused(archive.read_bytes()[: int(share * (last.offset_data + last.size))])


@pytest.mark.parametrize("content", [b"", b"no tar", b"\x1f\x8b\x08", b"\0" * 10_240, b"PK\x03\x04"])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    check_refused(content)


def forged(archive: Path, change: Callable[[tarfile.TarInfo], None], name: str = "corpus/a.txt") -> bytes:
    """The archive with another member in it, listed and with the right checksum."""
    made = io.BytesIO()
    evil = tarfile.TarInfo(name)
    evil.size = 4
    change(evil)
    with tarfile.open(archive) as old, tarfile.open(fileobj=made, mode="w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content
            data = content.read()
            if member.name == CONTENTS:
                new.addfile(evil, io.BytesIO(b"evil"))
                values = json.loads(data)
                values.pop("sha256")
                values["files"][evil.name] = [4, hashlib.sha256(b"evil").hexdigest()]
                data = seal(values).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return made.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "corpus/../evil.txt",
        "../evil.txt",
        "/tmp/evil.txt",
        "corpus//evil.txt",
        "corpus/./evil.txt",
        "corpus/x/../../../evil.txt",
        "corpus/.hidden/evil.txt",
        "corpus",
        "corpus/",
        "index/evil.txt",
        "index/../corpus/evil.txt",
        "index/generation-000001/../../evil.txt",
        "index/.writer.lock",
        "evil.txt",
        "corpus/a.txt",
    ],
)
def test_names_that_lead_elsewhere_are_refused(archive: Path, name: str) -> None:
    check_refused(forged(archive, lambda member: None, name))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_links_and_devices_are_refused(archive: Path, kind: bytes) -> None:
    def change(member: tarfile.TarInfo) -> None:
        member.type, member.linkname, member.size = kind, "a.txt", 0

    check_refused(forged(archive, change, "corpus/new.txt"))


def test_a_good_forgery_would_be_restored(archive: Path, tmp_path: Path) -> None:
    """What the tests above refuse, is refused for what they change."""
    (tmp_path / "b.tar").write_bytes(forged(archive, lambda member: None, "corpus/new.txt"))
    restore(tmp_path / "b.tar", tmp_path / "corpus", tmp_path / "index")
    assert (tmp_path / "corpus" / "new.txt").read_text() == "evil"


def test_what_people_keep_beside_a_library_is_restored_and_what_gives_way_is_kept(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    about = document(prose(1, 5), "a.txt")
    correct(DeskFile(index), about, {"date": "2024"})
    back_up(corpus, index, tmp_path / "b.tar")
    correct(DeskFile(index), about, {"date": "2025"})
    restore(tmp_path / "b.tar", corpus, index, force=True)
    assert corrections_of(DeskFile(index), [about]) == {about.id: {"date": "2024"}}
    (kept,) = index.glob(f"before-restore-*-{DESK}")
    kept.rename(index / DESK)
    assert corrections_of(DeskFile(index), [about]) == {about.id: {"date": "2025"}}


def test_links_to_replaced_documents_lead_on_after_a_restore(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    note_replaced(index, {"old": "new"})
    back_up(corpus, index, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "new" / "corpus", tmp_path / "new" / "index")
    assert find_replaced(tmp_path / "new" / "index", "old") == find_replaced(index, "old")
    assert find_replaced(index, "old")


def test_a_backup_of_former_versions_leaves_what_is_kept_now(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    back_up(corpus, index, tmp_path / "b.tar")
    about = document(prose(1, 5), "a.txt")
    correct(DeskFile(index), about, {"date": "2025"})
    restore(tmp_path / "b.tar", corpus, index, force=True)
    assert corrections_of(DeskFile(index), [about]) == {about.id: {"date": "2025"}}
