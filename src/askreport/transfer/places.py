"""Where a library can be copied from and to: what such a place can do, whatever it is made of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from askreport.errors import CopyError, IndexMismatchError
from askreport.store import Manifest, Replacement
from askreport.store.contents import StoredDocument
from askreport.store.desk import Desk
from askreport.types import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFile:
    """A file that documents were read from: its name in the library, the id of its bytes, how many documents it is.

    ``read`` gives its bytes, None where there are none any more that were indexed.
    """

    name: str
    content: str
    documents: int
    read: Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document on its way: what is stored of it, its entry at the place it goes to, and its file, if it has one."""

    stored: StoredDocument
    entry: str
    file: LibraryFile | None


class Reading(Protocol):
    """One state of a library, to be copied."""

    @property
    def manifest(self) -> Manifest:
        """What it holds and what it was made with."""

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        """The id, the path and the file of each document, in no order."""

    def contents(self) -> Iterator[StoredDocument]:
        """The documents in the order of their passages' numbers; IndexDamagedError, StoreError."""

    def original(self, name: str, source: Source) -> bytes | None:
        """The bytes of a document's file, by its name in the library; None where those that were indexed are gone."""

    def replaced(self) -> dict[str, Replacement]:
        """By the id of each document that was replaced, what has taken its place."""


class Writing(Protocol):
    """A library that documents are copied into; ``known`` has the entries of those that are there, by their ids.

    ``step`` is how many passages should be written at a time, all or none.
    """

    step: int
    known: dict[str, str]

    def place_of(self, name: str) -> Path:
        """Where a file with this name in the library is there (``Source.file``)."""

    def taken(self, files: Mapping[str, str]) -> list[str]:
        """Those of the names that another file has there; ``files`` are ids of contents by names."""

    def write(self, arrivals: Iterable[Arrival]) -> None:
        """Adds documents with their files, all or none; one of the same id gives way. Errors name the place."""

    def add_replaced(self, replaced: Mapping[str, Replacement]) -> None:
        """Adds what has taken which documents' places, where nothing newer is known."""

    def finish(self) -> None:
        """Does what is to be done once all documents are there."""


class Place(Protocol):
    """A place for a library; ``name`` is how people call it, ``desk`` has what they keep beside it."""

    name: str
    desk: Desk

    def reading(self) -> AbstractContextManager[Reading]:
        """What is there now; IndexMissingError, IndexDamagedError, IndexMismatchError, StoreError."""

    def writing(self, like: Manifest) -> AbstractContextManager[Writing]:
        """The right to write there what was made as ``like`` was; IndexMismatchError if it holds something else."""

    def close(self) -> None:
        """Gives back what it holds of a server."""


def check_made_alike(name: str, there: Manifest, like: Manifest) -> None:
    """Raises IndexMismatchError unless both were made with the same encoder, chunking and format."""
    made, wanted = _made_with(there), _made_with(like)
    if made != wanted:
        raise IndexMismatchError(
            f"the library in {name} was made with {', '.join(made)}, the one to copy with {', '.join(wanted)}",
            "Choose another place by --to, or index the documents there.",
        )


def _made_with(manifest: Manifest) -> tuple[str, ...]:
    return manifest.encoder, f"{manifest.dimension} dimensions", manifest.chunking, f"format {manifest.format}"


def taken_error(names: list[str], where: str) -> CopyError:
    """The error for files whose names others have."""
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return CopyError(
        f"other files have the names of files to be copied to {where}: {shown}",
        "Move or rename those, or choose another place; nothing is overwritten.",
    )
