"""Compares an index's files with their checksums, each only once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from askreport.store.base import Manifest
from askreport.store.folder.files import file_sum
from askreport.store.folder.generations import generation_folder

# Checksums that are computed at a time; more would only wait for the disk.
_THREADS = 2


class Integrity:
    """Which files of an index are, byte for byte, the ones that were written.

    A file is read once, and again only if something has touched it; generations share most of their files.
    """

    def __init__(self) -> None:
        self._sound: frozenset[tuple[object, ...]] = frozenset()

    def forget(self) -> None:
        """Has every file be read again."""
        self._sound = frozenset()

    def unread(self, index: Path, manifest: Manifest) -> int:
        """How many bytes of a generation have not been read yet."""
        return sum(key[2] for key, _ in self._keys(index, manifest) if key not in self._sound)

    def damaged(self, index: Path, manifest: Manifest) -> list[Path]:
        """The files of a generation that are not as they were written; OSError if one cannot be read."""
        files = list(self._keys(index, manifest))
        with ThreadPoolExecutor(_THREADS) as threads:
            sound = list(threads.map(lambda file: self._is_sound(*file), files))
        self._sound &= frozenset(key for key, _ in files)
        return [path for (_, path), is_sound in zip(files, sound, strict=True) if not is_sound]

    def _is_sound(self, key: tuple[Any, ...], path: Path) -> bool:
        if key not in self._sound and file_sum(path) != key[2:4]:
            return False
        # At once: whoever compares the next generation meanwhile need not read it again.
        self._sound |= {key}
        return True

    def _keys(self, index: Path, manifest: Manifest) -> Iterator[tuple[tuple[Any, ...], Path]]:
        folder = generation_folder(index, manifest.generation)
        for name, (size, digest) in manifest.files.items():
            status = (folder / name).stat()
            yield (status.st_dev, status.st_ino, size, digest, status.st_size, status.st_mtime_ns), folder / name
