"""JSON Lines collections: one document a line."""

import json
from collections.abc import Iterator
from typing import Any

from askreport.digest import content_id, text_sha256
from askreport.errors import ParseError
from askreport.parse.decode import canonical, decode, replace_surrogates
from askreport.types import Document

# Of a file that is no collection at all, nobody reads a reason for each of a million lines.
MAX_ERRORS = 100
_DESCRIBING = ("url", "date", "author", "authors", "publisher", "place", "tags", "doi")


def parse_collection(data: bytes, path: str) -> Iterator[Document | ParseError]:
    """Each line's Document, with ``path#id`` as its path, or the ParseError that names the line.

    A line is an object with ``id`` or ``_id``, ``text``, and optionally ``title``, ``url``, ``date`` and what else
    describes a source (``author``, ``authors``, ``publisher``, ``place``, ``tags``, ``doi``). The first
    MAX_ERRORS lines that are none are named, and how many more there are.
    """
    errors = 0
    for number, line in enumerate(decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _document(line, path, number)
        except ParseError as error:
            errors += 1
            if errors <= MAX_ERRORS:
                yield error
    if errors > MAX_ERRORS:
        yield ParseError(f"{errors - MAX_ERRORS:,} more lines cannot be read")


def _document(line: str, path: str, number: int) -> Document:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"line {number} is not valid JSON: {error}") from None
    record = record if isinstance(record, dict) else {}
    names = [record[key] for key in ("id", "_id") if record.get(key) not in (None, "")]
    text = record.get("text")
    if not names or not isinstance(text, str):
        raise ParseError(f"line {number} is not an object with 'id' (or '_id') and 'text'")
    if not text.strip():
        raise ParseError(f"line {number} has no text", "no_text")
    text = canonical(replace_surrogates(text))
    own = replace_surrogates(str(record.get("title") or ""))
    metadata: dict[str, Any] = {
        key: replace_surrogates(record[key]) for key in _DESCRIBING if isinstance(record.get(key), str)
    }
    metadata |= {
        key: [replace_surrogates(each) for each in record[key] if isinstance(each, str)]
        for key in ("authors", "tags")
        if isinstance(record.get(key), list)
    }
    name = replace_surrogates(str(names[0]))
    return Document(
        id=content_id(line.encode()),
        path=f"{path}#{name}",
        title=own or name,
        text=text,
        sha256=text_sha256(text),
        metadata=metadata,
        has_title=bool(own),
    )
