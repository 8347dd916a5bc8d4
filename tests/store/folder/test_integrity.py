"""A file that was changed is found, and one that was found sound is not read again."""

from pathlib import Path

from askreport.store import Integrity
from askreport.store.folder.generations import generation_folder
from tests.tools.generations import write


def test_a_changed_file_is_found_and_named(tmp_path: Path) -> None:
    manifest = write(tmp_path, 1)
    integrity = Integrity()
    assert integrity.unread(tmp_path, manifest) == len(b"firstsecond")
    assert integrity.damaged(tmp_path, manifest) == []
    assert integrity.unread(tmp_path, manifest) == 0
    file = generation_folder(tmp_path, 1) / "below" / "two"
    file.write_bytes(b"sEcond")
    assert integrity.unread(tmp_path, manifest) == len(b"second")
    assert integrity.damaged(tmp_path, manifest) == [file]
    assert integrity.damaged(tmp_path, manifest) == [file]
    file.write_bytes(b"second")
    assert integrity.damaged(tmp_path, manifest) == []


def test_a_file_is_read_once_also_under_the_name_of_another_generation(tmp_path: Path) -> None:
    first, second = write(tmp_path, 1), write(tmp_path, 2)
    (generation_folder(tmp_path, 2) / "one").unlink()
    (generation_folder(tmp_path, 2) / "one").hardlink_to(generation_folder(tmp_path, 1) / "one")
    integrity = Integrity()
    assert integrity.damaged(tmp_path, first) == []
    assert integrity.unread(tmp_path, second) == len(b"second")
