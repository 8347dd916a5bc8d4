"""Exports a sentence-transformers model to int8 ONNX: ``python -m askreport.models.export SOURCE FOLDER``.

Run as a child process by ``encoder.py``, once for each model, because it needs PyTorch: seconds of imports and most of
a gigabyte, which neither a question nor an indexing run should pay.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import AttentionInterface

from askreport.models.int8 import narrowed
from askreport.models.prompts import prompts_of
from askreport.models.session import onnx_session
from askreport.types import FloatArray

# The export is only used if every one of these comes out of it nearly as out of PyTorch. Per-channel int8 weights
# give a cosine of about 0.99, per-tensor ones 0.95: enough to change what is found.
SAMPLES = [
    "Does the service spy on its neighbour?",
    "The agreement dates back to 1992 and covers military technology, espionage and information operations.",
    "Trade between the two countries reached 190 billion dollars in 2022, up by 29 per cent on the year before.",
]
MIN_COSINE = 0.97


# Models whose every token sees every other, so that attention without a mask is the whole of it.
UNMASKED = {"bert", "camembert", "roberta", "xlm-roberta"}


class _TokenVectors(torch.nn.Module):
    """The transformer alone, with its last hidden state as the only output.

    It takes no mask and no token types: texts are run one at a time, so that nothing in a batch is padding.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.model(input_ids=input_ids).last_hidden_state
        return hidden


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attention as the one operator that onnxruntime has for it; tensors are (texts, heads, tokens, dimension).

    PyTorch's exporter writes the same as a dozen operators, with a mask that hides nothing: a third more time.
    """
    if attention_mask is not None:
        raise ValueError(f"{type(module).__name__} wants a mask")
    texts, heads, tokens, dimension = query.shape
    joined = [part.transpose(1, 2).reshape(texts, tokens, heads * dimension) for part in (query, key, value)]
    attended = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        joined,
        {"num_heads": heads, "scale": scaling},
        dtype=query.dtype,
        shape=joined[0].shape,
        version=1,
    )
    return attended.reshape(texts, tokens, heads, dimension), None


AttentionInterface.register("onnxruntime", _attend)


def export(source: str, folder: Path) -> None:
    """Writes ``meta.json`` and, where the model allows it, ``model.onnx`` and ``tokenizer.json`` into ``folder``."""
    model = SentenceTransformer(source, device="cpu").eval()
    meta: dict[str, Any] = {
        "runtime": "torch",
        "dimension": model.get_sentence_embedding_dimension(),
        "max_tokens": model.max_seq_length,
    }
    if _is_plain_mean_pooling(source, model):
        try:
            meta |= _export_onnx(model, folder)
        # Whatever an exporter cannot do, it says in exceptions of its own; PyTorch itself then runs the model.
        except Exception as error:  # noqa: BLE001
            meta["why_torch"] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))


def _is_plain_mean_pooling(source: str, model: SentenceTransformer) -> bool:
    """Whether the vector is the normalised mean of token vectors, with no prompt: what ``OnnxEncoder`` computes."""
    modules = list(model)
    shapes_fit = (
        len(modules) in (2, 3)
        and isinstance(modules[0], Transformer)
        and isinstance(modules[1], Pooling)
        and all(isinstance(module, Normalize) for module in modules[2:])
    )
    return shapes_fit and modules[1].pooling_mode == "mean" and not prompts_of(source, model.prompts)


def _export_onnx(model: SentenceTransformer, folder: Path) -> dict[str, Any]:
    limit = model.max_seq_length
    samples = [model.tokenizer(text, truncation=True, max_length=limit)["input_ids"] for text in SAMPLES]
    reference = model.encode(SAMPLES, normalize_embeddings=True)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "model.onnx"
        _write_exact(cast("Any", model[0].auto_model), samples[-1], exact)
        small = folder / "model.onnx"
        quantize(exact, small)
        cosine = _agreement(small, samples, reference)
        if cosine < MIN_COSINE:
            # Weights that 8 bits do not hold; the exact graph is slower and always right.
            small.write_bytes(exact.read_bytes())
            cosine = _agreement(small, samples, reference)
        if cosine < MIN_COSINE:
            raise ValueError(f"the exported model disagrees with the original (cosine {cosine:.3f})")
    model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    return {"runtime": "onnx", "cosine": round(cosine, 4)}


def _write_exact(transformer: Any, sample: list[int], path: Path) -> None:
    """Writes the transformer's fp32 graph: ``input_ids`` (texts, tokens) -> ``token_vectors``."""
    config = transformer.config
    if config.model_type in UNMASKED and not getattr(config, "is_decoder", False):
        transformer.set_attn_implementation("onnxruntime")
    torch.onnx.export(
        _TokenVectors(transformer).eval(),
        # Two texts, because the exporter takes a size of one for a constant.
        (torch.tensor([sample, sample]),),
        path,
        input_names=["input_ids"],
        output_names=["token_vectors"],
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC},),
        external_data=False,
        dynamo=True,
        verbose=False,
    )


def quantize(exact: Path, small: Path) -> None:
    """Writes a graph whose products are of bytes, with a scale for each output (int8.py)."""
    quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True)
    originals = {each.name: each for each in onnx.load(exact).graph.initializer}
    model = onnx.load(small)
    made = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        # The exporter notes for each operator which lines of which files it comes from.
        node.ClearField("metadata_props")
        if node.op_type == "MatMulInteger":
            name = node.input[1].removesuffix("_quantized")
            weights, scales = narrowed(numpy_helper.to_array(originals[name]))
            made[f"{name}_quantized"].CopyFrom(numpy_helper.from_array(weights, f"{name}_quantized"))
            made[f"{name}_scale"].CopyFrom(numpy_helper.from_array(scales, f"{name}_scale"))
    onnx.save(model, small)


def _agreement(path: Path, samples: list[list[int]], reference: FloatArray) -> float:
    session = onnx_session(path)
    vectors = np.stack([session.run(None, {"input_ids": np.array([sample])})[0][0].mean(axis=0) for sample in samples])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((vectors * reference).sum(axis=1).min())


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]))
