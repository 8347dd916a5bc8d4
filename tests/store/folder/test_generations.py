"""A generation exists when its manifest does, is what its manifest says, and has one writer at a time."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from askreport.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexWriteError
from askreport.store import FORMAT, first_in_line, latest_generation, must_give_way, read_manifest, writer_lock
from askreport.store.folder.files import seal
from askreport.store.folder.generations import MANIFEST, generation_folder, generations
from tests.tools.generations import write
from tests.tools.parts import kill, run_python, start_python

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from askreport.store import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

TRY_THE_LOCK = """
import sys
from pathlib import Path
from askreport.errors import IndexBusyError
from askreport.store import writer_lock
try:
    with writer_lock(Path(sys.argv[1])):
        print("got it")
except IndexBusyError as error:
    print(error.code)
"""


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = write(tmp_path, 7)
    assert read_manifest(tmp_path, 7) == written
    assert set(written.files) == {"one", "below/two"}
    assert written.files["one"][0] == len(b"first")


def test_the_newest_generation_is_the_one_with_the_highest_number(tmp_path: Path) -> None:
    for number in (2, 999_999, 1_000_000, 10):
        write(tmp_path, number)
    assert generations(tmp_path) == [2, 10, 999_999, 1_000_000]
    assert latest_generation(tmp_path) == 1_000_000


def test_a_folder_without_a_manifest_or_with_another_name_is_no_generation(tmp_path: Path) -> None:
    write(tmp_path, 1)
    write(tmp_path, 2)
    (generation_folder(tmp_path, 1) / MANIFEST).unlink()
    for name in (".building-x", "generation-3", "generation-000003.old", "old-generation-000003"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_text("{}")
    (tmp_path / "generation-000004").write_text("a file")
    assert latest_generation(tmp_path) == 2


def test_a_newest_generation_without_its_manifest_is_damage_and_the_one_before_does_not_answer(tmp_path: Path) -> None:
    write(tmp_path, 1)
    write(tmp_path, 2)
    (generation_folder(tmp_path, 2) / MANIFEST).unlink()
    with pytest.raises(IndexDamagedError, match="generation-000002") as caught:
        latest_generation(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["nowhere", "empty", "file", "file/below"])
def test_where_nothing_is_published_the_error_says_what_to_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("a file")
    with pytest.raises(IndexMissingError, match="no index") as caught:
        latest_generation(tmp_path / name)
    assert caught.value.hint
    assert "askreport index" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"null", b"{}", b'{"files": 3}', b'{"files": {"one": 3}}', b"\xff\xfe", b'{"files": {}}'],
)
def test_a_manifest_that_cannot_be_read_is_damage(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, 1)
    (generation_folder(tmp_path, 1) / MANIFEST).write_bytes(content)
    with pytest.raises(IndexDamagedError) as caught:
        read_manifest(tmp_path, 1)
    assert caught.value.hint


def test_a_manifest_with_a_field_too_many_is_damage(tmp_path: Path) -> None:
    write(tmp_path, 1)
    file = generation_folder(tmp_path, 1) / MANIFEST
    values = json.loads(file.read_text())
    del values["sha256"]
    file.write_text(seal({**values, "surprise": 1}))
    with pytest.raises(IndexDamagedError):
        read_manifest(tmp_path, 1)


def test_any_changed_character_of_a_manifest_is_damage(tmp_path: Path) -> None:
    write(tmp_path, 1)
    file = generation_folder(tmp_path, 1) / MANIFEST
    whole = file.read_bytes()
    values = json.loads(whole)
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            read = read_manifest(tmp_path, 1)
        except IndexDamagedError:
            continue
        # Between the values there may be other white space; or it is the manifest of another format, which is refused.
        assert json.loads(file.read_bytes()) == values or read.format != FORMAT


def test_the_manifest_of_an_older_format_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, 1)
    file = generation_folder(tmp_path, 1) / MANIFEST
    values = json.loads(file.read_text())
    for name in ("sha256", "segments", "next_number"):
        del values[name]
    file.write_text(json.dumps({**values, "format": 3}))
    assert read_manifest(tmp_path, 1).format == 3


@pytest.mark.parametrize("name", ["one", "below/two"])
def test_a_file_that_is_gone_or_has_another_size_is_damage(tmp_path: Path, name: str) -> None:
    write(tmp_path, 1)
    file = generation_folder(tmp_path, 1) / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(IndexDamagedError, match=file.name):
        read_manifest(tmp_path, 1)
    file.unlink()
    with pytest.raises(IndexDamagedError, match=file.name):
        read_manifest(tmp_path, 1)


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(IndexBusyError, match="another process") as caught, writer_lock(tmp_path):
        pass
    assert caught.value.hint
    assert run_python(TRY_THE_LOCK, tmp_path) == "got it"


def test_a_writer_in_another_process_is_respected_until_it_ends(tmp_path: Path) -> None:
    holder = start_python(HOLD_THE_LOCK, tmp_path)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(IndexBusyError), writer_lock(tmp_path):
        pass
    kill(holder)
    with writer_lock(tmp_path):
        assert run_python(TRY_THE_LOCK, tmp_path) == IndexBusyError.code


def test_the_lock_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writer_lock(tmp_path):
        raise KeyError
    with writer_lock(tmp_path):
        pass


def test_the_folder_is_made_if_need_be(tmp_path: Path) -> None:
    with writer_lock(tmp_path / "new" / "index"):
        assert (tmp_path / "new" / "index").is_dir()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_an_error_with_advice(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(IndexWriteError) as caught, writer_lock(tmp_path / name):
        pass
    assert caught.value.hint


def test_whoever_is_first_in_line_is_seen_and_writes_once_the_other_gives_way(tmp_path: Path) -> None:
    assert not must_give_way(tmp_path)
    told: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        with writer_lock(tmp_path):
            first = threads.submit(_go_first, tmp_path, told)
            while not must_give_way(tmp_path):
                assert not first.done()
                time.sleep(0.01)
            told.append("gave way")
        first.result(20)
    assert told == ["gave way", "wrote"]
    assert not must_give_way(tmp_path)


def _go_first(index: Path, told: list[str]) -> None:
    with first_in_line(index, 20):
        with pytest.raises(IndexBusyError), writer_lock(index):
            pass
        told.append("wrote")


def test_being_first_has_an_end_where_nobody_gives_way(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(IndexBusyError), first_in_line(tmp_path, 0.2):
        pass
    assert not must_give_way(tmp_path)
    with first_in_line(tmp_path, 0.2):
        pass
