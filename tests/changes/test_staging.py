"""Names that are never a path, folders that end with their upload, and moves that overwrite nothing."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askreport.changes.staging import MAX_NAME_BYTES, UPLOADS, Staging, clear_uploads, move_new, safe_name
from tests.tools.parts import kill, start_python

STAGE = """
import sys
from pathlib import Path
from askreport.changes.staging import Staging
staging = Staging(Path(sys.argv[1]))
staging.place("half.txt").write_text("half")
print("staged", flush=True)
sys.stdin.read()
"""

HOSTILE = {
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "C:\\x\\y.txt": "y.txt",
    "C:y.txt": "C_y.txt",
    "/": "document",
    "a/": "document",
    "": "document",
    ".": "document",
    "...": "document",
    " . . ": "document",
    ".hidden": "hidden",
    "..hidden.txt": "hidden.txt",
    "<script>.txt": "_script_.txt",
    'a"b|c?d*e.txt': "a_b_c_d_e.txt",
    "two\nlines\r.txt": "two_lines_.txt",
    "nul\0byte.txt": "nul_byte.txt",
    "\x1b]0;title\x07.txt": "_]0;title_.txt",
    "trailing.txt. . ": "trailing.txt",
    "CON.txt": "_CON.txt",
    "con": "_con",
    "Aux.tar.gz": "_Aux.tar.gz",
    "nul .txt": "_nul .txt",
    "com1": "_com1",
    "LPT¹.txt": "_LPT¹.txt",
    "console.txt": "console.txt",
    "com.txt": "com.txt",
    "report\u202efdp.exe": "report_fdp.exe",
    "\ud800.txt": "_.txt",
    "line\u2028.txt": "line_.txt",
    "cafe\u0301.txt": "café.txt",
    "отчёт.pdf": "отчёт.pdf",
    "a & b (2).pdf": "a & b (2).pdf",
}


@pytest.mark.parametrize(("name", "expected"), HOSTILE.items())
def test_hostile_names_become_harmless_ones(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@pytest.mark.parametrize("stem", ["x" * 300, "é" * 300, "𝒳" * 300, "e\u0301\u0323" * 100])
def test_a_long_name_keeps_its_ending(stem: str) -> None:
    name = safe_name(f"{stem}.pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= MAX_NAME_BYTES


def test_a_long_ending_is_none() -> None:
    assert len(safe_name("a." + "b" * 300).encode()) <= MAX_NAME_BYTES


@given(st.text(max_size=400) | st.text(alphabet="./\\ con\n:é\u0301\u0000", max_size=200))
@example("con" + " " * 200 + "z.txt")
@example("con." + "b" * 300)
def test_a_safe_name_stays_directly_inside_any_folder(name: str) -> None:
    safe = safe_name(name)
    folder = Path("/srv/corpus")
    assert (folder / safe).parent == folder
    assert Path(safe).name == safe
    assert safe not in ("", ".", "..")
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert len(safe.encode()) <= MAX_NAME_BYTES
    assert unicodedata.is_normalized("NFC", safe)
    assert safe_name(safe) == safe


def test_a_staging_is_hidden_and_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    first, second = staging.place("../a.txt"), staging.place("a.txt")
    first.write_text("1")
    second.write_text("2")
    assert staging.files == [first, second]
    assert first.name == second.name == "a.txt"
    assert first.relative_to(tmp_path).parts[0] == UPLOADS
    staging.close()
    assert list((tmp_path / UPLOADS).iterdir()) == []


def test_uploads_that_were_cut_short_are_cleared_and_others_are_not(tmp_path: Path) -> None:
    own = Staging(tmp_path)
    process = start_python(STAGE, tmp_path)
    assert process.stdout
    assert process.stdout.readline() == "staged\n"
    clear_uploads(tmp_path)
    assert len(list((tmp_path / UPLOADS).iterdir())) == 2
    kill(process)
    clear_uploads(tmp_path)
    assert len(list((tmp_path / UPLOADS).iterdir())) == 1
    own.close()
    clear_uploads(tmp_path / "none")


def test_a_move_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_text("first")
    (tmp_path / "report (2).pdf").mkdir()
    for words in ("second", "third"):
        (tmp_path / "new").write_text(words)
        move_new(tmp_path / "new", tmp_path / "report.pdf")
    kept = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert kept == {"report.pdf": "first", "report (3).pdf": "second", "report (4).pdf": "third"}


def test_a_move_that_fails_leaves_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        move_new(tmp_path / "none", tmp_path / "wanted.txt")
    assert list(tmp_path.iterdir()) == []
