"""Corrected titles: put wherever a document is named, and never in the way of an answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.descriptions import FromDesk
from askreport.answering.titles import UNCHANGED, Titles
from askreport.errors import KeptError
from askreport.store.descriptions import correct
from askreport.store.desk import Execute
from askreport.store.folder.desk import DeskFile
from askreport.types import DocumentRef
from tests.tools.parts import quote_of

REF = DocumentRef(id="d", title="scan_0012", path="a/scan_0012.pdf", sha256="0")


class Unsteady:
    """A desk that fails while ``fails``."""

    def __init__(self, desk: DeskFile) -> None:
        self._desk = desk
        self.writing = desk.writing
        self.fails = False
        self.asked = 0

    @contextmanager
    def reading(self) -> Iterator[Execute]:
        self.asked += 1
        if self.fails:
            raise KeptError("it is gone")
        with self._desk.reading() as execute:
            yield execute


def test_a_title_is_found_by_the_path_and_of_a_moved_file_by_the_id() -> None:
    assert Titles({REF.path: "Oil"}, {}).of(REF) == "Oil"
    assert Titles({"elsewhere": "Oil"}, {REF.id: "Oil"}).of(REF) == "Oil"
    assert Titles({"elsewhere": "Oil"}, {}).put({"x": [(REF, 1)]}) == {"x": [(REF, 1)]}


def test_where_headings_are_told_the_title_is_among_them_as_it_is_left_out() -> None:
    quote = replace(quote_of("It rose.", REF.title, REF.path), heading=(REF.title, "Prices"))
    put = Titles({REF.path: "Oil"}, {}).put(quote)
    assert (put.document.title, put.heading, put.text) == ("Oil", ("Oil", "Prices"), quote.text)


def test_answers_go_on_with_the_titles_last_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Unsteady(DeskFile(tmp_path))
    known = FromDesk(desk)
    assert known.titles.put(REF) == REF
    correct(desk, REF, {"title": "Oil"})
    assert known.titles.of(REF) == "Oil"
    desk.fails = True
    assert known.titles.of(REF) == "Oil"
    asked = desk.asked
    # It is not asked again at once.
    assert known.titles.of(REF) == "Oil"
    assert desk.asked == asked
    monkeypatch.setattr("askreport.answering.descriptions._LET_BE", -1.0)
    desk.fails = False
    correct(desk, REF, {"title": None})
    assert known.titles.put(REF) == REF
    assert UNCHANGED.put(REF) is REF
