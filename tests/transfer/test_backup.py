"""A backup holds the library as it was at one moment, whatever goes on meanwhile."""

import os
import stat
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from askreport.errors import BackupError, CorpusError, IndexDamagedError, IndexMissingError
from askreport.indexing.ingest import CACHE, ingest
from askreport.models.encoder import Encoder
from askreport.store import EmbeddingCache, LocalStore, latest_generation
from askreport.transfer.backup import CONTENTS, back_up
from askreport.transfer.restore import restore
from tests.tools.parts import PARSERS, HashingEncoder, folder, part, prose


def library(where: Path, files: dict[str, str], encoder: Encoder | None = None) -> tuple[Path, Path]:
    """A corpus folder of these files and its index."""
    corpus = folder(where / "corpus", files)
    ingest([corpus], where / "index", encoder or HashingEncoder(), PARSERS)
    return corpus, where / "index"


def test_the_archive_is_a_plain_tar_file_with_the_list_of_contents_last(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5), "b/ü.md": "# Two", ".hidden": "no", "x.bin": "\0"})
    made = back_up(corpus, index, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar", "r:") as tar:
        names = tar.getnames()
    assert names[-1] == CONTENTS
    assert {name for name in names if name.startswith("corpus/")} == {"corpus/a.txt", "corpus/b/ü.md", "corpus/x.bin"}
    assert {"index/embeddings.sqlite", "index/files.sqlite", "index/outcomes.json"} <= set(names)
    assert any(name.startswith("index/generation-000001/segment-") for name in names)
    assert (made.documents, made.generation, made.files) == (2, 1, len(names) - 1)
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".askreport*"))


def test_links_are_followed_and_those_that_lead_nowhere_left_out(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text("Somewhere else.")
    corpus = folder(tmp_path / "corpus", {"a.txt": "One."})
    (corpus / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    (corpus / "broken.txt").symlink_to(tmp_path / "none.txt")
    ingest([corpus], tmp_path / "index", HashingEncoder(), PARSERS)
    back_up(corpus, tmp_path / "index", tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert all(member.isreg() for member in tar)
        assert {name for name in tar.getnames() if name.startswith("corpus/")} == {"corpus/a.txt", "corpus/link.txt"}


def test_what_is_there_under_the_name_stays_until_a_backup_is_whole(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    archive = tmp_path / "b.tar"
    archive.write_text("the one before")
    file = part(index, 1, "passages.faiss")
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
    with pytest.raises(IndexDamagedError, match="not as it was written"):
        back_up(corpus, index, archive)
    assert archive.read_text() == "the one before"
    assert not (tmp_path / "b.tar.part").exists()


def test_what_cannot_be_backed_up_is_said(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    with pytest.raises(BackupError, match="cannot be written: No such file"):
        back_up(corpus, index, tmp_path / "none" / "b.tar")
    with pytest.raises(BackupError, match="would be part of the corpus"):
        back_up(corpus, index, corpus / "b.tar")
    with pytest.raises(IndexMissingError):
        back_up(corpus, tmp_path / "none", tmp_path / "b.tar")
    with pytest.raises(CorpusError):
        back_up(tmp_path / "none", index, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that grows while it is read")
def test_a_file_that_grows_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    os.mkfifo(corpus / "growing.log")

    def write() -> None:
        (corpus / "growing.log").write_text("a line")

    writer = threading.Thread(target=write)
    writer.start()
    with pytest.raises(BackupError, match=r"corpus/growing.log was written to while it was read"):
        back_up(corpus, index, tmp_path / "b.tar")
    writer.join()


def test_a_backup_while_others_write_is_one_generation(tmp_path: Path) -> None:
    """The index is replaced over and over, and its caches written, while backups are made and restored."""
    corpus, index = library(tmp_path, {"a.txt": prose(0, 40)})
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            (tmp_path / "next").write_text(prose(turn, 40))
            (tmp_path / "next").replace(corpus / "a.txt")
            ingest([corpus], index, HashingEncoder(), PARSERS)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(4):
            made = back_up(corpus, index, tmp_path / "b.tar")
            where = tmp_path / str(turn)
            restored = restore(tmp_path / "b.tar", where / "corpus", where / "index")
            assert (restored.backup, restored.generation) == (made, 1)
            with closing(EmbeddingCache(where / "index" / CACHE, 32)) as cache:
                assert cache.keys()
            store = LocalStore(where / "index", latest_generation(where / "index"))
            (document,) = store.documents()
            assert store.document(document.id).text.startswith("Box ")
    finally:
        stop.set()
        writer.join()
