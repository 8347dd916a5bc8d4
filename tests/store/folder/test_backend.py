"""A library is handed out from where the settings say, or it is said why not."""

import sys
from pathlib import Path

import pytest

from askreport.errors import IndexMismatchError, SettingError
from askreport.store import FolderBackend, MadeWith, open_backend
from tests.tools.parts import document, publish
from tests.tools.stores import ENCODER


def test_without_an_address_it_is_the_folders(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    backend = open_backend("", tmp_path)
    assert isinstance(backend, FolderBackend)
    assert [summary.path for summary in backend.store.documents()] == ["a.txt"]


def test_equal_versions_are_equal_generations(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    backend = open_backend("", tmp_path)
    with backend.reading() as (first, store), backend.reading() as (again, _):
        assert first == again
    publish(tmp_path, [document("Another text.")])
    with backend.reading() as (second, _):
        assert second != first
        assert store.documents()[0].characters == len("A text.")
    backend.close()
    assert backend.store.state.generation == 2


def test_what_it_was_made_with_must_be_what_is_in_use(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    backend = open_backend("", tmp_path, MadeWith("another", ENCODER.dimension, "chunking"))
    with pytest.raises(IndexMismatchError) as caught:
        _ = backend.store
    assert caught.value.hint


@pytest.mark.parametrize("address", ["index", "mysql://host/library", "http://host"])
def test_an_address_that_is_none_of_a_database_is_an_error(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_STORE"):
        open_backend(address, tmp_path)


def test_without_the_packages_for_databases_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "askreport.store.postgres.backend", raising=False)
    monkeypatch.setitem(sys.modules, "askreport.store.postgres.backend", None)
    with pytest.raises(SettingError) as caught:
        open_backend("postgresql://host/library", tmp_path)
    assert "askreport[cluster]" in str(caught.value.hint)
