"""Digests that are equal for equal documents, read, chunked and embedded in the same way."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from askreport.indexing.sources import Listed
from askreport.parse import reader_version
from askreport.text.chunk import CHUNKING
from askreport.types import Document

# Names what ``embedded_text`` returns (embedding.py). Change it with that, or an older index would pass for up to date.
EMBEDDED = "title-passage-v1"
_BY_WORDS = "words:"


def entry_of(document: Listed | Document, file: Path, encoder: str) -> str:
    """Equal for equal documents of equal files, read, chunked and embedded in the same way."""
    about = [document.id, document.path, document.title, document.sha256, document.metadata, str(file)]
    return _digest(json.dumps([*_made(encoder, file.name), *about], sort_keys=True))


def by_words(entry: str) -> str:
    """The entry of the same document while it has no vectors: the next run takes it for changed."""
    return _BY_WORDS + entry


def is_by_words(entry: str) -> bool:
    """Whether this is the entry of a document that has no vectors yet."""
    return entry.startswith(_BY_WORDS)


def made_of(encoder: str, name: str) -> str:
    """Equal for files that are read, chunked and embedded in the same way (``encoder``: its fingerprint)."""
    return _digest(json.dumps(_made(encoder, name)))


def _made(encoder: str, name: str) -> list[int | str]:
    return [reader_version(name), CHUNKING, EMBEDDED, encoder]


def library_digest(entries: Iterable[str]) -> str:
    """The digest of a library's documents, by their entries (``Manifest.library``)."""
    return _digest(*sorted(entries))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
