"""Which documents others have replaced, of a library in a folder: all of it, to be carried elsewhere, and put there."""

from collections.abc import Mapping
from pathlib import Path

from askreport.store import Replacement, seal, unseal, write_failures
from askreport.store.folder.replaced import KEPT, REPLACED


def read_replaced(index: Path) -> dict[str, Replacement]:
    """By the id of each document that was replaced, what has taken its place; nothing if that cannot be read."""
    try:
        noted = unseal((index / REPLACED).read_bytes())["replaced"]
        return {old: Replacement(*by) for old, by in noted.items()}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def add_replaced(index: Path, replaced: Mapping[str, Replacement]) -> None:
    """Adds what is not known there, or only an older one of; whoever writes the index may."""
    known = read_replaced(index)
    new = {old: by for old, by in replaced.items() if old not in known or known[old].at < by.at}
    if not new:
        return
    # The oldest first: they are forgotten first.
    listed = sorted((known | new).items(), key=lambda each: each[1].at)[-KEPT:]
    written = index / f"{REPLACED}.new"
    with write_failures(index):
        written.write_text(seal({"replaced": {old: [by.id, by.at] for old, by in listed}}))
        written.replace(index / REPLACED)
