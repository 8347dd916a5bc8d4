"""Writes a trained reader as the package has it: ``python -m training.export CHECKPOINT... --out FOLDER``.

Several checkpoints are averaged. The graph is written by ``bert_graph``; word vectors stay in the package of the
encoder. A calibration that is there is kept.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from askreport.models.bert_graph import Bert, bert_graph
from askreport.models.e5 import locate
from askreport.models.e5_file import E5File
from askreport.models.e5_reader import GRAPH, HEADS, META
from askreport.types import FloatArray
from training.model import file_name

# No window is longer.
POSITIONS = 320
UNCALIBRATED = {"sentence": [1, 4, 2, 0.4], "confidence": [1, 0, 0, 0, 0, 0], "margin": 0, "intercept": 0}


def averaged(checkpoints: Sequence[Path]) -> dict[str, FloatArray]:
    """The mean of the checkpoints' weights, by their names in ``Reader``."""
    states = [torch.load(path, map_location="cpu") for path in checkpoints]
    states = [state.get("model", state) for state in states]
    return {name: torch.stack([state[name].float() for state in states]).mean(0).numpy() for name in states[0]}


def export(weights: dict[str, FloatArray], out: Path) -> None:
    """Writes the graph, the heads and the note. The head for yes and no stays behind: LOG.md says what it is worth."""
    out.mkdir(parents=True, exist_ok=True)
    shape = E5File(locate()).shape
    named = {file_name(name.removeprefix("bert.")): value for name, value in weights.items() if name[:5] == "bert."}
    bert = Bert(
        hidden=shape.hidden,
        layers=sum(name.endswith(".aln.w") for name in named),
        heads=shape.heads,
        epsilon=shape.epsilon,
        weights=lambda name: named[name].reshape(-1),
    )
    onnx.save(bert_graph(bert), out / GRAPH)
    heads = {
        "positions": named["emb.pos"][:POSITIONS] + named["emb.type"][0],
        "answers.w": weights["answers.weight"][0],
        "answers.b": weights["answers.bias"],
        "inner.w": weights["inner.weight"].T,
        "inner.b": weights["inner.bias"],
        "outer.w": weights["score.weight"][0],
        "outer.b": weights["score.bias"][0],
    }
    np.savez_compressed(out / HEADS, **{name: value.astype(np.float16) for name, value in heads.items()})
    about = json.loads((out / META).read_text()) if (out / META).exists() else {"calibration": UNCALIBRATED}
    digest = hashlib.sha256((out / GRAPH).read_bytes() + (out / HEADS).read_bytes()).hexdigest()
    about["fingerprint"] = f"reader:{digest[:12]}"
    (out / META).write_text(json.dumps(about, indent=1) + "\n")


def main() -> None:
    """Averages and exports."""
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    export(averaged(options.checkpoints), options.out)


if __name__ == "__main__":
    main()
