"""Questions and passages of a hundred languages -> unit vectors, by multilingual-e5-small.

The model was trained with a word before each text that says which of the two it is, and with the mean of the token
vectors. A sentence is encoded by itself: within its passage its vector would be that of the passage. A passage costs
little beside its sentences: up to layer ``JOINED`` their tokens are its tokens, and only above they see one another.

The vectors of all texts point nearly the same way: two that have nothing to do with each other have a cosine of 0.7.
What all have in common, their mean, is taken off (Mu and Viswanath 2018), so that a cosine of 0 means that again and
what is fused with BM25 is what differs. LOG.md has what each of these choices gives.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from askreport.models.e5 import GRAPH, MODEL, SHA256, UPPER, VERSION, made, open_inputs
from askreport.models.session import available_cores, layout, onnx_session, unit
from askreport.types import FloatArray, PassageVectors, Span

QUESTION, PASSAGE = "query: ", "passage: "
# The mean vectors of questions and of passages (training/centre.py).
CENTRES = Path(__file__).parent / "e5_centres.npz"
# Texts that run as one have room for so many tokens, filled up to the longest: it bounds time and memory.
ROOM = 512


class E5Encoder:
    """The model as ``e5.made`` left it in the cache, made there on first use.

    Passages run one at a time on each core, each with its own sentences only, so that its vectors depend on nothing
    else.
    """

    fingerprint = f"{MODEL}:{SHA256[:12]}:e5-v{VERSION}"

    def __init__(self, cache: Path, threads: int = 0) -> None:
        folder = made(cache)
        self.inputs = open_inputs(cache)
        self.dimension = self.inputs.dimension
        # The tokens before a passage's own: the start and the word that says what it is.
        self._first = 1 + len(self.inputs.tokenizer.pieces(PASSAGE).ids)
        self._network, self._upper = onnx_session(folder / GRAPH), onnx_session(folder / UPPER)
        with np.load(CENTRES) as centres:
            self._centres: dict[str, FloatArray] = {QUESTION: centres["question"], PASSAGE: centres["passage"]}
        self._workers = ThreadPoolExecutor(threads or available_cores(), "embed")

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return self._centred(QUESTION, self.raw(QUESTION, question))

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Passage and sentence vectors of each text, in order, as many texts at a time as there are threads."""
        if len(texts) != len(sentences):
            raise ValueError(f"{len(texts)} texts with the sentences of {len(sentences)}")
        return list(self._workers.map(self._encode_passage, texts, sentences))

    def raw(self, kind: str, text: str) -> FloatArray:
        """The unit vector as the model gives it, shape (dimension,); ``kind`` is ``QUESTION`` or ``PASSAGE``."""
        (top, _), *_ = self._run([self._tokens(kind + text)])
        return unit(top.mean(axis=0))

    def _encode_passage(self, text: str, sentences: Sequence[Span]) -> PassageVectors:
        if not sentences:
            return self._centred(PASSAGE, self.raw(PASSAGE, text)), np.zeros((0, self.dimension), np.float32)
        # A title or a heading: it is of the passage, and of no sentence.
        before = text[: sentences[0].start].strip()
        parts = [before] * any(map(str.isalnum, before)) + [text[span.start : span.end] for span in sentences]
        found = self._run([self._tokens(PASSAGE + part) for part in parts])
        rows = [self._centred(PASSAGE, unit(top.mean(axis=0))) for top, _ in found[-len(sentences) :]]
        return self._centred(PASSAGE, self._joined([below for _, below in found])), np.stack(rows)

    def _joined(self, parts: Sequence[FloatArray]) -> FloatArray:
        """The unit vector of a passage from its parts' token vectors at layer ``JOINED``."""
        own = [part[self._first : -1] for part in parts]
        tokens = np.concatenate([parts[0][: self._first], *own, parts[-1][-1:]])[: self.inputs.max_tokens]
        top: FloatArray = self._upper.run(["token_vectors"], {"embedded": tokens, **layout([len(tokens)])})[0]
        return unit(top.mean(axis=0))

    def _centred(self, kind: str, vector: FloatArray) -> FloatArray:
        return unit(vector - self._centres[kind])

    def _tokens(self, text: str) -> list[int]:
        return self.inputs.tokenizer.encode(text, self.inputs.max_tokens).ids

    def _run(self, tokens: Sequence[list[int]]) -> list[tuple[FloatArray, FloatArray]]:
        """For each text its token vectors at the top and at layer ``JOINED``, shape (tokens, dimension)."""
        found: dict[int, tuple[FloatArray, FloatArray]] = {}
        for pack in _packs(list(map(len, tokens))):
            lengths = [len(tokens[at]) for at in pack]
            embedded = np.concatenate([self.inputs.embedded(tokens[at]) for at in pack])
            top, below = self._network.run(None, {"embedded": embedded, **layout(lengths)})
            borders = np.cumsum(lengths)[:-1]
            found |= dict(zip(pack, zip(np.split(top, borders), np.split(below, borders), strict=True), strict=True))
        return [found[at] for at in range(len(tokens))]


def _packs(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Texts by number, the shorter ones first, that run as one."""
    pack: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: lengths[at]):
        if pack and (len(pack) + 1) * lengths[at] > ROOM:
            yield pack
            pack = []
        pack.append(at)
    yield pack
