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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import CORPUS


@contextmanager
def served(index: Path, port: int = 0) -> Iterator[str]:
    """The address of a service on a free port, ended by an interrupt."""
    command = [sys.executable, "-m", "askreport", "serve", "--port", str(port), "--index", str(index)]
    environment = os.environ | {"ASKREPORT_CORPUS": str(CORPUS), "COLUMNS": "200"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr
    try:
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, process.stderr.read()
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def ask(address: str, question: str) -> dict[str, object]:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{address}/api/ask", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, object] = json.load(response)
    return answer


def test_the_service_is_up_within_three_seconds_and_answers(corpus_index: Path) -> None:
    started = time.monotonic()
    with served(corpus_index) as address:
        answer = ask(address, "does the SVR spy on China?")
        assert time.monotonic() - started < 3
    assert answer["status"] == "answered"
    assert "under agreement not to spy on the Chinese" in str(answer["answer"])


def test_it_listens_on_the_loopback_only(corpus_index: Path) -> None:
    with served(corpus_index) as address:
        assert address.startswith("http://127.0.0.1:")


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
