"""How an index behaves as it grows: questions, memory, adding and deleting a document, runs that find nothing new.

Texts are sentences of public data sets in new combinations, each made different by a number; passage vectors lie
around those of real passages. Questions, their vectors, and all that is measured are real. Every size is built by
the indexer itself, from files.

    python -m benchmarks.scale --folder /tmp/scale 1000 10000 100000
    python -m benchmarks.scale --folder /tmp/scale 1000000      (about half an hour, 8 GB of disk)
"""

import argparse
import hashlib
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import IngestReport, ingest
from askreport.models.encoder import Encoder, load_encoder
from askreport.parse import ParserPool, parser_pool
from askreport.store import FolderBackend
from askreport.types import FloatArray, PassageVectors, Span

SHARED = Path(__file__).parents[2] / "shared" / "eval"
SETS = ("squad2-dev", "pubmedqa", "mtrag-clapnq")
# Real passages whose vectors the others lie around, and how far from them, as a share of their length.
REAL = 1_500
NOISE = 0.5
QUESTIONS = 400
SENTENCES = 7


class AroundEncoder:
    """The real encoder for questions; passages get vectors around real ones, chosen by their words."""

    def __init__(self, encoder: Encoder, around: FloatArray) -> None:
        self.fingerprint = "around-real-ones-v1"
        self.dimension = encoder.dimension
        self.real = encoder
        self._around = around

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return self.real.encode_question(question)

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Unit vectors around real ones, the same for the same text."""
        return [self._vectors(text, len(spans)) for text, spans in zip(texts, sentences, strict=True)]

    def _vectors(self, text: str, sentences: int) -> PassageVectors:
        chance = np.random.default_rng(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()))
        chosen = self._around[chance.integers(len(self._around), size=2)]
        noise = chance.standard_normal((1 + sentences, self.dimension)) * NOISE / self.dimension**0.5
        rows = 0.75 * chosen[0] + 0.25 * chosen[1] + noise
        unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit[0], unit[1:]


def texts(name: str) -> list[str]:
    """The texts of a data set."""
    return [json.loads(line)["text"] for line in (SHARED / name / "corpus.jsonl").read_text().splitlines()]


def questions() -> list[str]:
    """Real questions of all the sets."""
    found: list[str] = []
    for name in SETS:
        lines = (SHARED / name / "queries.jsonl").read_text().splitlines()
        found += [json.loads(line)["text"] for line in random.Random(1).sample(lines, min(len(lines), QUESTIONS))]
    return random.Random(2).sample(found, QUESTIONS)


def prepared(folder: Path, encoder: Encoder) -> FloatArray:
    """The vectors of real passages, computed once."""
    file = folder / "around.npy"
    if not file.exists():
        chosen = random.Random(3).sample([text for name in SETS for text in texts(name)], REAL)
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, np.array([vector for vector, _ in encoder.encode_passages(chosen, [[]] * len(chosen))]))
    vectors: FloatArray = np.load(file)
    return vectors


def write_corpus(folder: Path, passages: int, per_document: int) -> None:
    """Files of so many passages each."""
    if folder.exists():
        return
    sentences = [each for name in SETS for text in texts(name) for each in re.split(r"(?<=[.?!])\s+", text)]
    sentences = [each for each in sentences if 12 <= len(each.split()) <= 30]
    numbers = iter(range(10**9))
    for n in range(passages // per_document):
        place = folder / f"{n // 1000:03}" / f"{n:06}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(document_text(random.Random(n), sentences, per_document, numbers))


def document_text(chance: random.Random, sentences: Sequence[str], passages: int, numbers: Iterator[int]) -> str:
    """Paragraphs of about a passage each, of sentences that no other document has."""
    paragraphs = []
    for _ in range(passages):
        chosen = chance.choices(sentences, k=SENTENCES)
        paragraphs.append(" ".join(f"In case {next(numbers)}, {each[0].lower()}{each[1:]}" for each in chosen))
    return "\n\n".join(paragraphs)


def memory() -> tuple[float, float]:
    """Resident and private (not shared by mapping) memory of this process in MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return int(lines["Rss"].split()[0]) / 1024, int(lines["Anonymous"].split()[0]) / 1024


def ask_all(folder: Path) -> dict[str, float]:
    """Times of questions in milliseconds, recall and memory, of a process that does nothing else."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    library = Library(folder / "index", AroundEncoder(encoder, np.zeros((1, encoder.dimension), np.float32)))
    started = time.perf_counter()
    store = library.store
    opened = 1000 * (time.perf_counter() - started)
    asked = questions()
    for question in asked[:20]:
        ask(store, library.encoder, question)
    took = []
    for question in asked:
        started = time.perf_counter()
        ask(library.store, library.encoder, question)
        took.append(1000 * (time.perf_counter() - started))
    recalls = []
    everything = [summary.id for summary in store.documents()] if store.manifest.counts.passages >= 250_000 else []
    for question in asked[:100] if everything else []:
        vector = encoder.encode_question(question)
        # Named documents are searched exactly.
        exact = store.search_dense(vector, 10, everything)
        recalls.append(len(exact.keys() & store.search_dense(vector, 10).keys()) / len(exact))
    resident, private = memory()
    return {
        "opened": opened,
        "median": float(np.median(took)),
        "p95": float(np.percentile(took, 95)),
        "recall": float(np.mean(recalls)) if recalls else 1.0,
        "resident": resident,
        "private": private,
    }


class Grown:
    """A corpus folder and its index, and how long changes take."""

    def __init__(self, folder: Path, encoder: Encoder, parsers: ParserPool) -> None:
        self.folder = folder
        self.library = Library(folder / "index", encoder)
        self._parsers = parsers

    def index(self) -> IngestReport:
        """A run over the corpus folder."""
        assert isinstance(self.library.backend, FolderBackend)
        integrity = self.library.backend.integrity
        folder, encoder = self.folder, self.library.encoder
        return ingest([folder / "corpus"], folder / "index", encoder, self._parsers, integrity=integrity)

    def until_answered(self, name: str, text: str, question: str) -> float:
        """Seconds from the call until a new file's words are found."""
        started = time.perf_counter()
        (self.folder / "corpus" / name).write_text(text)
        self.index()
        hits = ask(self.library.store, self.library.encoder, question).passages
        assert any(hit.document.path == name for hit in hits), f"{name} is not found"
        return time.perf_counter() - started

    def until_gone(self, name: str) -> float:
        """Seconds from the call until a file's words are not found any more."""
        started = time.perf_counter()
        (self.folder / "corpus" / name).unlink()
        self.index()
        assert all(summary.path != name for summary in self.library.store.documents())
        return time.perf_counter() - started


def measure(folder: Path, passages: int, per_document: int, encoder: Encoder) -> list[str]:
    """A row of the table for an index of so many passages."""
    write_corpus(folder / "corpus", passages, per_document)
    with parser_pool(Settings()) as parsers:
        built = Grown(folder, encoder, parsers)
        report = built.index()
        # Until nothing about the files can be in doubt.
        time.sleep(4)
        built.index()
        unchanged = min(built.index().seconds for _ in range(3))
        numbers = iter(range(10**9, 2 * 10**9))
        adding, deleting = [], []
        for n in range(5):
            sentence = f"The quagga{n} of the river sang quietly all through the long summer night."
            text = document_text(random.Random(n), [sentence], 10, numbers)
            adding.append(built.until_answered(f"new-{n}.txt", text, f"When did the quagga{n} sing?"))
        for n in range(5):
            deleting.append(built.until_gone(f"new-{n}.txt"))
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", "--folder", folder, "--ask"], check=True, capture_output=True
    )
    asked = json.loads(child.stdout)
    size = sum(size for size, _ in built.library.store.manifest.files.values())
    return [
        f"{report.counts.passages:,} in {report.counts.documents:,}",
        f"{report.seconds:.1f} s" if report.published else "(there)",
        f"{size / 1e6:,.0f} MB",
        f"{asked['median']:.1f} / {asked['p95']:.1f} ms",
        f"{asked['recall']:.4f}",
        f"{asked['resident']:,.0f} / {asked['private']:,.0f} MB",
        f"{asked['opened']:.0f} ms",
        f"{np.median(adding):.2f} / {max(adding):.2f} s",
        f"{np.median(deleting):.2f} / {max(deleting):.2f} s",
        f"{unchanged:.2f} s",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB",
    ]


def main() -> None:
    """Builds what is not there yet, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--ask", action="store_true", help="only ask the index of the folder, and print JSON")
    options = parser.parse_args()
    if not SHARED.exists():
        sys.exit(f"this benchmark needs the data sets in {SHARED}")
    if options.ask:
        sys.stdout.write(json.dumps(ask_all(options.folder)))
        return
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    around = AroundEncoder(encoder, prepared(options.folder, encoder))
    columns = ("passages", "built in", "on disk", "question", "recall@10", "memory", "opening", "add", "delete")
    table = Table(*columns, "nothing new", "indexer's peak", title="median / p95, median / worst, resident / private")
    for passages in options.passages:
        per_document = 100 if passages >= 1_000_000 else 10
        table.add_row(*measure(options.folder / str(passages), passages, per_document, around))
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
