"""How fast passages are embedded, and in how much memory: python benchmarks/embedding.py [--passages N] [--rounds N].

The same passages, cut by the project from the shared data, go in turns through sentence-transformers, bare onnxruntime
(the exported graph, tokenised and sorted by length beforehand), ``encode_passages`` and a whole ``ingest`` of their
files into a fresh index. The figures are medians of the rounds; memory is that of a process that does nothing else.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import EXPORT_VERSION, MINILM, Encoder, _locate, load_encoder
from askreport.models.session import available_cores
from askreport.parse import Parsed, ParserPool
from askreport.text.chunk import chunk
from askreport.types import Document, Passage, Span

SHARED = Path(__file__).parents[2] / "shared"
REPORT = SHARED / "corpus" / "china-russia-report.txt"
LONG_DOCUMENTS = SHARED / "eval" / "stici-longdoc" / "corpus.jsonl"
BATCH = 8

Batch = NDArray[np.int64]
Run = Callable[[], object]


def texts_of_documents() -> list[str]:
    """The report and twenty long pages of the web."""
    rows = LONG_DOCUMENTS.read_text().splitlines()
    return [REPORT.read_text(), *(json.loads(row)["text"] for row in rows)]


def write_files(folder: Path, parsers: ParserPool, wanted: int) -> list[tuple[str, list[Span]]]:
    """Writes so many documents that they have ``wanted`` passages or a few more; returns what is embedded of them."""
    found: list[tuple[str, list[Span]]] = []
    for number, text in enumerate(texts_of_documents()):
        if len(found) >= wanted:
            break
        file = folder / f"{number}.txt"
        file.write_text(text)
        (parsed,) = parsers.parse(file.read_bytes(), ".txt")
        assert isinstance(parsed, Parsed)
        found += [embedded(parsed.document, passage) for passage in chunk(parsed.document)]
    return found


def embedded(document: Document, passage: Passage) -> tuple[str, list[Span]]:
    """What ``ingest`` embeds for a passage, and the spans of its sentences in it."""
    shift = len(document.context) - passage.start
    spans = [Span(start + shift, end + shift) for start, end in passage.sentences]
    return document.context + document.text[passage.start : passage.end], spans


def batches(exported: Path, texts: Sequence[str], size: int) -> list[Batch]:
    """Token numbers of texts of about the same length, the shorter ones filled up, shape (texts, tokens)."""
    tokenizer = Tokenizer.from_file(str(exported / "tokenizer.json"))
    tokenizer.enable_truncation(json.loads((exported / "meta.json").read_text())["max_tokens"])
    tokenizer.no_padding()
    tokens = sorted((encoding.ids for encoding in tokenizer.encode_batch(list(texts))), key=len)
    return [filled(tokens[start : start + size]) for start in range(0, len(tokens), size)]


def filled(tokens: Sequence[Sequence[int]]) -> Batch:
    """The tokens as rows of one array; onnxruntime takes as long for the filling as for words."""
    rows = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
    for row, numbers in zip(rows, tokens, strict=True):
        row[: len(numbers)] = numbers
    return rows


def bare(exported: Path, texts: Sequence[str], size: int, inside: int, beside: int) -> Run:
    """A run of onnxruntime alone with ``inside`` threads in each batch and ``beside`` batches at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = inside
    graph = str(exported / "model.onnx")
    # As in encoder.py: what is to be compared is not the graph.
    session = onnxruntime.InferenceSession(graph, options, disabled_optimizers=["SkipLayerNormFusion"])
    prepared = batches(exported, texts, size)
    workers = ThreadPoolExecutor(beside)
    return lambda: list(workers.map(lambda rows: session.run(None, {"input_ids": rows}), prepared))


def bare_runs(exported: Path, texts: Sequence[str]) -> dict[str, Run]:
    """The ways to use all cores with onnxruntime alone."""
    cores = available_cores()
    return {
        f"onnxruntime, batches of {BATCH}, each on all cores": bare(exported, texts, BATCH, cores, 1),
        f"onnxruntime, batches of {BATCH}, one on each core": bare(exported, texts, BATCH, 1, cores),
        "onnxruntime, single texts, one on each core": bare(exported, texts, 1, 1, cores),
    }


def seconds(run: Run) -> float:
    """How long a run takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def in_turns(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """The median seconds of each; taken in turns, so that what else the machine does falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run))
    return {name: median(taken) for name, taken in times.items()}


def ingest_all(folder: Path, encoder: Encoder, parsers: ParserPool) -> None:
    """Reads, cuts, embeds and stores the files into an index that is thrown away."""
    with tempfile.TemporaryDirectory() as index:
        ingest([folder], Path(index), encoder, parsers)


def peak_memory(what: str, wanted: int) -> float:
    """The most memory, in MB, of a process that only encodes the passages or ingests them (Linux)."""
    command = [sys.executable, __file__, "--passages", str(wanted), "--measure", what]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(what: str, wanted: int) -> None:
    """Does one thing once and prints the most memory this process had, in MB."""
    encoder = load_encoder(MINILM, Settings().cache)
    with tempfile.TemporaryDirectory() as files, ParserPool() as parsers:
        passages = write_files(Path(files), parsers, wanted)
        if what == "encode":
            encoder.encode_passages([text for text, _ in passages], [spans for _, spans in passages])
        elif what == "ingest":
            ingest_all(Path(files), encoder, parsers)
    status = Path("/proc/self/status").read_text()
    print(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024)


def main(wanted: int, rounds: int) -> None:
    """Prints the table."""
    # Imported here because the processes whose memory is measured must not have it.
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    settings = Settings()
    encoder = load_encoder(MINILM, settings.cache)
    (exported,) = (settings.cache / "models").glob(f"{MINILM}-*-v{EXPORT_VERSION}")
    original = SentenceTransformer(_locate(MINILM)[0], device="cpu")
    with tempfile.TemporaryDirectory() as files, ParserPool() as parsers:
        passages = write_files(Path(files), parsers, wanted)
        texts, spans = [text for text, _ in passages], [spans for _, spans in passages]
        alone = bare_runs(exported, texts)
        runs: dict[str, Run] = {
            "sentence-transformers, fp32, batches of 32": lambda: original.encode(texts, batch_size=32),
            **alone,
            "`encode_passages`": lambda: encoder.encode_passages(texts, spans),
            "`ingest`, from files to an index": lambda: ingest_all(Path(files), encoder, parsers),
        }
        # What is done once in a process (threads, the readers' processes, PyTorch's first call) is not measured.
        in_turns({name: run for name, run in runs.items() if "32" not in name}, 1)
        original.encode(texts[:32])
        times = in_turns(runs, rounds)
    slowest, best = next(iter(times.values())), min(times[name] for name in alone)
    print(f"{len(texts)} passages, {available_cores()} cores, medians of {rounds} rounds\n")
    print("| | passages/s | to sentence-transformers | to the best of onnxruntime alone |\n|---|---|---|---|")
    for name, taken in times.items():
        print(f"| {name} | {len(texts) / taken:.1f} | {slowest / taken:.2f} | {best / taken:.2f} |")
    print("\n| peak memory of a process that | MB |\n|---|---|")
    for what, description in (("load", "loads"), ("encode", "runs `encode_passages`"), ("ingest", "runs `ingest`")):
        print(f"| {description} | {peak_memory(what, wanted):.0f} |")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="How fast passages are embedded, and in how much memory.")
    options.add_argument("--passages", type=int, default=300)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--measure", choices=["load", "encode", "ingest"], help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if not (REPORT.exists() and LONG_DOCUMENTS.exists()):
        print(f"skipped: the passages come from {SHARED}, which is not part of the project")
    elif chosen.measure:
        measure(chosen.measure, chosen.passages)
    else:
        main(chosen.passages, chosen.rounds)
