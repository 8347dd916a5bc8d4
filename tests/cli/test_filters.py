"""The options that say which documents to look in: the same for every command, and made into one filter."""

from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from askreport.cli.ask import ask_command, search_command
from askreport.cli.filters import narrowed
from askreport.cli.mentions import mentions_command
from askreport.types import ALL, Filter

GIVEN = [
    *("--document", "a.pdf", "--in", "b.pdf", "--folder", "north", "--tag", "ferries", "--kind", "pdf"),
    *("--language", "en", "--since", "2024", "--until", "2024-05"),
]
SAID = Filter(
    documents=("a.pdf", "b.pdf"),
    folders=("north",),
    tags=("ferries",),
    kinds=("pdf",),
    languages=("en",),
    since="2024",
    until="2024-05",
)


def app(command: Callable[..., None]) -> typer.Typer:
    made = typer.Typer()
    made.command()(command)
    return made


def test_a_command_gets_the_filter_that_its_options_say() -> None:
    got: list[tuple[str, Filter, int]] = []

    @narrowed
    def command(question: str, within: Filter = ALL, k: int = 5) -> None:
        got.append((question, within, k))

    assert CliRunner().invoke(app(command), ["Why?", *GIVEN, "--k", "3"]).exit_code == 0
    assert CliRunner().invoke(app(command), ["Why?"]).exit_code == 0
    assert got == [("Why?", SAID, 3), ("Why?", ALL, 5)]


@pytest.mark.parametrize("command", [ask_command, search_command, mentions_command])
def test_every_command_that_asks_has_all_of_them(command: Callable[..., None]) -> None:
    told = CliRunner().invoke(app(command), ["--help"], env={"COLUMNS": "120"}).output
    for option in ("--document", "--in", "--folder", "--tag", "--kind", "--language", "--since", "--until"):
        assert option in told
