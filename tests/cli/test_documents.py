"""The commands that change a library: jobs are cancelled, files renamed, replaced and deleted together."""

from pathlib import Path

from typer.testing import CliRunner

from askreport.changes.folder.board import Board
from askreport.changes.open import BOARD
from askreport.changes.types import Job
from askreport.cli.main import app
from askreport.errors import JobNotFoundError
from tests.cli.test_main import run
from tests.tools.parts import folder


def test_a_job_is_cancelled_by_its_id_and_one_that_nobody_does_is_not(tmp_path: Path) -> None:
    board = Board(tmp_path / BOARD)
    board.open()
    board.put(Job(id="abc123", kind="upload", status="running", created="2026-01-01T00:00:00+00:00"))
    done = CliRunner().invoke(app, ["cancel", "abc123", "--index", str(tmp_path)])
    assert done.exit_code == 0
    assert "cancelled" in done.output
    assert board.to_cancel() == ["abc123"]
    for other in ("none", "abc", "../x"):
        assert isinstance(
            CliRunner().invoke(app, ["cancel", other, "--index", str(tmp_path)]).exception, JobNotFoundError
        )
    board.close()


def test_files_are_renamed_replaced_and_deleted_together(tmp_path: Path) -> None:
    corpus = folder(tmp_path / "corpus", {"a.txt": "Nine goats graze.", "b.txt": "A ferry sails.", "c.txt": "A hill."})
    settings = {"corpus": corpus, "index": tmp_path / "index"}
    run("index", **settings)
    assert "Goats.txt" in run("rename", "a.txt", "Goats", **settings).stdout
    (tmp_path / "new.txt").write_text("Ten goats graze.")
    assert run("replace", "Goats.txt", tmp_path / "new.txt", **settings).returncode == 0
    assert (corpus / "Goats.txt").read_text() == "Ten goats graze."
    (tmp_path / "b.txt").write_text("A ferry sails twice.")
    assert run("add", "--replace", tmp_path / "b.txt", **settings).returncode == 0
    listed = run("documents", **settings).stdout
    assert [line.split("\t")[2] for line in listed.splitlines()] == ["Goats.txt", "b.txt", "c.txt"]
    assert run("delete", "--yes", "Goats.txt", "b.txt", **settings).stdout.count("deleted  ") == 2
    assert run("documents", **settings).stdout.count("\n") == 1
