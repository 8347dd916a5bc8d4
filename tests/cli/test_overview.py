"""The command that says what is in a document, and `ask` that leads to it."""

import json
from pathlib import Path

from tests.cli.test_main import run


def test_an_overview_is_printed_and_given_as_json(corpus_index: Path) -> None:
    printed = run("overview", "china-russia-report.txt", index=corpus_index).stdout
    found = json.loads(run("overview", "china-russia-report.txt", "--json", index=corpus_index).stdout)
    for title in ("Questions it answers", "Key sentences", "How it ends", "Names", "Dates"):
        assert title in printed
    for each in (*found["key_sentences"], *(each["answer"] for each in found["questions"])):
        assert f"“{each['text']}”" in printed
        assert f"paragraph {each['paragraph']}\n" in printed


def test_a_question_about_a_whole_document_names_the_command(corpus_index: Path) -> None:
    done = run("ask", "Summarise the china russia report", index=corpus_index)
    assert done.returncode == 0
    assert "askreport overview china-russia-report.txt" in done.stdout
