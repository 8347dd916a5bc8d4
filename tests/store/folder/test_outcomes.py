"""What became of each file is kept whole, or counts as not kept."""

from pathlib import Path

from askreport.store.folder.outcomes import OUTCOMES, read_outcomes, write_outcomes
from askreport.types import Outcome

KEPT = (
    Outcome(path="a.txt", status="indexed", reason="", documents=1),
    Outcome(path="b.pdf", status="encrypted", reason="it needs a password"),
)


def test_outcomes_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_outcomes(tmp_path) == ()
    write_outcomes(tmp_path, KEPT)
    assert read_outcomes(tmp_path) == KEPT


def test_outcomes_that_are_damaged_are_none_until_they_are_written_anew(tmp_path: Path) -> None:
    write_outcomes(tmp_path, KEPT)
    file = tmp_path / OUTCOMES
    whole = file.read_bytes()
    for damage in (b"\xb1" + whole, whole.replace(b"indexed", b"damaged"), b"", b"{}"):
        file.write_bytes(damage)
        assert read_outcomes(tmp_path) == ()
        write_outcomes(tmp_path, KEPT)
        assert read_outcomes(tmp_path) == KEPT
