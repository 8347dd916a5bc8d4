"""The commands for API keys: keys add, keys list, keys remove."""

import os
from typing import Annotated

import typer
from rich.table import Table

from askreport.cli.terminal import Command, Commands, JsonOption, err, out, print_json, safe
from askreport.config import load_settings
from askreport.guard.keys import KeyFile, Role

keys_app = typer.Typer(
    cls=Commands,
    help="The keys that a service asks for once there is one.",
    no_args_is_help=True,
    add_completion=False,
)

_Name = Annotated[str, typer.Argument(help="Whose key it is: letters, digits, dots, hyphens, underscores.")]


@keys_app.command("add", cls=Command)
def add_command(
    name: _Name,
    role: Annotated[Role, typer.Option(help="read: ask, search and look; write: also add, delete and index.")] = "read",
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once: only its checksum is kept. A running service takes it at once."""
    file = _file()
    key = file.add(name, role)
    if as_json:
        print_json({"name": name, "role": role, "key": key})
        return
    out.print(key, soft_wrap=True)
    err.print(f"[dim]This key of {safe(name)} ({role}) is shown only now. Programs send it as[/dim]", soft_wrap=True)
    err.print("[dim]  Authorization: Bearer KEY[/dim]")
    err.print(f"[dim]and people sign in with it on the page. Its checksum is in {safe(str(file.path))}.[/dim]")


@keys_app.command("list", cls=Command)
def list_command(as_json: JsonOption = False) -> None:
    """List the keys: name, role, when each was made."""
    keys = _file().current().keys
    if as_json:
        print_json([key.model_dump(exclude={"sha256"}) for key in keys])
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "role", "made"):
        table.add_column(column)
    for key in keys:
        table.add_row(key.name, key.role, safe(key.created))
    out.print(table if keys else "There are no keys.")


@keys_app.command("remove", cls=Command)
def remove_command(name: _Name) -> None:
    """Remove a key. A running service refuses it at once and ends the sessions that were opened with it."""
    _file().remove(name)
    out.print(f"[green]removed[/green]  {safe(name)}")


def _file() -> KeyFile:
    return KeyFile(load_settings(os.environ).keys)
