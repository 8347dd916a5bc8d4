"""How many questions a service answers, and what it does when there are too many: python -m benchmarks.load.

A service of its own over mtrag-clapnq (10,724 passages and more), started as its users start it, is asked by this
process over loopback, each phase for ``--seconds``:

    different    16 connections, every question another one
    repeated     16 connections, fifty questions again and again, as a page that is shown to many is asked
    changing     as different, while a document is uploaded each second; how long until it is answered from
    too many     160 connections
    afterwards   as different again

Printed are answers a second, their times, what was put off (503) and what failed, how long /healthz takes meanwhile
(asked every 50 ms), and how long after SIGTERM, under load, the service has ended and whether anything was cut off.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from askreport.config import Settings
from askreport.evaluation.evaluate import CORPUS, QUERIES, rows
from askreport.indexing.ingest import ingest
from askreport.models.encoder import load_encoder
from askreport.parse import parser_pool

EVAL = Path(__file__).parents[2] / "shared" / "eval"
SET = "mtrag-clapnq"
# What is asked: questions of several sets, so that no phase asks one twice unless it means to.
ASKED = ("clapnq-dev", "nomiracl-en", "mtrag-clapnq", "squad2-dev")
CONNECTIONS, MANY = 16, 160
UPLOAD = "The ferry of harbour {n} sails {count} times a day to the island of Number{n}."


@dataclass(slots=True, kw_only=True)
class Phase:
    """What came of a phase: seconds of each answer and of each look at /healthz, statuses, what went wrong."""

    name: str
    seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)

    def row(self) -> str:
        """The phase as a line of the table."""
        p50, p99 = (1000 * np.percentile(self.took or [np.nan], q) for q in (50, 99))
        health = [1000 * value for value in self.health or [float("nan")]]
        row = (
            f"{self.name:12} {self.statuses.get(200, 0) / self.seconds:9.1f} {p50:8.0f} {p99:8.0f} "
            f"{self.statuses.get(503, 0):8} {len(self.failed):8} {np.percentile(health, 99):8.0f} {max(health):8.0f}"
        )
        if self.visible:
            row += f"   visible after {np.median(self.visible):.2f} s, {max(self.visible):.2f} at worst"
        return row


class Connection:
    """A connection that stays open, as little work for this process as possible."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        top = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"content-length: (\d+)", top, re.IGNORECASE)
        data = await self._reader.readexactly(int(length[1]) if length else 0)
        if "connection: close" in top.lower():
            self.close()
        return int(top.split(" ", 2)[1]), data

    def close(self) -> None:
        """Ends the connection."""
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None


async def client(port: int, phase: Phase, question: Callable[[], str], until: float) -> None:
    """Asks one question after another until then; who is put off comes again after a second, as it is told to."""
    connection = Connection(port)
    while time.perf_counter() < until:
        body = json.dumps({"question": question(), "k": 5}).encode()
        started = time.perf_counter()
        try:
            status, data = await asyncio.wait_for(connection.request("POST", "/api/ask", body), 60)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            phase.failed.append(repr(error))
            connection.close()
            continue
        phase.statuses[status] = phase.statuses.get(status, 0) + 1
        if status == 200:
            phase.took.append(time.perf_counter() - started)
            if json.loads(data)["status"] not in ("answered", "uncertain", "not_found"):
                phase.failed.append(data[:200].decode())
        elif status == 503:
            await asyncio.sleep(1)
        else:
            phase.failed.append(f"{status} {data[:200].decode()}")
    connection.close()


async def look_after(port: int, phase: Phase, until: float) -> None:
    """Asks /healthz every 50 ms, each time by a connection of its own, so that every worker is asked."""
    while time.perf_counter() < until:
        connection = Connection(port)
        started = time.perf_counter()
        try:
            status, _ = await asyncio.wait_for(connection.request("GET", "/healthz"), 10)
            phase.health.append(time.perf_counter() - started)
            if status != 200:
                phase.failed.append(f"/healthz {status}")
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            phase.failed.append(f"/healthz {error!r}")
        connection.close()
        await asyncio.sleep(0.05)


async def change(port: int, phase: Phase, until: float, number: Callable[[], int]) -> None:
    """Uploads a document each second and asks for it until it answers."""
    connection = Connection(port)
    while time.perf_counter() < until:
        n, started = number(), time.perf_counter()
        text = UPLOAD.format(n=n, count=3 + n % 7)
        body = (
            f'--x\r\nContent-Disposition: form-data; name="files"; filename="ferry{n}.txt"\r\n\r\n{text}\r\n--x--\r\n'
        ).encode()
        upload = connection.request("POST", "/api/documents", body, "multipart/form-data; boundary=x")
        status, data = await asyncio.wait_for(upload, 60)
        if status != 202:
            phase.failed.append(f"upload {status} {data[:200].decode()}")
        question = json.dumps({"question": f"How often does the ferry of harbour {n} to the island of Number{n} sail?"})
        while time.perf_counter() < started + 60:
            status, data = await asyncio.wait_for(connection.request("POST", "/api/ask", question.encode()), 60)
            if status == 200 and any(text in quote["text"] for quote in json.loads(data)["quotes"]):
                phase.visible.append(time.perf_counter() - started)
                break
            await asyncio.sleep(0.05)
        else:
            phase.failed.append(f"document {n} was not visible within a minute")
        await asyncio.sleep(max(0.0, started + 1 - time.perf_counter()))
    connection.close()


async def run_phase(
    port: int,
    name: str,
    question: Callable[[], str],
    connections: int,
    seconds: float,
    number: Callable[[], int] | None,
) -> Phase:
    """One phase."""
    phase, started = Phase(name=name), time.perf_counter()
    until = started + seconds
    work = [client(port, phase, question, until) for _ in range(connections)] + [look_after(port, phase, until)]
    if number:
        work.append(change(port, phase, until, number))
    await asyncio.gather(*work)
    phase.seconds = time.perf_counter() - started
    print(phase.row(), flush=True)
    for problem in phase.failed[:3]:
        print("   ", problem)
    return phase


async def end(port: int, process: "subprocess.Popen[str]", question: Callable[[], str]) -> bool:
    """Whether everything that was under way at SIGTERM was answered, and the service then ended."""
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    await asyncio.gather(*(each.request("GET", "/healthz") for each in connections))
    body = [json.dumps({"question": question()}).encode() for _ in connections]
    asked = [
        asyncio.ensure_future(each.request("POST", "/api/ask", one))
        for each, one in zip(connections, body, strict=True)
    ]
    await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    started = time.perf_counter()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    cut = sum(not isinstance(each, tuple) or each[0] != 200 for each in answers)
    await asyncio.to_thread(process.wait, 30)
    print(f"ended {time.perf_counter() - started:.2f} s after SIGTERM; {cut} of {len(answers)} under way were cut off")
    return cut == 0


def main() -> None:
    """Prints the table; the exit status tells whether anything failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reader", default="builtin")
    options = parser.parse_args()
    settings = Settings(reader=options.reader)
    corpus, index = prepared(settings)
    questions = [str(row["text"])[:400] for name in ASKED for row in rows(EVAL / name / QUERIES)]
    random.Random(4).shuffle(questions)
    fresh = iter(questions)
    again = itertools.cycle(questions[-50:])
    command = [sys.executable, "-m", "askreport", "serve", "--port", "0", "--workers", str(options.workers)]
    own = {"ASKREPORT_INDEX": str(index), "ASKREPORT_CORPUS": str(corpus), "ASKREPORT_READER": options.reader}
    environment = os.environ | own | {"COLUMNS": "200"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr
    found = re.search(r"http://\S+:(\d+)", process.stderr.readline())
    assert found
    # Whatever else it logs must not fill the pipe.
    threading.Thread(target=process.communicate, daemon=True).start()
    print(f"{options.workers} workers, reader {options.reader}")
    sys.exit(0 if asyncio.run(phases(int(found[1]), process, fresh, again, options.seconds)) else 1)


def prepared(settings: Settings) -> tuple[Path, Path]:
    """The folders of the documents and of their index, kept in the cache folder; what was uploaded to them is gone."""
    corpus, index = settings.cache / "load" / "corpus", settings.cache / "load" / "index"
    corpus.mkdir(parents=True, exist_ok=True)
    for file in corpus.iterdir():
        if file.is_file():
            file.unlink()
    shutil.copy(EVAL / SET / CORPUS, corpus)
    encoder = load_encoder(settings.model, settings.cache)
    with parser_pool(settings) as parsers:
        report = ingest([corpus], index, encoder, parsers)
    print(f"{report.counts.documents} documents, {report.counts.passages} passages")
    return corpus, index


async def phases(
    port: int, process: "subprocess.Popen[str]", fresh: Iterator[str], again: Iterator[str], seconds: float
) -> bool:
    """All phases; whether nothing failed."""
    try:
        await run_phase(port, name="warm-up", question=lambda: next(fresh), connections=4, seconds=3, number=None)
        print(f"{'':12} answers/s   p50 ms   p99 ms      503   failed   /healthz p99, worst, ms")
        numbers = itertools.count(1)
        made = [
            await run_phase(
                port,
                name="different",
                question=lambda: next(fresh),
                connections=CONNECTIONS,
                seconds=seconds,
                number=None,
            ),
            await run_phase(
                port,
                name="repeated",
                question=lambda: next(again),
                connections=CONNECTIONS,
                seconds=seconds,
                number=None,
            ),
            await run_phase(
                port,
                name="changing",
                question=lambda: next(fresh),
                connections=CONNECTIONS,
                seconds=seconds,
                number=lambda: next(numbers),
            ),
            await run_phase(
                port, name="too many", question=lambda: next(fresh), connections=MANY, seconds=seconds, number=None
            ),
            await run_phase(
                port,
                name="afterwards",
                question=lambda: next(fresh),
                connections=CONNECTIONS,
                seconds=seconds,
                number=None,
            ),
        ]
        return await end(port, process, lambda: next(fresh)) and not any(phase.failed for phase in made)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
