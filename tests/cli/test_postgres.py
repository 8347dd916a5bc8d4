"""The commands over a library in PostgreSQL."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from askreport.cli.main import app
from askreport.config import Settings, environment
from askreport.errors import AskReportError, SettingError
from tests.tools.engine.postgres import Server
from tests.tools.postgres import FILES, add, settings_in

PASSWORD = "never-to-be-shown"


@pytest.fixture(scope="module")
def settings(engine: Server, _vectors: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    dsn = engine.create_database(_vectors).replace("postgres@", f"postgres:{PASSWORD}@")
    made = settings_in(tmp_path_factory.mktemp("commands"), dsn)
    add(made)
    return made


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> "Run":
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    return Run()


class Run:
    def __call__(self, *arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(app, arguments, input=stdin)
        assert PASSWORD not in result.output
        return result


def test_the_status(run: Run, settings: Settings) -> None:
    shown = run("status").output
    name = settings.store.get_secret_value().rpartition("@")[2]
    assert f"{name}, generation 2" in shown
    assert "2 documents" in shown
    assert "hashing-v1" in shown
    found = json.loads(run("status", "--json").output)
    assert found["store"] == name
    assert found["counts"]["documents"] == 2
    assert found["size"] > 1_000_000


def test_documents_and_their_files(run: Run) -> None:
    listed = json.loads(run("documents", "--json").output)
    assert [each["path"] for each in listed] == ["ferry.txt", "garden.pdf"]
    for name in ("ferry.txt", listed[0]["id"]):
        assert run("original", name, "-o", "-").stdout_bytes == FILES["ferry.txt"]
    missing = run("original", "none.txt", "-o", "-")
    assert isinstance(missing.exception, AskReportError)


def test_a_draft_is_checked(run: Run) -> None:
    result = run("check", "-", stdin="“The ferry sails every hour.”")
    assert result.exit_code == 0
    assert "1 verbatim" in result.output


def test_the_doctor_looks_at_the_database(run: Run) -> None:
    found = {each["name"]: each for each in json.loads(run("doctor", "--json").output)}
    assert found["store"]["status"] == "ok"
    assert found["library"]["status"] == "problem"
    assert "index" not in found


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_backups_are_the_databases_own(run: Run, tmp_path: Path, command: str) -> None:
    error = run(command, str(tmp_path / "x.tar")).exception
    assert isinstance(error, SettingError)
    assert "pg_dump" in (error.hint or "")
    assert not (tmp_path / "x.tar").exists()


def test_without_the_packages_the_error_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "askreport.store.postgres.backend", None)
    error = run("status").exception
    assert isinstance(error, SettingError)
    assert "askreport[cluster]" in (error.hint or "")
