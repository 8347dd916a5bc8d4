"""Ten minutes of use while everything around the service fails: python -m benchmarks.trouble.

Two worker processes, four connections that ask, of ten questions one with a language model's prose. Meanwhile, at
random moments: files change, a process that reads files is killed, a worker is killed, another process writes the whole
index anew, the index's folder is moved away and back, and the language model's endpoint tells the truth, lies, breaks
off, hangs, fails or talks nonsense. What must hold: no answer is wrong, no lie of the model is called supported.
Printed are the troubles, the answers, and what was put off or cut off (which is a failure, and not a wrong answer).
"""

import argparse
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.soak import DOCUMENTS, change, text
from tests.tools.scripted import Reply, Script, scripted

CONNECTIONS = 4
WITH_PROSE = 0.1
# Seconds between two troubles.
GAP = (1.0, 4.0)
_CRATES = re.compile(r"with (\d+) crates")


class Storm:
    """The service, what happens to it, and what came of the requests."""

    def __init__(self, place: Path, seconds: float) -> None:
        self.corpus, self.index = place / "corpus", place / "index"
        self.until = time.monotonic() + seconds
        self.draw = random.Random(8)
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.took: list[float] = []
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self.log: deque[str] = deque(maxlen=20)
        self._counting = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether the time is up, or the service has ended, which it must not."""
        return time.monotonic() >= self.until or (self.process is not None and self.process.poll() is not None)

    def count(self, what: str) -> None:
        """One more of these."""
        with self._counting:
            self.counts[what] += 1

    def environment(self, model: str) -> dict[str, str]:
        """The service's settings."""
        own = {"CORPUS": self.corpus, "INDEX": self.index, "LLM_URL": model, "LLM_MODEL": "scripted", "LLM_SECONDS": 3}
        return os.environ | {f"ASKREPORT_{name}": str(value) for name, value in own.items()} | {"COLUMNS": "200"}

    def start(self, model: str) -> None:
        """Starts the service and waits until it answers."""
        command = [sys.executable, "-m", "askreport", "serve", "--watch", "--workers", "2", "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.environment(model))
        assert self.process.stderr
        found = re.search(r"http://\S+:(\d+)", self.process.stderr.readline())
        assert found
        self.port = int(found[1])
        # Whatever it logs must not fill the pipe.
        threading.Thread(target=self.log.extend, args=(self.process.stderr,), daemon=True).start()
        while self._ask(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), 1, 1, False)[0] != 200:
            time.sleep(0.2)

    def descendants(self, mark: str) -> list[int]:
        """The processes below the service whose command line has the mark."""
        assert self.process
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        family = {self.process.pid}
        for _ in range(4):
            family |= {int(pid) for pid, parent, _ in rows if int(parent) in family}
        return [int(pid) for pid, _, command in rows if int(pid) in family and mark in command]

    def trouble(self, environment: dict[str, str]) -> None:
        """One thing after another goes wrong, until the time is up."""
        troubles: dict[str, Callable[[], None]] = {
            "reading process killed": lambda: self._kill("askreport.parse.child"),
            "worker killed": lambda: self._kill("spawn_main"),
            "index written anew": lambda: self._index(environment),
            "index moved away and back": self._move,
        }
        while not self.is_over:
            name = self.draw.choices(list(troubles), (5, 1, 2, 2))[0]
            troubles[name]()
            self.count(name)
            time.sleep(self.draw.uniform(*GAP))

    def _kill(self, mark: str) -> None:
        if found := self.descendants(mark):
            with suppress(ProcessLookupError):
                os.kill(self.draw.choice(found), signal.SIGKILL)

    def _index(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "askreport", "index", "--compact"]
        subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)

    def _move(self) -> None:
        away = self.index.with_name("away")
        self.index.rename(away)
        time.sleep(0.3)
        # A worker may have begun an index of its own meanwhile; what was there is the truth.
        if self.index.exists():
            self.index.rename(self.index.with_name(f"begun-{time.monotonic_ns()}"))
        away.rename(self.index)

    def change_all_along(self) -> None:
        """The corpus changes each second."""
        step = 0
        while not self.is_over:
            change(self.corpus, step)
            step += 1
            time.sleep(1)

    def ask_all_along(self, worker: int) -> None:
        """Asks one question after another, and judges the answers."""
        number = worker
        draw = random.Random(worker)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.is_over:
            n, m = number % DOCUMENTS, number % 30
            number += CONNECTIONS
            started = time.perf_counter()
            try:
                status, answer = self._ask(connection, n, m, draw.random() < WITH_PROSE)
            except (OSError, http.client.HTTPException) as error:
                self.count(f"connection lost ({type(error).__name__})")
                connection.close()
                continue
            self.took.append(time.perf_counter() - started)
            self._judge(status, answer, n, m)

    def _ask(self, connection: http.client.HTTPConnection, n: int, m: int, prose: bool) -> tuple[int, dict[str, Any]]:
        question = f"How many crates of salt did Ship {n}-{m} have on board?"
        body = json.dumps({"question": question, "prose": prose})
        connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def _judge(self, status: int, answer: dict[str, Any], n: int, m: int) -> None:
        if status != 200:
            self.count(f"refused with {status} {answer['error']['code']}")
            return
        truth = n * 100 + m
        quotes = [quote["text"] for quote in answer["quotes"]]
        own = [quote for quote in quotes if f"Ship {n}-{m} " in quote]
        if any(f"with {truth} crates" not in quote for quote in own) or not answer["passages"]:
            self.wrong.append(f"{n}-{m}: {quotes}")
        elif not own:
            self.count("answered without the ship's sentence")
        else:
            self.count("answered right")
        prose = answer.get("prose")
        if prose:
            self.count("prose failed, the quotes stood" if prose["error"] else "prose written")
            for sentence in prose["sentences"]:
                if sentence["supported"] and {int(each) for each in _CRATES.findall(sentence["text"])} - {truth}:
                    self.wrong.append(f"{n}-{m} supported: {sentence['text']}")


def model(storm: Storm) -> Script:
    """An endpoint that is right once in a while."""

    def reply(response: Reply, body: dict[str, Any]) -> None:
        kind = storm.draw.choice(["truth", "lie", "break off", "hang", "fail", "nonsense"])
        storm.count(f"model: {kind}")
        asked = re.search(r"Ship (\d+)-(\d+) have", json.dumps(body))
        n, m = (int(asked[1]), int(asked[2])) if asked else (0, 0)
        crates = n * 100 + m + (kind == "lie") * 7
        if kind == "fail":
            response.head(500)
            return
        response.head()
        if kind == "nonsense":
            response.raw("data: {not json\n\n")
            return
        if kind == "hang":
            time.sleep(4)
            return
        sentence = f"Ship {n}-{m} left port {m} with {crates} crates of salt on board [1]."
        for word in sentence.split()[: 4 if kind == "break off" else None]:
            response.chunk(word + " ")
        if kind != "break off":
            response.end()

    return reply


def main() -> None:
    """Prints what came of it; the exit status tells whether anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        storm = Storm(Path(name), options.seconds)
        storm.corpus.mkdir()
        for n in range(DOCUMENTS):
            (storm.corpus / f"stable-{n}.txt").write_text(text(n))
        with scripted(model(storm)) as endpoint:
            environment = storm.environment(endpoint.url)
            subprocess.run(
                [sys.executable, "-m", "askreport", "index"], env=environment, capture_output=True, check=True
            )
            storm.start(endpoint.url)
            storm.until = time.monotonic() + options.seconds
            work = [lambda: storm.trouble(environment), storm.change_all_along]
            work += [lambda worker=worker: storm.ask_all_along(worker) for worker in range(CONNECTIONS)]  # type: ignore[misc]
            with ThreadPoolExecutor(len(work)) as threads:
                for done in [threads.submit(each) for each in work]:
                    done.result()
        assert storm.process
        if storm.process.poll() is not None:
            storm.wrong.append("the service ended:\n" + "".join(storm.log))
        storm.process.terminate()
        storm.process.wait(30)
    print(f"{len(storm.took)} answers, {1000 * np.median(storm.took):.0f} ms median")
    for what, count in sorted(storm.counts.items()):
        print(f"{count:8}  {what}")
    print(f"{len(storm.wrong)} wrong", *storm.wrong[:5], sep="\n")
    sys.exit(1 if storm.wrong else 0)


if __name__ == "__main__":
    main()
