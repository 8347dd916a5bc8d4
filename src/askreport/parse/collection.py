"""JSON Lines collections: one document a line."""

import json
from collections.abc import Iterator
from typing import Any

from askreport.digest import content_id, text_sha256
from askreport.errors import ParseError
from askreport.parse.decode import decode
from askreport.types import Document


def parse_collection(data: bytes, path: str) -> Iterator[Document | ParseError]:
    """Each line's Document, with ``path#id`` as its path, or the ParseError that names the line.

    A line is an object with ``id`` or ``_id``, ``text``, and optionally ``title``, ``url`` and ``date``.
    """
    for number, line in enumerate(decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _document(line, path, number)
        except ParseError as error:
            yield error


def _document(line: str, path: str, number: int) -> Document:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ParseError(f"line {number} is not valid JSON: {error}") from None
    name = (record.get("id") or record.get("_id")) if isinstance(record, dict) else None
    text = record.get("text") if isinstance(record, dict) else None
    if name is None or not isinstance(text, str):
        raise ParseError(f"line {number} is not an object with 'id' (or '_id') and 'text'")
    if not text.strip():
        raise ParseError(f"line {number} has no text", "empty")
    text = _clean(text)
    metadata: dict[str, Any] = {key: record[key] for key in ("url", "date") if isinstance(record.get(key), str)}
    title = str(record.get("title") or name)
    return Document(content_id(line.encode()), f"{path}#{name}", title, text, text_sha256(text), metadata=metadata)


def _clean(text: str) -> str:
    """JSON can spell lone surrogates, which are no characters; they are replaced. Line ends become LF."""
    text = text.encode("utf-8", "replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")
