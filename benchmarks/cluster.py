"""A library in PostgreSQL: how large it is, how fast it answers beside a folder, and what more processes add.

Made libraries are those of benchmarks/scale.py; everything else is real. The address is ASKREPORT_STORE's.

    python -m benchmarks.cluster load --passages 100000        (how fast, how much disk for each table)
    python -m benchmarks.cluster ask --index FOLDER            (the same questions to both)
    python -m benchmarks.cluster recall                        (the graph's neighbours against all)
    python -m benchmarks.cluster workers                       (one worker and two, and how soon a file answers)
    python -m benchmarks.cluster servers                       (one service and two)
    python -m benchmarks.cluster agree --data FOLDER           (a data set's questions to both)
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import numpy as np

from askreport.answering.ask import READ_PASSAGES, ask
from askreport.answering.library import Library, made_with
from askreport.answering.retrieve import retrieve
from askreport.changes.postgres.manage import PostgresManager
from askreport.cli.evaluate import own_library
from askreport.config import Settings, load_settings
from askreport.digest import content_id, text_sha256
from askreport.evaluation.evaluate import evaluate, load_items
from askreport.models.encoder import load_encoder
from askreport.models.readers import load_scorer
from askreport.models.session import available_cores
from askreport.store import Backend, FolderBackend
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.queue import is_over
from askreport.store.postgres.writer import group, writing
from askreport.text.chunk import chunk
from askreport.types import Document, Passage, Span
from benchmarks.scale import SETS, AroundEncoder, document_text, prepared, questions, texts

# Passages that are written in one transaction.
BATCH = 2_000
# Files of ten passages that workers are given, and the port of the first service.
FILES = 40
PORT = 18_460
TABLES = ("documents", "layouts", "passages", "vectors", "sentences", "postings", "terms")


def made_documents(passages: int, per_document: int, first: int = 0) -> Iterator[Document]:
    """Documents of about so many passages each; other ones from another first number on."""
    sentences = [each for name in SETS for text in texts(name) for each in re.split(r"(?<=[.?!])\s+", text)]
    sentences = [each for each in sentences if 12 <= len(each.split()) <= 30]
    numbers = iter(range(first * 10_000, 10**10))
    for n in range(first, first + passages // per_document):
        text = document_text(random.Random(n), sentences, per_document, numbers)
        yield Document(
            id=content_id(text.encode()), path=f"{n:06}.txt", title=f"{n:06}", text=text, sha256=text_sha256(text)
        )


def load(backend: PostgresBackend, encoder: AroundEncoder, passages: int, per_document: int) -> None:
    """Fills the database with made documents; prints rates and sizes."""
    backend.bring_up_to_date()
    started, done, batch = time.perf_counter(), 0, []
    for document in made_documents(passages, per_document):
        batch.append((document, chunk(document)))
        if sum(len(own) for _, own in batch) >= BATCH:
            done += write(backend, encoder, batch)
            batch = []
    done += write(backend, encoder, batch)
    took = time.perf_counter() - started
    print(f"{done:,} passages in {took:,.0f} s, {done / took:,.0f} a second, in transactions of {BATCH:,}")
    started = time.perf_counter()
    if group(backend.database):
        print(f"the graph of vectors: {time.perf_counter() - started:,.0f} s")
    sizes(backend)


def write(backend: PostgresBackend, encoder: AroundEncoder, batch: Sequence[tuple[Document, Sequence[Passage]]]) -> int:
    """Writes documents in one transaction; how many passages they have."""
    # As if they were the real encoder's, so that real files can be added.
    with writing(backend.database, made_with(encoder.real)) as writer:
        for document, passages in batch:
            words = [document.text[passage.start : passage.end] for passage in passages]
            spans = [[Span(a - p.start, b - p.start) for a, b in p.sentences] for p in passages]
            writer.add(document, passages, encoder.encode_passages(words, spans), entry=document.id)
    return sum(len(own) for _, own in batch)


def sizes(backend: PostgresBackend) -> None:
    """Prints what each table takes on disk with its indexes, and its part for a passage."""
    with backend.database.connect() as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("VACUUM ANALYZE")
        total = connection.execute("SELECT passages FROM library").fetchall()[0][0]
        for table in TABLES:
            query = "SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)"
            own, indexes = connection.execute(query, (table, table)).fetchall()[0]
            each = (own + indexes) / total
            print(f"{table:10} {own / 1e6:9,.0f} MB  indexes {indexes / 1e6:9,.0f} MB  {each:8,.0f} B a passage")
        whole = connection.execute("SELECT pg_database_size(current_database())").fetchall()[0][0]
        print(f"{'all':10} {whole / 1e6:9,.0f} MB  {whole / total:8,.0f} B a passage")


def ask_both(backend: PostgresBackend, index: Path, settings: Settings) -> None:
    """Asks both the same questions by turns; prints times and how far the answers agree."""
    encoder = load_encoder(settings.model, settings.cache, settings.threads)
    scorer = load_scorer(settings.reader, settings.cache, settings.threads)
    backends: dict[str, Backend] = {"folder": FolderBackend(index), "database": backend}
    took: dict[str, list[float]] = {name: [] for name in backends}
    searched: dict[str, list[float]] = {name: [] for name in backends}
    agree, same, asked = 0, 0, questions()
    for n, question in enumerate(asked):
        answers = {}
        for name, each in list(backends.items())[:: 1 if n % 2 else -1]:
            started = time.perf_counter()
            with each.reading() as (_, store):
                answers[name] = ask(store, encoder, question, scorer=scorer)
            if n >= 20:
                took[name].append(1000 * (time.perf_counter() - started))
            started = time.perf_counter()
            with each.reading() as (_, store):
                retrieve(store, question, encoder.encode_question(question), READ_PASSAGES)
            if n >= 20:
                searched[name].append(1000 * (time.perf_counter() - started))
        one, two = answers.values()
        same += one.status == two.status
        agree += [quote.text for quote in one.quotes[:1]] == [quote.text for quote in two.quotes[:1]]
    for name in backends:
        print(f"{name:9} question {spread(took[name])} ms, search {spread(searched[name])} ms (median, p95)")
    print(f"median of questions: {np.median(took['database']) / np.median(took['folder']):.2f} times the folder's")
    print(f"the first quote agrees in {agree} of {len(asked)}, the status in {same}")


def agree(backend: PostgresBackend, data: Path, settings: Settings, limit: int) -> None:
    """Evaluates a data set's own library in a folder and in the database, which must hold a copy of it."""
    encoder = load_encoder(settings.model, settings.cache, settings.threads)
    scorer = load_scorer(settings.reader, settings.cache, settings.threads)
    unread = Library(settings.index, encoder, scorer)
    items = load_items(data, "auto")
    chosen = random.Random(5).sample(items, min(limit, len(items)))
    folder = own_library(data / "corpus.jsonl", settings, unread)
    database = Library(settings.index, encoder, scorer, backend)
    found = [evaluate(each, chosen, data.name) for each in (folder, database)]
    same = status = 0
    for item in chosen:
        one, two = (each.ask(item.question, history=item.history) for each in (folder, database))
        same += [quote.text for quote in one.quotes[:1]] == [quote.text for quote in two.quotes[:1]]
        status += one.status == two.status
    figures = " and ".join(f"{each.figures.get('nDCG@10', float('nan')):.4f}" for each in found)
    print(f"{data.name}: first quote {same} of {len(chosen)}, status {status}, nDCG@10 {figures}")


class Processes:
    """Processes of this project over the database, each on a core of its own; all end with the block."""

    def __init__(self, address: str, command: Sequence[str], count: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="askreport-"))
        self._started = [self._start(address, command, n) for n in range(count)]

    def _start(self, address: str, command: Sequence[str], n: int) -> "subprocess.Popen[str]":
        own = {"STORE": address, "INDEX": str(self.folder / str(n)), "THREADS": "1", "WORK": "false"}
        environment = os.environ | {f"ASKREPORT_{name}": value for name, value in own.items()}
        pinned = ["taskset", "--cpu-list", str(n % available_cores())]
        words = [word.replace("PORT", str(PORT + n)) for word in command]
        started = [*pinned, sys.executable, "-m", "askreport", *words]
        return subprocess.Popen(started, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def wait(self, words: str) -> None:
        """Returns when each has printed these words."""
        for process in self._started:
            assert process.stderr
            while words not in (line := process.stderr.readline()):
                assert line, "the process has ended"
            threading.Thread(target=process.stderr.read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            process.wait(30)
        shutil.rmtree(self.folder)


def workers(backend: PostgresBackend, settings: Settings, first: int) -> None:
    """How fast one worker and two index files that nobody has seen, and how soon one small file answers."""
    library = Library.open(settings)
    manager = PostgresManager(settings, library)
    rates: dict[int, list[float]] = {}
    for count in (1, 2, 1, 2):
        first += 1_000
        files = list(made_documents(FILES * 10, 10, first))
        with Processes(settings.store.get_secret_value(), ["worker"], count) as running:
            running.wait("waits for files")
            upload(manager, [Document(id="", path="warm.txt", title="", text=f"Warm-up {first}.", sha256="")])
            before, started = library.store.manifest.counts.passages, time.perf_counter()
            upload(manager, files)
            took = time.perf_counter() - started
            rates.setdefault(count, []).append((library.store.manifest.counts.passages - before) / took)
            visible = [until_answered(library, manager, first + n) for n in range(5)]
        print(f"{count} workers: {rates[count][-1]:.1f} passages a second; one file visible after {spread(visible)} ms")
    print(f"two workers: {sum(rates[2]) / sum(rates[1]):.2f} times one")


def upload(manager: PostgresManager, documents: Sequence[Document]) -> None:
    """Puts files into the queue and waits until all are done."""
    staging = manager.stage()
    try:
        for document in documents:
            staging.place(document.path).write_text(document.text)
        job = manager.upload(staging.files)
    finally:
        staging.close()
    while not is_over(manager.backend.database, job):
        time.sleep(0.02)


def until_answered(library: Library, manager: PostgresManager, n: int) -> float:
    """Milliseconds from an upload until its words are quoted."""
    started = time.perf_counter()
    text = f"The quagga{n} of the river sang quietly all through the long summer night."
    upload(manager, [Document(id="", path=f"quagga-{n}.txt", title="", text=text, sha256="")])
    hits = library.ask(f"When did the quagga{n} sing?").passages
    assert any(f"quagga{n}" in hit.text for hit in hits), "it is not found"
    return 1000 * (time.perf_counter() - started)


def servers(settings: Settings, seconds: float) -> None:
    """How many questions one service and two answer in a second, each on a core, beside the database's processes."""
    asked = iter(questions() * 100)
    rates: dict[int, list[float]] = {}
    for count in (1, 2, 1, 2):
        command = ["serve", "--port", "PORT", "--no-watch"]
        with Processes(settings.store.get_secret_value(), command, count) as running:
            running.wait("answers on")
            in_threads([PORT + n for n in range(count)], asked, 5)
            done = in_threads([(PORT + n % count) for n in range(8 * count)], asked, seconds)
        rates.setdefault(count, []).append(sum(done) / seconds)
        print(f"{count} services: {rates[count][-1]:.1f} questions a second")
    print(f"two services: {sum(rates[2]) / sum(rates[1]):.2f} times one")


def in_threads(ports: Sequence[int], asked: Iterator[str], seconds: float) -> list[int]:
    """How many questions each of as many clients as ports gets answered in the time."""
    with ThreadPoolExecutor(len(ports)) as threads:
        return list(threads.map(lambda port: asking(port, asked, seconds), ports))


def asking(port: int, asked: Iterator[str], seconds: float) -> int:
    """Asks a service one question after another; how many were answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    until, done = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        # Made different, or they would be answered from memory.
        body = json.dumps({"question": f"{next(asked)} {random.randrange(10**9)}"})
        connection.request("POST", "/api/v1/ask", body, {"content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        done += time.perf_counter() < until
    connection.close()
    return done


def spread(values: Sequence[float]) -> str:
    """Median and 95th percentile."""
    return f"{np.median(values):.1f}, {np.percentile(values, 95):.1f}"


def recall(backend: PostgresBackend, settings: Settings) -> None:
    """How many of the nearest passages the graph finds."""
    encoder = load_encoder(settings.model, settings.cache, settings.threads)
    found: dict[int, list[float]] = {10: [], 100: []}
    with backend.database.connect() as connection:
        everything = [row[0] for row in connection.execute("SELECT id FROM documents").fetchall()]
    for question in questions()[:100]:
        vector = encoder.encode_question(question)
        with backend.reading() as (_, store):
            for limit, shares in found.items():
                exact = store.search_dense(vector, limit, everything)
                shares.append(len(exact.keys() & store.search_dense(vector, limit).keys()) / len(exact))
    print(", ".join(f"recall@{limit} {np.mean(shares):.4f}" for limit, shares in found.items()))


def main() -> None:
    """Does what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("load", "sizes", "ask", "recall", "agree", "workers", "servers"))
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--per-document", type=int, default=10)
    parser.add_argument("--index", type=Path, help="an index folder with the same documents")
    parser.add_argument("--data", type=Path, help="a data set whose library the database has a copy of")
    parser.add_argument("--first", type=int, default=500_000, help="number of the first new document")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--around", type=Path, default=Path("build/scale"), help="folder for what is computed once")
    options = parser.parse_args()
    settings = load_settings(os.environ)
    address = settings.store.get_secret_value() or sys.exit("set ASKREPORT_STORE: `make postgres` prints one")
    backend = PostgresBackend(address)
    if options.what == "load":
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        load(backend, AroundEncoder(encoder, prepared(options.around, encoder)), options.passages, options.per_document)
    elif options.what == "sizes":
        sizes(backend)
    elif options.what == "workers":
        workers(backend, settings, options.first)
    elif options.what == "servers":
        servers(settings, options.seconds)
    elif options.what == "agree":
        agree(backend, options.data, settings, options.questions)
    elif options.what == "ask":
        ask_both(backend, options.index, settings)
    else:
        recall(backend, settings)
    backend.close()


if __name__ == "__main__":
    main()
