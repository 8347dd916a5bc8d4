"""The command that takes a library's files out of PostgreSQL."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from askreport.cli.terminal import JsonOption, out, print_json, progress_bar, safe
from askreport.config import load_settings
from askreport.errors import SettingError

EXIT_LOST = 1
_Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write them; nothing is overwritten.")]


def originals_command(folder: _Folder, as_json: JsonOption = False) -> None:
    """Write the files of a library in PostgreSQL into a folder. Exit status: 0 all, 1 some are lost, 2 error."""
    settings = load_settings(os.environ)
    address = settings.store.get_secret_value()
    if not address:
        raise SettingError(f"the library is a folder: its files are in {settings.corpus}", "Set ASKREPORT_STORE.")
    # Imported here because psycopg is optional (askreport[cluster]).
    from askreport.transfer.originals import write_originals  # noqa: PLC0415

    with progress_bar() as progress:
        written = write_originals(address, settings.originals, folder, progress)
    if as_json:
        print_json(asdict(written))
    else:
        known = f", {written.known:,} were there already" if written.known else ""
        out.print(f"[green]written[/green]  {written.files:,} files{known}", soft_wrap=True)
        for name in written.lost:
            out.print(f"  [yellow]lost[/yellow]  {safe(name)}  [dim]its bytes are gone[/dim]", soft_wrap=True)
    if written.lost:
        raise typer.Exit(EXIT_LOST)
