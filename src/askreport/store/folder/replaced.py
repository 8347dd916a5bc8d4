"""Keeps which documents others have replaced, in a file beside the generations, so that their links can say so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from askreport.store.base import Replacement
from askreport.store.folder.files import seal, unseal
from askreport.store.folder.generations import write_failures

REPLACED = "replaced.json"
# The oldest are forgotten first.
KEPT = 10_000


def note_replaced(index: Path, replaced: Mapping[str, str]) -> None:
    """Notes of documents, by their ids, those that have taken their places; whole, or as it was."""
    if not replaced:
        return
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = _read(index) | {old: [new, now] for old, new in replaced.items()}
    written = index / f"{REPLACED}.new"
    with write_failures(index):
        written.write_text(seal({"replaced": dict(list(known.items())[-KEPT:])}))
        written.replace(index / REPLACED)


def find_replaced(index: Path, document_id: str) -> Replacement | None:
    """What has taken a document's place, None if that is not known."""
    found = _read(index).get(document_id)
    return Replacement(*found) if found else None


def _read(index: Path) -> dict[str, list[str]]:
    try:
        return dict(unseal((index / REPLACED).read_bytes())["replaced"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}
