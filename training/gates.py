"""What a reader must pass before any other figure: ``python -m training.gates READER``.

The probe (questions/probe.jsonl) are pairs that differ in who does what to whom, in a negation, a name or a year;
nobody trains on them.
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
    for line in (WRITTEN / "probe.jsonl").read_text().splitlines():
        row = json.loads(line)
        windows = [Window(sentences=(row[side],)) for side in ("right", "wrong")]
        (right,), (wrong,) = reader.score(row["question"], windows)
        for kind in (row["kind"], "all"):
            won[kind].append(right.logit > wrong.logit)
        if right.logit <= wrong.logit:
            lost.append(row)
    return {kind: round(float(np.mean(each)), 3) for kind, each in won.items()}, lost


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("reader", type=Path, help="an exported folder")
    parser.add_argument("--lost", type=int, default=0, help="how many lost pairs are printed")
    options = parser.parse_args()
    shares, lost = probe(E5Reader(options.reader, open_inputs(Settings().cache)))
    print(shares)
    for row in lost[: options.lost]:
        print(row)


if __name__ == "__main__":
    main()
