"""The command line: its commands by name, and what happens to their errors."""

import io
import sys
from collections import UserDict
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer

from askreport.cli.terminal import Command, Commands, err, out, safe
from askreport.errors import AskReportError
from askreport.freshness import seeing

EXIT_ERROR = 2
# Each command's function, or its group of commands, in a module of this package.
COMMANDS = {
    "index": "index:index_command",
    "ask": "ask:ask_command",
    "search": "ask:search_command",
    "mentions": "mentions:mentions_command",
    "compare": "compare:compare_command",
    "overview": "overview:overview_command",
    "status": "index:status_command",
    "serve": "serve:serve_command",
    "mcp": "serve:mcp_command",
    "documents": "documents:documents_command",
    "add": "documents:add_command",
    "replace": "documents:replace_command",
    "rename": "documents:rename_command",
    "delete": "documents:delete_command",
    "original": "documents:original_command",
    "describe": "sources:describe_command",
    "cite": "sources:cite_command",
    "cancel": "documents:cancel_command",
    "doctor": "documents:doctor_command",
    "check": "check:check_command",
    "eval": "evaluate:eval_command",
    "backup": "backup:backup_command",
    "restore": "backup:restore_command",
    "copy": "copy:copy_command",
    "originals": "originals:originals_command",
    "worker": "worker:worker_command",
    "keys": "keys:keys_app",
    "notebooks": "notebooks:notebooks_app",
}


class _Imported(UserDict[str, Any]):
    """The commands by name, each imported when it is looked up: what the other commands need takes a second."""

    def __getitem__(self, name: str) -> Any:
        """The command; KeyError if there is none of this name."""
        module, _, attribute = self.data[name].partition(":")
        found = getattr(import_module(f"askreport.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(name, cls=Command)(found)
            return typer.main.get_command(single)
        group = typer.main.get_command(found)
        group.name = name
        return group


class _Commands(Commands):
    """The group of all commands."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Imported(COMMANDS)


app = typer.Typer(
    cls=_Commands,
    help="Ask your documents; read the sentence that answers, word for word, with its place.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"askreport {version('askreport')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """What stands before a command."""


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
