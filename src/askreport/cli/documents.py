"""The commands for the library's files: documents, add, replace, rename, delete, original, doctor."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from askreport.answering.descriptions import FromDesk
from askreport.answering.library import Library, backend_of, read_from
from askreport.answering.refusal import completing
from askreport.changes.incoming import unlock
from askreport.changes.open import cancel_job, open_manager
from askreport.changes.originals import file_of, find_document, list_outcomes, open_original
from askreport.changes.staging import Staging, safe_name
from askreport.changes.types import Added, AddingManager, Replacing
from askreport.cli.terminal import (
    CorpusOption,
    IndexOption,
    JsonOption,
    ModelOption,
    harmless,
    out,
    print_json,
    progress_bar,
    safe,
    working,
)
from askreport.config import Settings, load_settings
from askreport.doctor.library import examine
from askreport.doctor.service import examine_service
from askreport.doctor.types import CheckStatus
from askreport.errors import CorpusError, CorpusWriteError
from askreport.indexing.sources import files_below
from askreport.parse import ParserPool, parser_pool
from askreport.store import DocumentSummary

EXIT_NOT_ALL = 1
_Name = Annotated[str, typer.Argument(help="The document's id, or its file as `askreport documents` lists it.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_Output = Annotated[str, typer.Option("--output", "-o", help="The file to write; - is the standard output.")]


def documents_command(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the documents of the index: id, title, file, pages, passages, and what could not be read of the file."""
    settings = load_settings(os.environ, index=index)
    backend = backend_of(settings)
    documents, state = read_from(backend, lambda store: (store.documents(), store.state))
    documents = FromDesk(backend.desk).titles.put(documents)
    outcomes = list_outcomes(backend, settings.index)
    notes = {outcome.path: outcome.reason for outcome in outcomes if outcome.status == "indexed"}
    if as_json:
        print_json([{**asdict(document), "not_read": notes.get(document.path, "")} for document in documents])
    elif out.is_terminal:
        out.print(_table(documents, notes))
        if state.embedded < 1:
            out.print(f"[yellow]{completing(state)}[/yellow]")
    else:
        for each in documents:
            counts = (str(each.pages), str(each.passages))
            fields = (each.id, each.title, each.path, *counts, notes.get(each.path, ""))
            # Written as it is: the console would turn tabs into spaces.
            sys.stdout.write("\t".join(harmless(" ".join(field.split())) for field in fields) + "\n")


def add_command(
    files: Annotated[list[Path], typer.Argument(help="Files to add, or folders of such files.")],
    password: Annotated[
        bool, typer.Option("--password", help="Ask for the password of PDFs; they are kept without it.")
    ] = False,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="A file named as one that is there is a new version of it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy files into the corpus folder and index them. Exit status: 0 all there, 1 some not added, 2 error."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    chosen = [file for path in files for file, _ in files_below(path)]
    typed = typer.prompt("Password", hide_input=True, err=True) if password else ""
    with _manager(settings) as (manager, parsers), progress_bar() as progress:
        staging = manager.stage()
        try:
            _copy(chosen, staging)
            if typed:
                unlock(staging.files, typed, parsers)
            added = manager.add(staging.files, progress, Replacing(same_name=replace))
        finally:
            staging.close()
    if as_json:
        print_json([asdict(each) for each in added])
    else:
        _print_added(added)
    if any(not each.path and each.status != "duplicate" for each in added):
        raise typer.Exit(EXIT_NOT_ALL)


def replace_command(
    name: _Name,
    file: Annotated[Path, typer.Argument(help="Its new version, a file of the same kind.")],
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a new version in a document's place; links to the old one say so. Exit status as for add."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    old = _file_named(settings, name)
    with _manager(settings) as (manager, _), progress_bar() as progress:
        staging = manager.stage()
        try:
            _copy([file], staging)
            added = manager.add(staging.files, progress, Replacing(file=old))
        finally:
            staging.close()
    if as_json:
        print_json([asdict(each) for each in added])
    else:
        _print_added(added)
    if not added[0].path:
        raise typer.Exit(EXIT_NOT_ALL)


def rename_command(
    name: _Name,
    new: Annotated[str, typer.Argument(help="What its file is to be called; the ending stays.")],
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Give a document's file another name; the document keeps its id and its links."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    document = read_from(backend_of(settings), lambda store: store.document(find_document(store, name)))
    with _manager(settings) as (manager, _), progress_bar() as progress:
        manager.rename(document.id, new, progress)
    out.print(f"[green]renamed[/green]  {safe(document.path)} → {safe(_file_named(settings, document.id))}")


def _file_named(settings: Settings, name: str) -> str:
    """The file of a document by its id or its path."""
    backend = backend_of(settings)
    return file_of(backend, read_from(backend, lambda store: find_document(store, name)))


def delete_command(
    names: Annotated[
        list[str], typer.Argument(help="The documents: ids, or files as `askreport documents` lists them.")
    ],
    yes: _Yes = False,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move documents' files out of the corpus folder, into .deleted in it; or delete them from PostgreSQL."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    backend = backend_of(settings)
    found = read_from(backend, lambda store: [store.document(find_document(store, name)) for name in names])
    documents = FromDesk(backend.desk).titles.put(found)
    if not yes:
        asked = ", ".join(f"{safe(each.title)} ({safe(each.path)})" for each in documents)
        typer.confirm(f"Delete {asked}?", abort=True, err=True)
    with _manager(settings) as (manager, _):
        gone = [manager.delete(document_id) for document_id in dict.fromkeys(each.id for each in documents)]
    if as_json:
        print_json(asdict(gone[0]) if len(names) == 1 else [asdict(each) for each in gone])
        return
    titles = {each.id: each.title for each in documents}
    for deleted in gone:
        out.print(f"[green]deleted[/green]  {safe(titles[deleted.id])}")
        for file in deleted.files:
            kept = f" [dim]is kept in {safe(deleted.kept_in)}[/dim]" if deleted.kept_in else ""
            out.print(f"  {safe(file)}{kept}", soft_wrap=True)


def original_command(name: _Name, output: _Output = "", corpus: CorpusOption = None, index: IndexOption = None) -> None:
    """Write the file a document was read from, byte for byte, under its own name unless -o gives another."""
    settings = load_settings(os.environ, corpus=corpus, index=index)
    backend = backend_of(settings)
    document_id = read_from(backend, lambda store: find_document(store, name))
    original = open_original(backend, document_id, settings.corpus)
    if output == "-":
        sys.stdout.buffer.writelines(original.pieces())
        return
    file = Path(output or safe_name(original.name))
    try:
        # A name that nobody chose must not cost a file that is there.
        with file.open("wb" if output else "xb") as stream:
            stream.writelines(original.pieces())
    except OSError as error:
        raise CorpusWriteError(f"{file} cannot be written: {error.strerror}", "Choose another file by -o.") from None
    out.print(safe(str(file)), soft_wrap=True)


def cancel_command(
    job: Annotated[str, typer.Argument(help="The job's id, as the page, the API or an upload gave it.")],
    index: IndexOption = None,
) -> None:
    """End a job of a service at its next step, whatever file it is at; what it has changed is taken back."""
    cancel_job(load_settings(os.environ, index=index), job)
    out.print(f"[green]cancelled[/green]  {safe(job)}")


def doctor_command(
    corpus: CorpusOption = None, index: IndexOption = None, model: ModelOption = None, as_json: JsonOption = False
) -> None:
    """Check that everything needed is there and works. Exit status: 0 no problem, 1 a problem."""
    settings = load_settings(os.environ, corpus=corpus, index=index, model=model)
    checks = [*examine(settings), *examine_service(settings)]
    if as_json:
        print_json([asdict(check) for check in checks])
    marks: dict[CheckStatus, str] = {
        "ok": "[green]ok[/green]     ",
        "warning": "[yellow]warning[/yellow]",
        "problem": "[bold red]problem[/bold red]",
    }
    for check in checks if not as_json else ():
        out.print(f"{marks[check.status]}  [bold]{check.name:<8}[/bold] {safe(check.message)}", soft_wrap=True)
        if check.hint:
            out.print(f"                   [dim]{safe(check.hint)}[/dim]", soft_wrap=True)
    if any(check.status == "problem" for check in checks):
        raise typer.Exit(1)


@contextmanager
def _manager(settings: Settings) -> Iterator[tuple[AddingManager, ParserPool]]:
    with working("Loading the encoder (it is made ready on its first use)"):
        library = Library.open(settings)
    with closing(library.backend), parser_pool(settings) as parsers:
        yield open_manager(settings, library, parsers), parsers


def _copy(files: Sequence[Path], staging: Staging) -> None:
    for file in files:
        target = staging.place(file.name)
        try:
            shutil.copyfile(file, target)
        except OSError as error:
            raise CorpusError(f"{file} cannot be copied: {error.strerror or error}", "Nothing was added.") from None


def _print_added(added: Sequence[Added]) -> None:
    for each in added:
        mark = f"[green]{each.status}[/green]" if each.path else f"[yellow]{each.status}[/yellow]"
        detail = "; ".join([*filter(None, [each.reason]), *each.problems])
        documents = f"{each.count} documents" if each.count > 1 else "".join(each.documents)
        about = "  ".join(safe(text) for text in (documents, detail) if text)
        out.print(f"  {mark}  {safe(each.path or each.name)}  [dim]{about}[/dim]", soft_wrap=True)


def _table(documents: Sequence[DocumentSummary], notes: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("title", overflow="fold")
    table.add_column("file", overflow="fold", style="cyan")
    table.add_column("pages", justify="right")
    table.add_column("passages", justify="right")
    said = any(notes.get(each.path) for each in documents)
    if said:
        table.add_column("", overflow="fold", style="dim")
    for each in documents:
        fields = (each.id, safe(each.title), safe(each.path), str(each.pages or "–"), str(each.passages))
        table.add_row(*fields, *([safe(notes.get(each.path, ""))] if said else []))
    return table
