"""askreport beside txtai, LangChain, LlamaIndex, Haystack and Chroma: python -m benchmarks.peers (``make peers``).

All have the same encoder, all-MiniLM-L6-v2, and the same paragraphs and questions of squad2-dev, one after another on
the same cores. Printed are texts indexed a second, the median search, nDCG@10, and the most memory a process had. Each
runs ``--rounds`` times in turn, and its best figures are printed: what else the machine does only ever slows.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from askreport.evaluation.evaluate import CORPUS, QUERIES, rows
from benchmarks.peers.systems import SYSTEMS, TOP

ROOT = Path(__file__).parents[2]
SET = ROOT.parent / "shared" / "eval" / "squad2-dev"


def load(texts: int, questions: int) -> tuple[list[str], list[tuple[str, int]]]:
    """The first paragraphs of the set, and questions about them with the number of the paragraph that answers."""
    paragraphs = rows(SET / CORPUS)[:texts]
    numbers = {each["_id"]: number for number, each in enumerate(paragraphs)}
    asked = [
        (each["text"], numbers[each["context"]])
        for each in rows(SET / QUERIES)
        if each["answerable"] and each["context"] in numbers
    ]
    return [each["text"] for each in paragraphs], asked[:: max(1, len(asked) // questions)][:questions]


def gain(found: list[int], right: int) -> float:
    """nDCG@10 of one question with one right text."""
    return float(1 / np.log2(found.index(right) + 2)) if right in found[:TOP] else 0.0


def measured(name: str, python: str, texts: list[str], asked: list[tuple[str, int]]) -> dict[str, float]:
    """The figures of one system, in a process of its own."""
    given = json.dumps({"texts": texts, "questions": [question for question, _ in asked]})
    with tempfile.TemporaryDirectory() as work:
        command = [python, "-W", "ignore", str(Path(__file__).with_name("systems.py")), name, work]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    # Some systems write to the standard output themselves.
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    gains = [gain(found, right) for found, (_, right) in zip(figures["found"], asked, strict=True)]
    return {
        "texts a second": len(texts) / figures["indexed"],
        "ms a search": statistics.median(figures["took"]) * 1000,
        "nDCG@10": statistics.mean(gains),
        "MB": figures["memory"],
    }


def main() -> None:
    """Prints a table, and askreport's figures as multiples of the best of the others."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=str(ROOT / "build" / "peers" / "bin" / "python"), help="the peers' python")
    parser.add_argument("--texts", type=int, default=240)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    texts, asked = load(options.texts, options.questions)
    best: dict[str, dict[str, float]] = {}
    for _ in range(options.rounds):
        for name in SYSTEMS:
            own = sys.executable if name == "askreport" else options.python
            for key, figure in measured(name, own, texts, asked).items():
                seen = best.setdefault(name, {})
                better = min if key in ("ms a search", "MB") else max
                seen[key] = better(seen.get(key, figure), figure)
    for name, figures in best.items():
        print(f"{name:12}", *(f"{figure:10.3f} {key}" for key, figure in figures.items()), flush=True)
    own = best.pop("askreport")
    for key, figure in own.items():
        better = min if key in ("ms a search", "MB") else max
        print(f"{key}: {figure / better(each[key] for each in best.values()):.2f} times the best of the others")


if __name__ == "__main__":
    main()
