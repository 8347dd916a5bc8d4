"""What tests of notebooks share: a library whose words alone decide, and a notebook beside it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from askreport.answering.library import Library
from askreport.bibliography.description import describe
from askreport.notebooks.items import Pin, pinned, quote_content
from askreport.store.notebooks import Item, Notebook
from askreport.types import Span
from tests.tools.parts import HashingEncoder, document, publish

FERRY = "The ferry to Texel sails every hour in summer and takes twenty minutes."
ON = date(2026, 1, 31)
NOTEBOOK = Notebook(id="n", owner="anna", name="A trip", shared=False, created="", updated="", items=1)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two documents, one of which says when the ferry sails."""
    publish(tmp_path, [document(f"It is red.\n\n{FERRY}", "ferry.txt"), document("Nine goats.", "goats.txt")])
    return Library(tmp_path, HashingEncoder())


def content_of(library: Library, **pin: Any) -> dict[str, Any]:
    """What is kept of the sentence on the ferry."""
    (ferry,) = [each for each in library.store.documents() if each.path == "ferry.txt"]
    start = library.store.document(ferry.id).text.index(FERRY)
    kept = pinned(library.store, Pin(ferry.id, Span(start, start + len(FERRY)), **pin))
    return quote_content(kept, describe(ferry), "When?", ON)


def item_of(content: dict[str, Any], kind: str = "quote", note: str = "") -> Item:
    """An item of a notebook."""
    return Item(id="i", kind=kind, note=note, content=content, created="")
