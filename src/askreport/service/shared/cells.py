"""The cells of a comparison one after another, each in its turn at the gate, so that other questions come between."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from askreport.answering.library import Library
from askreport.compare.compare import TRIES, Cell, Comparison, Plan, answer, table_of
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


async def table(library: Library, gate: Gate, wanted: Plan) -> Comparison:
    """The whole table, cell by cell; begun anew if the library changes meanwhile. Errors as for ``cells``."""
    started = time.perf_counter()
    for _ in range(TRIES):
        async with aclosing(cells(library, gate, wanted)) as coming:
            found = [each async for each in coming]
        if len({state for _, state in found}) == 1:
            break
    return table_of(wanted, found, started)
