"""Writes the mean vectors that ``models/e5_encoder.py`` takes off: ``python -m training.centre``.

They are of 8 questions each of the shared training sets, in a dozen languages, and of pieces of their passages.
"""

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from askreport.config import Settings
from askreport.models.e5_encoder import CENTRES, PASSAGE, QUESTION, E5Encoder
from training.examples import SHARED

FIRST = 400
OF_EACH = 8
LENGTHS = (100, 300, 600)


def texts(draw: random.Random) -> Iterator[tuple[str, str]]:
    """Questions, each with a piece of its passage."""
    for file in sorted((SHARED / "train").glob("*/examples.jsonl.gz")):
        with gzip.open(file, "rt") as stream:
            examples = [json.loads(line) for line, _ in zip(stream, range(FIRST), strict=False)]
        for each in draw.sample(examples, min(OF_EACH, len(examples))):
            passage = each["context"]
            start = draw.randrange(max(1, len(passage) - LENGTHS[1]))
            yield each["question"], passage[start : start + draw.choice(LENGTHS)]


def main() -> None:
    """Computes and writes."""
    encoder = E5Encoder(Settings().cache)
    pairs = list(texts(random.Random(0)))
    centres: dict[str, Any] = {
        name: np.mean([encoder.raw(kind, pair[at]) for pair in pairs], axis=0, dtype=np.float32)
        for at, (name, kind) in enumerate((("question", QUESTION), ("passage", PASSAGE)))
    }
    np.savez(CENTRES, question=centres["question"], passage=centres["passage"])
    print(f"{len(pairs)} pairs; lengths {[round(float(np.linalg.norm(each)), 3) for each in centres.values()]}")


if __name__ == "__main__":
    main()
