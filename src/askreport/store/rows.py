"""Documents from rows, and back. A folder and PostgreSQL keep a document in the same columns."""

import json
from collections.abc import Sequence
from typing import Any

from askreport.digest import text_sha256
from askreport.errors import DocumentNotFoundError, IndexDamagedError
from askreport.store.base import REBUILD_HINT, DocumentSummary
from askreport.text.language import language_of
from askreport.types import Document, Heading, Page, Span


def not_found(document_id: str) -> DocumentNotFoundError:
    """No such document; the id may be no text that could be sent."""
    name = document_id.encode(errors="backslashreplace").decode()
    return DocumentNotFoundError(f"no document {name} is in the index", "GET /api/documents lists those that are.")


def document_of(row: tuple[Any, ...], hint: str = REBUILD_HINT) -> Document:
    """A document from its columns id, path, title, text, sha256, structure, metadata; IndexDamagedError."""
    path, text, sha256 = row[1], row[3], row[4]
    if text_sha256(text) != sha256:
        raise IndexDamagedError(f"the stored text of {path} is not the one that was indexed", hint)
    return unchecked_document(row)


def unchecked_document(row: Sequence[Any]) -> Document:
    """A document from the same columns, whatever its text; what cannot be read is ValueError and its like."""
    identity, path, title, text, sha256, structure, metadata = row
    parts = json.loads(structure)
    return Document(
        id=identity,
        path=path,
        title=title,
        text=text,
        sha256=sha256,
        headings=tuple(
            Heading(start=start, end=end, level=level, title=title) for start, end, level, title in parts["headings"]
        ),
        pages=tuple(
            # Libraries of former versions have no labels.
            Page(number=number, start=start, end=end, width=width, height=height, ocr=ocr, label="".join(label))
            for number, start, end, width, height, ocr, *label in parts["pages"]
        ),
        furniture=tuple(Span(*span) for span in parts["furniture"]),
        metadata=json.loads(metadata),
        has_title=parts["has_title"],
        language=parts["language"],
    )


def summary_of(row: Sequence[Any]) -> DocumentSummary:
    """A summary from the columns id, title, path, sha256, characters, passages, pages, metadata, and the language."""
    identity, title, path, sha256, characters, passages, pages, metadata, language = row
    return DocumentSummary(
        id=identity,
        title=title,
        path=path,
        sha256=sha256,
        characters=characters,
        passages=passages,
        pages=pages,
        metadata=json.loads(metadata),
        language=language,
    )


def structure_of(document: Document) -> str:
    """What stands where in a document's text, and its language, as ``unchecked_document`` reads them."""
    headings = [[item.start, item.end, item.level, item.title] for item in document.headings]
    pages = [
        [page.number, page.start, page.end, page.width, page.height, page.ocr, page.label] for page in document.pages
    ]
    parts = {"headings": headings, "pages": pages, "furniture": list(document.furniture)}
    return json.dumps(parts | {"has_title": document.has_title, "language": language_of(document.text)})
