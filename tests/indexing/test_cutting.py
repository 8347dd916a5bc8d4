"""A text that takes too long to cut into sentences is an outcome of its file; the others go on."""

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from askreport.errors import ParseError
from askreport.indexing import cutting
from askreport.indexing.cutting import SHORT, Cutter
from askreport.indexing.sources import SourceReader
from askreport.parse import GaveUpError
from askreport.store import ParsedCache
from tests.tools.parts import PARSERS, document, folder, prose

SLOW = f"SLOW. {prose(1, 500)}"
_MODULE = "tests.tools.slow_cutting"


@pytest.fixture
def cutter(monkeypatch: pytest.MonkeyPatch) -> Cutter:
    monkeypatch.setattr(cutting, "SECONDS", 1.0)
    return Cutter(PARSERS, _MODULE)


def test_a_text_that_is_cut_in_time_says_nothing(cutter: Cutter) -> None:
    assert len(prose(2, 500)) > SHORT
    for text in (prose(2, 500), "SLOW. Short.", ""):
        cutter.check(document(text))
    Cutter(PARSERS).check(document(SLOW))


def test_one_of_short_blocks_is_not_tried() -> None:
    paragraphs = "\n\n".join([prose(1, 5)] * 200)
    assert len(paragraphs) > SHORT
    Cutter(PARSERS, "none").check(document(paragraphs))


def test_one_that_takes_too_long_is_timed_out(cutter: Cutter) -> None:
    with pytest.raises(ParseError, match="into sentences takes too long") as caught:
        cutter.check(document(SLOW))
    assert caught.value.status == "timed_out"


def test_such_a_file_is_an_outcome_that_is_remembered_and_the_others_are_read(cutter: Cutter, tmp_path: Path) -> None:
    corpus = folder(tmp_path / "corpus", {"a.txt": prose(2, 500), "slow.txt": SLOW, "z.txt": prose(3, 5)})
    with closing(ParsedCache(tmp_path / "files.sqlite")) as cache:
        listed, outcomes = SourceReader(PARSERS, cache, 10**9, cutter=cutter).read([corpus], lambda *_: None)
        assert [(each.path, each.status) for each in outcomes] == [
            ("a.txt", "indexed"),
            ("slow.txt", "timed_out"),
            ("z.txt", "indexed"),
        ]
        assert [each.path for each in listed] == ["a.txt", "z.txt"]
        # Nothing is tried again that cannot go better.
        started = time.process_time()
        _, again = SourceReader(PARSERS, cache, 10**9, cutter=Cutter(PARSERS, "none")).read([corpus], lambda *_: None)
        assert again == outcomes
        assert time.process_time() - started < 60


def test_whoever_gives_up_does_not_wait_for_it() -> None:
    wanted = threading.Event()
    wanted.set()
    raised: list[BaseException] = []

    def check() -> None:
        try:
            Cutter(PARSERS, _MODULE).check(document(SLOW), wanted)
        except GaveUpError as error:
            raised.append(error)

    thread = threading.Thread(target=check)
    thread.start()
    time.sleep(0.5)
    PARSERS.give_up(wanted)
    thread.join(30)
    assert raised
