"""Makes what tests share once in a run, also where pytest-xdist runs them in several processes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name``, which ``make`` fills; of several processes one makes it and the others wait for it."""
    base = factory.getbasetemp()
    # A worker's folder lies in that of the whole run.
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = root / name
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            making = root / f"{name}.making"
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder
