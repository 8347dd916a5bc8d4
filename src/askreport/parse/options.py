"""What a reader is told beside the file's bytes, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass

from askreport.types import Document

# Called by a reader before a step that takes long for a good reason: so many more seconds are its due.
Grant = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseOptions:
    """Limits and what is tried on files that need it: passwords in turn, OCR in these languages ("" for none)."""

    passwords: tuple[str, ...] = ()
    ocr_languages: str = "eng"
    max_pages: int = 10_000
    max_characters: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document and, for each of its pages in turn, the packed boxes of its characters (boxes.py)."""

    document: Document
    layout: tuple[bytes, ...] = ()
