"""A setting -> the reader: the package's own, none, or a cross-encoder of sentence-transformers."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from askreport.config import BUILTIN_READER, NO_READER
from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.e5_reader import E5Reader
from askreport.models.needs import need_sentence_transformers
from askreport.models.scorer import UNKNOWN_MODEL, Judged, Scorer, Window

FOLDER = Path(__file__).parent / "reader_model"


class CrossEncoderScorer:
    """A cross-encoder of sentence-transformers, which reads each sentence by itself."""

    calibration = UNKNOWN_MODEL

    def __init__(self, source: str) -> None:
        need_sentence_transformers(source)
        # Costs seconds and PyTorch, and only those who chose such a model need it.
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        self.fingerprint = source
        self._model = CrossEncoder(source, device="cpu")

    def score(self, question: str, windows: Sequence[Window]) -> list[list[Judged]]:
        """For each window what each of its sentences scores."""
        flat = [sentence for window in windows for sentence in window.sentences]
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
        return [[Judged(logit=float(next(logits))) for _ in window.sentences] for window in windows]


def load_scorer(reader: str, cache: Path, threads: int = 0) -> Scorer | None:
    """The scorer for a setting: the package's own, None for ``none``, or a sentence-transformers cross-encoder.

    The package's own needs multilingual-e5-small for its words: where that is not installed, nothing reads. Raises
    EncoderError if another model is not there or cannot be loaded.
    """
    if reader == NO_READER:
        return None
    try:
        if reader == BUILTIN_READER:
            return _builtin(cache, threads)
        return CrossEncoderScorer(os.path.expanduser(reader))  # noqa: PTH111 - Path.expanduser raises for unknown users
    # It says already what to do, about the cache or the words' package.
    except EncoderError:
        raise
    # onnxruntime, tokenizers and transformers raise types of their own without a common base.
    except Exception as error:
        raise EncoderError(
            f"the reader {reader} cannot be loaded: {str(error).splitlines()[0]}",
            "ASKREPORT_READER takes `builtin`, `none`, or the name or folder of a sentence-transformers cross-encoder.",
        ) from error


def _builtin(cache: Path, threads: int) -> Scorer | None:
    if not e5.installed():
        return None
    return E5Reader(FOLDER, e5.open_inputs(cache), threads)
