"""A tiny model of e5's layout, and the training's tokenizer over it."""

import random
from pathlib import Path

import pytest
import torch

from askreport.models.e5_file import E5File
from tests.tools.tinye5 import tiny_file
from training import windows
from training.model import Reader
from training.windows import Cutter, Tokenizer


@pytest.fixture(scope="package")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_file(tmp_path_factory)


@pytest.fixture(scope="package")
def tokenizer(weights: Path) -> Tokenizer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "locate", lambda: weights)
        return Tokenizer()


@pytest.fixture
def cutter(tokenizer: Tokenizer) -> Cutter:
    return Cutter(tokenizer, random.Random(1))


@pytest.fixture
def reader(weights: Path) -> Reader:
    """A network of random weights, of a score of its own for each sentence."""
    torch.manual_seed(1)
    return Reader(E5File(weights)).eval()
