"""How the command line speaks: its two streams, what may be printed on them, and the options commands share."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from askreport.progress import Pace

# What the stages count; "waiting" and "writing" are one step each.
_UNITS = {"checking": "files", "reading": "files", "embedding": "characters"} | {
    "copying": "passages",
    "comparing": "passages",
}
# Characters; with it a line fits a terminal of 80.
_BAR = 20

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
def working(text: str) -> Iterator[None]:
    """Shows on the terminal, while in the context, what takes a while."""
    words = TextColumn("{task.description}", markup=False, table_column=_one_line())
    with Progress(SpinnerColumn(), words, console=err, transient=True) as bar:
        bar.add_task(harmless(text), total=None)
        yield


def _one_line() -> Column:
    """A column that is cut where the terminal is too narrow: a line that wraps could not be taken back."""
    return Column(no_wrap=True, overflow="ellipsis")


class Command(TyperCommand):
    """A command whose help shows no type behind a flag, which takes no value."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters; flags without a type."""
        return _without_types(super().get_params(ctx))


class Commands(TyperGroup):
    """A group of such commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters; flags without a type."""
        return _without_types(super().get_params(ctx))


def _without_types(parameters: Sequence[Any]) -> list[Any]:
    for each in parameters:
        if getattr(each, "is_flag", False):
            each.metavar = ""
    return list(parameters)


class _Figures(ProgressColumn):
    """How much of a stage is done, at which speed, and how long the rest takes."""

    def render(self, task: Task) -> Text:
        """The column's text for one stage."""
        pace: Pace = task.fields["pace"]
        return Text(figures(task.description, int(task.completed), int(task.total or 0), pace), "dim")


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A function to report progress to, shown as a bar for each stage while in the context."""
    columns = (TextColumn("{task.description:<10}", table_column=_one_line()), BarColumn(_BAR), _Figures(_one_line()))
    with Progress(*columns, console=err, transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        paces: dict[str, Pace] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                paces[stage] = Pace()
                tasks[stage] = bar.add_task(stage, total=None, pace=paces[stage])
            paces[stage].update(stage, done, total)
            # A bar without a total moves to and fro: of such a stage nothing is known but that it is at work.
            is_measured = stage in _UNITS or done >= total
            bar.update(tasks[stage], completed=done, total=total if is_measured else None)

        yield report


def figures(stage: str, done: int, total: int, pace: Pace) -> str:
    """What stands beside the bar of a stage, as ``43%  12,300 characters/s  0:02:10 left``."""
    if stage not in _UNITS or not total:
        return ""
    unit = _UNITS[stage]
    # Files are counted; of a number of characters nobody has an idea.
    parts = [f"{done:,} of {total:,} files" if unit == "files" else f"{done / total:4.0%}"]
    if pace.rate:
        speed = f"{pace.rate:,.{0 if pace.rate >= 10 else 1}f}"
        parts.append(f"{speed}/s" if unit == "files" else f"{speed} {unit}/s")
    if pace.seconds_left is not None:
        parts.append(f"{timedelta(seconds=round(pace.seconds_left))} left")
    return "  ".join(parts)
