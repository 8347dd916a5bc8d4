"""The running service, as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS, folder
from tests.tools.timing import CHILDREN, importing, ratio, seconds

# What the service needs of other people's code.
LIBRARIES = ("faiss", "fastapi", "httpx2", "numpy", "onnxruntime", "sentencex", "tantivy", "tokenizers", "uvicorn")


@contextmanager
def served(index: Path, *options: str, corpus: Path = CORPUS, **settings: str) -> Iterator[str]:
    """The address of a service on a free port, ended by an interrupt."""
    command = [sys.executable, "-m", "askreport", "serve", "--port", "0", "--index", str(index), *options]
    environment = os.environ | {"ASKREPORT_CORPUS": str(corpus), "COLUMNS": "200"} | settings
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr
    try:
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, process.stderr.read()
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def ask(address: str, question: str) -> dict[str, Any]:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{address}/api/ask", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def jobs(address: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/api/jobs", timeout=10) as response:
        listed: list[dict[str, Any]] = json.load(response)
    return listed


def until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_service_answers_after_little_more_than_importing_its_libraries(corpus_index: Path) -> None:
    def answers() -> None:
        with served(corpus_index) as address:
            answer = ask(address, "does the SVR spy on China?")
        assert answer["status"] == "answered"
        assert "under agreement not to spy on the Chinese" in str(answer["answer"])

    # Measured up to 3.7 with an encoder and a reader of twelve layers each.
    assert ratio(answers, lambda: importing(*LIBRARIES), 3, CHILDREN, min) < 4.5


def test_it_listens_on_the_loopback_only(corpus_index: Path) -> None:
    with served(corpus_index) as address:
        assert address.startswith("http://127.0.0.1:")
        # Interrupted only once it serves.
        assert urllib.request.urlopen(f"{address}/healthz", timeout=10).status == 200


def test_a_taken_port_is_an_error_that_says_what_to_do(corpus_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "askreport", "serve", "--port", str(port), "--index", str(corpus_index)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "--port" in done.stderr


FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
QUESTION = "How often does the ferry to Texel sail?"


@pytest.mark.parametrize(("options", "settings"), [(("--watch",), {}), ((), {"ASKREPORT_WATCH": "true"})])
def test_a_watched_folder_is_indexed_while_the_service_answers(
    tmp_path: Path, encoder: Encoder, options: tuple[str, ...], settings: dict[str, str]
) -> None:
    corpus = folder(tmp_path / "corpus", {"goats.txt": "The keeper of the lighthouse kept nine goats."})
    ingest([corpus], tmp_path / "index", encoder, PARSERS)
    # Added before the service starts: its first run finds it.
    folder(corpus, {"sheep.txt": "The shepherd counted eleven sheep."})
    with ExitStack() as service:
        address = ""

        def start() -> None:
            nonlocal address
            address = service.enter_context(served(tmp_path / "index", *options, corpus=corpus, **settings))

        starting = seconds(start)
        until(lambda: bool(ask(address, "How many sheep did the shepherd count?")["quotes"]))
        assert ask(address, QUESTION)["status"] == "not_found"
        folder(corpus, {"new/ferry.txt": FERRY})
        until(lambda: ask(address, QUESTION)["status"] == "answered")
        assert {job["kind"] for job in jobs(address)} == {"reindex"}
        (corpus / "new" / "ferry.txt").unlink()
        until(lambda: ask(address, QUESTION)["status"] == "not_found")
        # It waits for nothing: to start takes more work than to end.
        assert seconds(service.close) < 2 * starting


def test_a_folder_is_not_watched_unless_that_is_wanted(tmp_path: Path, encoder: Encoder) -> None:
    corpus = folder(tmp_path / "corpus", {"goats.txt": "The keeper of the lighthouse kept nine goats."})
    ingest([corpus], tmp_path / "index", encoder, PARSERS)
    with served(tmp_path / "index", "--no-watch", corpus=corpus, ASKREPORT_WATCH="true") as address:
        folder(corpus, {"ferry.txt": FERRY})
        time.sleep(1.5)
        assert jobs(address) == []
        assert ask(address, QUESTION)["status"] == "not_found"
