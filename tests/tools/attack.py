"""Attacks a service that it starts, in every way that SECURITY.md speaks of and a program can try: `make attack`.

Each row of the table is one kind of attack: how often it was tried, how often it succeeded, and what was measured.
Nothing may succeed. It takes about three minutes.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from askreport.guard.access import ASKING, is_own, is_public
from askreport.guard.headers import SECURE_HEADERS
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from tests.tools.faults import damage_files
from tests.tools.parts import PARSERS, HashingEncoder, folder, prose

LARGE = 20_000_000
NOT_READING, SLOW = 200, 220
QUESTION = {"question": "Which colour is Box 3-17 and what does it weigh?"}
PAGE_CACHE = 64_000_000
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "WHATEVER")
# What parsers of headers, addresses and bodies stumble over.
NASTY = ("http://[", "//", "\x01", "\xff\xfe", "[" * 4_000, "%00", "../" * 50, "0" * 5_000, "é", "{", "a=b;" * 500)
SERVE = """
import sys
from pathlib import Path
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service import app, server
from tests.tools.parts import HashingEncoder
settings = Settings(corpus=Path(sys.argv[1]), index=Path(sys.argv[2]), keys=Path(sys.argv[3]), port=0, rate=0)
real = app.create_app
server.create_app = lambda settings, **others: real(settings, Library(settings.index, HashingEncoder()), **others)
server.run(settings)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one kind of attack."""

    name: str
    tried: int
    succeeded: int
    said: str = ""


class Site:
    """A library with a large file, keys of both roles, and the service over it."""

    def __init__(self, place: Path) -> None:
        self.corpus = folder(place / "corpus", {f"{n}.txt": prose(n, 30) for n in range(6)})
        # Large as a file; its text is a sentence, and soon indexed.
        padding = f"<!-- {'x' * 990} -->\n" * (LARGE // 1_000)
        (self.corpus / "large.html").write_text(f"<p>Boxes came by ship, and were weighed.</p>\n{padding}")
        titled = {"id": "t", "title": "Goats " * 200_000, "text": "The keeper kept nine goats."}
        (self.corpus / "titled.jsonl").write_text(json.dumps(titled))
        self.index, self.keys = place / "index", place / "keys.json"
        ingest([self.corpus], self.index, HashingEncoder(), PARSERS)
        file = KeyFile(self.keys)
        self.read, self.write = ({"x-api-key": file.add(role, role)} for role in ("read", "write"))
        self.log = (place / "log").open("w+")
        self.address = ""

    @contextmanager
    def served(self, open_files: int = 1_024) -> Iterator["psutil.Process"]:
        """The service while it runs; it may have so many files open."""
        command = f"ulimit -n {open_files} && exec {sys.executable} -c '{SERVE}' {self.corpus} {self.index} {self.keys}"
        process = subprocess.Popen(["bash", "-c", command], stderr=subprocess.PIPE, text=True, env=os.environ)
        assert process.stderr
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, process.stderr.read()
        self.address = found[0]
        threading.Thread(target=self._copy, args=(process.stderr,), daemon=True).start()
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()
            process.wait()

    def _copy(self, lines: Any) -> None:
        for line in lines:
            self.log.write(line)
            self.log.flush()

    def client(self, **headers: str) -> httpx2.Client:
        """A client that sends these headers."""
        return httpx2.Client(base_url=self.address, headers=headers, timeout=60)

    def raw(self) -> socket.socket:
        """A connection of one's own."""
        host, port = self.address.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=10)

    def addresses(self) -> list[str]:
        """Every address that the service documents, and some that it does not."""
        with self.client(**self.read) as client:
            paths = list(client.get("/openapi.json").json()["paths"])
        paths += ["/", "/documents", "/check", "/evaluation", "/metrics", "/docs", "/mcp", "/v1/chat/completions"]
        paths += ["/nothing", "//", "/api/documents/", "/static/../api/documents", "/documents/x/delete"]
        return [re.sub(r"{[^}]*}", "0", path) for path in paths]


def without_a_key(site: Site) -> Row:
    """Every address by every method, with no key and with wrong ones."""
    tried = opened = 0
    wrong: list[dict[str, str]] = [{}, {"x-api-key": "ask_wrong"}, {"authorization": "Bearer x"}]
    wrong.append({"cookie": "askreport_session=x"})
    with site.client() as client:
        for path in (each for each in site.addresses() if not is_public(each)):
            for method in METHODS[:-3]:
                for headers in wrong if method in ("GET", "DELETE") else wrong[:1]:
                    status = client.request(method, path, headers=headers).status_code
                    tried, opened = tried + 1, opened + (status not in (400, 401, 404, 405))
    return Row("no key, or a wrong one, on every address", tried, opened)


def reading_key_writes(site: Site) -> Row:
    """What a key that may only read is not to do."""
    tried = opened = 0
    with site.client(**site.read) as client:
        for path in (each for each in site.addresses() if not is_public(each)):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                unversioned = path.replace("/api/v1/", "/api/")
                if (method == "POST" and unversioned in ASKING) or is_own(unversioned):
                    continue
                tried, opened = tried + 1, opened + (client.request(method, path).status_code != 403)
    return Row("a key that may read changes something", tried, opened)


def other_sites(site: Site) -> Row:
    """Pages of other sites, and names that are not the service's."""
    tried = opened = 0
    with site.client(**site.write) as client:
        for origin in ("https://evil.example", "null", *NASTY[:4]):
            for path in site.addresses():
                status = client.post(path, headers={b"origin": origin.encode("latin-1")}).status_code
                tried, opened = tried + 1, opened + (status != 403)
        for host in ("evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost:1:2"):
            tried, opened = tried + 1, opened + (client.get("/api/documents", headers={"host": host}).status_code < 400)
    return Row("a page of another site, or another name", tried, opened)


def hostile_requests(site: Site, chance: random.Random) -> Row:
    """Headers, bodies and raw bytes that nobody should send; none may make the service fail."""
    tried = failed = bare = 0
    with site.client(**site.write) as client:
        for name in ("accept", "content-type", "cookie", "range", "if-none-match", "x-library-generation", "te"):
            for value in NASTY:
                for method, path in (("GET", "/"), ("POST", "/api/ask"), ("POST", "/documents"), ("GET", "/metrics")):
                    sent = {name.encode(): value.encode("utf-8").decode("latin-1").encode("latin-1")}
                    with suppress(httpx2.HTTPError):
                        status = client.request(method, path, headers=sent).status_code
                        tried, failed = tried + 1, failed + (status >= 500 and status != 503)
        for body in (b"{" * 5_000, b'{"question": 1}', b"\xff" * 99, b'{"question": "' + b"x" * 900_000 + b'"}'):
            status = client.post("/api/ask", content=body).status_code
            tried, failed = tried + 1, failed + (status >= 500)
    for _ in range(200):
        with site.raw() as connection, suppress(OSError):
            connection.sendall(chance.randbytes(chance.randrange(1, 400)) + b"\r\n\r\n")
            answer = connection.recv(65_536).lower()
            tried, failed = tried + 1, failed + answer.startswith(b"http/1.1 5")
            bare += answer.startswith(b"http/1.1 4") and not all(name.encode() in answer for name in SECURE_HEADERS)
    return Row("hostile headers, bodies and bytes", tried, failed + bare, f"{bare} without the headers")


def places_told(site: Site) -> Row:
    """Errors that say where the service's folders are."""
    keys, addresses, place = site.keys.read_bytes(), site.addresses(), str(site.corpus.parent)
    site.keys.write_text("{")
    with site.client() as client:
        responses = [client.get(path) for path in addresses]
    site.keys.write_bytes(keys)
    told = sum(place in response.text for response in responses)
    return Row("errors that tell where files are", len(responses), told)


def sizes(site: Site) -> Row:
    """A title of a megabyte in every answer."""
    with site.client(**site.read, accept="text/html") as client:
        page = len(client.get("/", params={"q": "How many goats did the keeper keep?"}).content)
        listed = len(client.get("/api/documents").content)
    return Row("sizes that multiply", 2, (page > 500_000) + (listed > 500_000), f"{page:,} and {listed:,} bytes")


async def _times(site: Site, seconds: float) -> tuple[list[float], list[float], int]:
    """How long questions and `/healthz` take for others meanwhile, in seconds, and how many failed."""
    asked: list[float] = []
    probed: list[float] = []
    failed = 0
    ends = time.monotonic() + seconds
    async with httpx2.AsyncClient(base_url=site.address, headers=site.write, timeout=30) as client:
        requests = (
            (asked, partial(client.post, "/api/ask", json=QUESTION)),
            (probed, partial(client.get, "/healthz")),
        )
        while time.monotonic() < ends:
            for times, request in requests:
                started = time.perf_counter()
                try:
                    failed += (await request()).status_code != 200
                except httpx2.HTTPError:
                    failed += 1
                times.append(time.perf_counter() - started)
            await asyncio.sleep(0.05)
    return asked, probed, failed


def crowd(site: Site, process: psutil.Process) -> list[Row]:
    """Clients that do not read, clients that send slowly, and what others notice of them; then the end."""
    with site.client(**site.write) as client:
        listed = client.get("/api/documents").json()
        client.post("/api/ask", json=QUESTION)
    large = next(each["id"] for each in listed if each["path"] == "large.html")
    idle = most = process.memory_info().rss
    asked, probed, _ = asyncio.run(_times(site, 5))
    usual = (_p99(asked), _p99(probed))
    watching = threading.Event()

    def watch() -> None:
        nonlocal most
        while not watching.wait(0.05):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ExitStack() as held:
        for n in range(NOT_READING):
            held.enter_context(connection := site.raw())
            key = (site.read if n % 2 else site.write)["x-api-key"]
            connection.sendall(
                f"GET /api/documents/{large}/original HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {key}\r\n\r\n".encode()
            )
        for _ in range(SLOW):
            held.enter_context(connection := site.raw())
            connection.sendall(b"POST /api/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 900\r\n\r\nx")
        asked, probed, failed = asyncio.run(_times(site, 15))
        watching.set()
        watcher.join()
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        with suppress(psutil.TimeoutExpired):
            process.wait(20)
        ended = time.monotonic() - started
    bound = 1.5 * idle + PAGE_CACHE
    times = (
        f"p99 {_p99(asked):.2f} s of questions, {_p99(probed):.2f} s of /healthz; alone {usual[0]:.2f}, {usual[1]:.2f}"
    )
    slow = _p99(asked) > max(1.0, 2 * usual[0]), _p99(probed) > max(0.1, 2 * usual[1])
    return [
        Row(f"{NOT_READING} clients that do not read", NOT_READING, most > bound, f"{idle:,} to {most:,} bytes"),
        Row(f"{SLOW} slow ones beside them: others wait", len(asked) + len(probed), failed + sum(slow), times),
        Row("the end does not come", 1, ended > 5, f"{ended:.1f} s after SIGTERM"),
    ]


def used_up(site: Site) -> Row:
    """Connections beyond what the process may open."""
    site.log.seek(0, os.SEEK_END)
    before = site.log.tell()
    statuses = []
    with site.served(open_files=256), ExitStack() as held:
        for _ in range(400):
            with suppress(OSError):
                held.enter_context(site.raw())
        for _ in range(20):
            with suppress(OSError), site.raw() as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
                statuses.append(connection.recv(12)[9:12])
        held.close()
        time.sleep(1)
        with site.client() as client:
            is_back = client.get("/healthz").status_code == 200
    written = site.log.tell() - before
    wrong = sum(status not in (b"200", b"503", b"") for status in statuses) + (written > 100_000) + (not is_back)
    return Row("all files that may be open", 400, wrong, f"{written:,} bytes of log")


def lost_keys(site: Site) -> Row:
    """The file of the keys is lost while the service runs."""
    whole = site.keys.read_bytes()
    site.keys.unlink()
    with site.client() as client:
        opened = sum(client.get(path).status_code == 200 for path in ("/api/documents", "/", "/api/jobs"))
    site.keys.write_bytes(whole)
    return Row("the keys are lost", 3, opened)


def damaged(place: Path, seed: int) -> Row:
    """Every file below the index folder, damaged."""
    results = damage_files(place, 1, seed)
    bad = {name: count for name, count in results.items() if name not in ("harmless", "noticed", "refused")}
    return Row("damage to each file of the index", sum(results.values()), sum(bad.values()), str(dict(results)))


def _p99(times: list[float]) -> float:
    return sorted(times)[int(0.99 * len(times))]


def attack(place: Path, seed: int) -> Iterator[Row]:
    """All rows, as they come."""
    site = Site(place / "site")
    one_by_one: list[Callable[[Site], Row]] = [
        *(without_a_key, reading_key_writes, other_sites, places_told, lost_keys, sizes),
        lambda site: hostile_requests(site, random.Random(seed)),
    ]
    with site.served() as process:
        for each in one_by_one:
            yield each(site)
        yield from crowd(site, process)
    yield used_up(site)
    yield damaged(place / "damage", seed)


def main() -> None:
    """Prints the table; exit status 1 if anything succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, PARSERS:
        rows = []
        for row in attack(Path(name), options.seed):
            print(row, flush=True)
            rows.append(row)
    table = Table("attack", "tried", "succeeded", "measured", title=f"seed {options.seed}")
    for row in rows:
        table.add_row(row.name, f"{row.tried:,}", str(int(row.succeeded)), row.said)
    Console(width=150).print(table)
    sys.exit(any(row.succeeded for row in rows))


if __name__ == "__main__":
    main()
