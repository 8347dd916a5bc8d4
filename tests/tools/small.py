"""A small service without a model: one document, a corpus folder of its own, and a place for keys."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from tests.tools.parts import PARSERS, HashingEncoder, document, publish

TEXT = "The ferry sails every hour."
QUESTION = {"question": "When does the ferry sail?"}


def settings_in(folder: Path, **others: Any) -> Settings:
    """Settings of a service over an index of one document."""
    publish(folder / "index", [document(TEXT)])
    (folder / "corpus").mkdir()
    return Settings(corpus=folder / "corpus", index=folder / "index", keys=folder / "keys.json", **others)


def application(settings: Settings) -> FastAPI:
    """The service."""
    return create_app(settings, Library(settings.index, HashingEncoder()), PARSERS)
