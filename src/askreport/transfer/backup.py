"""The library in one file: the corpus folder, the published generation and the caches, with a checksum of each file.

The archive is a plain tar file, written in one go; what it holds is in its last file, so that one that is cut short
is known. A generation never changes, and is read at leisure while a service goes on writing newer ones; of a file in
the corpus the archive has what it was when its turn came.
"""

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from askreport.errors import BackupError, IndexDamagedError
from askreport.indexing.ingest import CACHE, PARSED
from askreport.indexing.sources import files_below
from askreport.store import copy_database, generation_folder, open_generation, seal
from askreport.store.folder.desk import DESK
from askreport.store.folder.outcomes import OUTCOMES
from askreport.store.folder.replaced import REPLACED

FORMAT = 1
CONTENTS = "backup.json"
CORPUS = "corpus"
INDEX = "index"
# What is kept beside the generations: databases, which may be written to meanwhile, and files that are replaced whole.
DATABASES = (CACHE, PARSED, DESK)
FILES = (OUTCOMES, REPLACED, "evaluation.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What an archive holds; ``size`` is that of all its files together, in bytes."""

    made_at: str
    generation: int
    documents: int
    files: int
    size: int


def described(contents: Mapping[str, Any]) -> Backup:
    """An archive's list of contents in short."""
    sizes = [size for size, _ in contents["files"].values()]
    return Backup(
        made_at=contents["made_at"],
        generation=contents["generation"],
        documents=contents["documents"],
        files=len(sizes),
        size=sum(sizes),
    )


@contextmanager
def explained(what: str, hint: str) -> Iterator[None]:
    """Turns errors of the disk into BackupError."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{what}: {error.strerror or error}", hint) from None


def back_up(corpus: Path, index: Path, archive: Path) -> Backup:
    """Writes the library into an archive, whole or not at all; a file of that name is replaced at the end.

    Raises BackupError if that fails or a file changes while it is read, IndexMissingError, IndexDamagedError, and
    CorpusError.
    """
    if archive.resolve().is_relative_to(corpus.resolve()):
        raise BackupError(f"{archive} would be part of the corpus", "Write it outside of the corpus folder.")
    part = archive.with_name(f"{archive.name}.part")
    with (
        explained(f"the backup {archive} cannot be written", "Free space, or choose another file."),
        ExitStack() as undo,
    ):
        # For the user alone: it holds the documents.
        part.touch(mode=0o600)
        undo.callback(part.unlink, missing_ok=True)
        with part.open("wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as tar:
                backup = _Writer(tar).write(corpus, index, archive.absolute().parent)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(archive)
    return backup


class _Writer:
    """Adds files to an archive and remembers their sizes and checksums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: dict[str, tuple[int, str]] = {}

    def write(self, corpus: Path, index: Path, scratch: Path) -> Backup:
        """Writes everything, the list of it last; ``scratch`` is a folder that has room for the caches."""
        with ExitStack() as opened:
            manifest, files = open_generation(index, opened)
            folder = f"{INDEX}/{generation_folder(index, manifest.generation).name}"
            for name, stream in files.items():
                self._add(f"{folder}/{name}", stream)
        if any(self._sums[f"{folder}/{name}"] != written for name, written in manifest.files.items()):
            raise IndexDamagedError(f"the index in {index} is not as it was written", "Run `askreport index` first.")
        self._add_beside(index, scratch)
        for file, name in files_below(corpus):
            # A link that leads nowhere, or a file that was removed since it was listed.
            with suppress(FileNotFoundError):
                self._add_file(f"{CORPUS}/{name}", file)
        contents = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "generation": manifest.generation,
            "documents": manifest.counts.documents,
            "files": self._sums,
        }
        data = seal(contents).encode()
        self._tar.addfile(_member(CONTENTS, len(data)), BytesIO(data))
        return described(contents)

    def _add_beside(self, index: Path, scratch: Path) -> None:
        for name in DATABASES:
            if (index / name).exists():
                with tempfile.TemporaryDirectory(dir=scratch, prefix=".askreport-backup-") as folder:
                    copy_database(index / name, Path(folder) / name)
                    self._add_file(f"{INDEX}/{name}", Path(folder) / name)
        for name in FILES:
            with suppress(FileNotFoundError):
                self._add_file(f"{INDEX}/{name}", index / name)

    def _add_file(self, name: str, file: Path) -> None:
        with file.open("rb") as stream:
            self._add(name, stream)

    def _add(self, name: str, stream: IO[bytes]) -> None:
        status = os.fstat(stream.fileno())
        summed = _Summed(stream)
        try:
            self._tar.addfile(_member(name, status.st_size, int(status.st_mtime)), summed)
            is_same = not stream.read(1)
        except OSError as error:
            # Only of the file that is read; a full disk has a number.
            if error.errno is not None:
                raise
            is_same = False
        if not is_same:
            raise BackupError(f"{name} was written to while it was read", "Make the backup again.")
        self._sums[name] = status.st_size, summed.digest.hexdigest()


class _Summed:
    """A file that is read once, and the checksum of what was read of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _member(name: str, size: int, modified: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime = size, modified
    return member
