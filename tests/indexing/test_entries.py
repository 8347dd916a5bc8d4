"""A document's entry changes with its reader's version, and with no other reader's."""

from pathlib import Path

import pytest

from askreport.indexing.entries import entry_of, made_of
from askreport.parse import formats
from tests.tools.parts import document


def test_a_new_version_of_a_reader_makes_other_entries_for_its_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [Path("a.pdf"), Path("b.txt")]
    before = [(entry_of(document("Words."), file, "encoder"), made_of("encoder", str(file))) for file in files]
    monkeypatch.setitem(formats._VERSIONS, ".pdf", formats._VERSIONS[".pdf"] + 1)
    now = [(entry_of(document("Words."), file, "encoder"), made_of("encoder", str(file))) for file in files]
    assert now[1] == before[1]
    assert now[0][0] != before[0][0]
    assert now[0][1] != before[0][1]
