"""The command that puts questions with known answers, and how its figures are printed."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from askreport.answering.library import Library
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, err, out, print_json, progress_bar, safe
from askreport.config import Settings, load_settings
from askreport.indexing.ingest import ingest
from askreport.parse import parser_pool
from askreport.types import Scope

_STATUSES = {"answered": "answered", "uncertain": "uncertain", "not_found": "not found"}
_WORST_SHOWN = 5


def eval_command(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder with queries.jsonl, and optionally corpus.jsonl and qrels.tsv; or a file of queries."
        ),
    ],
    scope: Annotated[
        Scope, typer.Option(help="Where each question is looked for; auto: in its context_ids if it has some.")
    ] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many questions.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report with plots and failures here.")] = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put questions with known answers: what is found, quoted, refused, how sure and how fast."""
    # Imported here so that the help of all commands loads neither the figures nor the pages.
    from askreport.evaluation.evaluate import CORPUS, evaluate, load_items, summary  # noqa: PLC0415
    from askreport.service.pages.evaluation import keep, standalone, view  # noqa: PLC0415

    settings = load_settings(os.environ, index=index, model=model)
    items = load_items(folder, scope, limit)
    library = Library.open(settings)
    in_postgres = library.backend.is_postgres
    if (folder / CORPUS).exists():
        library = own_library(folder / CORPUS, settings, library)
    with _asking() as report:
        evaluation = evaluate(library, items, folder.resolve().stem, scope, report)
    found = summary(evaluation, datetime.now(UTC).isoformat(timespec="seconds"))
    if html:
        html.write_text(standalone(found), encoding="utf-8")
    if in_postgres:
        # Of a library in PostgreSQL nobody may have needed the folder before.
        settings.index.mkdir(parents=True, exist_ok=True)
    keep(settings.index, found)
    if as_json:
        print_json(found)
    else:
        _print(found, view(found)["figures"])


def own_library(corpus: Path, settings: Settings, library: Library) -> Library:
    """A data set's own corpus as a library, kept in the cache folder."""
    key = hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:16]
    place = settings.cache / "evaluations" / key
    with progress_bar() as report, parser_pool(settings) as parsers:
        ingest([corpus], place, library.encoder, parsers, max_file_mb=settings.max_file_mb, progress=report)
    return Library(place, library.encoder, library.scorer)


@contextmanager
def _asking() -> Iterator[Any]:
    columns = (TextColumn("asking"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("asking", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(found: dict[str, Any], figures: Sequence[tuple[str, str]]) -> None:
    out.print(
        f"[bold]{safe(found['name'])}[/bold]: {found['questions']} questions ({found['scope']}) to "
        f"{found['documents']} documents, {found['passages']} passages; read by {safe(found['reader'])}"
    )
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in figures:
        table.add_row(name, value)
    out.print(table)
    statuses = Table(box=None, padding=(0, 2))
    for heading in ("", *_STATUSES.values()):
        statuses.add_column(heading, justify="right" if heading else "left")
    for kind, row in found["statuses"].items():
        statuses.add_row(kind, *(str(row[status]) for status in _STATUSES))
    out.print(statuses)
    if found["worst"]:
        out.print("[bold]Worst failures[/bold] [dim](--html writes more of them)[/dim]")
    for each in found["worst"][:_WORST_SHOWN]:
        verdict = _STATUSES[each["status"]]
        out.print(f"  {verdict} at {each['confidence']:.2f}: {safe(each['question'])}", soft_wrap=True)
        if each["status"] != "not_found":
            excerpt = " ".join(each["first"].split())[:160]
            out.print(f"    [dim]“{safe(excerpt)}” {safe(each['place'])}[/dim]", soft_wrap=True)
