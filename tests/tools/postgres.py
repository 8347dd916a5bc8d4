"""A small library in a database, as services and commands have one: files that were added, without a model."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from askreport.answering.library import Library, made_with
from askreport.changes.postgres.inline import PostgresInlineManager
from askreport.changes.types import Added
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.store.postgres.backend import PostgresBackend
from tests.tools.parts import PARSERS, HashingEncoder, pdf

FILES = {
    "ferry.txt": b"The ferry sails every hour. It takes twenty minutes.",
    "garden.pdf": pdf(["The gardener planted tulips", "in the spring of 1992 and"], ["roses on the second page."]),
}


def settings_in(folder: Path, address: str, **others: Any) -> Settings:
    """Settings of a library in PostgreSQL; what can be lost goes into the folder."""
    given = {"index": folder / "index", "corpus": folder / "corpus", "keys": folder / "keys.json", "work": False}
    return Settings.model_validate({**given, "store": address, **others})


@contextmanager
def opened(settings: Settings) -> Iterator[Library]:
    """The library of the settings, with an encoder of no model."""
    encoder = HashingEncoder()
    backend = PostgresBackend(settings.store.get_secret_value(), made_with(encoder), settings.originals)
    with closing(backend):
        yield Library(settings.index, encoder, backend=backend)


def add(settings: Settings, files: Mapping[str, bytes] = FILES) -> tuple[Added, ...]:
    """Adds files, as `askreport add` does."""
    with opened(settings) as library:
        work = PostgresInlineManager(settings, library, PARSERS)
        staging = work.stage()
        try:
            for name, data in files.items():
                staging.place(name).write_bytes(data)
            return work.add(staging.files, lambda stage, done, total: None)
        finally:
            staging.close()


def application(settings: Settings, library: Library) -> FastAPI:
    """The service."""
    return create_app(settings, library, PARSERS)
