"""askreport check: what is printed of each quotation, the exit status, and the drafts that can be read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from askreport.cli.main import app
from askreport.errors import CorpusError
from tests.tools.parts import document, pdf, publish

TEXT = "Putin wanted three things from China. He got none of those things."


@pytest.fixture
def index(tmp_path: Path) -> Path:
    publish(tmp_path / "index", [document(TEXT, "report.txt")])
    return tmp_path / "index"


def run(index: Path, draft: str | Path, *options: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["check", str(draft), "--index", str(index), *options], input=stdin)


def draft(folder: Path, text: str, name: str = "draft.md") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_draft_of_verbatim_quotations_ends_well(index: Path, tmp_path: Path) -> None:
    result = run(index, draft(tmp_path, "It says “He got none of those things.”"))
    assert result.exit_code == 0
    assert "line 1: verbatim  “He got none of those things.”" in result.output
    assert "report.txt, paragraph 1" in result.output
    assert "1 verbatim, 0 with differences, 0 not found" in result.output


def test_a_misquotation_is_shown_word_by_word_and_ends_with_1(index: Path, tmp_path: Path) -> None:
    result = run(index, draft(tmp_path, "\n\nIt says “Putin wanted four things from China”."))
    assert result.exit_code == 1
    assert "line 3: different  “Putin wanted [-four-] {+three+} things from China”" in result.output


def test_what_is_nowhere_is_not_found_and_what_was_left_out_is_shown(index: Path, tmp_path: Path) -> None:
    result = run(index, draft(tmp_path, "“Putin wanted … from China” and “nobody wrote this anywhere”"))
    assert result.exit_code == 1
    assert "tolerated: ellipsis" in result.output
    assert "left out there: “three things”" in result.output
    assert "not found  “nobody wrote this anywhere”" in result.output


def test_an_open_mark_is_named(index: Path, tmp_path: Path) -> None:
    assert "line 2: a quotation mark opens here" in run(index, draft(tmp_path, "x\nHe said “yes.")).output


def test_a_draft_without_quotations_says_so(index: Path, tmp_path: Path) -> None:
    result = run(index, draft(tmp_path, "No quotations."))
    assert (result.exit_code, "no quotations in the draft" in result.output) == (0, True)


def test_json_is_the_report(index: Path, tmp_path: Path) -> None:
    result = run(index, draft(tmp_path, "“He got none”"), "--json")
    assert json.loads(result.stdout)["quotations"][0]["status"] == "verbatim"


def test_the_standard_input_and_other_formats_are_read(index: Path, tmp_path: Path) -> None:
    assert "1 verbatim" in run(index, "-", stdin="It says “He got none”.").output
    (tmp_path / "draft.pdf").write_bytes(pdf(['It says "He got none" there.']))
    assert "1 verbatim" in run(index, tmp_path / "draft.pdf").output


def test_a_draft_cannot_steer_the_terminal(index: Path, tmp_path: Path) -> None:
    output = run(index, draft(tmp_path, "“\x1b[31m[bold]He got none”")).output
    assert "\x1b" not in output
    assert "[bold]" in output


@pytest.mark.parametrize("name", ["none.md", "broken.pdf"])
def test_a_draft_that_cannot_be_read_is_an_error(index: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"no PDF")
    result = run(index, tmp_path / name)
    assert isinstance(result.exception, CorpusError)
    assert name in result.exception.message
    assert result.output == ""
