"""The commands that build the index and describe it, in a folder or in PostgreSQL."""

import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from askreport.answering.library import Library, backend_of, read_from
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
    working,
)
from askreport.config import Settings, load_settings
from askreport.errors import SettingError
from askreport.indexing.ingest import IngestReport, ingest
from askreport.models.encoder import MINILM, load_encoder, stands_in
from askreport.parse import parser_pool
from askreport.store import Backend, Manifest, latest_generation, read_manifest


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
    if backend_of(settings).is_postgres:
        _index_in_postgres(settings, paths or [settings.corpus], retry, compact, as_json)
        return
    with working("Loading the encoder (it is made ready on its first use)"):
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
    _say_what_stands_in(settings)
    with progress_bar() as report_progress, parser_pool(settings) as parsers:
        report = ingest(
            paths or [settings.corpus],
            settings.index,
            encoder,
            parsers,
            max_file_mb=settings.max_file_mb,
            progress=report_progress,
            retry=retry,
            compact=compact,
        )
    _say(report, as_json)


def status_command(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Show what the index holds and what it was made with."""
    settings = load_settings(os.environ, index=index)
    with closing(backend_of(settings)) as backend:
        if backend.is_postgres:
            _print_postgres(backend, as_json)
            return
    manifest = read_manifest(settings.index, latest_generation(settings.index))
    if as_json:
        print_json(asdict(manifest))
        return
    size = sum(size for size, _ in manifest.files.values())
    out.print(f"[bold]{safe(str(settings.index))}[/bold], generation {manifest.generation}")
    out.print(f"  built      {manifest.built_at}")
    _print_contents(manifest)
    out.print(f"  on disk    {size / 1e6:.1f} MB")


def _print_postgres(backend: Backend, as_json: bool) -> None:
    # Imported here because psycopg is optional (askreport[cluster]).
    from askreport.store.postgres.backend import PostgresBackend  # noqa: PLC0415
    from askreport.store.postgres.status import about  # noqa: PLC0415

    assert isinstance(backend, PostgresBackend)
    manifest = read_from(backend, lambda store: store.manifest)
    size, name = about(backend.database).size, backend.database.name
    if as_json:
        print_json({"store": name, "size": size, **asdict(manifest)})
        return
    out.print(f"[bold]{safe(name)}[/bold], generation {manifest.generation}")
    out.print(f"  changed    {manifest.built_at}")
    _print_contents(manifest)
    out.print(f"  size       {size / 1e6:.1f} MB")


def _print_contents(manifest: Manifest) -> None:
    counts = manifest.counts
    out.print(f"  holds      {counts.documents} documents, {counts.passages} passages, {counts.sentences} sentences")
    if manifest.embedded < 1:
        out.print(f"  embedded   {int(100 * manifest.embedded)}% of the passages; the others are found by their words")
    out.print(f"  encoder    {safe(manifest.encoder)}")
    out.print(f"  chunking   {manifest.chunking}")


def _index_in_postgres(settings: Settings, paths: list[Path], retry: bool, compact: bool, as_json: bool) -> None:
    if compact:
        raise SettingError(
            "--compact is for an index in a folder", "PostgreSQL gives space back by itself; VACUUM FULL gives all."
        )
    # Imported here because psycopg is optional (askreport[cluster]).
    from askreport.changes.postgres.inline import PostgresInlineManager  # noqa: PLC0415

    with working("Loading the encoder (it is made ready on its first use)"):
        library = Library.open(settings)
    _say_what_stands_in(settings)
    with closing(library.backend), progress_bar() as report_progress, parser_pool(settings) as parsers:
        report = PostgresInlineManager(settings, library, parsers).index(paths, report_progress, retry)
    _say(report, as_json)


def _say_what_stands_in(settings: Settings) -> None:
    if missing := stands_in(settings.model):
        err.print(f"[yellow]{safe(missing.message)}; {MINILM} stands in, which reads English.[/yellow] {missing.hint}")


def _say(report: IngestReport, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)


def _print_report(report: IngestReport) -> None:
    for outcome in report.outcomes:
        words = outcome.status.replace("_", " ")
        mark = f"[green]{words}[/green]" if outcome.status == "indexed" else f"[yellow]{words}[/yellow]"
        count = f"{outcome.documents} documents" if outcome.documents > 1 else ""
        detail = "; ".join(filter(None, (count, outcome.reason)))
        out.print(f"  {mark}  {safe(outcome.path)}" + (f"  [dim]{safe(detail)}[/dim]" if detail else ""))
    if any(outcome.status == "encrypted" for outcome in report.outcomes):
        out.print("[dim]ASKREPORT_PASSWORDS may hold passwords of PDFs, one a line.[/dim]")
    counts = report.counts
    done = f"generation {report.generation}" + ("" if report.published else " is up to date; nothing to publish")
    out.print(
        f"[bold]{done}[/bold]: {counts.documents} documents, {counts.passages} passages, {counts.sentences} sentences"
    )
    out.print(f"[dim]{report.embedded} passages embedded, {report.reused} known before, {report.seconds:.1f} s[/dim]")
