"""Files are compared by their checksums once, and again whenever they may have changed."""

import os
import time
from pathlib import Path

import pytest

from askreport.answering.library import Library
from askreport.changes.originals import check_original
from askreport.errors import SourceChangedError
from askreport.indexing.ingest import ingest
from askreport.indexing.sources import RACY
from askreport.service.pages.originals import Originals
from askreport.types import Document, Source
from tests.tools.parts import PARSERS, HashingEncoder, folder

TEXT = "The ferry to Texel sails every hour."


class Compared:
    """Originals that count how often a file was compared."""

    def __init__(self, corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        library = Library(index, HashingEncoder())
        ingest([corpus], index, library.encoder, PARSERS)
        self.file = corpus / "ferry.txt"
        self.document: Document = library.store.document(library.store.documents()[0].id)
        self.source: Source = library.store.source(self.document.id)
        self.times = 0
        self._originals = Originals(library, corpus)

        def counted(*given: object) -> None:
            self.times += 1
            check_original(*given)  # type: ignore[arg-type]

        monkeypatch.setattr("askreport.service.pages.originals.check_original", counted)

    def check(self) -> None:
        self._originals.check(self.document, self.source)

    def is_there(self) -> bool:
        try:
            self.check()
        except SourceChangedError:
            return False
        return True


@pytest.fixture
def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compared:
    corpus = folder(tmp_path / "corpus", {"ferry.txt": TEXT})
    return Compared(corpus, tmp_path / "index", monkeypatch)


def let_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if more time had passed than the clock of a file's times may be wrong by."""
    now = time.time_ns
    monkeypatch.setattr("askreport.service.pages.originals.time.time_ns", lambda: now() + 2 * RACY)


def test_an_unchanged_file_is_compared_once(compared: Compared, monkeypatch: pytest.MonkeyPatch) -> None:
    let_settle(monkeypatch)
    for _ in range(3):
        compared.check()
    assert compared.times == 1


def test_a_file_that_was_just_written_is_compared_each_time(compared: Compared) -> None:
    for _ in range(3):
        compared.check()
    assert compared.times == 3


def test_a_changed_file_is_noticed_whatever_it_says_of_itself(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_settle(monkeypatch)
    compared.check()
    before = compared.file.stat()
    compared.file.write_text(TEXT.replace("hour", "hoer"))
    # The size is the same, and so is the time it claims to be of.
    os.utime(compared.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not compared.is_there()
    compared.file.write_text(TEXT)
    assert compared.is_there()


def test_a_file_that_is_gone_or_not_ours_is_not_remembered_as_there(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_settle(monkeypatch)
    compared.check()
    kept = compared.file.rename(compared.file.with_name("elsewhere.txt"))
    assert not compared.is_there()
    kept.rename(compared.file)
    assert compared.is_there()
