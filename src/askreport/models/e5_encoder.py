"""Questions and passages of a hundred languages -> unit vectors, by multilingual-e5-small.

The model was trained with a word before each text that says which of the two it is, and with the mean of the token
vectors.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from askreport.models.e5 import GRAPH, MODEL, SHA256, VERSION, made, open_inputs
from askreport.models.session import available_cores, onnx_session, unit
from askreport.types import FloatArray, PassageVectors, Span

QUESTION, PASSAGE = "query: ", "passage: "


class E5Encoder:
    """The model as ``e5.made`` left it in the cache, made there on first use."""

    fingerprint = f"{MODEL}:{SHA256[:12]}:e5-v{VERSION}"

    def __init__(self, cache: Path, threads: int = 0) -> None:
        self._inputs = open_inputs(cache)
        self.dimension = self._inputs.dimension
        self._session = onnx_session(made(cache) / GRAPH)
        self._workers = ThreadPoolExecutor(threads or available_cores(), "embed")

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return self._vector(QUESTION, question)

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Passage and sentence vectors of each text, in order, as many texts at a time as there are threads.

        A sentence is encoded by itself: within its passage its vector is that of the passage (LOG.md).
        """
        if len(texts) != len(sentences):
            raise ValueError(f"{len(texts)} texts with the sentences of {len(sentences)}")
        return list(self._workers.map(self._encode_passage, texts, sentences))

    def _encode_passage(self, text: str, sentences: Sequence[Span]) -> PassageVectors:
        rows = [self._vector(PASSAGE, text[span.start : span.end]) for span in sentences]
        return self._vector(PASSAGE, text), np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _vector(self, kind: str, text: str) -> FloatArray:
        ids = self._inputs.tokenizer.encode(kind + text, self._inputs.max_tokens).ids
        vectors: FloatArray = self._session.run(None, {"embedded": self._inputs.embedded(ids)[None]})[0][0]
        return unit(vectors.mean(axis=0))
