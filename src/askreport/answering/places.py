"""Where something stands, in the words by which every edge tells it: a page, slide or sheet, or a paragraph."""

from typing import Protocol

_NOUNS = {".pptx": "slide", ".odp": "slide", ".xlsx": "sheet", ".ods": "sheet"}


class Placed(Protocol):
    """What stands somewhere in a document: a quote, a passage, a mention, an extract."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The one behind its last."""

    @property
    def page(self) -> int | None:
        """The number of its page, if the source has pages."""

    @property
    def page_label(self) -> str:
        """What the file itself calls that page, if not by its number."""

    @property
    def paragraph(self) -> int | None:
        """The number of its paragraph, if the source has no pages."""


def noun_of(path: str) -> str:
    """What the pages of a file are called."""
    return next((noun for ending, noun in _NOUNS.items() if path.lower().endswith(ending)), "page")


def where(placed: Placed, path: str) -> str:
    """The place in a document of this path: "page iii", "slide 4", "paragraph 13"."""
    if placed.page:
        return f"{noun_of(path)} {placed.page_label or placed.page}"
    # A quote that was kept by an older version has neither.
    return f"paragraph {placed.paragraph}" if placed.paragraph else f"characters {placed.start}–{placed.end}"
