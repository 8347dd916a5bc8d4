"""The command as a user calls it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.cli import copy as copy_cli
from askreport.cli.main import app
from askreport.errors import CopyError, StoreError
from askreport.store.postgres import pool
from tests.tools.engine.process import HOST, free_ports
from tests.tools.moving import of_files, publish_in
from tests.tools.parts import document, prose


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["copy", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.stdout


def test_a_library_goes_to_a_database_and_is_compared(tmp_path: Path, database: str) -> None:
    of_files(tmp_path)
    where = ("--from", tmp_path / "index", "--to", database, "--corpus", tmp_path / "corpus")
    assert "5 documents, " in (said := run(*where))
    assert "the same in both" in said
    assert "5 documents were there already" in run(*where).replace("\n", " ")
    assert "copied" not in (said := run(*where, "--verify"))
    assert "the same in both" in said


def test_as_json(tmp_path: Path) -> None:
    of_files(tmp_path)
    (tmp_path / "corpus" / "a.txt").unlink()
    where = ("--from", tmp_path / "index", "--to", tmp_path / "new", "--corpus", tmp_path / "files", "--json")
    copied = json.loads(run(*where))
    assert (copied["documents"], copied["known"], copied["lost"]) == (5, 0, ["a.txt"])
    assert copied["comparison"] == json.loads(run(*where, "--verify"))
    assert copied["comparison"]["source"] == copied["comparison"]["target"] == copied["comparison"]["stated"]


def test_a_file_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_in(tmp_path / "a", [document(prose(n, 3), f"{n}.txt") for n in range(3)])
    monkeypatch.setattr(copy_cli, "_SHOWN", 2)
    said = run("--from", tmp_path / "a", "--to", tmp_path / "b", "--corpus", tmp_path)
    assert "without its file  0.txt" in said
    assert "2.txt" not in said
    assert "and 1 more" in said


def test_differences_are_named_and_the_exit_status(tmp_path: Path) -> None:
    publish_in(tmp_path / "a", [document(prose(n, 3), f"{n}.txt") for n in range(3)])
    publish_in(tmp_path / "b", [document(prose(n, 3), f"{n}.txt") for n in range(1, 4)])
    said = run("--from", tmp_path / "a", "--to", tmp_path / "b", "--verify", status=1)
    assert "other  3.txt" in said
    assert "missing  0.txt" in said
    assert "3.txt" not in run("--from", tmp_path / "a", "--to", tmp_path / "b", "--verify", "--add", status=1)
    with pytest.raises(CopyError):
        run("--from", tmp_path / "a", "--to", tmp_path / "b")


def test_a_password_is_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.2)
    publish_in(tmp_path / "a", [document(prose(1, 3))])
    address = f"postgresql://user:s3cret@{HOST}:{free_ports(1)[0]}/library"
    with pytest.raises(StoreError) as raised:
        run("--from", tmp_path / "a", "--to", address)
    assert "library" in raised.value.message
    assert "s3cret" not in f"{raised.value.message} {raised.value.hint}"
