"""Hands out the newest generation of an index folder."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from askreport.errors import IndexDamagedError, IndexMismatchError
from askreport.store.base import FORMAT, Files, MadeWith, Manifest, Store
from askreport.store.desk import Desk
from askreport.store.folder.desk import DeskFile
from askreport.store.folder.generations import changed, generation_folder, latest_generation, publication, read_manifest
from askreport.store.folder.integrity import Integrity
from askreport.store.folder.store import LocalStore


class FolderBackend:
    """An index folder, whose newest generation is opened when it is asked for.

    An index too large to be compared with its checksums before it is opened is compared in a thread meanwhile; once
    that finds damage, the index is not handed out any more.
    """

    is_postgres = False

    def __init__(self, index: Path, made_with: MadeWith | None = None) -> None:
        self.index = index
        self.integrity = Integrity()
        self.files: Files | None = None
        self.desk: Desk = DeskFile(index)
        self._made_with = made_with
        self._in_use: LocalStore | None = None
        self._opened: tuple[int, ...] = ()
        self._damaged: dict[tuple[int, ...], list[Path]] = {}
        self._unchecked: tuple[tuple[int, ...], Manifest] | None = None
        self._is_checking = False
        self._opening = threading.Lock()

    @property
    def store(self) -> LocalStore:
        """The newest published generation, opened if it is not the one already open."""
        return self._current()[1]

    @contextmanager
    def reading(self) -> Iterator[tuple[Hashable, Store]]:
        """The newest generation, which never changes."""
        yield self._current()

    def close(self) -> None:
        """Leaves the generation that is open to its last reader."""
        self._in_use, self._opened = None, ()

    def _current(self) -> tuple[tuple[int, ...], LocalStore]:
        with self._opening:
            newest = self._newest()
            while self._in_use is None or self._opened != newest:
                try:
                    self._in_use, self._opened = self._open(newest), newest
                except IndexDamagedError:
                    # Or not damaged, but replaced by newer ones and removed while it was being opened.
                    if newest == self._newest():
                        raise
                    newest = self._newest()
            if newest in self._damaged:
                raise changed(self._damaged[newest])
            return newest, self._in_use

    def _newest(self) -> tuple[int, ...]:
        return publication(self.index, latest_generation(self.index))

    def _open(self, newest: tuple[int, ...]) -> LocalStore:
        manifest = read_manifest(self.index, newest[0])
        self._check_made_with(manifest)
        store = LocalStore(self.index, newest[0], self.integrity)
        if not store.is_checked:
            self._unchecked = (newest, manifest)
            if not self._is_checking:
                self._is_checking = True
                threading.Thread(target=self._check_all, name="checksums", daemon=True).start()
        return store

    def _check_made_with(self, manifest: Manifest) -> None:
        if self._made_with is None:
            return
        made_with = (manifest.encoder, manifest.chunking, f"format {manifest.format}")
        in_use = (self._made_with.encoder, self._made_with.chunking, f"format {FORMAT}")
        if made_with != in_use:
            raise IndexMismatchError(
                f"the index in {self.index} was made with {', '.join(made_with)}, not with {', '.join(in_use)}",
                "Run `askreport index` to embed it anew, or set ASKREPORT_MODEL to the model it was made with. "
                "Restart what ran before it was made.",
            )

    def _check_all(self) -> None:
        """Compares one generation after another, until none was opened meanwhile."""
        while True:
            with self._opening:
                unchecked, self._unchecked = self._unchecked, None
                if unchecked is None:
                    self._is_checking = False
                    return
            self._check(*unchecked)

    def _check(self, newest: tuple[int, ...], manifest: Manifest) -> None:
        try:
            damaged = self.integrity.damaged(self.index, manifest)
        except OSError:
            # It cannot be read; which is as it should be if it was replaced and removed meanwhile.
            is_newest = publication(self.index, manifest.generation) == newest
            damaged = [generation_folder(self.index, manifest.generation)] if is_newest else []
        if damaged:
            self._damaged[newest] = damaged
