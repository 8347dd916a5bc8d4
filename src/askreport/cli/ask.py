"""The commands that put a question: ask and search, and how what they find is printed."""

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from askreport.answering.library import Library
from askreport.answering.places import where
from askreport.answering.refusal import completing, refusal
from askreport.answering.runs import Run, runs
from askreport.cli.filters import narrowed
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, out, print_json, safe
from askreport.config import Settings, load_settings
from askreport.types import ALL, Answer, Filter, Hit, Quote

if TYPE_CHECKING:
    from askreport.cli.prose import PrintedProse

EXIT_NOT_FOUND = 1


@narrowed
def ask_command(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    k: Annotated[int, typer.Option("-k", help="How many passages to return (--passages, --json).")] = 5,
    within: Filter = ALL,
    after: Annotated[
        list[str] | None, typer.Option("--after", help="A question asked before, which this one follows; repeatable.")
    ] = None,
    passages: Annotated[bool, typer.Option("--passages", help="Also print the passages that were read.")] = False,
    prose: Annotated[
        bool, typer.Option("--prose", help="Also what a language model makes of the quotes (ASKREPORT_LLM_URL).")
    ] = False,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question by quotes. Exit status: 0 answered or uncertain, 1 not found, 2 error."""
    settings = load_settings(os.environ, index=index, model=model)
    library = Library.open(settings)
    told = _open_prose(settings, library) if prose else None
    answer = library.ask(question, k, within, after or ())
    if as_json:
        print_json(asdict(replace(answer, prose=told.whole(answer)) if told else answer))
    else:
        _print_answer(answer, passages)
        if told:
            told.print(answer)
    if answer.status == "not_found" and not answer.overviews:
        raise typer.Exit(EXIT_NOT_FOUND)


@narrowed
def search_command(
    question: Annotated[str, typer.Argument(help="The question or some words, in quotation marks.")],
    k: Annotated[int, typer.Option("-k", help="How many passages to return.")] = 10,
    within: Filter = ALL,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the nearest passages, without judging whether they answer."""
    library = Library.open(load_settings(os.environ, index=index, model=model))
    result = library.search(question, k, within)
    if as_json:
        print_json(asdict(result))
        return
    if result.index.embedded < 1:
        out.print(f"[yellow]{completing(result.index)}[/yellow]")
    for n, hit in enumerate(result.passages, start=1):
        _print_hit(n, hit)


def _open_prose(settings: Settings, library: Library) -> "PrintedProse":
    # Imported here because most questions are asked without it.
    from askreport.cli.prose import PrintedProse  # noqa: PLC0415

    return PrintedProse.open(settings, library)


def _print_answer(answer: Answer, with_passages: bool) -> None:
    note = {
        "answered": "[bold green]answered[/bold green]",
        "uncertain": "[bold yellow]uncertain[/bold yellow]: these sentences are near, but may not answer",
        "not_found": f"[bold red]not found[/bold red]: {_silent(answer)}",
    }[answer.status]
    if not answer.overviews:
        out.print(f"{note} [dim](confidence {answer.confidence:.2f}, {answer.took_ms:.0f} ms)[/dim]\n")
    if answer.understood != answer.question:
        out.print(f"understood as: [bold]{safe(answer.understood)}[/bold]\n")
    if answer.overviews:
        out.print("[bold]asked of a whole document[/bold]: an overview says what is in it")
        for document in answer.overviews:
            out.print(f"  askreport overview [cyan]{safe(quote(document.path))}[/cyan]", soft_wrap=True)
        return
    for warning in _warnings(answer):
        out.print(f"[yellow]{warning}[/yellow]\n")
    for each in answer.quotes:
        _print_quote(each)
    shown = "Nearest passages, not an answer" if answer.status == "not_found" else "Passages around it"
    if answer.passages and with_passages:
        out.print(f"[bold]{shown}[/bold]")
        for n, hit in enumerate(answer.passages, start=1):
            _print_hit(n, hit)


def _warnings(answer: Answer) -> Iterator[str]:
    """What is to be known of an answer before it is believed."""
    if answer.index.embedded < 1:
        yield completing(answer.index)
    if answer.languages:
        yield refusal(answer.languages, answer.reach)
    if answer.differ:
        yield "The sources differ: read each before you quote one."


def _silent(answer: Answer) -> str:
    """Who does not say: all documents, or those that were chosen."""
    if answer.reach.documents == answer.reach.of:
        return "the documents do not say"
    return f"the chosen documents do not say ({answer.reach.documents:,} of {answer.reach.of:,} were asked)"


def _print_quote(quote: Quote) -> None:
    words = "".join(f"{safe(run.gap)}{_shown(run)}" for run in runs(quote))
    lines = [f"“{words}”", f"[cyan]{safe(_place(quote))}[/cyan]"]
    if quote.ocr:
        lines.append("[dim]read by OCR: compare the words with the page before you quote them[/dim]")
    for place in quote.also_at:
        other = "" if place.document_id == quote.document.id else f" of document {place.document_id}"
        lines.append(f"[dim]the same words in {where(place, quote.document.path)}{other}[/dim]")
    _print_item(f"[bold]{quote.n}[/bold]", lines)
    out.print()


def _shown(run: Run) -> str:
    """Context dimmed, and the words that answer bold."""
    style = "dim" if run.role else "bold" if run.is_answer else ""
    return f"[{style}]{safe(run.text)}[/{style}]" if style else safe(run.text)


def _print_hit(n: int, hit: Hit) -> None:
    excerpt = " ".join(hit.text.split())
    shown = excerpt[:200] + ("…" if len(excerpt) > 200 else "")
    place = f"[cyan]{safe(_place(hit))}[/cyan] [dim]score {hit.score:.3f}[/dim]"
    _print_item(f"[dim]{n}[/dim]", [place, f"[dim]{safe(shown)}[/dim]"])


def _print_item(label: str, lines: list[str]) -> None:
    """Lines with a label before the first and a hanging indent; unwrapped where no terminal reads them."""
    if not out.is_terminal:
        for number, line in enumerate(lines):
            out.print(f"{label if number == 0 else ' '}  {line}", soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=3, justify="right")
    grid.add_column()
    for number, line in enumerate(lines):
        grid.add_row(label if number == 0 else "", line)
    out.print(grid)


def _place(item: Quote | Hit) -> str:
    path = [title for title in item.heading if title != item.document.title]
    heading = f", {' › '.join(path)}" if path else ""
    return f"{item.document.path}{heading}, {where(item, item.document.path)}"
