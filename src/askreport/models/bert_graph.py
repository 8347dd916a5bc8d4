"""The graph of a BERT, written node by node: no PyTorch, no exporter.

Its input is the sum of word, position and type vectors, so that word vectors can stay in a file of their own. Several
texts run as one: their tokens stand one after another in all layers, which one product for all serves best, and only
attention has them apart. Linear layers are of bytes, with a scale for each output (int8.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from askreport.models.int8 import narrowed
from askreport.types import FloatArray

INPUT, OUTPUT, SHOWN = "embedded", "token_vectors", "layer"
# Where each text's tokens stand, how many they are, and where they are found again (session.py).
ROWS, LENGTHS, BACK = "rows", "lengths", "back"
# onnxruntime's own operators: attention, the linear layer with its quantisation, and GELU as BERT has it (by erf).
_RUNTIME = "com.microsoft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bert:
    """Sizes of the network, and ``weights``: a flat array for a name such as ``l0.q.w`` (outputs times inputs)."""

    hidden: int
    layers: int
    heads: int
    epsilon: float
    weights: Callable[[str], FloatArray]


def bert_graph(bert: Bert, first: int = 0, shown: int | None = None) -> ModelProto:
    """``embedded`` (tokens, hidden) -> ``token_vectors`` (tokens, hidden), for the texts that ``layout`` describes.

    The graph begins at layer ``first``, with what the one before gives as its input. With ``shown``, ``layer`` is
    what so many layers give.
    """
    graph = _Graph(bert)
    at = INPUT if first else graph.norm("emb.ln", INPUT)
    outputs = [OUTPUT]
    for layer in range(first, bert.layers):
        at = graph.layer(f"l{layer}.", at, {shown: SHOWN, bert.layers: OUTPUT}.get(layer + 1))
    if shown is not None:
        outputs.append(SHOWN)
    made = helper.make_graph(
        graph.nodes,
        "bert",
        [
            helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["tokens", bert.hidden]),
            helper.make_tensor_value_info(ROWS, TensorProto.INT64, ["texts", "longest"]),
            helper.make_tensor_value_info(LENGTHS, TensorProto.INT32, ["texts"]),
            helper.make_tensor_value_info(BACK, TensorProto.INT64, ["tokens"]),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["tokens", bert.hidden]) for name in outputs],
        graph.constants,
    )
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(_RUNTIME, 1)]
    return helper.make_model(made, opset_imports=versions, ir_version=9)


class _Graph:
    """Nodes and constants as they come; each method adds some and returns the name of what they give."""

    def __init__(self, bert: Bert) -> None:
        self.bert = bert
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.flat = self.constant("flat", np.array([-1, bert.hidden], np.int64))

    def layer(self, prefix: str, at: str, name: str | None = None) -> str:
        """One layer: attention and feed-forward, each added to what it read and normalised."""
        heads = self.attention(self.linear(prefix, ("q", "k", "v"), at))
        at = self.norm(prefix + "aln", self.node("Add", [at, self.linear(prefix, ("ao",), heads)]))
        inner = self.node("Gelu", [self.linear(prefix, ("fi",), at)], _RUNTIME)
        return self.norm(prefix + "oln", self.node("Add", [at, self.linear(prefix, ("fo",), inner)]), name)

    def attention(self, joined: str) -> str:
        """Each text's tokens see one another: laid out in rows, filled up, and back."""
        parts = [f"{joined}.{number}" for number in range(3)]
        self.nodes.append(
            helper.make_node("Split", [self.node("Gather", [joined, ROWS])], parts, axis=-1, num_outputs=3)
        )
        seen = self.node("MultiHeadAttention", [*parts, "", LENGTHS], _RUNTIME)
        self.nodes[-1].attribute.append(helper.make_attribute("num_heads", self.bert.heads))
        return self.node("Gather", [self.node("Reshape", [seen, self.flat]), BACK])

    def linear(self, prefix: str, names: tuple[str, ...], at: str) -> str:
        """Layers that read the same, as one product."""
        biases = [self.bert.weights(f"{prefix}{name}.b") for name in names]
        matrices = [
            self.bert.weights(f"{prefix}{name}.w").reshape(len(bias), -1).T
            for name, bias in zip(names, biases, strict=True)
        ]
        weights, scales = narrowed(np.concatenate(matrices, axis=1))
        name = prefix + "".join(names)
        return self.node(
            "DynamicQuantizeMatMul",
            [
                at,
                self.constant(f"{name}.w", weights),
                self.constant(f"{name}.scale", scales),
                self.constant(f"{name}.zero", np.zeros(len(scales), np.int8)),
                self.constant(f"{name}.b", np.concatenate(biases)),
            ],
            _RUNTIME,
        )

    def norm(self, name: str, at: str, output: str | None = None) -> str:
        """Layer normalisation."""
        scale, bias = (self.constant(f"{name}.{part}", self.bert.weights(f"{name}.{part}")) for part in "wb")
        found = self.node("LayerNormalization", [at, scale, bias], output=output)
        self.nodes[-1].attribute.append(helper.make_attribute("epsilon", self.bert.epsilon))
        return found

    def node(self, kind: str, inputs: list[str], domain: str = "", output: str | None = None) -> str:
        """One operator with one output."""
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], domain=domain))
        return name

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """A tensor that the graph carries."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
