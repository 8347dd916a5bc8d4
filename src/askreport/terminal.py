"""How the command line speaks: its two streams, what may be printed on them, and the options commands share."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)

CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="Folder of the documents (ASKREPORT_CORPUS).")]
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index (ASKREPORT_INDEX).")]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="sentence-transformers name or folder (ASKREPORT_MODEL).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def safe(text: str) -> str:
    """Text as it is printed: no markup, and no control character, which could steer the terminal."""
    return escape(harmless(text))


def harmless(text: str) -> str:
    """Text without control characters but tabs and line ends."""
    return "".join("\ufffd" if category(char) == "Cc" and char not in "\t\n" else char for char in text)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A function to report progress to, shown as a bar for each stage while in the context."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield report
