"""What people have corrected of documents' descriptions, by the documents' names in the library.

A new version of a document keeps its name, and with it what was corrected. A file that was moved keeps the document's
id, by which its corrections are found where none are kept under the new name.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from askreport.store.desk import Desk, Execute, select_in

_BY = "SELECT path, document, corrections FROM descriptions WHERE {} IN ({{}})"


class Named(Protocol):
    """A document, or its summary."""

    @property
    def id(self) -> str:
        """Made of its bytes."""

    @property
    def path(self) -> str:
        """Its name in the library."""


def corrections_of(desk: Desk, documents: Iterable[Named]) -> dict[str, dict[str, Any]]:
    """The corrections of those of the documents that have some, by their ids."""
    listed = list(documents)
    if not listed:
        return {}
    with desk.reading() as execute:
        return _found(execute, listed)


def correct(desk: Desk, document: Named, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes what is kept of one document, None taking a correction back; what is kept then."""
    with desk.writing() as execute:
        kept = {**_found(execute, [document]).get(document.id, {}), **changes}
        kept = {name: value for name, value in kept.items() if value is not None}
        execute("DELETE FROM descriptions WHERE path = ? OR document = ?", (document.path, document.id))
        if kept:
            row = (document.path, document.id, json.dumps(kept), datetime.now(UTC).isoformat())
            execute("INSERT INTO descriptions (path, document, corrections, updated) VALUES (?, ?, ?, ?)", row)
    return kept


def _found(execute: Execute, documents: list[Named]) -> dict[str, dict[str, Any]]:
    by_path = {row[0]: row for row in select_in(execute, _BY.format("path"), {each.path for each in documents})}
    others = {each.id for each in documents if each.path not in by_path}
    by_id = {row[1]: row for row in select_in(execute, _BY.format("document"), others)}
    rows = {each.id: by_path.get(each.path) or by_id.get(each.id) for each in documents}
    return {identity: json.loads(row[2]) for identity, row in rows.items() if row}
