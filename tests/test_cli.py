"""The command line, as whole processes where exit status, imports or time are the point."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import CORPUS, REPORT

SVR = "does the SVR spy on China?"


def run(*arguments: str | Path, cwd: Path | None = None, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command with settings given as environment variables."""
    environment = os.environ | {"COLUMNS": "120"} | {f"ASKREPORT_{key.upper()}": str(v) for key, v in settings.items()}
    command = [sys.executable, "-W", "error", "-m", "askreport", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, timeout=120)


def test_ask_prints_the_quote_and_its_place(corpus_index: Path) -> None:
    done = run("ask", SVR, index=corpus_index)
    assert done.returncode == 0
    assert "under agreement not to spy on the Chinese" in " ".join(done.stdout.split())
    assert "china-russia-report.txt, characters 10766–10916" in done.stdout


def test_ask_as_json_is_the_whole_answer(corpus_index: Path) -> None:
    answer = json.loads(run("ask", SVR, "--json", "-k", "2", index=corpus_index).stdout)
    assert answer["status"] == "answered"
    assert len(answer["passages"]) <= 2
    quote = answer["quotes"][0]
    assert REPORT.read_text()[quote["start"] : quote["end"]] == quote["text"]


def test_not_found_is_exit_status_1_without_quotes(corpus_index: Path) -> None:
    done = run("ask", "How do I reset my password?", "--json", index=corpus_index)
    assert done.returncode == 1
    assert json.loads(done.stdout)["quotes"] == []
    assert "the documents do not say" in run("ask", "How do I reset my password?", index=corpus_index).stdout


@pytest.mark.parametrize("question", ["", "   ", "x" * 100_000])
def test_a_question_that_cannot_be_asked_is_exit_status_2(corpus_index: Path, question: str) -> None:
    done = run("ask", question, index=corpus_index)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error" in done.stderr
    assert "Traceback" not in done.stderr


def test_ask_as_a_whole_process_takes_under_a_second_and_a_half(corpus_index: Path) -> None:
    run("ask", SVR, index=corpus_index)
    took = []
    for _ in range(3):
        started = time.monotonic()
        assert run("ask", SVR, index=corpus_index).returncode == 0
        took.append(time.monotonic() - started)
    assert sorted(took)[1] < 1.5


def test_ask_imports_neither_torch_nor_transformers(corpus_index: Path) -> None:
    program = (
        "import sys\n"
        "from askreport.cli import app\n"
        f"app(['ask', {SVR!r}, '--index', {str(corpus_index)!r}], standalone_mode=False)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx', 'fastapi'} & sys.modules.keys()\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "SVR" in done.stdout


def test_index_reports_every_file_and_indexes_the_rest(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text("The ferry to Texel sails every hour. It takes twenty minutes.")
    (corpus / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    (corpus / "picture.txt").write_bytes(bytes(range(256)) * 20)
    (corpus / "empty.md").write_text("")
    done = run("index", corpus=corpus, index=tmp_path / "index")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "indexed good.txt" in text
    assert "unsupported sheet.xlsx .xlsx files are not supported" in text
    assert "damaged picture.txt" in text
    assert "empty empty.md" in text
    assert "1 documents, 1 passages, 2 sentences" in text


def test_index_takes_paths_and_says_when_nothing_changed(tmp_path: Path) -> None:
    first = json.loads(run("index", REPORT, "--json", index=tmp_path / "index").stdout)
    again = run("index", REPORT, index=tmp_path / "index")
    assert (first["published"], first["counts"]["documents"]) == (True, 1)
    assert "up to date" in again.stdout


def test_any_folder_can_be_asked_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "ferry.md").write_text("# Ferries\n\nThe ferry to Texel sails every hour.\n")
    settings = {"corpus": tmp_path / "reports", "index": tmp_path / "made"}
    assert run("index", cwd=tmp_path, **settings).returncode == 0
    done = run("ask", "How often does the ferry to Texel sail?", cwd=tmp_path, **settings)
    assert "sails every hour" in done.stdout


def test_search_lists_passages(corpus_index: Path) -> None:
    done = run("search", "unit 54777", "-k", "3", index=corpus_index)
    assert done.returncode == 0
    assert "gru-unit-54777.md" in done.stdout


def test_status_says_what_the_index_holds(corpus_index: Path) -> None:
    done = run("status", index=corpus_index)
    assert f"{len(list(CORPUS.iterdir()))} documents" in done.stdout
    assert "all-MiniLM-L6-v2" in done.stdout


@pytest.mark.parametrize("command", [["ask", SVR], ["search", "x"], ["status"]])
def test_a_missing_index_says_how_to_build_it(tmp_path: Path, command: list[str]) -> None:
    done = run(*command, index=tmp_path / "none")
    assert done.returncode == 2
    assert "askreport index" in done.stderr


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    done = run("status", index=tmp_path, indx="typo")
    assert done.returncode == 2
    assert "ASKREPORT_INDX" in done.stderr
    assert "ASKREPORT_INDEX" in done.stderr


def test_a_missing_corpus_folder_is_an_error_and_the_index_stays(tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("index", REPORT, index=index)
    done = run("index", corpus=tmp_path / "none", index=index)
    assert done.returncode == 2
    assert "ASKREPORT_CORPUS" in done.stderr
    assert run("ask", SVR, index=index).returncode == 0


def test_two_indexing_runs_at_once_end_with_a_whole_index(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "askreport", "index", str(CORPUS), "--index", str(tmp_path / "index")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(*process.communicate(timeout=120), process.returncode) for process in both]
    assert sorted(code for *_, code in ended) in ([0, 0], [0, 2])
    assert all("another process is writing" in err for _, err, code in ended if code == 2)
    assert run("ask", SVR, index=tmp_path / "index").returncode == 0


def test_words_of_a_quote_are_printed_as_they_are_and_steer_no_terminal(tmp_path: Path) -> None:
    text = "The agent wrote :warning: and 1:100:5 in \x1b]0;red\x07 letters on the wall."
    (tmp_path / "note.jsonl").write_text(json.dumps({"id": 1, "text": text}))
    run("index", tmp_path / "note.jsonl", index=tmp_path / "index")
    done = run("ask", "What did the agent write in letters on the wall?", index=tmp_path / "index")
    assert ":warning: and 1:100:5" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_output_that_no_terminal_reads_is_not_wrapped(corpus_index: Path) -> None:
    done = run("ask", SVR, index=corpus_index)
    assert any(
        "while the SVR is under agreement" in line and "fills the gap.”" in line for line in done.stdout.split("\n")
    )


def test_a_narrow_encoding_of_the_output_does_not_break_the_answer(corpus_index: Path) -> None:
    command = [sys.executable, "-m", "askreport", "ask", SVR, "--index", str(corpus_index)]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"}, timeout=60)
    assert done.returncode == 0
    assert "“At the same time" in done.stdout.decode()
