"""Two builds side by side: python -m benchmarks.against OLD NEW [--only question memory …].

OLD and NEW are checkouts, each with its own environment (``make install`` in it). Both serve the same documents, each
from an index that its own command made, and are measured in turn, so that both meet the same moods of the machine.
A time says little on a machine that does other things; the ratio of two times that were taken one after the other does.

    index      passages read, cut and embedded a second, once, from empty caches
    parse      files of the fourteen reports read and cut a second, with the vectors already in the cache
    disk       bytes of the index a passage
    command    `askreport ask` as a whole process, over the documents that ship
    question   a question that was not asked before, one at a time, of a warm service
    memory     private memory of that service
    load       questions answered a second over 16 connections, by two workers
    upload     from the end of an upload until the document answers
    page       a page of a PDF as it is printed, looked at the second time
    install    bytes of the environment

Printed are the median of OLD, of NEW, and of their ratios pair by pair.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askreport.evaluation.evaluate import CORPUS, QUERIES, rows

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
SET = "mtrag-clapnq"
ASKED = ("clapnq-dev", "nomiracl-en", "mtrag-clapnq", "squad2-dev")
REPORTS = SHARED / "documents" / "reports"
MEASURES = ("index", "parse", "disk", "command", "question", "memory", "load", "upload", "page", "install")
# What needs a service of the large library.
SERVED = {"question", "memory", "upload"}
CONNECTIONS = 16
UPLOAD = "The ferry of harbour {n} sails {count} times a day to the island of Number{n}."


@dataclass(frozen=True, slots=True)
class Build:
    """A checkout, and the folders that it is given to work in."""

    name: str
    checkout: Path
    work: Path

    @property
    def command(self) -> str:
        """Its command."""
        return str(self.checkout / ".venv" / "bin" / "askreport")

    def environment(self, library: str, corpus: Path | None = None) -> dict[str, str]:
        """The settings of one of its libraries."""
        folder = self.work / library
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ASKREPORT_")}
        own = {"CORPUS": corpus or folder / "corpus", "INDEX": folder / "index", "KEYS": folder / "keys.json"}
        own["CACHE"] = self.work / "cache"
        return kept | {f"ASKREPORT_{name}": str(value) for name, value in own.items()} | {"COLUMNS": "200"}

    def run(self, environment: dict[str, str], *words: str) -> float:
        """Seconds that a command takes."""
        started = time.perf_counter()
        subprocess.run([self.command, *words], env=environment, check=True, capture_output=True, cwd=self.checkout)
        return time.perf_counter() - started


@dataclass(slots=True)
class Service:
    """A service of a build's large library, and the connection to it."""

    build: Build
    process: "subprocess.Popen[str]"
    port: int
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """Status and body."""
        self.connection.request(method, path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, question: str) -> Any:
        """The answer to a question."""
        status, body = self.send("POST", "/api/v1/ask", json.dumps({"question": question}).encode())
        assert status == 200, body[:300]
        return json.loads(body)


@contextmanager
def serving(build: Build, environment: dict[str, str], *options: str) -> Iterator[Service]:
    """A service that ends with the block."""
    process = subprocess.Popen(
        [build.command, "serve", "--port", "0", "--no-watch", *options],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        cwd=build.checkout,
    )
    assert process.stderr
    found = re.search(r"http://\S+:(\d+)", process.stderr.readline())
    assert found
    # Whatever else it logs must not fill the pipe.
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield Service(build, process, int(found[1]))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def main() -> None:
    """Prints a line a measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "against")
    parser.add_argument("--pairs", type=int, default=10, help="how often each is measured, where it takes seconds")
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=10, help="of each round of `load`")
    options = parser.parse_args()
    builds = [
        Build(name, path.resolve(), options.work.resolve() / name)
        for name, path in (("old", options.old), ("new", options.new))
    ]
    print(f"{'':22} {'old':>10} {'new':>10} {'new/old':>8}")
    for each in builds:
        each.work.mkdir(parents=True, exist_ok=True)
    measured: dict[str, Callable[[Sequence[Build], argparse.Namespace], None]] = {
        "index": indexing,
        "parse": parsing,
        "disk": disk,
        "command": commands,
        "load": load,
        "page": pages,
        "install": installed,
    }
    for name, measure in measured.items():
        if name in options.only:
            measure(builds, options)
    if SERVED & set(options.only):
        served(builds, options)


def show(name: str, unit: str, measured: Sequence[Sequence[float]]) -> None:
    """A line: the medians of both builds, and the median of the ratios."""
    old, new = measured
    ratios = [b / a for a, b in zip(old, new, strict=True)]
    print(
        f"{name + ', ' + unit:22} {statistics.median(old):10.3f} {statistics.median(new):10.3f} "
        f"{statistics.median(ratios):8.2f}",
        flush=True,
    )


def in_turn(builds: Sequence[Build], times: int, measure: Callable[[Build], float]) -> list[list[float]]:
    """What is measured of each build, one after the other."""
    found: list[list[float]] = [[], []]
    for _ in range(times):
        for each, build in zip(found, builds, strict=True):
            each.append(measure(build))
    return found


def counted(build: Build, library: str) -> int:
    """The passages of an index, as its service counts them."""
    with serving(build, build.environment(library)) as service:
        return int(json.loads(service.send("GET", "/api/v1/index")[1])["counts"]["passages"])


def large(build: Build) -> float:
    """Makes a build's large library from nothing; the seconds of it."""
    folder = build.work / "large"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "corpus").mkdir(parents=True)
    shutil.copy(SHARED / "eval" / SET / CORPUS, folder / "corpus")
    # The model is exported, or built, before the clock runs.
    small(build)
    return build.run(build.environment("large"), "index")


def small(build: Build) -> dict[str, str]:
    """A build's library of the documents that ship, made if it is not there."""
    environment = build.environment("small", build.checkout / "corpus")
    build.run(environment, "index")
    return environment


def indexing(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Passages a second."""
    del options
    took = [large(each) for each in builds]
    show("index", "passages/s", [[counted(each, "large") / taken] for each, taken in zip(builds, took, strict=True)])


def parsing(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Files a second, of indexing runs that find no parsed file in the cache but every vector."""
    del options
    files = len(list(REPORTS.iterdir()))

    def once(build: Build) -> float:
        environment = build.environment("reports", REPORTS)
        for name in ("files.sqlite", "parsed.sqlite"):
            for file in (build.work / "reports" / "index").glob(f"**/{name}*"):
                file.unlink()
        return files / build.run(environment, "index")

    for each in builds:
        once(each)
    show("parse", "files/s", in_turn(builds, 4, once))


def disk(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Bytes of the published generation a passage."""
    del options
    found: list[list[float]] = []
    for build in builds:
        newest = max((build.work / "large" / "index").glob("**/manifest.json"), key=lambda file: file.stat().st_mtime)
        size = sum(file.stat().st_size for file in newest.parent.rglob("*") if file.is_file())
        found.append([size / counted(build, "large")])
    show("disk", "bytes/passage", found)


def commands(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Seconds of a process that answers one question."""
    environments = {each.name: small(each) for each in builds}
    words = ("ask", "does the SVR spy on China?")
    show("command", "s", in_turn(builds, options.pairs, lambda each: each.run(environments[each.name], *words)))


def questions() -> Iterator[str]:
    """Questions of several sets, none twice."""
    found = [str(row["text"])[:400] for name in ASKED for row in rows(SHARED / "eval" / name / QUERIES)]
    random.Random(4).shuffle(found)
    return iter(dict.fromkeys(found))


def served(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """What a service takes that is asked by nobody else."""
    old, new = builds
    with serving(old, old.environment("large")) as first, serving(new, new.environment("large")) as second:
        services = (first, second)
        fresh = questions()
        for question in itertools.islice(fresh, 30):
            for each in services:
                each.ask(question)
        if "question" in options.only:
            took: list[list[float]] = [[], []]
            for question in itertools.islice(fresh, options.questions):
                for each, times in zip(services, took, strict=True):
                    started = time.perf_counter()
                    each.ask(question)
                    times.append(1000 * (time.perf_counter() - started))
            show("question", "ms", took)
        if "memory" in options.only:
            show("memory", "MB", [[private(each.process.pid)] for each in services])
        if "upload" in options.only:
            numbers = itertools.count(random.Random().randrange(10**6))
            waited = [[uploaded(each, next(numbers)) for each in services] for _ in range(options.pairs)]
            show("upload", "s", list(zip(*waited, strict=True)))


def private(pid: int) -> float:
    """Megabytes that only this process and those that it started have."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    kilobytes = re.findall(r"Private_(?:Clean|Dirty): +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    return sum(map(int, kilobytes)) / 1024 + sum(private(int(child)) for child in children)


def uploaded(service: Service, n: int) -> float:
    """Seconds from the end of an upload until its document answers."""
    text = UPLOAD.format(n=n, count=3 + n % 7)
    body = f'--x\r\nContent-Disposition: form-data; name="files"; filename="ferry{n}.txt"\r\n\r\n{text}\r\n--x--\r\n'
    status, answer = service.send("POST", "/api/v1/documents", body.encode(), "multipart/form-data; boundary=x")
    assert status == 202, answer[:300]
    started = time.perf_counter()
    question = f"How often does the ferry of harbour {n} to the island of Number{n} sail?"
    while not any(text in quote["text"] for quote in service.ask(question)["quotes"]):
        assert time.perf_counter() < started + 60
        time.sleep(0.02)
    return time.perf_counter() - started


def load(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Answers a second while many ask."""
    found: list[list[float]] = [[], []]
    fresh = questions()
    for _ in range(3):
        asked = list(itertools.islice(fresh, 1_500))
        for each, rates in zip(builds, found, strict=True):
            with serving(each, each.environment("large"), "--workers", "2") as service:
                answered(service.port, iter(asked[:100]), 3)
                rates.append(answered(service.port, iter(asked[100:]), options.seconds) / options.seconds)
    show("load", "answers/s", found)


def answered(port: int, fresh: Iterator[str], seconds: float) -> int:
    """How many questions are answered in this time."""
    lock, done, until = threading.Lock(), itertools.count(), time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.perf_counter() < until:
            with lock:
                question = next(fresh, None)
            if question is None:
                return
            body = json.dumps({"question": question}).encode()
            connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                next(done)
            else:
                time.sleep(1)

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(done)


def pages(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Milliseconds of a printed page that was looked at before."""
    found: list[list[float]] = [[], []]
    old, new = builds
    for each in builds:
        each.run(each.environment("reports", REPORTS), "index")
    with (
        serving(old, old.environment("reports", REPORTS)) as first,
        serving(new, new.environment("reports", REPORTS)) as second,
    ):
        services = (first, second)
        listed = [json.loads(each.send("GET", "/api/v1/documents?limit=200")[1]) for each in services]
        ids = [sorted((one["path"], one["id"]) for one in each if one["path"].endswith(".pdf")) for each in listed]
        for n in range(options.pairs):
            for service, own, times in zip(services, ids, found, strict=True):
                path = f"/documents/{own[n % len(own)][1]}?page=1"
                service.send("GET", path)
                started = time.perf_counter()
                assert service.send("GET", path)[0] == 200
                times.append(1000 * (time.perf_counter() - started))
    show("page", "ms", found)


def installed(builds: Sequence[Build], options: argparse.Namespace) -> None:
    """Gigabytes of the environment."""
    del options
    sizes = [
        sum(file.lstat().st_blocks * 512 for file in (each.checkout / ".venv").rglob("*") if not file.is_dir())
        for each in builds
    ]
    show("install", "GB", [[size / 1e9] for size in sizes])


if __name__ == "__main__":
    main()
