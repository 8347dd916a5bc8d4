"""The commands for notebooks: list them, show one, write one into a file, give one to a key."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from askreport.answering.library import backend_of
from askreport.answering.runs import joined
from askreport.bibliography.styles import DEFAULT_STYLE, STYLES
from askreport.cli.terminal import IndexOption, JsonOption, harmless, out, print_json, safe
from askreport.config import load_settings
from askreport.errors import CorpusWriteError, NotebookNotFoundError, QuestionError
from askreport.notebooks.blocks import STATES, difference
from askreport.notebooks.items import quotes_in
from askreport.notebooks.reading import NAMES, export, open_checked
from askreport.store import Backend
from askreport.store.notebooks import give_notebook, list_notebooks

notebooks_app = typer.Typer(
    help="List, show and export the notebooks of a library, whosever they are.",
    no_args_is_help=True,
    add_completion=False,
)
_Name = Annotated[str, typer.Argument(help="The notebook's id, or its name if no other has it.")]
_Format = Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(NAMES)}.")]
_Style = Annotated[str, typer.Option(help=f"One of {', '.join(STYLES)}.")]
_Output = Annotated[str, typer.Option("--output", "-o", help="The file to write; - is the standard output.")]


@notebooks_app.command("list")
def list_command(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the notebooks: id, name, whose it is, how much is in it, when it was changed."""
    found = list_notebooks(_backend(index).desk, None)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        fields = (each.id, each.name, each.owner, str(each.items), each.updated[:16])
        # Written as it is: the console would turn tabs into spaces.
        sys.stdout.write("\t".join(harmless(field) for field in fields) + "\n")


@notebooks_app.command("show")
def show_command(name: _Name, index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Show what is in a notebook, each quote compared with its document as it is now."""
    backend = _backend(index)
    checked = open_checked(backend, _find(backend, name), None)
    if as_json:
        print_json(asdict(checked))
        return
    out.print(f"[bold]{safe(checked.notebook.name)}[/bold]")
    for item in checked.items:
        if question := item.content.get("question"):
            out.print(f"\n[bold]{safe(str(question))}[/bold]")
        quotes = quotes_in(item.kind, item.content)
        if not quotes:
            out.print(f"\n{safe(item.kind)}")
        for kept, state in zip(quotes, checked.states[item.id], strict=True):
            out.print(f"“{safe(joined(kept.quote))}”", soft_wrap=True)
            out.print(f"[dim]{safe(kept.description.title)} ({safe(kept.quote.document.path)})[/dim]", soft_wrap=True)
            if state.status != "same":
                told = f"{STATES[state.status]} {difference(state)}".strip()
                out.print(f"[yellow]{safe(told)}[/yellow]", soft_wrap=True)
        if item.note:
            out.print(f"[cyan]{safe(item.note)}[/cyan]", soft_wrap=True)


@notebooks_app.command("export")
def export_command(
    name: _Name,
    form: _Format = "docx",
    style: _Style = DEFAULT_STYLE,
    output: _Output = "",
    index: IndexOption = None,
) -> None:
    """Write a notebook as Word, Markdown, HTML or JSON, with full citations and a list of sources."""
    if form not in NAMES or style not in STYLES:
        raise QuestionError(f"{form} in {style} is nothing to export", f"{', '.join(NAMES)}; {', '.join(STYLES)}.")
    backend = _backend(index)
    exported = export(open_checked(backend, _find(backend, name), None), form, style)
    if output == "-":
        sys.stdout.buffer.write(exported.content)
        return
    file = Path(output or exported.name)
    try:
        # A name that nobody chose must not cost a file that is there.
        with file.open("wb" if output else "xb") as stream:
            stream.write(exported.content)
    except OSError as error:
        raise CorpusWriteError(f"{file} cannot be written: {error.strerror}", "Choose another file by -o.") from None
    out.print(safe(str(file)), soft_wrap=True)


@notebooks_app.command("give")
def give_command(
    name: _Name,
    key: Annotated[str, typer.Argument(help="The name of the key that it shall belong to.")],
    index: IndexOption = None,
) -> None:
    """Give a notebook to a key: those made before a service had keys belong to none."""
    backend = _backend(index)
    given = give_notebook(backend.desk, _find(backend, name), key)
    out.print(f"[green]given[/green]  {safe(given.name)} to {safe(key)}")


def _backend(index: Path | None) -> Backend:
    return backend_of(load_settings(os.environ, index=index))


def _find(backend: Backend, name: str) -> str:
    """The id of the notebook of this id, or of this name."""
    found = list_notebooks(backend.desk, None)
    same = [each.id for each in found if name in (each.id, each.name)]
    if len(same) != 1:
        told = f"{len(same)} notebooks are called {name}" if same else f"there is no notebook {name}"
        raise NotebookNotFoundError(told, "`askreport notebooks list` shows their ids.")
    return same[0]
