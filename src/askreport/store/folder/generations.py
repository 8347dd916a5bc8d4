"""Generations on disk: folders ``generation-NNNNNN`` whose manifest is written last, and the writer's lock."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from askreport.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexWriteError
from askreport.store.base import FORMAT, REBUILD_HINT, IndexCounts, Manifest, Segment
from askreport.store.folder.files import is_held, seal, unseal
from askreport.store.folder.sqlite import is_damage, said

MANIFEST = "manifest.json"
# Locked by who is first in line to write; and seconds between two tries to.
_FIRST = ".first.lock"
_PAUSE = 0.02
_NAME = re.compile(r"generation-(\d{6,})")


def generation_folder(index: Path, generation: int) -> Path:
    """The folder of a generation."""
    return index / f"generation-{generation:06d}"


def generations(index: Path) -> list[int]:
    """The numbers of the complete generations, ascending."""
    return sorted(number for number, is_complete in _listed(index).items() if is_complete)


def unfinished(index: Path) -> list[Path]:
    """Folders with a generation's name but no manifest: what is left where a removal was cut short."""
    return [generation_folder(index, number) for number, is_complete in _listed(index).items() if not is_complete]


def latest_generation(index: Path) -> int:
    """The number of the newest generation; IndexMissingError if none is complete, IndexDamagedError if it is not."""
    listed = _listed(index)
    if not any(listed.values()):
        # All that a listing names may be replaced while it is gone through.
        listed = _listed(index)
    if not any(listed.values()):
        raise IndexMissingError(f"there is no index in {index}", REBUILD_HINT)
    newest = max(listed)
    # A generation is published with its manifest, and removed only after a newer one was.
    if not listed[newest]:
        raise IndexDamagedError(f"{generation_folder(index, newest) / MANIFEST} is missing", REBUILD_HINT)
    return newest


def _listed(index: Path) -> dict[int, bool]:
    """The numbers of the folders with a generation's name, and whether each has its manifest."""
    try:
        names = [(entry, _NAME.fullmatch(entry.name)) for entry in index.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {int(name[1]): (entry / MANIFEST).exists() for entry, name in names if name and entry.is_dir()}


def publication(index: Path, generation: int) -> tuple[int, ...]:
    """What tells a published generation from another of the same number, made after the folder was emptied."""
    try:
        status = (generation_folder(index, generation) / MANIFEST).stat()
    except OSError:
        return (generation,)
    return generation, status.st_ino, status.st_mtime_ns


def read_manifest(index: Path, generation: int) -> Manifest:
    """The manifest of a generation; IndexDamagedError if it or the size of a file it names is not as it was written.

    Of an index of another format, which is to be built anew, only what its manifest and this format have in common.
    """
    folder = generation_folder(index, generation)
    try:
        manifest = _manifest((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError(f"{folder / MANIFEST} cannot be read: {error}", REBUILD_HINT) from None
    for name, (size, _) in manifest.files.items():
        path = folder / name
        if _size(path) != size:
            raise IndexDamagedError(f"{path} is missing or has not the size it was written with", REBUILD_HINT)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest into a generation's folder: the last file it gets.

    Of one that is wholly embedded nothing is said of that, as former versions know it.
    """
    values = asdict(manifest)
    for part in (values, *values["segments"]):
        if part["embedded"] == 1:
            del part["embedded"]
    (folder / MANIFEST).write_text(seal(values))


def changed(files: Sequence[Path]) -> IndexDamagedError:
    """The error for files that are not, byte for byte, as they were written."""
    return IndexDamagedError(f"not as it was written: {', '.join(map(str, files))}", REBUILD_HINT)


def _manifest(content: bytes) -> Manifest:
    values = json.loads(content)
    version = int(values.get("format", 1))
    if version == FORMAT:
        values = unseal(content)
    else:
        known = {name: value for name, value in values.items() if name in Manifest.__dataclass_fields__}
        values = {**known, "segments": [], "next_number": 0, "format": version}
    segments = tuple(
        Segment(**(segment | {"deleted": tuple(segment["deleted"])})) for segment in values.pop("segments")
    )
    files = {name: (int(size), str(digest)) for name, (size, digest) in values.pop("files").items()}
    return Manifest(counts=IndexCounts(**values.pop("counts")), segments=segments, files=files, **values)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@contextmanager
def write_failures(index: Path) -> Iterator[None]:
    """Turns a failed write into IndexWriteError, whoever reports it: FAISS by RuntimeError, tantivy by ValueError."""
    try:
        yield
    except (OSError, sqlite3.Error, RuntimeError, ValueError) as error:
        # Nothing that is being written can be damaged, only what it goes on from.
        if is_damage(error):
            raise IndexDamagedError(f"the index in {index} cannot be read: {said(error)}", REBUILD_HINT) from error
        raise IndexWriteError(
            f"the new index could not be written to {index}: {said(error)}",
            "Free space or choose another folder by ASKREPORT_INDEX, then run `askreport index` again. "
            "The index that was published before still answers.",
        ) from error


@contextmanager
def first_in_line(index: Path, patience: float) -> Iterator[None]:
    """``writer_lock`` for what takes a moment and must not wait for what takes hours: whoever writes gives way to it.

    ``patience`` is in seconds; IndexBusyError after that.
    """
    deadline = time.monotonic() + patience
    busy = IndexBusyError(f"another process is writing the index in {index}", "Try again when it has finished.")
    with ExitStack() as held:
        try:
            held.enter_context(FileLock(index / _FIRST, timeout=patience))
        except Timeout:
            raise busy from None
        except OSError as error:
            raise _no_lock(index, error) from None
        while True:
            try:
                held.enter_context(writer_lock(index))
                break
            except IndexBusyError:
                if time.monotonic() > deadline:
                    raise busy from None
            time.sleep(_PAUSE)
        yield


def must_give_way(index: Path) -> bool:
    """Whether somebody is first in line who has to write the index."""
    return (index / _FIRST).exists() and is_held(index / _FIRST)


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
        raise _no_lock(index, error) from None
    try:
        yield
    finally:
        lock.release()


def _no_lock(index: Path, error: OSError) -> IndexWriteError:
    return IndexWriteError(
        f"the index folder {index} cannot be written: {error.strerror}",
        "Set ASKREPORT_INDEX to a folder that can be written.",
    )
