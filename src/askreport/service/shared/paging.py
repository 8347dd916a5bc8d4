"""Lists in parts: the query parameters that all lists of the API take, and the header that says how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Response

MAX_LISTED = 1_000
# Beyond any list, and within what every client can count.
MAX_OFFSET = 2**31 - 1
TOTAL_HEADER = "X-Total-Count"
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted; without a word all of it, up to ``MAX_LISTED``."""

    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="At most so many")] = MAX_LISTED
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Leave out so many from the start")] = 0

    def of(self, items: Sequence[_Item], response: Response) -> list[_Item]:
        """The part, with the length of the whole list in the response's header."""
        response.headers[TOTAL_HEADER] = str(len(items))
        return list(items[self.offset : self.offset + self.limit])


WindowOf = Annotated[Window, Depends()]
PAGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {TOTAL_HEADER: {"description": "How many there are in all", "schema": {"type": "integer"}}}}
}
