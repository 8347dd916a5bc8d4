"""The command that lists every sentence that bears on a question, by document."""

import os
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from askreport.answering.library import Library
from askreport.answering.mentions import BEARS, MAX_AT_ONCE, Mentions, Part
from askreport.answering.places import where
from askreport.answering.refusal import completing
from askreport.answering.runs import runs
from askreport.cli.filters import narrowed
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, out, print_json, safe
from askreport.config import load_settings
from askreport.types import ALL, Filter, Mention

EXIT_NONE = 1


@narrowed
def mentions_command(
    question: Annotated[str, typer.Argument(help="The question, or the subject in a few words.")],
    words: Annotated[str, typer.Option("--words", help="Only sentences that have these words.")] = "",
    least: Annotated[float, typer.Option("--least", help="Only sentences that are as near as this.")] = BEARS,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MAX_AT_ONCE, help="How many sentences to print.")
    ] = MAX_AT_ONCE,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many sentences to leave out.")] = 0,
    within: Filter = ALL,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every sentence that bears on a question, by document. Exit status: 0 some, 1 none, 2 error."""
    library = Library.open(load_settings(os.environ, index=index, model=model))
    part = Part(words=words, least=least, limit=limit, offset=offset)
    found = library.mentions(question, within, part=part)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)
    if not found.total:
        raise typer.Exit(EXIT_NONE)


def _print(found: Mentions) -> None:
    sentences = "1 sentence" if found.total == 1 else f"{found.total:,} sentences"
    documents = "1 document" if len(found.documents) == 1 else f"{len(found.documents):,} documents"
    out.print(f"[bold]{sentences}[/bold] on “{safe(found.subject)}” in {documents} of {found.reach.documents:,}")
    if found.index.embedded < 1:
        out.print(f"[yellow]{completing(found.index)}[/yellow]")
    counts = {each.document.id: each.mentions for each in found.documents}
    for document, own in groupby(found.mentions, key=lambda each: each.document):
        out.print(f"\n[bold]{safe(document.title)}[/bold] [cyan]{safe(document.path)}[/cyan] ({counts[document.id]:,})")
        for mention in own:
            out.print(f"[dim]{mention.n}[/dim]  {_said(mention)}", soft_wrap=not out.is_terminal)
            out.print(f"   [dim]{where(mention, document.path)}[/dim]", soft_wrap=not out.is_terminal)
    last = found.mentions[-1].n if found.mentions else 0
    if last and last < found.total:
        out.print(f"\n[dim]More: --offset {last}[/dim]")


def _said(mention: Mention) -> str:
    """The sentence with its context dimmed."""
    said = []
    for run in runs(mention):
        style = "dim" if run.role else "bold" if run.is_answer else ""
        said.append(safe(run.gap) + (f"[{style}]{safe(run.text)}[/{style}]" if style else safe(run.text)))
    return f"“{''.join(said)}”"
