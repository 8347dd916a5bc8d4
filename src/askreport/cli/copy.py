"""The command that moves a library between an index folder and PostgreSQL."""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from askreport.cli.terminal import CorpusOption, JsonOption, out, print_json, progress_bar, safe
from askreport.config import load_settings
from askreport.store import IndexCounts
from askreport.transfer.compare import Comparison
from askreport.transfer.copy import Copied, copy, open_places, verify

EXIT_DIFFERENT = 1
# Differences and lost files that are printed; with --json there are more.
_SHOWN = 20
_PLACE = "a folder of an index, or postgresql://…"

_From = Annotated[str, typer.Option("--from", metavar="PLACE", help=f"Where the library is: {_PLACE}")]
_To = Annotated[str, typer.Option("--to", metavar="PLACE", help=f"Where it is to be: {_PLACE}")]
_Add = Annotated[bool, typer.Option("--add", help="Add to what is there, if it holds other documents.")]
_Verify = Annotated[bool, typer.Option("--verify", help="Copy nothing, only compare.")]


def copy_command(
    source: _From,
    target: _To,
    add: _Add = False,
    only_verify: _Verify = False,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a library as it is, without embedding, and compare. Exit status: 0 the same, 1 differences, 2 error."""
    settings = load_settings(os.environ, corpus=corpus)
    with open_places(settings, source, target) as (here, there), progress_bar() as progress:
        copied = None if only_verify else copy(here, there, add, progress)
        comparison = copied.comparison if copied else verify(here, there, add, progress)
    if as_json:
        print_json(asdict(copied or comparison))
    else:
        if copied:
            _print_copied(copied)
        _print_comparison(comparison)
    if not comparison.is_same:
        raise typer.Exit(EXIT_DIFFERENT)


def _print_copied(copied: Copied) -> None:
    speed = f", {copied.passages / copied.seconds:,.0f} passages/s" if copied.passages and copied.seconds else ""
    known = f"; {copied.known:,} documents were there already" if copied.known else ""
    out.print(
        f"[green]copied[/green]    {copied.documents:,} documents, {copied.passages:,} passages "
        f"[dim]in {copied.seconds:.1f} s{speed}{known}[/dim]",
        soft_wrap=True,
    )
    for name in copied.lost[:_SHOWN]:
        out.print(
            f"  [yellow]without its file[/yellow]  {safe(name)}  [dim]it is gone or was changed[/dim]", soft_wrap=True
        )
    if len(copied.lost) > _SHOWN:
        out.print(f"  [dim]and {len(copied.lost) - _SHOWN:,} more without their files[/dim]")


def _print_comparison(comparison: Comparison) -> None:
    if comparison.is_same:
        out.print(f"[green]compared[/green]  {_about(comparison.source)}: the same in both", soft_wrap=True)
        return
    out.print(f"[bold red]different[/bold red] {_about(comparison.source)} in the first place", soft_wrap=True)
    out.print(f"          {_about(comparison.target)} in the second", soft_wrap=True)
    if comparison.target != comparison.stated:
        out.print(f"          {_about(comparison.stated)} by its own count", soft_wrap=True)
    for each in comparison.named[:_SHOWN]:
        out.print(f"  [yellow]{each.kind}[/yellow]  {safe(each.path)}  [dim]{safe(each.id)}[/dim]", soft_wrap=True)
    if comparison.differences > _SHOWN:
        out.print(f"  [dim]and {comparison.differences - min(_SHOWN, len(comparison.named)):,} more[/dim]")


def _about(counts: IndexCounts) -> str:
    return f"{counts.documents:,} documents, {counts.passages:,} passages, {counts.sentences:,} sentences"
