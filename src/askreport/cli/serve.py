"""The commands that serve the library: to people and programs over HTTP, to an agent on standard input and output."""

import os
from typing import Annotated

import typer

from askreport.answering.library import Library
from askreport.cli.terminal import CorpusOption, IndexOption, ModelOption
from askreport.config import load_settings


def serve_command(
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
    # Imported here so that neither `mcp` nor the help of all commands loads the web service.
    from askreport.service.server import run  # noqa: PLC0415

    run(settings)


def mcp_command(index: IndexOption = None, model: ModelOption = None) -> None:
    """Serve the library to an agent by the Model Context Protocol, on standard input and output."""
    settings = load_settings(os.environ, index=index, model=model)
    # Imported here because the protocol's package takes half a second to load.
    from askreport.agents.server import serve_stdio  # noqa: PLC0415

    serve_stdio(Library.open(settings))
