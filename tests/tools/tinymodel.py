"""Random sentence-transformers models of a few kilobytes, made and exported once in a run of the tests."""

import subprocess
import sys
import warnings
from pathlib import Path
from string import ascii_lowercase, digits

import pytest

from tests.tools.once import once

MAX_TOKENS = 32
DIMENSION = 32


def tiny_models(factory: pytest.TempPathFactory) -> Path:
    """The folder with the models ``mean`` and ``cls``, named after how they pool token vectors."""
    return once(factory, "tiny-models", _write)


def tiny_cache(factory: pytest.TempPathFactory) -> Path:
    """A cache into which two processes at once have exported ``mean``, while a third exported ``cls``."""
    models = tiny_models(factory)
    return once(factory, "tiny-cache", lambda cache: _export_at_once(models, cache))


def _export_at_once(models: Path, cache: Path) -> None:
    code = "import sys, pathlib, askreport.models.encoder as e; e.load_encoder(sys.argv[1], pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-W", "ignore", "-c", code]
    running = [
        subprocess.Popen([*command, models / name, cache], stderr=subprocess.PIPE, text=True)
        for name in ("mean", "mean", "cls")
    ]
    errors = [process.communicate(timeout=240)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors


def exported(cache: Path, name: str) -> Path:
    """The folder of an exported model."""
    (folder,) = (path for path in (cache / "models").iterdir() if path.is_dir() and path.name.startswith(f"{name}-"))
    return folder


def _write(folder: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        _write_models(folder)


def _write_models(folder: Path) -> None:
    # Imported here because PyTorch takes seconds, which other tests need not wait for.
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer  # noqa: PLC0415
    from transformers import BertConfig, BertModel, BertTokenizer  # noqa: PLC0415

    characters = [*ascii_lowercase, *digits]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", *characters, *(f"##{c}" for c in characters)]
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * DIMENSION,
        # The usual 0.02 makes a model for which all texts are alike.
        initializer_range=0.5,
    )
    torch.manual_seed(0)
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizer(vocab={token: number for number, token in enumerate(tokens)}).save_pretrained(folder / "bert")
    for pooling in ("mean", "cls"):
        transformer = Transformer(str(folder / "bert"), max_seq_length=MAX_TOKENS)
        model = SentenceTransformer(modules=[transformer, Pooling(DIMENSION, pooling_mode=pooling)], device="cpu")
        model.save(str(folder / pooling))
