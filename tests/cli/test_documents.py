"""The command that cancels a job of a service, by what the service leaves for it in the index's folder."""

from pathlib import Path

from typer.testing import CliRunner

from askreport.changes.folder.board import Board
from askreport.changes.open import BOARD
from askreport.changes.types import Job
from askreport.cli.main import app
from askreport.errors import JobNotFoundError


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
