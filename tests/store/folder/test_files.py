"""Files are shared by links, known by their checksums, and what is sealed shows any change."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from askreport.store.folder.files import file_sum, files_of, is_held, link_folder, seal, sync, unseal

values = st.dictionaries(st.text(), st.recursive(st.integers() | st.text() | st.none(), st.lists), max_size=4)


def test_a_sum_is_size_and_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"words" * 1000)
    assert file_sum(tmp_path / "x") == (5000, hashlib.sha256(b"words" * 1000).hexdigest())


def test_linked_files_are_one_on_disk_and_locks_stay_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("x", ".hidden", ".writer.lock"):
        (tmp_path / "a" / name).write_text(name)
    link_folder(tmp_path / "a", tmp_path / "b")
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"x", ".hidden"}
    assert (tmp_path / "a" / "x").samefile(tmp_path / "b" / "x")


def test_where_links_are_refused_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links on this disk")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("words")
    link_folder(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "x").read_text() == "words"
    assert not (tmp_path / "a" / "x").samefile(tmp_path / "b" / "x")


def test_files_of_all_folders_below_are_found_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/x", "a", "b/.y", "z.lock"):
        (tmp_path / name).write_text(name)
    assert [path.relative_to(tmp_path).as_posix() for path in files_of(tmp_path)] == ["a", "b/.y", "b/x"]
    sync([*files_of(tmp_path), tmp_path])


@given(values)
def test_what_is_sealed_is_unsealed(sealed: dict[str, object]) -> None:
    sealed.pop("sha256", None)
    assert unseal(seal(sealed)) == sealed


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_changed_bit_of_a_sealed_text_is_noticed(position: int, bit: int) -> None:
    values = {"counts": [1, 22, 333], "name": "words", "none": None}
    text = bytearray(seal(values).encode())
    text[position % len(text)] ^= 1 << bit
    try:
        assert unseal(bytes(text)) == values
    except ValueError:
        return
    assert json.loads(text) == json.loads(seal(values))


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"sha256": "x"}', '{"a": 1}'])
def test_what_was_never_sealed_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unseal(text)


def test_a_lock_is_held_while_somebody_has_it_and_never_where_nothing_can_be_locked(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_held(lock)
    with FileLock(lock):
        assert is_held(lock)
    assert not is_held(lock)
    assert not is_held(lock / "below a file")
