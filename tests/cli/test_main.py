"""The command line, as whole processes where exit status, imports or time are the point."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from askreport.cli.main import COMMANDS, app
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.store import read_manifest
from tests.conftest import CORPUS, REPORT
from tests.tools.parts import PARSERS, document, folder, publish_by_words
from tests.tools.timing import CHILDREN, importing, ratio

SVR = "does the SVR spy on China?"
ASKS = f"""
import sys
from askreport.cli.main import app
app(["ask", {SVR!r}, "--index", sys.argv[1]], standalone_mode=False)
"""
# What reads files, serves, embeds with other models, writes prose, or talks to a database or a server.
NEEDLESS = """
    torch transformers sentence_transformers onnx onnxscript scipy ir_measures
    fastapi starlette uvicorn jinja2 prometheus_client itsdangerous watchfiles mcp openai httpx2 anyio asyncio ssl
    psycopg psycopg_pool obstore
    lxml mammoth openpyxl pptx pypdfium2 PIL markdown_it striprtf yaml charset_normalizer multiprocessing
    askreport.service askreport.agents askreport.prose askreport.parse askreport.indexing askreport.changes
    askreport.transfer askreport.doctor askreport.evaluation askreport.check
"""
# What a question needs of other people's code.
LIBRARIES = (
    "faiss",
    "httpx2",
    "numpy",
    "onnxruntime",
    "pydantic",
    "rich",
    "sentencex",
    "tantivy",
    "tokenizers",
    "typer",
)


def run(*arguments: str | Path, cwd: Path | None = None, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command with settings given as environment variables."""
    return answering("", *arguments, cwd=cwd, **settings)


def answering(
    typed: str, *arguments: str | Path, cwd: Path | None = None, **settings: str | Path
) -> subprocess.CompletedProcess[str]:
    """The same, with what is typed at its questions."""
    environment = os.environ | {"COLUMNS": "120"} | {f"ASKREPORT_{key.upper()}": str(v) for key, v in settings.items()}
    command = [sys.executable, "-W", "error", "-m", "askreport", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, input=typed, timeout=120)


def test_ask_prints_the_quote_and_its_place(corpus_index: Path) -> None:
    done = run("ask", SVR, index=corpus_index)
    assert done.returncode == 0
    assert "under agreement not to spy on the Chinese" in " ".join(done.stdout.split())
    assert "china-russia-report.txt, paragraph 16" in done.stdout


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


def test_ask_prints_passages_only_if_they_are_asked_for(corpus_index: Path) -> None:
    for question, heading in ((SVR, "Passages around it"), ("How do I reset my password?", "Nearest passages")):
        assert heading not in run("ask", question, index=corpus_index).stdout
        assert heading in run("ask", question, "--passages", index=corpus_index).stdout


@pytest.mark.parametrize("command", [["ask"], ["keys"], ["keys", "add"], []])
def test_help_shows_no_type_behind_a_flag(command: list[str]) -> None:
    printed = run(*command, "--help").stdout
    assert "--help" in printed
    assert "<bool>" not in printed


@pytest.mark.parametrize("question", ["", "   ", "x" * 100_000])
def test_a_question_that_cannot_be_asked_is_exit_status_2(corpus_index: Path, question: str) -> None:
    done = run("ask", question, index=corpus_index)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error" in done.stderr
    assert "Traceback" not in done.stderr


def test_ask_as_a_whole_process_does_little_more_than_to_import_its_libraries(corpus_index: Path) -> None:
    def asked() -> None:
        assert run("ask", SVR, index=corpus_index).returncode == 0

    asked()
    assert ratio(asked, lambda: importing(*LIBRARIES), 3, CHILDREN, min) < 5


@pytest.mark.parametrize("program", ["import askreport", "import askreport.cli.main", ASKS])
def test_what_a_question_does_not_need_is_not_imported(corpus_index: Path, program: str) -> None:
    ending = "\nimport sys; print(sorted(set(sys.argv[2].split()) & sys.modules.keys()), file=sys.stderr)"
    command = [sys.executable, "-c", program + ending, str(corpus_index), NEEDLESS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"askreport {version('askreport')}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_under_its_name(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"])
    assert done.exit_code == 0
    assert f" {name} " in done.output.splitlines()[1]


def test_a_command_that_is_not_there_is_told_with_one_that_is() -> None:
    done = run("stat")
    assert done.returncode == 2
    assert "Did you mean 'status'?" in done.stderr


def test_index_reports_every_file_and_indexes_the_rest(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text("The ferry to Texel sails every hour. It takes twenty minutes.")
    (corpus / "sheet.xls").write_bytes(b"PK\x03\x04")
    (corpus / "picture.txt").write_bytes(bytes(range(256)) * 20)
    (corpus / "empty.md").write_text("")
    done = run("index", corpus=corpus, index=tmp_path / "index")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "indexed good.txt" in text
    assert "unsupported sheet.xls .xls files are not supported" in text
    assert "damaged picture.txt" in text
    assert "no text empty.md the file is empty" in text
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


def test_mentions_are_listed_by_document_and_counted(corpus_index: Path) -> None:
    done = run("mentions", "unit 54777", "--limit", "2", "--folder", "none", index=corpus_index)
    assert (done.returncode, "no document is left" in done.stderr) == (2, True)
    done = run("mentions", "unit 54777", "--limit", "2", "--kind", "md", index=corpus_index)
    assert done.returncode == 0
    assert "gru-unit-54777.md" in done.stdout
    assert "--offset 2" in done.stdout
    told = json.loads(run("mentions", "unit 54777", "--json", index=corpus_index).stdout)
    assert told["total"] == sum(each["mentions"] for each in told["documents"])
    assert run("mentions", "zirconium", index=corpus_index).returncode == 1


def test_documents_are_compared_and_the_table_is_saved(corpus_index: Path, tmp_path: Path) -> None:
    columns = ("--documents", "china-russia-report.txt", "--documents", "demography.md")
    done = run("compare", SVR, "Who advocates cooperation with China?", *columns, index=corpus_index)
    assert done.returncode == 0
    assert "under agreement not to spy on the Chinese" in done.stdout
    assert done.stdout.count("|---") == 3
    saved = run("compare", SVR, *columns, "-o", str(tmp_path / "table.xlsx"), index=corpus_index)
    assert "1 × 2 saved to" in saved.stdout
    assert (tmp_path / "table.xlsx").read_bytes().startswith(b"PK")
    told = json.loads(run("compare", SVR, *columns, "--json", index=corpus_index).stdout)
    assert [len(row) for row in told["rows"]] == [2]
    refused = run("compare", SVR, *columns, "-o", str(tmp_path / "table.pdf"), index=corpus_index)
    assert (refused.returncode, "says no format" in refused.stderr) == (2, True)


def test_a_question_is_put_to_some_documents(corpus_index: Path) -> None:
    done = run("search", "unit 54777", "--in", "demography.md", "--json", index=corpus_index)
    assert {each["document"]["path"] for each in json.loads(done.stdout)["passages"]} == {"demography.md"}
    refused = run("ask", "How do I reset my password?", "--kind", "txt", index=corpus_index)
    assert refused.returncode == 1
    assert "the chosen documents do not say (1 of 11 were asked)" in refused.stdout


def test_while_not_all_is_embedded_the_commands_say_so(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = folder(tmp_path / "corpus", {"a.txt": "The ferry sails every hour."}), tmp_path / "index"
    ingest([corpus], index, encoder, PARSERS)
    publish_by_words(index, [document("The keeper kept nine goats.", "b.txt")], read_manifest(index, 1), encoder)
    said = "50% of the passages"
    for command in (["ask", "Who kept goats?"], ["search", "goats"], ["mentions", "goats"], ["status"]):
        found = run(*command, index=index)
        assert said in " ".join(found.stdout.split()), found
    assert json.loads(run("status", "--json", index=index).stdout)["embedded"] == 0.5
    completed = run("index", corpus=corpus, index=index)
    assert completed.returncode == 0
    assert "passages are found" not in run("ask", "When does the ferry sail?", index=index).stdout


def test_status_says_what_the_index_holds(corpus_index: Path, encoder: Encoder) -> None:
    done = run("status", index=corpus_index)
    assert f"{len(list(CORPUS.iterdir()))} documents" in done.stdout
    assert encoder.fingerprint in done.stdout


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


# The library's files


def places_in(path: Path) -> dict[str, Any]:
    return {"corpus": path / "corpus", "index": path / "index"}


def note(path: Path, text: str = "The ferry to Texel sails every hour. It takes twenty minutes.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files_are_added_listed_given_back_and_deleted(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    ferry = note(tmp_path / "ferry.txt")
    note(tmp_path / "more" / "goats.md", "# Goats\n\nThe keeper kept nine goats.")
    added = run("add", ferry, tmp_path / "more", **places)
    assert added.returncode == 0, added.stderr
    assert [line.split()[:2] for line in added.stdout.splitlines()] == [
        ["indexed", "ferry.txt"],
        ["indexed", "goats.md"],
    ]
    listed = json.loads(run("documents", "--json", **places).stdout)
    assert [(each["path"], each["title"], each["pages"]) for each in listed] == [
        ("ferry.txt", "Ferry", 0),
        ("goats.md", "Goats", 0),
    ]
    first = run("documents", **places).stdout.splitlines()[0]
    assert first.split("\t") == [listed[0]["id"], "Ferry", "ferry.txt", "0", "1", ""]
    for name in ("ferry.txt", listed[0]["id"]):
        answer = json.loads(run("ask", "How often does it sail?", "--document", name, "--json", **places).stdout)
        assert {place["document"]["path"] for place in answer["passages"]} == {"ferry.txt"}
    assert run("original", listed[0]["id"], "-o", "-", **places).stdout == ferry.read_text()
    deleted = run("delete", "ferry.txt", "--yes", **places)
    assert deleted.returncode == 0
    assert "is kept in" in deleted.stdout
    assert [each["path"] for each in json.loads(run("documents", "--json", **places).stdout)] == ["goats.md"]


def test_adding_says_what_could_not_be_added_and_ends_with_1(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    added = run("add", note(tmp_path / "ferry.txt"), note(tmp_path / "bad.pdf", "no pdf"), "--json", **places)
    assert added.returncode == 1
    assert [(each["name"], each["status"]) for each in json.loads(added.stdout)] == [
        ("ferry.txt", "indexed"),
        ("bad.pdf", "damaged"),
    ]
    again = run("add", tmp_path / "ferry.txt", **places)
    assert again.returncode == 0
    assert "same content as ferry.txt" in again.stdout
    missing = run("add", tmp_path / "none.txt", **places)
    assert missing.returncode == 2
    assert "none.txt" in missing.stderr
    assert "Traceback" not in missing.stderr
    assert {path.name for path in (tmp_path / "corpus").rglob("*") if path.is_file()} == {"ferry.txt"}


def test_deleting_asks_first(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    run("add", note(tmp_path / "ferry.txt"), **places)
    for answer in ("n\n", ""):
        done = answering(answer, "delete", "ferry.txt", **places)
        assert done.returncode == 1
        assert "Delete Ferry (ferry.txt)?" in done.stderr
    assert run("documents", **places).stdout
    assert answering("y\n", "delete", "ferry.txt", **places).returncode == 0
    assert run("documents", **places).stdout == ""
    unknown = run("delete", "ferry.txt", "--yes", **places)
    assert unknown.returncode == 2
    assert "askreport documents" in unknown.stderr


def test_an_original_overwrites_only_what_was_named(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    run("add", note(tmp_path / "ferry.txt"), **places)
    here = tmp_path / "here"
    here.mkdir()
    assert run("original", "ferry.txt", cwd=here, **places).stdout.strip() == "ferry.txt"
    (here / "ferry.txt").write_text("mine")
    refused = run("original", "ferry.txt", cwd=here, **places)
    assert refused.returncode == 2
    assert "File exists" in refused.stderr
    assert (here / "ferry.txt").read_text() == "mine"
    assert run("original", "ferry.txt", "-o", "ferry.txt", cwd=here, **places).returncode == 0
    assert (here / "ferry.txt").read_text() == (tmp_path / "ferry.txt").read_text()
    (tmp_path / "corpus" / "ferry.txt").write_text("changed")
    changed = run("original", "ferry.txt", "-o", "-", **places)
    assert (changed.returncode, changed.stdout) == (2, "")
    assert "was changed" in changed.stderr


def test_the_doctor_ends_with_0_where_all_is_well_and_with_1_where_not(corpus_index: Path, tmp_path: Path) -> None:
    well = run("doctor", corpus=CORPUS, index=corpus_index)
    assert well.returncode == 0, well.stdout
    assert "index" in well.stdout
    ill = run("doctor", "--json", corpus=CORPUS, index=tmp_path / "none")
    assert ill.returncode == 1
    problem = next(check for check in json.loads(ill.stdout) if check["name"] == "index")
    assert (problem["status"], problem["hint"]) == ("problem", "Run `askreport index` to build it.")


def test_an_unknown_document_to_ask_about_is_an_error(corpus_index: Path) -> None:
    done = run("ask", SVR, "--document", "none.txt", index=corpus_index)
    assert done.returncode == 2
    assert "no document none.txt is in the index" in done.stderr
