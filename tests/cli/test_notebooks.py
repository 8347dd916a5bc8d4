"""The commands for notebooks, over a notebook that a service has kept."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.answering.library import Library
from askreport.cli.main import app
from askreport.config import Settings
from askreport.errors import CorpusWriteError, NotebookNotFoundError, QuestionError
from askreport.indexing.ingest import ingest
from askreport.service.app import create_app
from askreport.store.folder.desk import DeskFile
from askreport.store.notebooks import create_notebook, list_notebooks
from tests.service.api.test_notebooks import BASE, FILES, WORDS, made, pin_of
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    given = Settings(corpus=folder(tmp_path / "corpus", FILES), index=tmp_path / "index", keys=tmp_path / "keys.json")
    encoder = HashingEncoder()
    ingest([given.corpus], given.index, encoder, PARSERS)
    with TestClient(create_app(given, Library(given.index, encoder), PARSERS)) as client:
        notebook = made(client)
        client.post(f"{BASE}/{notebook}/items", json=pin_of(client) | {"question": "When?"})
    (given.corpus / "ferry.md").unlink()
    ingest([given.corpus], given.index, encoder, PARSERS)
    return given.index


def run(index: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["notebooks", *words, "--index", str(index)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_notebooks_are_listed_and_shown_with_what_has_become_of_them(index: Path) -> None:
    identity, name, owner, items, _ = run(index, "list").strip().split("\t")
    assert (name, owner, items) == ("Trip", "", "1")
    shown = run(index, "show", "Trip")
    assert f"“{WORDS}”" in shown.replace("\n", "")
    assert "not in the library any more" in shown
    assert "Look." in shown
    assert json.loads(run(index, "show", identity, "--json"))["states"]


def test_a_notebook_is_written_into_a_file(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(index, "export", "Trip", "-f", "markdown", "--style", "apa").strip() == "Trip.md"
    text = Path("Trip.md").read_text()
    assert "Lee, A. (2024). Ferries." in text.replace("\\", "")
    error = CliRunner().invoke(app, ["notebooks", "export", "Trip", "-f", "markdown", "--index", str(index)]).exception
    assert isinstance(error, CorpusWriteError)
    assert run(index, "export", "Trip", "-f", "json", "-o", "other.json").strip() == "other.json"
    assert json.loads(Path("other.json").read_text())["name"] == "Trip"


def test_a_notebook_from_before_there_were_keys_is_given_to_one(index: Path) -> None:
    run(index, "give", "Trip", "anna")
    assert [each.owner for each in list_notebooks(DeskFile(index), None)] == ["anna"]


def test_what_cannot_be_meant_is_told(index: Path) -> None:
    create_notebook(DeskFile(index), "bert", "Trip")
    for words, kind in {
        ("show", "Trip"): NotebookNotFoundError,
        ("show", "None"): NotebookNotFoundError,
        ("export", "Trip", "-f", "odt"): QuestionError,
    }.items():
        assert isinstance(CliRunner().invoke(app, ["notebooks", *words, "--index", str(index)]).exception, kind)
