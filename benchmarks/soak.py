"""Hours of use in minutes: the service answers thousands of requests while its library changes every second.

    python -m benchmarks.soak --requests 20000

Four connections ask the watching service, by its API; meanwhile a file is changed, added or removed each second. What
must hold: every answer is right, no request fails, memory and open files do not grow. The exit status tells. An
indexing run has files open for moments, so of files the least of each quarter is compared: what is never closed is in
that as well.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

CONNECTIONS = 4
DOCUMENTS = 40
# What the service may have more of: memory in MB than after a quarter of the requests, open files in the last quarter
# than in the second.
MORE_MEMORY = 40
MORE_FILES = 4
WARM = 0.25
SAMPLES = 80


@dataclass(slots=True, kw_only=True)
class Soak:
    """What came of the requests, and how the service was doing after each so many of them."""

    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    generations: set[int] = field(default_factory=set)
    samples: list[tuple[int, float, int]] = field(default_factory=list)


def text(n: int, version: int = 0) -> str:
    """A document of thirty sentences with facts of its own."""
    facts = [f"Ship {n}-{m} left port {m} with {n * 100 + m + version} crates of salt on board." for m in range(30)]
    return "\n\n".join(" ".join(facts[start : start + 6]) for start in range(0, 30, 6))


@contextmanager
def service(corpus: Path, index: Path) -> Iterator[tuple[int, int]]:
    """Runs the service on the folder; its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "askreport", "serve", "--watch", "--port", port, "--corpus", corpus]
    process = subprocess.Popen([*map(str, command), "--index", str(index)])
    try:
        _await(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int) -> None:
    for _ in range(600):
        try:
            if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), 3, 4)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit("the service does not answer")


def ask(connection: http.client.HTTPConnection, n: int, m: int) -> tuple[int, dict[str, object]]:
    """Status and body of the answer to a question about a document that does not change."""
    body = json.dumps({"question": f"How many crates of salt did Ship {n}-{m} have on board?"})
    connection.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def health(process: int) -> tuple[float, int]:
    """Memory (not of mapped files) in MB, and open files of a process."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    private = next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024
    return private, len(list(Path(f"/proc/{process}/fd").iterdir()))


def change(corpus: Path, step: int) -> None:
    """Changes the library in one of four ways."""
    passing = corpus / "passing.txt"
    if step % 4 == 0:
        (corpus / f"changing-{step % 7}.txt").write_text(text(1000 + step % 7, step))
    elif step % 4 == 1:
        passing.write_text(text(2000 + step))
    elif step % 4 == 2 and passing.exists():
        passing.rename(corpus / "renamed.txt")
    else:
        (corpus / "renamed.txt").unlink(missing_ok=True)


def run(requests: int, place: Path) -> Soak:
    """So many requests against the service over a library in the folder."""
    corpus = place / "corpus"
    corpus.mkdir()
    for n in range(DOCUMENTS):
        (corpus / f"stable-{n}.txt").write_text(text(n))
    soak, over, lock = Soak(), threading.Event(), threading.Lock()

    def change_all_along() -> None:
        step = 0
        while not over.wait(1):
            change(corpus, step)
            step += 1

    with service(corpus, place / "index") as (port, process):

        def work(worker: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            for number in range(worker, requests, CONNECTIONS):
                n, m = number % DOCUMENTS, number % 30
                started = time.perf_counter()
                status, answer = ask(connection, n, m)
                took = time.perf_counter() - started
                right = f"with {n * 100 + m} crates" in json.dumps(answer.get("passages", ""))
                with lock:
                    soak.took.append(took)
                    if status != 200 or not right:
                        soak.wrong.append(f"{status} {n}-{m} {json.dumps(answer)[:300]}")
                    else:
                        soak.generations.add(answer["index"]["generation"])  # type: ignore[index]
                    if len(soak.took) % (requests // SAMPLES) == 0:
                        soak.samples.append((len(soak.took), *health(process)))

        threading.Thread(target=change_all_along, daemon=True).start()
        with ThreadPoolExecutor(CONNECTIONS) as workers:
            list(workers.map(work, range(CONNECTIONS)))
        over.set()
    return soak


def least_open(samples: Sequence[tuple[int, float, int]]) -> int:
    """The fewest open files of some samples."""
    return min(count for _, _, count in samples)


def main() -> None:
    """Prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        soak = run(options.requests, Path(name))
    minutes = (time.perf_counter() - started) / 60
    print(f"{len(soak.took)} requests in {minutes:.1f} minutes over {len(soak.generations)} generations")
    print(f"{1000 * np.median(soak.took):.1f} ms median, {1000 * np.percentile(soak.took, 95):.1f} ms p95")
    print("requests   MB private   open files")
    for number, private, count in soak.samples[:: SAMPLES // 20]:
        print(f"{number:8} {private:12.0f} {count:12}")
    later = [sample for sample in soak.samples if sample[0] >= WARM * options.requests]
    memory = max(private for _, private, _ in later[1:]) - later[0][1]
    files = least_open(later[-len(later) // 3 :]) - least_open(later[: len(later) // 3])
    print(
        f"after the first quarter: {memory:+.0f} MB (at most {MORE_MEMORY}), {files:+.0f} files (at most {MORE_FILES})"
    )
    print(f"{len(soak.wrong)} wrong or failed", *soak.wrong[:5], sep="\n")
    sys.exit(1 if soak.wrong or memory > MORE_MEMORY or files > MORE_FILES else 0)


if __name__ == "__main__":
    main()
