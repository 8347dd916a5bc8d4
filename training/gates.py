"""What a reader must pass before any other figure: ``python -m training.gates --model FILE --groups HELD_OUT``.

The probe are pairs that differ in who does what to whom, in a negation, a name or a year; nobody trains on them.
"""

import argparse
import json
import pickle
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from askreport.evaluation.figures import auroc
from askreport.models.e5 import locate
from askreport.models.e5_file import E5File
from askreport.types import FloatArray
from training.examples import WRITTEN, Example
from training.model import Group, Reader, batch_of
from training.windows import Cutter, Tokenizer


def logits_of(model: Reader, groups: Sequence[Group], size: int = 16) -> Iterator[list[FloatArray]]:
    """For each group the logits of each window's sentences."""
    for start in range(0, len(groups), size):
        chunk = groups[start : start + size]
        batch = batch_of(chunk)
        with torch.inference_mode():
            logits = model(batch.ids, batch.mask, batch.sentence)[0].numpy()
        rows = iter(logits)
        for group in chunk:
            yield [next(rows)[: len(window.labels)] for window in group]


def probe(model: Reader, cutter: Cutter) -> dict[str, float]:
    """The share of pairs whose right side wins, by kind and of all."""
    rows = [json.loads(line) for line in (WRITTEN / "probe.jsonl").read_text().splitlines()]
    groups = [
        tuple(
            cutter.window(Example(source="probe", question=row["question"], sentences=(row[side],), labels=(0,)), 0)
            for side in ("right", "wrong")
        )
        for row in rows
    ]
    won = defaultdict(list)
    for row, (right, wrong) in zip(rows, logits_of(model, groups), strict=True):
        for kind in (row["kind"], "all"):
            won[kind].append(float(right[0]) > float(wrong[0]))
    return {kind: round(float(np.mean(each)), 3) for kind, each in won.items()}


def held_out(model: Reader, groups: Sequence[Group]) -> dict[str, float]:
    """First right among a question's sentences, AUROC of a window's best, and the standard deviation of logits."""
    firsts, best, answers, everything = [], [], [], []
    for group, found in zip(groups, logits_of(model, groups), strict=True):
        labels = np.concatenate([np.array(window.labels) for window in group])
        flat = np.concatenate(found)
        everything += flat.tolist()
        if (labels == 1).any():
            firsts.append(labels[flat.argmax()] == 1)
        for window, own in zip(group, found, strict=True):
            best.append(float(own.max()))
            answers.append(1 in window.labels)
    return {
        "first": round(float(np.mean(firsts)), 3),
        "auroc": round(auroc(best, answers) or 0.0, 3),
        "deviation": round(float(np.std(everything)), 2),
    }


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--groups", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=400)
    options = parser.parse_args()
    import random

    model = Reader(E5File(locate())).eval()
    state = torch.load(options.model)
    model.load_state_dict(state.get("model", state))
    groups = pickle.loads(options.groups.read_bytes())[: options.questions]  # noqa: S301 - our own
    print(probe(model, Cutter(Tokenizer(), random.Random(1))), held_out(model, groups), flush=True)


if __name__ == "__main__":
    main()
