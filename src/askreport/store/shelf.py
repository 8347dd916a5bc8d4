"""Hands out the newest state of a library: of a folder its newest generation, of a database what it holds now."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from askreport.errors import IndexDamagedError, IndexMismatchError, SettingError
from askreport.store.base import Store
from askreport.store.local import LocalStore
from askreport.store.manifest import (
    FORMAT,
    Integrity,
    Manifest,
    changed,
    generation_folder,
    latest_generation,
    publication,
    read_manifest,
)


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What decides what is made of documents: the encoder, by its fingerprint, its dimension, and the chunking."""

    encoder: str
    dimension: int
    chunking: str


class Shelf(Protocol):
    """Where a library stands; all methods may be called by any thread."""

    integrity: Integrity

    @property
    def store(self) -> Store:
        """The library as it is, for calls that need not agree with each other.

        Raises IndexMissingError, IndexDamagedError, IndexMismatchError, or StoreError.
        """

    def reading(self) -> AbstractContextManager[tuple[Hashable, Store]]:
        """One state of the library for as long as the block lasts, and what is equal for equal states; errors as above.

        Nothing that it gives changes meanwhile.
        """

    def close(self) -> None:
        """Gives back what it holds of a server."""


def open_shelf(address: str, index: Path, made_with: MadeWith | None = None) -> Shelf:
    """The shelf at a database's address, or, without one, in a folder; a library need not be there yet.

    With ``made_with``, a library that was made with something else is IndexMismatchError. SettingError if the address
    is none, or if what speaks to databases is not installed.
    """
    if not address:
        return LocalShelf(index, made_with)
    if not address.startswith(("postgresql://", "postgres://")):
        raise SettingError("ASKREPORT_STORE is no address of a PostgreSQL database", "It begins with postgresql://")
    try:
        # Who has no database needs no client for one.
        from askreport.store.postgres_shelf import PostgresShelf  # noqa: PLC0415
    except ImportError as error:
        raise SettingError(
            f"ASKREPORT_STORE needs packages that are not installed ({error.name})",
            "Install them: pip install 'askreport[cluster]'",
        ) from None
    return PostgresShelf(address, made_with)


class LocalShelf:
    """An index folder, whose newest generation is opened when it is asked for.

    An index too large to be compared with its checksums before it is opened is compared in a thread meanwhile; once
    that finds damage, the index is not handed out any more.
    """

    def __init__(self, index: Path, made_with: MadeWith | None = None) -> None:
        self.index = index
        self.integrity = Integrity()
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
                "Run `askreport index` to rebuild it, or set ASKREPORT_MODEL to the model it was made with.",
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
