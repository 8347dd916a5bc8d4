"""Every command tells a place in the same way, and a document by its corrected title."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askreport.cli.main import app
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from tests.tools.parts import PARSERS, folder

SENTENCE = "The ferry from Den Helder to Texel sails every hour from six in the morning until midnight."
QUESTION = "How often does the ferry from Den Helder to Texel sail?"
TITLE = "Zeevaart to Texel"


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("places")
    text = f"The island has seven villages and a lighthouse that stands since 1864.\n\n{SENTENCE}\n"
    ingest([folder(place / "corpus", {"ferry.txt": text})], place / "index", encoder, PARSERS)
    return str(place / "index")


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("draft") / "draft.txt"
    file.write_text(f"It says “{SENTENCE}”", "utf-8")
    return file


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "words", [("ask", QUESTION), ("mentions", QUESTION), ("overview", "ferry.txt"), ("compare", QUESTION), ("check",)]
)
def test_a_text_without_pages_is_cited_by_its_paragraph(index: str, draft: Path, words: tuple[str, ...]) -> None:
    said = run(*words, *([str(draft)] if words == ("check",) else []), "--index", index)
    assert "paragraph 2" in said
    assert "characters" not in said


def test_every_command_calls_a_document_by_its_corrected_title(index: str, draft: Path) -> None:
    run("describe", "ferry.txt", "--title", TITLE, "--index", index)
    for words in (("mentions", QUESTION), ("overview", "ferry.txt"), ("compare", QUESTION), ("documents",)):
        assert TITLE in run(*words, "--index", index), words
    for words in (
        ("ask", QUESTION),
        ("search", QUESTION),
        ("mentions", QUESTION),
        ("overview", "ferry.txt"),
        ("compare", QUESTION),
        ("documents",),
        ("check", str(draft)),
    ):
        assert f'"title": "{TITLE}"' in run(*words, "--json", "--index", index), words
    asked = CliRunner().invoke(app, ["delete", "ferry.txt", "--index", index], input="n\n")
    assert TITLE in asked.output
    assert json.loads(run("compare", QUESTION, "--json", "--index", index))["columns"][0]["name"] == TITLE
