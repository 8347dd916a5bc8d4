"""The cells of a comparison one after another, each in its turn at the gate, so that other questions come between."""

import asyncio
from collections.abc import AsyncGenerator

from askreport.answering.library import Library
from askreport.compare.compare import Cell, Plan, answer
from askreport.errors import OverloadedError
from askreport.service.shared.gate import Gate
from askreport.types import IndexState

# Seconds until a cell is tried again for which there was no room.
_PAUSE = 0.25


async def cells(library: Library, gate: Gate, wanted: Plan) -> AsyncGenerator[tuple[Cell, IndexState], None]:
    """Each cell as it comes, row by row, and the state of the library it is from; errors as for ``Library.ask``."""
    for row, column in wanted.places:
        while True:
            try:
                found = await gate.run(answer, library, wanted, row, column)
                break
            except OverloadedError:
                await asyncio.sleep(_PAUSE)
        yield found
