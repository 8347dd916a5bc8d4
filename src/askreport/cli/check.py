"""The command that checks a draft's quotations, and how its findings are printed."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from askreport.answering.descriptions import FromDesk
from askreport.answering.library import backend_of, read_from
from askreport.answering.places import where
from askreport.check.check import CheckedQuotation, CheckReport, Difference, SourcePlace, check, is_plain, read_draft
from askreport.cli.terminal import IndexOption, JsonOption, err, out, print_json, safe
from askreport.config import Settings, load_settings
from askreport.errors import CorpusError, ParseError
from askreport.parse import decode, parser_pool, read_file

EXIT_NOT_VERBATIM = 1
_SHOWN = {"verbatim": "[green]verbatim[/green]", "different": "[yellow]different[/yellow]"}
_MAX_SHOWN_PLACES = 3


def check_command(
    draft: Annotated[str, typer.Argument(help="The draft: text, Markdown, or any format that is read; - for stdin.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find every quotation of a draft in the library. Exit status: 0 all verbatim, 1 some not, 2 error."""
    settings = load_settings(os.environ, index=index)
    backend = backend_of(settings)
    text = _read_draft(draft, settings)
    report = FromDesk(backend.desk).titles.put(read_from(backend, lambda store: check(store, text)))
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)
    if report.counts["verbatim"] < len(report.quotations):
        raise typer.Exit(EXIT_NOT_VERBATIM)


def _read_draft(draft: str, settings: Settings) -> str:
    if draft == "-":
        return sys.stdin.read()
    file = Path(draft)
    ending = file.suffix.lower()
    try:
        data = read_file(file, settings.max_file_bytes)
        if is_plain(ending):
            return decode(data)
        with parser_pool(settings) as parsers:
            read = read_draft(data, ending, parsers)
    except ParseError as error:
        hint = "Name a file, or - for the standard input."
        raise CorpusError(f"the draft {draft} cannot be read: {error.message}", hint) from None
    for problem in read.problems:
        err.print(f"[yellow]not all of the draft was checked:[/yellow] {safe(problem)}")
    return read.text


def _print_report(report: CheckReport) -> None:
    for quotation in report.quotations:
        _print_quotation(quotation)
    for line in report.unpaired:
        out.print(f"[yellow]line {line}: a quotation mark opens here and is not closed; it was not checked[/yellow]")
    counts = report.counts
    summary = (
        f"{counts['verbatim']} verbatim, {counts['different']} with differences, {counts['not_found']} not found"
        if report.quotations
        else "no quotations in the draft"
    )
    out.print(f"[bold]{summary}[/bold] [dim]({report.took_ms:.0f} ms)[/dim]")


def _print_quotation(quotation: CheckedQuotation) -> None:
    status = _SHOWN.get(quotation.status, "[red]not found[/red]")
    words = " ".join(quotation.text.split())
    if quotation.status == "different":
        words = " ".join(map(_shown, quotation.differences))
        out.print(f"line {quotation.line}: {status}  “{words}”", soft_wrap=True)
    else:
        out.print(f"line {quotation.line}: {status}  “{safe(words)}”", soft_wrap=True)
    if quotation.tolerated:
        out.print(f"  [dim]tolerated: {', '.join(quotation.tolerated)}[/dim]", soft_wrap=True)
    for place in quotation.places[:_MAX_SHOWN_PLACES]:
        out.print(f"  [cyan]{safe(_where(place))}[/cyan]", soft_wrap=True)
        for words in place.left_out:
            out.print(f"  [dim]left out there: “{safe(' '.join(words.split()))}”[/dim]", soft_wrap=True)
    more = len(quotation.places) - _MAX_SHOWN_PLACES
    if more > 0:
        out.print(f"  [dim]and in {more} more place{'s' if more > 1 else ''}[/dim]")


def _shown(difference: Difference) -> str:
    """The step as people mark it by hand, and readable without colours: [-the draft's-] {+the source's+}."""
    if difference.op == "equal":
        return safe(difference.draft)
    ours = f"[red]{safe(f'[-{difference.draft}-]')}[/red]" if difference.draft else ""
    theirs = f"[green]{{+{safe(difference.source)}+}}[/green]" if difference.source else ""
    return " ".join(filter(None, (ours, theirs)))


def _where(place: SourcePlace) -> str:
    return f"{place.document.path}, {where(place, place.document.path)}"
