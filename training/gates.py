"""What a reader must pass before any other figure: ``python -m training.gates READER``.

The probe (questions/probe.jsonl) are pairs that differ in who does what to whom, in a negation, a name or a year;
nobody trains on them. Beside it, texts whose title alone has the company or the year that the question names
(questions/titles.jsonl), under that title and under another's; and plain questions with sentences that answer them in
other words (questions/plain.jsonl).
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from askreport.config import Settings
from askreport.models.e5 import open_inputs
from askreport.models.e5_reader import E5Reader
from askreport.models.scorer import Scorer, Window
from training.written import WRITTEN


def probe(reader: Scorer) -> tuple[dict[str, float], list[dict[str, str]]]:
    """The share of pairs whose right side wins, by kind and of all, and those that it loses."""
    won: dict[str, list[bool]] = defaultdict(list)
    lost = []
    for row in _rows("probe"):
        windows = [Window(sentences=(row[side],)) for side in ("right", "wrong")]
        (right,), (wrong,) = reader.score(row["question"], windows)
        for kind in (row["kind"], "all"):
            won[kind].append(right.logit > wrong.logit)
        if right.logit <= wrong.logit:
            lost.append(row)
    return {kind: round(float(np.mean(each)), 3) for kind, each in won.items()}, lost


def titles(reader: Scorer) -> dict[str, float]:
    """The share of texts that score higher under the title that the question names, and of those above 0 under it."""
    scores = []
    for row in _rows("titles"):
        windows = [Window(title=row[title], sentences=(row["sentence"],)) for title in ("title", "wrong_title")]
        scores.append([judged.logit for (judged,) in reader.score(row["question"], windows)])
    right, wrong = np.array(scores).T
    return {"right title wins": float((right > wrong).mean()), "found under it": float((right > 0).mean())}


def plain(reader: Scorer) -> float:
    """The share of answers in other words that are above 0."""
    scores = [reader.score(row["question"], [Window(sentences=(row["sentence"],))]) for row in _rows("plain")]
    return float(np.mean([judged.logit > 0 for ((judged,),) in scores]))


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (WRITTEN / f"{name}.jsonl").read_text().splitlines()]


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("reader", type=Path, help="an exported folder")
    parser.add_argument("--lost", type=int, default=0, help="how many lost pairs are printed")
    options = parser.parse_args()
    reader = E5Reader(options.reader, open_inputs(Settings().cache))
    shares, lost = probe(reader)
    print(shares, titles(reader), {"in other words, found": plain(reader)}, sep="\n")
    for row in lost[: options.lost]:
        print(row)


if __name__ == "__main__":
    main()
