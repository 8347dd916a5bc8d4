"""Identities and checksums of sources and texts."""

import hashlib
from typing import IO


def content_id(source: bytes) -> str:
    """The identity of a document: 64 bits of the SHA-256 of its source bytes, in hexadecimal."""
    return hashlib.sha256(source).hexdigest()[:16]


def stream_id(source: IO[bytes]) -> str:
    """The same of all that an open file holds, which is read in pieces."""
    return hashlib.file_digest(source, "sha256").hexdigest()[:16]  # type: ignore[arg-type]


def text_sha256(text: str) -> str:
    """SHA-256 of a canonical text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(text: str) -> bytes:
    """64 bits that are equal for texts that differ in case and white space only."""
    return hashlib.blake2b(" ".join(text.split()).casefold().encode(), digest_size=8).digest()
