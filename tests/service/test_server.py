"""Several processes behind one address, and their end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError

import pytest
from pydantic import SecretStr

from askreport.config import Settings, environment, load_settings
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.server import TICK
from tests.tools.parts import PARSERS, folder

GOATS = "The keeper of the lighthouse kept nine goats."
QUESTION = "How many goats did the keeper have?"
Result = TypeVar("Result")


class Service:
    """A service with two workers, as its users start it."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self.process = process
        self.address = address

    def get(self, path: str, body: Any = None) -> Any:
        """What a path answers; a connection of its own, so that either worker may take it."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def status(self, key: str = "") -> int:
        """What the list of documents answers; 0 if nobody does."""
        request = urllib.request.Request(f"{self.address}/api/documents", headers={"x-api-key": key} if key else {})
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return int(response.status)
        except HTTPError as error:
            return error.code
        except (URLError, ConnectionError, TimeoutError):
            return 0

    def ask(self) -> str:
        return str(self.get("/api/ask", {"question": QUESTION})["status"])

    def workers(self) -> list[int]:
        """The processes below the first that have the index open."""
        found = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if "resource_tracker" not in line]


@pytest.fixture
def service(tmp_path: Path, encoder: Encoder) -> Iterator[Service]:
    corpus = folder(tmp_path / "corpus", {"goats.txt": GOATS})
    ingest([corpus], tmp_path / "index", encoder, PARSERS)
    command = [sys.executable, "-m", "askreport", "serve", "--port", "0", "--workers", "2", "--watch"]
    own = {"ASKREPORT_CORPUS": str(corpus), "ASKREPORT_INDEX": str(tmp_path / "index"), "COLUMNS": "200"}
    own["ASKREPORT_KEYS"] = str(tmp_path / "keys.json")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | own)
    assert process.stderr
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found
    yield Service(process, found[0])
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def until(get: Callable[[], Result], ready: Callable[[Result], bool]) -> Result:
    deadline = time.monotonic() + 120
    while not ready(found := get()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_workers_answer_see_each_others_jobs_survive_a_kill_and_end_in_order(service: Service, tmp_path: Path) -> None:
    assert service.ask() == "answered"
    first = until(service.workers, lambda found: len(found) == 2)
    # Whichever takes the request: a job of one is known to both.
    jobs = [service.get("/api/index/rebuild?wait=false", {})["id"] for _ in range(3)]
    for job in jobs:
        for _ in range(6):
            assert service.get(f"/api/jobs/{job}")["id"] == job
        until(lambda job=job: service.get(f"/api/jobs/{job}")["status"], lambda status: status == "done")  # type: ignore[misc]
    for _ in range(6):
        assert set(jobs) <= {job["id"] for job in service.get("/api/jobs")}
    # One of them watches the folder, whichever is left.
    folder(tmp_path / "corpus", {"ferry.txt": "The ferry to Texel sails every hour."})
    ferry = {"question": "How often does the ferry to Texel sail?"}
    until(lambda: service.get("/api/ask", ferry)["status"], lambda status: status == "answered")
    os.kill(first[0], signal.SIGKILL)
    until(service.workers, lambda found: len(found) == 2 and first[0] not in found)
    assert service.ask() == "answered"
    (tmp_path / "corpus" / "ferry.txt").unlink()
    until(lambda: service.get("/api/ask", ferry)["status"], lambda status: status == "not_found")
    # What is being answered when the end is asked for is answered.
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(service.ask) for _ in range(8)]
        time.sleep(0.05)
        service.process.send_signal(signal.SIGTERM)
        statuses = []
        for answer in answers:
            try:
                statuses.append(answer.result())
            except (URLError, ConnectionError):
                statuses.append("not taken any more")
    assert set(statuses) <= {"answered", "not taken any more"}
    assert "answered" in statuses
    assert service.process.wait(timeout=20) in (0, -signal.SIGTERM)


def test_a_worker_that_is_started_after_the_keys_were_lost_asks_for_one(service: Service, tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "keys.json").add("one", "read")
    until(service.status, lambda status: status == 401)
    assert service.status(key) == 200
    first = until(service.workers, lambda found: len(found) == 2)
    # Until the first process has looked as well.
    time.sleep(3 * TICK)
    (tmp_path / "keys.json").unlink()
    for number in first:
        os.kill(number, signal.SIGKILL)
    until(service.workers, lambda found: len(found) == 2 and not set(first) & set(found))
    assert {until(service.status, bool) for _ in range(8)} == {401}


def test_settings_go_to_other_processes_whole(tmp_path: Path) -> None:
    settings = Settings(
        corpus=tmp_path, watch=True, passwords=SecretStr("one\ntwo"), llm_url="http://127.0.0.1:1", workers=3
    )
    assert load_settings(environment(settings)) == settings
    assert load_settings(environment(Settings())) == Settings()


def test_workers_end_when_the_process_that_started_them_is_killed(service: Service) -> None:
    assert service.ask() == "answered"
    workers = until(service.workers, lambda found: len(found) == 2)
    service.process.kill()
    service.process.wait(timeout=10)

    def left() -> list[int]:
        return [number for number in workers if Path(f"/proc/{number}/status").exists()]

    until(left, lambda found: not found)
