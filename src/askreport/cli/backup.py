"""The commands that put the library into one file and take it out again."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from askreport.answering.library import backend_of
from askreport.cli.terminal import CorpusOption, IndexOption, JsonOption, out, print_json, safe, working
from askreport.config import Settings, load_settings
from askreport.errors import SettingError
from askreport.transfer.backup import Backup, back_up
from askreport.transfer.restore import restore

_Archive = Annotated[Path, typer.Argument(metavar="FILE", help="The archive, a tar file.")]
_Force = Annotated[bool, typer.Option("--force", help="Replace a library that is there.")]


def backup_command(
    file: _Archive, corpus: CorpusOption = None, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Write the corpus folder and the index into one file, also while a service writes them."""
    settings = load_settings(os.environ, corpus=corpus, index=index)
    _check_in_folder(settings)
    with working(f"Writing {file}"):
        made = back_up(settings.corpus, settings.index, file)
    if as_json:
        print_json(asdict(made))
    else:
        out.print(f"[green]written[/green]  {safe(str(file))}: {_about(made)}", soft_wrap=True)


def restore_command(
    file: _Archive,
    force: _Force = False,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the corpus folder and the index what a backup holds, once all of it was found sound."""
    settings = load_settings(os.environ, corpus=corpus, index=index)
    _check_in_folder(settings)
    with working(f"Reading {file}"):
        restored = restore(file, settings.corpus, settings.index, force)
    if as_json:
        print_json(asdict(restored))
        return
    out.print(f"[green]restored[/green]  {_about(restored.backup)}", soft_wrap=True)
    if restored.kept_in:
        out.print(f"  what was in the corpus folder is kept in {safe(restored.kept_in)}", soft_wrap=True)
    # A document's place on the disk is part of the index.
    out.print("  [dim]In other folders than before, run `askreport index` once; it embeds nothing again.[/dim]")


def _check_in_folder(settings: Settings) -> None:
    """Raises SettingError if the library is in PostgreSQL, which has ways of its own."""
    if backend_of(settings).is_postgres:
        raise SettingError(
            "this library is in a database (ASKREPORT_STORE), not in a folder",
            "Back it up by pg_dump, or by pg_basebackup with an archive of its log; docs/deploy/postgres.md says how.",
        )


def _about(backup: Backup) -> str:
    return (
        f"{backup.documents} documents, {backup.files} files, {backup.size / 1e6:.1f} MB, "
        f"generation {backup.generation} of {backup.made_at}"
    )
