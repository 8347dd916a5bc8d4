"""How long citations and notebooks take: python -m benchmarks.citations."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from askreport.bibliography.description import Description
from askreport.bibliography.styles import STYLES, Locator, bibliography, cite
from askreport.store.folder.desk import DeskFile
from askreport.store.notebooks import add_item, create_notebook, open_notebook

SOURCES = [
    Description(
        title=f"Report {n}",
        kind="report",
        authors=("Jane Smith",),
        date="2023-03-14",
        publisher="Library Press",
        place="London",
    )
    for n in range(200)
]
CITED = 50


def main() -> None:
    """Prints the milliseconds of each style's citations and lists, and of what is kept in a notebook."""
    print("| style | a citation, ms | a list of 200, ms |")
    for style in STYLES.values():
        taken = [timed(partial(cite, each, Locator("page", "12"), style)) for each in SOURCES[:CITED]]
        listed = timed(partial(bibliography, SOURCES, style))
        print(f"| {style.name} | {median(taken):.0f} | {listed:.0f} |")
    with tempfile.TemporaryDirectory() as folder:
        desk = DeskFile(Path(folder))
        notebook = create_notebook(desk, "anna", "Trip").id
        content = {"text": "word " * 100}
        keep = partial(add_item, desk, notebook, "anna", kind="comparison", content=content)
        kept = [timed(keep) for _ in range(100)]
        opened = timed(partial(open_notebook, desk, notebook, "anna"))
        print(f"keeping: {median(kept):.0f} ms; opening 100: {opened:.1f} ms")


def timed(action: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
