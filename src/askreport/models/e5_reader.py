"""The reader of the package: a network over question, title and sentences that says how well each sentence answers.

``reader_model/`` holds its weights, with its model card; ``training/model.py`` says what it computes and why. The word
vectors are those of multilingual-e5-small, in that model's package. Windows run one at a time, each on one core, so a
score does not depend on what else is read.
"""

import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from askreport.models.e5 import E5Inputs
from askreport.models.scorer import Calibration, Judged, Window
from askreport.models.session import available_cores, layout, onnx_session
from askreport.types import FloatArray, Span

GRAPH, HEADS, META = "reader.onnx", "heads.npz", "meta.json"
# Of longer questions, titles and sentences, the first so many tokens are read, of the sentence before the last: the
# network was trained with no more.
QUESTION_TOKENS, TITLE_TOKENS, BEFORE_TOKENS, SENTENCE_TOKENS = 48, 24, 40, 96
QUERY = "query: "
# A token at least this likely part of an answer is emphasised.
EMPHASIS = 0.5
_erf = np.frompyfunc(math.erf, 1, 1)


class E5Reader:
    """The network in a folder, over the word vectors of ``inputs``."""

    def __init__(self, folder: Path, inputs: E5Inputs, threads: int = 0) -> None:
        meta = json.loads((folder / META).read_text())
        self.calibration = Calibration.of(meta["calibration"])
        self.fingerprint: str = meta["fingerprint"]
        self._inputs, self._pieces = inputs, inputs.tokenizer
        with np.load(folder / HEADS) as heads:
            self._heads: dict[str, FloatArray] = {name: heads[name].astype(np.float32) for name in heads.files}
        self._session = onnx_session(folder / GRAPH)
        self._workers = ThreadPoolExecutor(threads or available_cores(), "read")

    def score(self, question: str, windows: Sequence[Window]) -> list[list[Judged]]:
        """What is said of each sentence of each window, as many windows at a time as there are threads."""
        asked = self._pieces.pieces(QUERY + question, QUESTION_TOKENS).ids
        return list(self._workers.map(lambda window: self._score(asked, window), windows))

    def _score(self, asked: list[int], window: Window) -> list[Judged]:
        end = self._pieces.end
        ids = [self._pieces.start, *asked, end, *self._pieces.pieces(window.title, TITLE_TOKENS).ids]
        ids += [*self._pieces.pieces(window.before).ids[-BEFORE_TOKENS:], end]
        sentences = [self._pieces.pieces(text, SENTENCE_TOKENS) for text in window.sentences]
        spans = []
        for sentence in sentences:
            start = len(ids)
            ids += [*sentence.ids, end]
            spans.append(Span(start, len(ids)))
        ids = ids[: len(self._heads["positions"])]
        embedded = self._inputs.words(ids) + self._heads["positions"][: len(ids)]
        hidden: FloatArray = self._session.run(None, {"embedded": embedded, **layout([len(ids)])})[0]
        tokens = hidden @ self._heads["answers.w"] + self._heads["answers.b"]
        return [
            self._judged(hidden, tokens, span, sentence.offsets)
            for span, sentence in zip(spans, sentences, strict=True)
            if span.end <= len(ids)
        ] + [Judged(logit=NOTHING)] * sum(span.end > len(ids) for span in spans)

    def _judged(self, hidden: FloatArray, tokens: FloatArray, span: Span, offsets: Sequence[tuple[int, int]]) -> Judged:
        own, scores = hidden[span.start : span.end], tokens[span.start : span.end]
        features = np.concatenate(
            [own.mean(0), own.max(0), own[-1], hidden[0], [scores.mean(), scores.max()]], dtype=np.float32
        )
        inner = _gelu(features @ self._heads["inner.w"] + self._heads["inner.b"])
        logit = float(inner @ self._heads["outer.w"] + self._heads["outer.b"])
        return Judged(logit=logit, answers=_runs(scores[:-1], offsets))


# The logit of a sentence that there was no room for.
NOTHING = -10.0


def _gelu(values: FloatArray) -> FloatArray:
    found: FloatArray = values * (0.5 + 0.5 * _erf(values / math.sqrt(2)).astype(np.float32))
    return found


def _runs(scores: FloatArray, offsets: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """The runs of tokens that are likely part of an answer, and of one character between two, as spans."""
    floor = math.log(EMPHASIS / (1 - EMPHASIS))
    found: list[Span] = []
    for (start, end), score in zip(offsets, scores.tolist(), strict=True):
        if score < floor or start == end:
            continue
        if found and start - found[-1].end <= 1:
            found[-1] = Span(found[-1].start, end)
        else:
            found.append(Span(start, end))
    return tuple(found)
