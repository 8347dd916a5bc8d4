"""Files on their way into a folder: what they may be called, where they wait, and how they are moved without loss."""

import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

# Hidden, so that no run of the indexer sees a file before it is whole; inside, so that moving it is one rename.
UPLOADS = ".uploads"
MAX_NAME_BYTES = 150
_MAX_ENDING_BYTES = 20
_LOCK = ".lock"
_FORBIDDEN = '<>:"|?*'
# They turn what follows around, so that "fdp.exe" reads "exe.pdf".
_TURNING = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """A file name made of what an upload calls itself: never a path, never hidden, and good on every system."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join("_" if _is_bad(char) else char for char in last).lstrip(". ").rstrip(". ")
    short = _shortened(clean) or "document"
    return _shortened(f"_{short}") if _RESERVED.match(short) else short


def _is_bad(char: str) -> bool:
    return char in _FORBIDDEN or char in _TURNING or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _shortened(name: str) -> str:
    """The name in no more bytes than allowed, with its ending, which decides how the file is read."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    ending = Path(name).suffix
    if len(ending.encode()) > _MAX_ENDING_BYTES:
        ending = ""
    room = MAX_NAME_BYTES - len(ending.encode())
    return name.removesuffix(ending).encode()[:room].decode(errors="ignore").rstrip(". ") + ending


class Staging:
    """A folder of its own for the files of one upload, below the hidden folder of uploads.

    Its lock tells it from the folders of uploads whose process is gone. Raises OSError if it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.files: list[Path] = []
        (folder / UPLOADS).mkdir(exist_ok=True)
        self._folder = folder / UPLOADS / uuid.uuid4().hex
        self._folder.mkdir()
        # Made by one thread and closed by another.
        self._lock = FileLock(self._folder / _LOCK, timeout=0, thread_local=False)
        self._lock.acquire()

    def place(self, name: str) -> Path:
        """The path for the next file, under a safe name; of several files with one name each has its own folder."""
        file = self._folder / str(len(self.files)) / safe_name(name)
        file.parent.mkdir()
        self.files.append(file)
        return file

    def close(self) -> None:
        """Removes the folder and what is left in it."""
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)


def clear_uploads(folder: Path) -> None:
    """Removes what is left of uploads that were cut short; those of processes that run are left alone."""
    try:
        left = list((folder / UPLOADS).iterdir())
    except OSError:
        return
    for entry in left:
        try:
            with FileLock(entry / _LOCK, timeout=0):
                pass
        except (Timeout, OSError):
            continue
        shutil.rmtree(entry, ignore_errors=True)


def move_new(file: Path, wanted: Path) -> Path:
    """Moves a file on one file system to a name that is free, the wanted one or one like it; the name it got.

    Never overwrites: the name is taken first, by an empty file, which the moved one then replaces in one step.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for target in names_like(wanted):
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            file.replace(target)
        except BaseException:
            target.unlink()
            raise
        return target
    raise AssertionError("there is always another number")


def names_like(path: Path) -> Iterator[Path]:
    """The path, then "name (2).pdf", "name (3).pdf" and so on."""
    yield path
    yield from (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in count(2))
