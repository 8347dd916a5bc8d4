"""A tiny model of e5's layout, the pieces that windows are made of, and a network over it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from askreport.models.unigram import Unigram
from tests.tools.tinyreader import tiny_file, tiny_made

if TYPE_CHECKING:
    from training.model import Reader


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_file(tmp_path_factory)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_made(tmp_path_factory)


@pytest.fixture(scope="session")
def pieces(made: Path) -> Unigram:
    return Unigram(made)


@pytest.fixture
def reader(weights: Path) -> "Reader":
    """A network of random weights."""
    # Imported here because PyTorch takes seconds, which other tests need not wait for.
    import torch  # noqa: PLC0415

    from askreport.models.e5_file import E5File  # noqa: PLC0415
    from training.model import Reader  # noqa: PLC0415

    torch.manual_seed(1)
    return Reader(E5File(weights)).eval()
