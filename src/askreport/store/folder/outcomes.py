"""Keeps what became of each file in the last run over a folder, in a file beside the generations."""

from collections.abc import Sequence
from pathlib import Path

from askreport.store.folder.files import seal, unseal
from askreport.store.folder.generations import write_failures
from askreport.types import Outcome

OUTCOMES = "outcomes.json"


def write_outcomes(index: Path, outcomes: Sequence[Outcome]) -> None:
    """Keeps what became of each file for those who ask later; whole, or as it was."""
    rows = [(each.path, each.status, each.reason, each.documents) for each in outcomes]
    content = seal({"outcomes": rows}).encode()
    written = index / f"{OUTCOMES}.new"
    with write_failures(index):
        if (index / OUTCOMES).exists() and (index / OUTCOMES).read_bytes() == content:
            return
        written.write_bytes(content)
        written.replace(index / OUTCOMES)


def read_outcomes(index: Path) -> tuple[Outcome, ...]:
    """What became of each file in the last run; none if there was none, or if it cannot be read."""
    try:
        return tuple(
            Outcome(path=path, status=status, reason=reason, documents=documents)
            for path, status, reason, documents in unseal((index / OUTCOMES).read_bytes())["outcomes"]
        )
    except (OSError, ValueError, TypeError, KeyError):
        return ()
