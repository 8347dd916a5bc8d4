"""The tiny model of e5's layout with words and places enough for windows of a reader, made once in a run."""

from pathlib import Path
from string import ascii_letters, digits

import pytest

from askreport.models.e5_build import build
from tests.tools.once import once
from tests.tools.tinye5 import OWN, SPACE, write_e5

POSITIONS = 512
CHARACTERS = (*ascii_letters, *digits, *".,?!'’-:", "。", "é")
WORDS = ("the", "The", "ship", "came", "late", "who", "Who", "query", "It", "rained", "was", "it", "in", "and", "of")
PIECES = (*OWN, SPACE, *CHARACTERS, *(SPACE + word for word in WORDS), "<mask>")


def tiny_file(factory: pytest.TempPathFactory) -> Path:
    """The file of the model."""
    return once(factory, "tiny-reader", _write) / "tiny.bin"


def tiny_made(factory: pytest.TempPathFactory) -> Path:
    """The folder of what the service makes of the file."""
    return once(factory, "tiny-reader-made", lambda folder: build(tiny_file(factory), folder))


def _write(folder: Path) -> None:
    write_e5(folder / "tiny.bin", pieces=PIECES, positions=POSITIONS)
