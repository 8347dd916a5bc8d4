"""A folder that is made of a model once, whichever process asks first."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from askreport.errors import EncoderError


def made_once(folder: Path, make: Callable[[Path], None]) -> None:
    """Has ``make`` fill ``folder``, which appears whole or not at all; of two processes at once, one waits.

    Raises EncoderError if the folder cannot be written, and whatever ``make`` raises.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if (folder / "meta.json").exists():
                return
            shutil.rmtree(folder, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as scratch:
                made = Path(scratch) / "model"
                made.mkdir()
                make(made)
                made.rename(folder)
    except OSError as error:
        raise EncoderError(
            f"the exported model cannot be written to {folder}: {error.strerror}",
            "Set ASKREPORT_CACHE to a folder that can be written and has 200 MB free.",
        ) from error
