"""What bears on a question: how much of what answers is listed, how much else, and how long listing and comparing take.

``python -m benchmarks.mentions FOLDER [INDEX]``: the folder is a public data set with ``answer_sentences``, the index
is of it, by default the settings' own. ``python -m benchmarks.mentions --time INDEX`` times questions to any library.
"""

import json
import os
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from askreport.answering.library import Library
from askreport.answering.mentions import BEARS, WORDS_WEIGHT, Part, bearing
from askreport.answering.mentions import Subject as Compared
from askreport.compare.compare import compare, plan
from askreport.config import load_settings

LEAST = (0.3, 0.35, 0.4)
TIMED = (
    *("Who plays for the Arizona Cardinals?", "When was Rome founded?", "What do the documents say about football?"),
    *("List all presidents of the United States", "What is said about water?", "Which countries produce oil?"),
    *("How do vaccines work?", "What is the population of India?", "Who wrote the anthem?", "When did the war end?"),
)
COLUMNS = 20


def plain(text: str) -> str:
    """A text by its letters and digits alone: data sets have their own white space."""
    return re.sub(r"\W+", "", text).lower()


def coverage(folder: Path, library: Library) -> None:
    """Prints for each threshold how much of what answers is listed, and how much of other documents."""
    store = library.store
    places: dict[str, set[tuple[str, int]]] = {}
    total = 0
    for each in store.documents():
        text = store.document(each.id).text
        for span in store.sentences(each.id):
            total += 1
            places.setdefault(plain(text[span.start : span.end]), set()).add((each.id, span.start))
    found: dict[float, list[float]] = {least: [] for least in LEAST}
    others: dict[float, list[int]] = {least: [] for least in LEAST}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        answers = set().union(*(places.get(plain(each), set()) for each in row.get("answer_sentences") or ()))
        if not answers:
            continue
        own = {document for document, _ in answers}
        listed = bearing(store, Compared.of(store, library.encoder, row["text"]))
        for least in LEAST:
            near = {(each.document.id, each.span.start) for each in listed if each.nearness >= least}
            found[least].append(len(answers & near) / len(answers))
            others[least].append(sum(document not in own for document, _ in near))
    print(f"{len(found[BEARS])} questions, {total} sentences; a word weighs up to {WORDS_WEIGHT}")
    for least in LEAST:
        share = 1_000 * np.mean(others[least]) / total
        print(
            f"least {least}: {np.mean(found[least]):.3f} of what answers is listed, and of other documents"
            f" {np.mean(others[least]):.1f} sentences ({share:.1f} of 1,000)"
        )


def timing(library: Library) -> None:
    """Prints how long a list of mentions takes that nobody asked for before, and a comparison."""
    library.ask("Is everything loaded?")
    manifest = library.store.manifest
    taken, worked = [], []
    for question in TIMED:
        started, begun = time.perf_counter(), time.process_time()
        library.mentions(question, part=Part(limit=25))
        taken.append(time.perf_counter() - started)
        worked.append(time.process_time() - begun)
    print(
        f"mentions over {manifest.counts.passages:,} passages, {manifest.counts.sentences:,} sentences: median"
        f" {1000 * statistics.median(taken):.0f} ms, slowest {1000 * max(taken):.0f} ms; of the processor's time"
        f" {1000 * statistics.median(worked):.0f} ms"
    )
    longest = sorted(library.store.documents(), key=lambda each: -each.passages)[:COLUMNS]
    wanted = plan(library, TIMED, documents=[each.id for each in longest])
    begun = time.process_time()
    table = compare(library, wanted)
    print(
        f"{len(table.questions)} questions by {len(table.columns)} documents: {table.took_ms / 1000:.1f} s;"
        f" of the processor's time {time.process_time() - begun:.1f} s"
    )


def main() -> None:
    """Measures what the command line asks for."""
    timed = sys.argv[1] == "--time"
    index = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    library = Library.open(load_settings(os.environ, index=index))
    if timed:
        timing(library)
    else:
        coverage(Path(sys.argv[1]), library)


if __name__ == "__main__":
    main()
