"""How long may be what is shown beside a text: its title, its headings, its name, and what it says of itself.

A title stands before each passage and beside each quote. One of a megabyte would make every answer larger than a book.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from askreport.types import Document

# Characters of a title, of a heading, and of the name that a document has within its file.
MAX_TITLE = 300
# Levels of headings, so that a path of them has no more.
MAX_LEVEL = 9
# Characters of each text of the metadata, entries of each list and table in it, and characters of all of it as JSON.
MAX_VALUE = 1_000
MAX_ENTRIES = 100
MAX_METADATA = 20_000
_CUT = "…"


def limited(document: Document) -> Document:
    """The document with everything cut that is longer than it may be; its text is left alone."""
    headings = tuple(
        replace(heading, title=_cut(heading.title), level=min(heading.level, MAX_LEVEL))
        for heading in document.headings
    )
    metadata = _short(document.metadata)
    # Names that begin alike are still different ones.
    path = document.path if len(document.path) <= MAX_TITLE else f"{_cut(document.path)}{document.id}"
    return replace(
        document,
        path=path,
        title=_cut(document.title),
        headings=headings,
        metadata=metadata if len(json.dumps(metadata)) <= MAX_METADATA else {},
    )


def _cut(text: str, limit: int = MAX_TITLE) -> str:
    return text if len(text) <= limit else text[: limit - 1] + _CUT


def _short(value: Any) -> Any:
    """A value of the metadata with long texts cut, and long lists ended."""
    if isinstance(value, str):
        return _cut(value, MAX_VALUE)
    if isinstance(value, Mapping):
        return {_cut(str(key)): _short(each) for key, each in islice(value.items(), MAX_ENTRIES)}
    return [_short(each) for each in islice(value, MAX_ENTRIES)] if isinstance(value, list) else value
