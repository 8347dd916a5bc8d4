"""Generations on disk: folders ``generation-NNNNNN`` whose manifest is written last, and who may write them."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from askreport.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexWriteError

MANIFEST = "manifest.json"
# Raise it when what a generation's files hold changes: an index of another format is refused and built anew.
FORMAT = 3
REBUILD_HINT = "Run `askreport index` to build it."
_NAME = re.compile(r"generation-(\d{6,})")


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What a generation holds."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is: with what it was made, from what, when, and its files' sizes and SHA-256.

    ``library`` is a digest of the documents and of everything that decides how they are read, chunked and embedded:
    equal digests mean equal indexes.
    """

    generation: int
    built_at: str
    encoder: str
    dimension: int
    chunking: str
    library: str
    counts: IndexCounts
    files: dict[str, tuple[int, str]]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Writes the manifest into a generation's folder: the last file it gets."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1))


def generation_folder(index: Path, generation: int) -> Path:
    """The folder of a generation."""
    return index / f"generation-{generation:06d}"


def generations(index: Path) -> list[int]:
    """The numbers of the complete generations, ascending."""
    try:
        names = [(entry, _NAME.fullmatch(entry.name)) for entry in index.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(int(name[1]) for entry, name in names if name and (entry / MANIFEST).exists())


def unfinished(index: Path) -> list[Path]:
    """Folders with a generation's name but no manifest: what is left where a removal was cut short."""
    return [entry for entry in index.iterdir() if _NAME.fullmatch(entry.name) and not (entry / MANIFEST).exists()]


def latest_generation(index: Path) -> int:
    """The number of the newest complete generation; IndexMissingError if there is none."""
    # Listed again, because all that a listing names may be replaced while it is gone through.
    found = generations(index) or generations(index)
    if not found:
        raise IndexMissingError(f"there is no index in {index}", REBUILD_HINT)
    return found[-1]


def publication(index: Path, generation: int) -> tuple[int, ...]:
    """What tells a published generation from another of the same number, made after the folder was emptied."""
    try:
        status = (generation_folder(index, generation) / MANIFEST).stat()
    except OSError:
        return (generation,)
    return generation, status.st_ino, status.st_mtime_ns


def read_manifest(index: Path, generation: int) -> Manifest:
    """The manifest of a generation; IndexDamagedError if it or a file it names is not as it was written."""
    folder = generation_folder(index, generation)
    try:
        values = json.loads((folder / MANIFEST).read_text())
        files = {name: (int(size), str(digest)) for name, (size, digest) in values.pop("files").items()}
        values.setdefault("format", 1)
        manifest = Manifest(counts=IndexCounts(**values.pop("counts")), files=files, **values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError(f"{folder / MANIFEST} cannot be read: {error}", REBUILD_HINT) from None
    for name, (size, _) in manifest.files.items():
        path = folder / name
        if _size(path) != size:
            raise IndexDamagedError(f"{path} is missing or has not the size it was written with", REBUILD_HINT)
    return manifest


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def is_intact(index: Path, manifest: Manifest) -> bool:
    """Whether every file of a generation is, byte for byte, the one that was written; reads them all."""
    sums = file_sums(generation_folder(index, manifest.generation))
    return all(sums.get(name) == written for name, written in manifest.files.items())


def file_sums(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of every file below a folder, by its path in it."""
    sums = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            sums[path.relative_to(folder).as_posix()] = (path.stat().st_size, digest)
    return sums


@contextmanager
def write_failures(index: Path) -> Iterator[None]:
    """Turns a failed write into IndexWriteError, whoever reports it: FAISS by RuntimeError, tantivy by ValueError."""
    try:
        yield
    except (OSError, sqlite3.Error, RuntimeError, ValueError) as error:
        raise IndexWriteError(
            f"the new index could not be written to {index}: {error}",
            "Free space or choose another folder by ASKREPORT_INDEX, then run `askreport index` again. "
            "The index that was published before still answers.",
        ) from error


@contextmanager
def writer_lock(index: Path) -> Iterator[None]:
    """Holds the right to write the index; IndexBusyError if another process has it."""
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".writer.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise IndexBusyError(
            f"another process is writing the index in {index}",
            "Wait until it has finished; the published index answers meanwhile.",
        ) from None
    except OSError as error:
        raise IndexWriteError(
            f"the index folder {index} cannot be written: {error.strerror}",
            "Set ASKREPORT_INDEX to a folder that can be written.",
        ) from None
    try:
        yield
    finally:
        lock.release()
