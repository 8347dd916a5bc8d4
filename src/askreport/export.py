"""Exports a sentence-transformers model to int8 ONNX: ``python -m askreport.export SOURCE FOLDER``.

Run as a child process by ``embed.py``, once for each model, because it needs PyTorch: seconds of imports and most of
a gigabyte, which neither a question nor an indexing run should pay.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

from askreport.types import FloatArray

# The export is only used if every one of these comes out of it nearly as out of PyTorch. Per-channel int8 weights
# give a cosine of about 0.99, per-tensor ones 0.95: enough to change what is found.
SAMPLES = [
    "Does the service spy on its neighbour?",
    "The agreement dates back to 1992 and covers military technology, espionage and information operations.",
    "Trade between the two countries reached 190 billion dollars in 2022, up by 29 per cent on the year before.",
]
MIN_COSINE = 0.97


class _TokenVectors(torch.nn.Module):
    """The transformer alone, with its last hidden state as the only output."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None:
            inputs["token_type_ids"] = token_type_ids
        hidden: torch.Tensor = self.model(**inputs).last_hidden_state
        return hidden


def export(source: str, folder: Path) -> None:
    """Writes ``meta.json`` and, where the model allows it, ``model.onnx`` and ``tokenizer.json`` into ``folder``."""
    model = SentenceTransformer(source, device="cpu").eval()
    meta: dict[str, Any] = {
        "runtime": "torch",
        "dimension": model.get_sentence_embedding_dimension(),
        "max_tokens": model.max_seq_length,
    }
    if _is_plain_mean_pooling(model):
        try:
            meta |= _export_onnx(model, folder)
        # Whatever an exporter cannot do, it says in exceptions of its own; PyTorch itself then runs the model.
        except Exception as error:  # noqa: BLE001
            meta["why_torch"] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))


def _is_plain_mean_pooling(model: SentenceTransformer) -> bool:
    """Whether the vector is the normalised mean of token vectors, with no prompt: what ``OnnxEncoder`` computes."""
    modules = list(model)
    shapes_fit = (
        len(modules) in (2, 3)
        and isinstance(modules[0], Transformer)
        and isinstance(modules[1], Pooling)
        and all(isinstance(module, Normalize) for module in modules[2:])
    )
    prompts = [prompt for prompt in (model.prompts or {}).values() if prompt]
    return shapes_fit and modules[1].pooling_mode == "mean" and not prompts


def _export_onnx(model: SentenceTransformer, folder: Path) -> dict[str, Any]:
    limit = model.max_seq_length
    features = model.tokenizer(SAMPLES, padding=True, truncation=True, max_length=limit, return_tensors="pt")
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in features]
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "model.onnx"
        torch.onnx.export(
            _TokenVectors(cast("torch.nn.Module", model[0].auto_model)).eval(),
            tuple(features[name] for name in names),
            exact,
            input_names=names,
            output_names=["token_vectors"],
            dynamic_shapes=tuple({0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC} for _ in names),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        small = folder / "model.onnx"
        quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True)
        reference = model.encode(SAMPLES, normalize_embeddings=True)
        arrays = {name: features[name].numpy() for name in names}
        cosine = _agreement(small, arrays, reference)
        if cosine < MIN_COSINE:
            # On processors without VNNI int8 products can saturate; the exact graph is slower and always right.
            small.write_bytes(exact.read_bytes())
            cosine = _agreement(small, arrays, reference)
        if cosine < MIN_COSINE:
            raise ValueError(f"the exported model disagrees with the original (cosine {cosine:.3f})")
    model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    return {"runtime": "onnx", "cosine": round(cosine, 4)}


def _agreement(path: Path, arrays: dict[str, Any], reference: FloatArray) -> float:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    hidden = session.run(None, arrays)[0]
    mask = arrays["attention_mask"][:, :, None]
    vectors = (hidden * mask).sum(axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((vectors * reference).sum(axis=1).min())


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]))
