"""The command that puts questions to documents side by side, and prints or saves the table."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.progress import Progress
from rich.table import Table

from askreport.answering.as_text import place
from askreport.answering.library import Library
from askreport.answering.runs import joined
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, err, out, print_json, safe
from askreport.compare.compare import Cell, Comparison, compare, plan
from askreport.compare.export import KINDS, SILENT, exported, sureness
from askreport.config import load_settings
from askreport.errors import QuestionError

_Names: TypeAlias = list[str] | None


def compare_command(
    questions: Annotated[list[str], typer.Argument(help="The questions, each in quotation marks.")],
    documents: Annotated[
        _Names,
        typer.Option("--documents", "--document", "--in", help="A document as a column: id or file; repeatable."),
    ] = None,
    folders: Annotated[_Names, typer.Option("--folder", help="A folder as a column; repeatable.")] = None,
    tags: Annotated[_Names, typer.Option("--tag", help="All documents with a tag as a column; repeatable.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Save it to this file: .csv, .xlsx, .md or .html.")
    ] = None,
    link: Annotated[str, typer.Option("--link", help="Address of a service, where the links of the file lead.")] = "",
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare what documents say to questions: in each cell the best quote. Without columns, of all documents."""
    kind = _kind(output) if output else ""
    library = Library.open(load_settings(os.environ, index=index, model=model))
    wanted = plan(library, questions, documents=documents or (), folders=folders or (), tags=tags or ())
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("comparing", total=wanted.cells)
        found = compare(library, wanted, lambda _: bar.advance(task))
    if output:
        output.write_bytes(exported(found, kind, link.rstrip("/")))
        out.print(f"{len(found.questions)} × {len(found.columns)} saved to {safe(str(output))}")
    elif as_json:
        print_json(asdict(found))
    elif out.is_terminal:
        _print(found)
    else:
        sys.stdout.write(exported(found, "md", link.rstrip("/")).decode())


def _kind(output: Path) -> str:
    kind = output.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise QuestionError(f"{output.name} says no format", "Its name ends in .csv, .xlsx, .md or .html.")
    return kind


def _print(found: Comparison) -> None:
    table = Table(show_lines=True)
    table.add_column("")
    for column in found.columns:
        table.add_column(safe(column.name), overflow="fold")
    for question, row in zip(found.questions, found.rows, strict=True):
        table.add_row(f"[bold]{safe(question)}[/bold]", *map(_said, row))
    out.print(table)


def _said(cell: Cell) -> str:
    if cell.quote is None:
        return f"[dim]{SILENT}[/dim]"
    return f"“{safe(joined(cell.quote))}”\n[cyan]{safe(place(cell.quote))}[/cyan] [dim]{safe(sureness(cell))}[/dim]"
