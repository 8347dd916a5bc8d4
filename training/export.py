"""Writes a trained reader as the package carries it: ``python -m training.export CHECKPOINT... --out FOLDER``.

Of several checkpoints of one recipe the weights are averaged (model soups, Wortsman et al. 2022).
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

# Importing it also registers the attention that onnxruntime has an operator for.
from askreport.models.export import quantize
from askreport.models.session import onnx_session
from training.model import Reader
from training.train import source

# The int8 graph is only written if its token vectors point nearly where the exact ones do.
MIN_COSINE = 0.97


class _Graph(torch.nn.Module):
    """The network without a mask: windows run one at a time."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, scores = self.reader(ids, types)
        return hidden, scores


def averaged(checkpoints: Sequence[Path]) -> Reader:
    """The reader with the mean of the checkpoints' weights."""
    states = [torch.load(path) for path in checkpoints]
    mean = {
        name: torch.stack([state[name].float() for state in states]).mean(0).to(value.dtype)
        for name, value in states[0].items()
    }
    reader = Reader(str(source()))
    reader.load_state_dict(mean)
    return reader.eval()


def export(reader: Reader, out: Path) -> None:
    """Writes ``reader.onnx``, ``tokenizer.json`` and ``meta.json``, keeping a calibration that is there."""
    out.mkdir(parents=True, exist_ok=True)
    reader.bert.set_attn_implementation("onnxruntime")
    ids = torch.tensor([[101, 2515, 1996, 17917, 8645, 102, 2002, 2288, 3904, 102]] * 2)
    types = torch.tensor([[0] * 6 + [1] * 4] * 2)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "reader.onnx"
        torch.onnx.export(
            _Graph(reader).eval(),
            (ids, types),
            exact,
            input_names=["ids", "types"],
            output_names=["hidden", "scores"],
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC},) * 2,
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        quantize(exact, out / "reader.onnx")
        inputs = {"ids": ids[:1].numpy(), "types": types[:1].numpy()}
        one, other = (onnx_session(path).run(None, inputs)[0][0] for path in (exact, out / "reader.onnx"))
    cosine = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    print(f"int8 to exact: cosine {cosine.min():.4f} at worst; {(out / 'reader.onnx').stat().st_size / 1e6:.1f} MB")
    if cosine.min() < MIN_COSINE:
        raise SystemExit("the int8 graph is not the network")
    shutil.copy(source() / "tokenizer.json", out / "tokenizer.json")
    meta = json.loads((out / "meta.json").read_text()) if (out / "meta.json").exists() else {}
    meta |= {
        "fingerprint": "reader:" + hashlib.sha256((out / "reader.onnx").read_bytes()).hexdigest()[:12],
        "mix": [round(value, 5) for value in reader.mix.tolist()],
        "bias": round(float(reader.bias), 5),
    }
    meta.setdefault("calibration", {"sentence": [1, 4, 2, 0.4], "confidence": [1, 0, 0, 0], "intercept": 0})
    (out / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


def main() -> None:
    """Averages and exports."""
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    export(averaged(options.checkpoints), options.out)


if __name__ == "__main__":
    main()
