"""The command line: index, ask, search, status, serve, and the commands of the other modules here."""

import io
import os
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from askreport.answering.library import Library
from askreport.changes.originals import find_document
from askreport.cli.backup import backup_command, restore_command
from askreport.cli.check import check_command
from askreport.cli.copy import copy_command
from askreport.cli.documents import (
    add_command,
    delete_command,
    doctor_command,
    documents_command,
    original_command,
)
from askreport.cli.evaluate import eval_command
from askreport.cli.keys import keys_app
from askreport.cli.prose import open_writer, print_prose, write
from askreport.cli.terminal import (
    CorpusOption,
    IndexOption,
    JsonOption,
    ModelOption,
    err,
    out,
    print_json,
    progress_bar,
    safe,
)
from askreport.cli.worker import worker_command
from askreport.config import Settings, load_settings
from askreport.errors import AskReportError, SettingError
from askreport.freshness import seeing
from askreport.indexing.ingest import IngestReport, ingest
from askreport.models.encoder import load_encoder
from askreport.parse import parser_pool
from askreport.store import database_packages, latest_generation, read_manifest
from askreport.types import Answer, Hit, Quote

EXIT_NOT_FOUND = 1
EXIT_ERROR = 2

app = typer.Typer(
    help="Ask your documents; read the sentence that answers, word for word, with its place.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_Documents = Annotated[list[str] | None, typer.Option("--document", help="Only this document: id or file; repeatable.")]


@app.command("index")
def index_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders instead of the corpus folder.")] = None,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read files again that could not be read before.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write the index anew in one piece; nothing of deleted documents stays.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the index: afterwards it holds exactly the given documents. Unchanged text is not embedded again."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    if settings.store.get_secret_value():
        _index_in_database(settings, paths or [settings.corpus], retry, compact, as_json)
        return
    with err.status("Loading the encoder (its first use exports it: about 20 seconds)"):
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
    with progress_bar() as report_progress, parser_pool(settings) as parsers:
        report = ingest(
            paths or [settings.corpus],
            settings.index,
            encoder,
            parsers,
            settings.max_file_mb,
            report_progress,
            retry,
            compact,
        )
    _say(report, as_json)


@app.command("ask")
def ask_command(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    k: Annotated[int, typer.Option("-k", help="How many passages to return.")] = 5,
    document: _Documents = None,
    after: Annotated[
        list[str] | None, typer.Option("--after", help="A question asked before, which this one follows; repeatable.")
    ] = None,
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
    writer = open_writer(settings, library) if prose else None
    answer = library.ask(question, k, _ids(library, document), after or ())
    if as_json:
        print_json(asdict(replace(answer, prose=write(writer, answer)) if writer else answer))
    else:
        _print_answer(answer)
        if writer:
            print_prose(writer, answer)
    if answer.status == "not_found":
        raise typer.Exit(EXIT_NOT_FOUND)


@app.command("search")
def search_command(
    question: Annotated[str, typer.Argument(help="The question or some words, in quotation marks.")],
    k: Annotated[int, typer.Option("-k", help="How many passages to return.")] = 10,
    document: _Documents = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the nearest passages, without judging whether they answer."""
    library = Library.open(load_settings(os.environ, index=index, model=model))
    result = library.search(question, k, _ids(library, document))
    if as_json:
        print_json(asdict(result))
        return
    for n, hit in enumerate(result.passages, start=1):
        _print_hit(n, hit)


@app.command()
def status(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Show what the index holds and what it was made with."""
    settings = load_settings(os.environ, index=index)
    if settings.store.get_secret_value():
        with database_packages():
            # Imported here because psycopg is optional (askreport[cluster]).
            from askreport.cli.database import print_status  # noqa: PLC0415
        print_status(settings, as_json)
        return
    manifest = read_manifest(settings.index, latest_generation(settings.index))
    if as_json:
        print_json(asdict(manifest))
        return
    size = sum(size for size, _ in manifest.files.values())
    counts = manifest.counts
    out.print(f"[bold]{safe(str(settings.index))}[/bold], generation {manifest.generation}")
    out.print(f"  built      {manifest.built_at}")
    out.print(f"  holds      {counts.documents} documents, {counts.passages} passages, {counts.sentences} sentences")
    out.print(f"  encoder    {safe(manifest.encoder)}")
    out.print(f"  chunking   {manifest.chunking}")
    out.print(f"  on disk    {size / 1e6:.1f} MB")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (ASKREPORT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (ASKREPORT_PORT).")] = None,
    watch: Annotated[
        bool | None,
        typer.Option("--watch/--no-watch", help="Index what changes in the folder (ASKREPORT_WATCH)."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer (ASKREPORT_WORKERS).")] = None,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Start the web page and the JSON API."""
    options = {"host": host, "port": port, "watch": watch, "workers": workers}
    settings = load_settings(os.environ, **options, corpus=corpus, index=index, model=model)
    # The service's imports are not paid by the other commands.
    from askreport.service.server import run  # noqa: PLC0415

    run(settings)


@app.command("mcp")
def mcp_command(index: IndexOption = None, model: ModelOption = None) -> None:
    """Serve the library to an agent by the Model Context Protocol, on standard input and output."""
    settings = load_settings(os.environ, index=index, model=model)
    # The protocol's package takes half a second to import.
    from askreport.agents.server import serve_stdio  # noqa: PLC0415

    serve_stdio(Library.open(settings))


app.command("documents")(documents_command)
app.command("add")(add_command)
app.command("delete")(delete_command)
app.command("original")(original_command)
app.command("doctor")(doctor_command)
app.command("check")(check_command)
app.command("eval")(eval_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("copy")(copy_command)
app.command("worker")(worker_command)
app.add_typer(keys_app, name="keys")


def main() -> None:
    """Runs the command line; every error of the project ends as a message and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        # A redirected stream may have an encoding without the characters of a quote.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        with seeing(0):
            app()
    except AskReportError as error:
        err.print(f"[bold red]error[/bold red] {safe(error.message)}")
        if error.hint:
            err.print(f"[dim]{safe(error.hint)}[/dim]")
        sys.exit(EXIT_ERROR)


def _ids(library: Library, names: list[str] | None) -> list[str] | None:
    """The ids of the documents that were named by id or by file."""
    return library.read(lambda store: [find_document(store, name) for name in names]) if names else None


def _index_in_database(settings: Settings, paths: list[Path], retry: bool, compact: bool, as_json: bool) -> None:
    if compact:
        raise SettingError(
            "--compact is for an index in a folder", "PostgreSQL gives space back by itself; VACUUM FULL gives all."
        )
    # Imported here because psycopg is optional (askreport[cluster]).
    from askreport.changes.postgres.inline import ClusterWork  # noqa: PLC0415

    with err.status("Loading the encoder (its first use exports it: about 20 seconds)"):
        library = Library.open(settings)
    with (
        progress_bar() as report_progress,
        parser_pool(settings) as parsers,
        closing(ClusterWork(settings, library, parsers)) as work,
    ):
        report = work.index(paths, report_progress, retry)
    _say(report, as_json)


def _say(report: IngestReport, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)


def _print_report(report: IngestReport) -> None:
    for outcome in report.outcomes:
        words = outcome.status.replace("_", " ")
        mark = f"[green]{words}[/green]" if outcome.status == "indexed" else f"[yellow]{words}[/yellow]"
        detail = f"{outcome.documents} documents" if outcome.documents > 1 else outcome.reason
        out.print(f"  {mark}  {safe(outcome.path)}" + (f"  [dim]{safe(detail)}[/dim]" if detail else ""))
    counts = report.counts
    done = f"generation {report.generation}" + ("" if report.published else " is up to date; nothing to publish")
    out.print(
        f"[bold]{done}[/bold]: {counts.documents} documents, {counts.passages} passages, {counts.sentences} sentences"
    )
    out.print(f"[dim]{report.embedded} passages embedded, {report.reused} known before, {report.seconds:.1f} s[/dim]")


def _print_answer(answer: Answer) -> None:
    note = {
        "answered": "[bold green]answered[/bold green]",
        "uncertain": "[bold yellow]uncertain[/bold yellow]: these sentences are near, but may not answer",
        "not_found": "[bold red]not found[/bold red]: the documents do not say",
    }[answer.status]
    out.print(f"{note} [dim](confidence {answer.confidence:.2f}, {answer.took_ms:.0f} ms)[/dim]\n")
    if answer.understood != answer.question:
        out.print(f"understood as: [bold]{safe(answer.understood)}[/bold]\n")
    if answer.differ:
        out.print("[yellow]The sources differ: read each before you quote one.[/yellow]\n")
    for quote in answer.quotes:
        _print_quote(quote)
    shown = "Nearest passages, not an answer" if answer.status == "not_found" else "Passages around it"
    if answer.passages:
        out.print(f"[bold]{shown}[/bold]")
    for n, hit in enumerate(answer.passages, start=1):
        _print_hit(n, hit)


def _print_quote(quote: Quote) -> None:
    lines = [f"“{safe(quote.text)}”", f"[cyan]{safe(_place(quote))}[/cyan]"]
    if quote.ocr:
        lines.append("[dim]read by OCR: compare the words with the page before you quote them[/dim]")
    for place in quote.also_at:
        where = "" if place.document_id == quote.document.id else f" of document {place.document_id}"
        lines.append(f"[dim]the same words at characters {place.start}–{place.end}{where}[/dim]")
    _print_item(f"[bold]{quote.n}[/bold]", lines)
    out.print()


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
    page = f", page {item.page}" if item.page else ""
    path = [title for title in item.heading if title != item.document.title]
    heading = f", {' › '.join(path)}" if path else ""
    return f"{item.document.path}{page}{heading}, characters {item.start}–{item.end}"
