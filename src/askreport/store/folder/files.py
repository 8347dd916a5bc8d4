"""Files of the index: linked, made durable, locked, and known by their checksums."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

SEAL = "sha256"


def file_sum(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest


def files_of(folder: Path) -> list[Path]:
    """Every file below a folder, in order, but for the locks that tantivy leaves."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def link_folder(source: Path, target: Path) -> None:
    """Makes a new folder with the same files: one copy on disk under two names, or copied where links are refused."""
    target.mkdir()
    for path in files_of(source):
        try:
            os.link(path, target / path.name)
        except OSError:
            shutil.copy2(path, target / path.name)


def sync(paths: Iterable[Path]) -> None:
    """Waits until files and folders are on disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def is_held(lock: Path) -> bool:
    """Whether somebody holds the lock of this file; not, where the file cannot be locked at all."""
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def seal(values: Mapping[str, Any]) -> str:
    """The values as JSON with their own checksum among them."""
    return json.dumps({**values, SEAL: _seal_of(values)})


def unseal(text: str | bytes) -> dict[str, Any]:
    """The values that ``seal`` was given; ValueError if they are not those any more."""
    values = json.loads(text)
    if not isinstance(values, dict) or values.pop(SEAL, None) != _seal_of(values):
        raise ValueError("its checksum does not fit")
    return values


def _seal_of(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
