"""A library is handed out from where the settings say, or it is said why not."""

import sys
from pathlib import Path

import pytest

from askreport.errors import IndexMismatchError, SettingError
from askreport.store import LocalShelf, MadeWith, open_shelf
from tests.tools.parts import document, publish
from tests.tools.stores import ENCODER


def test_without_an_address_it_is_the_folders(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    shelf = open_shelf("", tmp_path)
    assert isinstance(shelf, LocalShelf)
    assert [summary.path for summary in shelf.store.documents()] == ["a.txt"]


def test_equal_versions_are_equal_generations(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    shelf = open_shelf("", tmp_path)
    with shelf.reading() as (first, store), shelf.reading() as (again, _):
        assert first == again
    publish(tmp_path, [document("Another text.")])
    with shelf.reading() as (second, _):
        assert second != first
        assert store.documents()[0].characters == len("A text.")
    shelf.close()
    assert shelf.store.state.generation == 2


def test_what_it_was_made_with_must_be_what_is_in_use(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    shelf = open_shelf("", tmp_path, MadeWith("another", ENCODER.dimension, "chunking"))
    with pytest.raises(IndexMismatchError) as caught:
        _ = shelf.store
    assert caught.value.hint


@pytest.mark.parametrize("address", ["index", "mysql://host/library", "http://host"])
def test_an_address_that_is_none_of_a_database_is_an_error(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_STORE"):
        open_shelf(address, tmp_path)


def test_without_the_packages_for_databases_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "askreport.store.postgres.backend", raising=False)
    monkeypatch.setitem(sys.modules, "askreport.store.postgres.backend", None)
    with pytest.raises(SettingError) as caught:
        open_shelf("postgresql://host/library", tmp_path)
    assert "askreport[cluster]" in str(caught.value.hint)
