"""(question, sentences in their context) -> how strongly each of them answers: the reader's network.

The default network comes with the package (``reader_model/``, with its model card; ``training/`` made it). It reads the
question together with a window of neighbouring sentences, and scores each sentence. Windows run one at a time, each on
one core, as passages do in ``encoder.py``. So a score does not depend on what else is read.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Tokenizer

from askreport.config import BUILTIN_READER, NO_READER
from askreport.errors import EncoderError
from askreport.models.session import available_cores, onnx_session
from askreport.types import FloatArray, Span

FOLDER = Path(__file__).parent / "reader_model"
# Of longer questions and sentences, the first so many tokens are read; the network was trained with no more.
QUESTION_TOKENS = 48
SENTENCE_TOKENS = 96
# The logit of a sentence in which there is nothing to read.
NOTHING = -10.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a sentence's score and the confidence follow from what was measured of them.

    ``sentence`` weighs a sentence's logit, cosine, coverage and context (reader.py). ``confidence`` weighs its logit,
    cosine and coverage, and the share of the question's words that the library does not have; with ``intercept`` it is
    a logistic regression.
    """

    sentence: tuple[float, float, float, float]
    confidence: tuple[float, float, float, float]
    intercept: float


class Scorer(Protocol):
    """Scores sentences against a question."""

    @property
    def fingerprint(self) -> str:
        """The exact model."""

    @property
    def calibration(self) -> Calibration:
        """What the logits are worth beside what retrieval knows."""

    def score(self, question: str, windows: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each window of neighbouring sentences, the logit of each sentence."""


class OnnxScorer:
    """The network of the package on onnxruntime; ``training/model.py`` says what it computes and why."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        meta = json.loads((folder / "meta.json").read_text())
        fitted = meta["calibration"]
        self.calibration = Calibration(tuple(fitted["sentence"]), tuple(fitted["confidence"]), fitted["intercept"])
        self.fingerprint: str = meta["fingerprint"]
        self._mix = np.array(meta["mix"], np.float32)
        self._bias: float = meta["bias"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._start = self._tokenizer.token_to_id("[CLS]")
        self._separator = self._tokenizer.token_to_id("[SEP]")
        self._session = onnx_session(folder / "reader.onnx")
        self._workers = ThreadPoolExecutor(threads or available_cores(), "read")

    def score(self, question: str, windows: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each window the logit of each sentence, as many windows at a time as there are threads."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        return list(self._workers.map(lambda window: self._score(asked, window), windows))

    def _score(self, asked: list[int], window: Sequence[str]) -> list[float]:
        ids = [self._start, *asked, self._separator]
        second = len(ids)
        spans = []
        for encoding in self._tokenizer.encode_batch(list(window), add_special_tokens=False):
            start = len(ids)
            ids += encoding.ids[:SENTENCE_TOKENS]
            spans.append(Span(start, len(ids)))
        types = np.zeros((1, len(ids) + 1), np.int64)
        types[0, second:] = 1
        inputs = {"ids": np.array([[*ids, self._separator]], np.int64), "types": types}
        hidden, scores = (output[0] for output in self._session.run(None, inputs))
        return [self._logit(hidden, scores, second, span) for span in spans]

    def _logit(self, hidden: FloatArray, scores: FloatArray, second: int, span: Span) -> float:
        """A sentence's logit from token vectors (tokens, dimension) and scores (tokens, 4), as it was trained."""
        if span.start == span.end or second <= 2:
            return NOTHING
        asked, tokens = hidden[1 : second - 1], hidden[span.start : span.end]
        best = (_units(asked) @ _units(tokens).T).max(axis=1)
        mean = float(_units(asked.mean(0)) @ _units(tokens.mean(0)))
        weights = np.exp(scores[1 : second - 1, 2:])
        weights /= weights.sum(axis=0)
        near = np.array([mean, best @ weights[:, 0], best @ weights[:, 1], best.min()])
        own = scores[span.start : span.end, 0].mean() + scores[span.start : span.end, 1].max()
        return float(self._mix @ near + self._bias + own)


def _units(vectors: FloatArray) -> FloatArray:
    scaled: FloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled


# Of a model that nobody has calibrated here: it orders the sentences, and the best one's probability is the confidence.
UNKNOWN_MODEL = Calibration((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), 0.0)


class CrossEncoderScorer:
    """A cross-encoder of sentence-transformers, which reads each sentence by itself."""

    calibration = UNKNOWN_MODEL

    def __init__(self, source: str) -> None:
        # Costs seconds and PyTorch, and only those who chose such a model need it.
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        self.fingerprint = source
        self._model = CrossEncoder(source, device="cpu")

    def score(self, question: str, windows: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each window what each of its sentences scores."""
        flat = [sentence for window in windows for sentence in window]
        pairs = [(question, sentence) for sentence in flat]
        found = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float64)
        if found.ndim != 1:
            raise EncoderError(
                f"{self.fingerprint} gives {found.shape[-1]} scores for a sentence, not one",
                "ASKREPORT_READER takes a cross-encoder that scores relevance.",
            )
        # Models of one label give a probability by default.
        inside = (found >= 0).all() and (found <= 1).all()
        clipped = np.clip(found, 1e-6, 1 - 1e-6)
        logits = iter(np.log(clipped / (1 - clipped)) if inside else found)
        return [[float(next(logits)) for _ in window] for window in windows]


def load_scorer(reader: str, threads: int = 0) -> Scorer | None:
    """The scorer for a setting: the package's own, None for ``none``, or a sentence-transformers cross-encoder.

    Raises EncoderError if the model is not there or cannot be loaded.
    """
    if reader == NO_READER:
        return None
    try:
        if reader == BUILTIN_READER:
            return OnnxScorer(FOLDER, threads)
        return CrossEncoderScorer(os.path.expanduser(reader))  # noqa: PTH111 - Path.expanduser raises for unknown users
    # onnxruntime, tokenizers and transformers raise types of their own without a common base.
    except Exception as error:
        raise EncoderError(
            f"the reader {reader} cannot be loaded: {str(error).splitlines()[0]}",
            "ASKREPORT_READER takes `builtin`, `none`, or the name or folder of a sentence-transformers cross-encoder.",
        ) from error
