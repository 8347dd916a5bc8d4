"""The command that says what is in a document."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from askreport.answering.library import Library
from askreport.answering.overview import Detail, Extract, Overview
from askreport.answering.places import where
from askreport.changes.originals import find_document, read_overview
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, out, print_json, safe
from askreport.config import load_settings


def overview_command(
    name: Annotated[str, typer.Argument(help="The document's id, or its file as `askreport documents` lists it.")],
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in a document, in its own words: outline, key sentences, what it speaks of, what it answers."""
    settings = load_settings(os.environ, index=index, model=model)
    library = Library.open(settings)
    document_id = library.read(lambda store: find_document(store, name))
    found = read_overview(library, settings.index, document_id)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)


def _print(found: Overview) -> None:
    out.print(f"[bold]{safe(found.document.title)}[/bold]  [cyan]{safe(found.document.path)}[/cyan]")
    if found.questions:
        out.print("\n[bold]Questions it answers[/bold]")
    for each in found.questions:
        _print_lines(each.question, each.answer, found.document.path)
    for title, sentences in (
        ("Key sentences", found.key_sentences),
        ("Its conclusions" if found.concludes else "How it ends", found.conclusions),
    ):
        if sentences:
            out.print(f"\n[bold]{title}[/bold]")
        for sentence in sentences:
            _print_lines("", sentence, found.document.path)
    for title, mentioned in (("Names", found.names), ("Dates", found.dates), ("Figures", found.figures)):
        if mentioned:
            out.print(f"\n[bold]{title}[/bold]\n  {_listed(mentioned)}", soft_wrap=not out.is_terminal)
    if len(found.outline) > 1:
        out.print("\n[bold]Outline[/bold]")
        for section in found.outline:
            out.print(f"{'  ' * section.level}{safe(section.title)}", soft_wrap=True)


def _print_lines(question: str, quote: Extract, path: str) -> None:
    if question:
        out.print(f"  {safe(question)}", soft_wrap=True)
    out.print(f"  “{safe(quote.text)}”", soft_wrap=not out.is_terminal)
    out.print(f"  [dim]{safe(where(quote, path))}[/dim]")


def _listed(mentioned: Sequence[Detail]) -> str:
    return "; ".join(f"{safe(each.text)}{f' ({each.count})' if each.count > 1 else ''}" for each in mentioned)
