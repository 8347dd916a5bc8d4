"""The command that puts questions with known answers."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from askreport.answering.library import Library
from askreport.cli.terminal import IndexOption, JsonOption, ModelOption, err, print_json, progress_bar
from askreport.config import Settings, load_settings
from askreport.indexing.ingest import ingest
from askreport.parse import parser_pool
from askreport.types import Scope


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
    from askreport.cli.measured import print_evaluation  # noqa: PLC0415
    from askreport.evaluation.evaluate import CORPUS, evaluate, load_items, summary  # noqa: PLC0415
    from askreport.service.pages.evaluation import keep, standalone  # noqa: PLC0415

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
        print_evaluation(found)


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
