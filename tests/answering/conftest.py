"""What tests of answering share."""

from collections.abc import Iterator

import pytest

from tests.tools.stores import Place, in_folder


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Where stores are made, in a folder."""
    place = Place(in_folder)
    yield place
    place.close()
