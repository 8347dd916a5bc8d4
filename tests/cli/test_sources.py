"""The commands that describe documents and cite them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.cli.main import app
from askreport.errors import DocumentNotFoundError, QuestionError
from askreport.indexing.ingest import ingest
from tests.service.api.test_citations import FILES
from tests.tools.parts import PARSERS, HashingEncoder, folder


@pytest.fixture
def index(tmp_path: Path) -> str:
    ingest([folder(tmp_path / "corpus", FILES)], tmp_path / "index", HashingEncoder(), PARSERS)
    return str(tmp_path / "index")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_description_is_shown_and_corrected(index: str) -> None:
    assert "Ann Lee" in run("describe", "ferry.md", "--index", index)
    shown = run("describe", "ferry.md", "--author", "Bo Roe", "--author", "Cy Poe", "--date", "2025", "--index", index)
    assert "Bo Roe; Cy Poe  (corrected)" in shown
    found = json.loads(run("describe", "ferry.md", "--forget", "date", "--json", "--index", index))
    assert found["corrections"] == {"authors": ["Bo Roe", "Cy Poe"]}
    assert found["description"]["date"] == "2024-03-05"


def test_documents_are_cited_and_exported(index: str) -> None:
    assert run("cite", "ferry.md", "--index", index) == "Lee, Ann. “Ferries.” March 5, 2024.\n"
    assert run("cite", "ferry.md", "--quote", "It  is red", "-f", "apa", "--index", index) == "(Lee, 2024, para. 2)\n"
    assert run("cite", "-f", "ris", "--index", index).count("ER  -") == 2
    assert run("cite", "-f", "bibtex", "--tag", "ferries", "--index", index).count("@misc") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("cite", "-f", "word"),
        ("cite", "--quote", "x"),
        ("cite", "ferry.md", "--quote", "no such words"),
        ("cite", "none"),
    ],
)
def test_what_cannot_be_cited_is_told(index: str, words: tuple[str, ...]) -> None:
    error = CliRunner().invoke(app, [*words, "--index", index]).exception
    assert isinstance(error, QuestionError | DocumentNotFoundError)
