"""The commands as a user calls them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.cli.main import app
from askreport.errors import BackupError
from tests.tools.parts import prose
from tests.transfer.test_backup import library


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_library_goes_into_a_file_and_out_of_it(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    archive, new = tmp_path / "b.tar", ("--corpus", tmp_path / "c", "--index", tmp_path / "i")
    written = run("backup", archive, "--corpus", corpus, "--index", index)
    assert f"{archive}: 1 documents, " in written.replace("\n", "")
    assert "restored" in run("restore", archive, *new)
    again = run("restore", archive, *new, "--force")
    assert f"kept in {tmp_path / 'c' / '.before-restore-'}" in again.replace("\n", "")
    assert "run `askreport index`" in again


def test_as_json(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    made = json.loads(run("backup", tmp_path / "b.tar", "--corpus", corpus, "--index", index, "--json"))
    where = ("--corpus", tmp_path / "c", "--index", tmp_path / "i")
    restored = json.loads(run("restore", tmp_path / "b.tar", *where, "--json"))
    assert restored == {"backup": made, "generation": 1, "kept_in": ""}


def test_a_library_that_is_there_is_an_error(tmp_path: Path) -> None:
    corpus, index = library(tmp_path, {"a.txt": prose(1, 5)})
    run("backup", tmp_path / "b.tar", "--corpus", corpus, "--index", index)
    with pytest.raises(BackupError):
        run("restore", tmp_path / "b.tar", "--corpus", corpus, "--index", index)
