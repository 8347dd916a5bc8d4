"""What is known of documents beside their text, by which they are chosen and named: tags, dates, corrected titles.

``FromFiles`` takes it from what the index has of each file, ``FromDesk`` puts over it what people have corrected.
"""

import json
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol

from askreport.answering.titles import UNCHANGED, Titles
from askreport.bibliography.description import Description, describe
from askreport.errors import KeptError, StoreError
from askreport.store import DocumentSummary
from askreport.store.desk import Desk

# Seconds for which titles are told as they were last known, after a failure to read them: answers need not wait.
_LET_BE = 10.0


class Descriptions(Protocol):
    """Where the descriptions of documents are known; any thread may ask."""

    @property
    def version(self) -> Hashable:
        """What is equal as long as nothing that it knows has changed."""

    @property
    def titles(self) -> Titles:
        """The titles that people have corrected; never an error."""

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What is known of each of the documents, in their order."""


class FromFiles:
    """Descriptions as the files themselves have them."""

    version: Hashable = None
    titles = UNCHANGED

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What each document's metadata says."""
        return [describe(each) for each in documents]


class FromDesk:
    """Descriptions as the files have them, and over these what people have corrected.

    All corrections are read when the version is asked for, so that ``of`` needs no connection.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._version: Hashable = None
        self._by_path: dict[str, dict[str, Any]] = {}
        self._by_id: dict[str, dict[str, Any]] = {}
        self._titles = UNCHANGED
        self._failed = -_LET_BE

    @property
    def version(self) -> Hashable:
        """How many corrections there are, and when the last was made; KeptError and StoreError."""
        with self._desk.reading() as execute:
            version = tuple(execute("SELECT count(*), max(updated) FROM descriptions"))
            if version != self._version:
                read = execute("SELECT path, document, corrections FROM descriptions")
                self._by_path = {path: json.loads(kept) for path, _, kept in read}
                self._by_id = {document: json.loads(kept) for _, document, kept in read}
                self._titles = Titles(_titles(self._by_path), _titles(self._by_id))
                self._version = version
        return version

    @property
    def titles(self) -> Titles:
        """The titles as they are now, or as they were when they could last be read."""
        if time.monotonic() - self._failed > _LET_BE:
            try:
                self.version  # noqa: B018
            except (KeptError, StoreError):
                self._failed = time.monotonic()
        return self._titles

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What is known of each document, as of the last look at the version."""
        kept = (self._by_path.get(each.path) or self._by_id.get(each.id) for each in documents)
        return [describe(*each) for each in zip(documents, kept, strict=True)]


def _titles(corrections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: kept["title"] for name, kept in corrections.items() if "title" in kept}
