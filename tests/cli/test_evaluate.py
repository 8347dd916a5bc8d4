"""askreport eval: what is printed and written, of a data set's own corpus and of the library as it is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from askreport.cli.main import app
from askreport.service.pages.shared import EVALUATION
from askreport.store import unseal
from tests.conftest import CORPUS, REPORT

QUESTIONS = [
    {"_id": "1", "text": "does the SVR spy on China?", "answerable": True,
     "evidence": ["the SVR is under agreement not to spy on the Chinese"]},
    {"_id": "2", "text": "What is the recipe for borscht?", "answerable": False},
]  # fmt: skip


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in QUESTIONS))
    return file


@pytest.fixture
def index(tmp_path: Path) -> Path:
    place = tmp_path / "index"
    assert CliRunner().invoke(app, ["index", str(REPORT), "--index", str(place)]).exit_code == 0
    return place


def run(questions: Path, index: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["eval", str(questions), "--index", str(index), *options])


def test_the_figures_are_printed_and_kept_for_the_page(questions: Path, index: Path) -> None:
    result = run(questions, index)
    assert result.exit_code == 0
    assert "2 questions (auto) to 1 documents" in result.output
    lines = {line.split()[0]: line.split() for line in result.output.splitlines() if line.strip()}
    assert lines["questions"] == ["questions", "first", "three", "AUROC", "at", "90%", "at", "95%", "nDCG@10"]
    assert "all 2 100.0% 100.0% 1.000 50.0% 50.0%" in " ".join(result.output.split())
    assert "what 1" in " ".join(result.output.split())
    assert max(map(len, result.output.splitlines()[1:12])) <= 80
    kept = json.loads((index / EVALUATION).read_text())
    assert kept["figures"]["first"] == 1
    assert set(kept["kinds"]) == {"yes/no", "what"}
    assert kept["figures"]["nDCG@10"] is None
    assert kept["questions"] == 2


def test_the_report_is_one_file_that_needs_nothing_else(questions: Path, index: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert run(questions, index, "--html", str(file)).exit_code == 0
    page = file.read_text()
    assert "Measured on “questions”" in page
    assert "<svg" in page
    assert "src=" not in page
    assert "<link" not in page
    assert "url(" not in page


def test_json_is_what_is_kept(questions: Path, index: Path) -> None:
    result = run(questions, index, "--json", "--limit", "1")
    found = json.loads(result.stdout)
    assert found == unseal((index / EVALUATION).read_text())
    assert found["questions"] == 1


def test_a_data_set_with_documents_is_asked_of_those(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASKREPORT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "d", "title": "Ships", "text": "The Vasa sank in 1628."}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "When did the Vasa sink?", "answerable": true}\n')
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")
    found = json.loads(run(folder, index, "--json").stdout)
    assert (found["name"], found["documents"], found["figures"]["nDCG@10"]) == ("set", 1, 1)


def test_a_folder_without_questions_is_an_error(index: Path) -> None:
    result = run(CORPUS, index)
    assert result.exit_code != 0
