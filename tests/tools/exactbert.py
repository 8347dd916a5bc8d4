"""A BERT in floating point with numpy, for one text: what a graph of bytes has to agree with."""

import math

import numpy as np

from askreport.models.bert_graph import Bert
from askreport.types import FloatArray


def exact(bert: Bert, at: FloatArray) -> FloatArray:
    """The network in floating point, for one text (tokens, hidden)."""

    def linear(name: str, values: FloatArray) -> FloatArray:
        bias = bert.weights(f"{name}.b")
        found: FloatArray = values @ bert.weights(f"{name}.w").reshape(len(bias), -1).T + bias
        return found

    def norm(name: str, values: FloatArray) -> FloatArray:
        values = values - values.mean(axis=-1, keepdims=True)
        scaled = values / np.sqrt((values**2).mean(axis=-1, keepdims=True) + bert.epsilon)
        found: FloatArray = scaled * bert.weights(f"{name}.w") + bert.weights(f"{name}.b")
        return found

    gelu = np.vectorize(lambda value: value * 0.5 * (1 + math.erf(value / math.sqrt(2))))
    at = norm("emb.ln", at)
    for layer in range(bert.layers):
        prefix = f"l{layer}."
        asked, keys, values = (
            linear(prefix + name, at).reshape(len(at), bert.heads, -1).swapaxes(0, 1) for name in "qkv"
        )
        weights = np.exp(asked @ keys.swapaxes(1, 2) / math.sqrt(asked.shape[-1]))
        seen = (weights / weights.sum(axis=-1, keepdims=True)) @ values
        at = norm(prefix + "aln", at + linear(prefix + "ao", seen.swapaxes(0, 1).reshape(at.shape)))
        at = norm(prefix + "oln", at + linear(prefix + "fo", gelu(linear(prefix + "fi", at))))
    return at
