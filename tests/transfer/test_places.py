"""Documents may go where others are only if both were made alike."""

from dataclasses import replace
from typing import Any

import pytest

from askreport.errors import IndexMismatchError
from askreport.store import IndexCounts, Manifest
from askreport.transfer.places import check_made_alike

MANIFEST = Manifest(
    generation=1,
    built_at="today",
    encoder="encoder",
    dimension=4,
    chunking="chunking",
    library="digest",
    counts=IndexCounts(1, 2, 3),
    segments=(),
    next_number=0,
    files={},
)


def test_what_does_not_matter_may_differ() -> None:
    other = replace(MANIFEST, generation=2, built_at="", library="", counts=IndexCounts(0, 0, 0), next_number=9)
    check_made_alike("there", other, MANIFEST)


@pytest.mark.parametrize("fields", [{"encoder": "e"}, {"dimension": 5}, {"chunking": "c"}, {"format": 1}])
def test_what_decides_how_it_is_made_may_not(fields: dict[str, Any]) -> None:
    with pytest.raises(IndexMismatchError, match="the library in there was made with") as raised:
        check_made_alike("there", replace(MANIFEST, **fields), MANIFEST)
    assert str(next(iter(fields.values()))) in raised.value.message
