"""The command as a user calls it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.cli.main import app
from askreport.errors import SettingError
from tests.tools.moving import move, of_files


def test_the_files_of_a_database_are_written(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_files(tmp_path)
    move(tmp_path, tmp_path / "index", database)
    monkeypatch.setenv("ASKREPORT_STORE", database)
    result = CliRunner().invoke(app, ["originals", str(tmp_path / "out")], catch_exceptions=False)
    assert (result.exit_code, "4 files" in result.stdout) == (0, True)
    result = CliRunner().invoke(app, ["originals", str(tmp_path / "out"), "--json"], catch_exceptions=False)
    assert json.loads(result.stdout) == {"files": 0, "known": 4, "lost": []}


def test_a_library_in_a_folder_has_its_files_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASKREPORT_STORE", raising=False)
    with pytest.raises(SettingError, match="is a folder"):
        CliRunner().invoke(app, ["originals", str(tmp_path)], catch_exceptions=False)
