"""What the routes are given of the application: its parts, each as a dependency of FastAPI."""

from typing import Annotated

from fastapi import Depends, Request

from askreport.answering.library import Library
from askreport.changes.types import LibraryJobs
from askreport.config import Settings
from askreport.parse import ParserPool
from askreport.prose.writer import Writer
from askreport.service.shared.gate import Gate


# Coroutines, because FastAPI would call plain functions in a thread each.
async def get_library(request: Request) -> Library:
    """The library the application was made with."""
    library: Library = request.app.state.library
    return library


async def get_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_parsers(request: Request) -> ParserPool:
    """The processes that read files for the application."""
    parsers: ParserPool = request.app.state.parsers
    return parsers


async def get_painters(request: Request) -> ParserPool:
    """The processes that draw pages for the application."""
    painters: ParserPool = request.app.state.painters
    return painters


async def get_writer(request: Request) -> Writer | None:
    """What asks the language model for the application, None if there is none."""
    writer: Writer | None = request.app.state.writer
    return writer


async def get_gate(request: Request) -> Gate:
    """The gate that the application's questions go through."""
    gate: Gate = request.app.state.gate
    return gate


async def get_jobs(request: Request) -> LibraryJobs:
    """The jobs of the application."""
    jobs: LibraryJobs = request.app.state.jobs
    return jobs


LibraryOf = Annotated[Library, Depends(get_library)]
SettingsOf = Annotated[Settings, Depends(get_settings)]
ParsersOf = Annotated[ParserPool, Depends(get_parsers)]
PaintersOf = Annotated[ParserPool, Depends(get_painters)]
WriterOf = Annotated[Writer | None, Depends(get_writer)]
GateOf = Annotated[Gate, Depends(get_gate)]
JobsOf = Annotated[LibraryJobs, Depends(get_jobs)]
