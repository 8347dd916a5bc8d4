"""Files -> Documents. The only package that knows formats."""

import stat
from collections.abc import Iterator
from pathlib import Path
from string import capwords

from askreport.errors import ParseError
from askreport.parse.collection import parse_collection
from askreport.parse.html import parse_html
from askreport.parse.markdown import parse_markdown
from askreport.parse.text import parse_text
from askreport.types import Document

# Part of what decides whether a document must be read anew: raise it when a reader changes what it returns.
PARSER_VERSION = 3

_SINGLE = {
    ".txt": parse_text,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".html": parse_html,
    ".htm": parse_html,
    ".xhtml": parse_html,
}
_COLLECTIONS = {".jsonl": parse_collection}
SUPPORTED = (*_SINGLE, *_COLLECTIONS)


def parse(file: Path, path: str, max_bytes: int) -> Iterator[Document | ParseError]:
    """The documents of one file, under the name ``path``; one ParseError for each part that cannot be read.

    Raises ParseError when nothing of the file can be read: an unknown format, too large, unreadable, not text.
    """
    if file.is_dir():
        raise ParseError("the folder cannot be read", "unreadable")
    ending = file.suffix.lower()
    if ending not in SUPPORTED:
        kind = f"{ending} files are" if ending else "files without an ending are"
        raise ParseError(f"{kind} not supported; supported are {' '.join(SUPPORTED)}", "unsupported")
    try:
        data = _read(file, max_bytes)
    except OSError as error:
        raise ParseError(f"the file cannot be read: {error.strerror}", "unreadable") from None
    if ending in _COLLECTIONS:
        yield from _COLLECTIONS[ending](data, path)
    else:
        yield _SINGLE[ending](data, path, _title_from(file.stem))


def _title_from(stem: str) -> str:
    """A title for a file that names none: ``china-russia-report`` reads as "China Russia Report"."""
    words = stem.replace("-", " ").replace("_", " ").strip()
    return (capwords(words) if words.islower() else words) or stem


def _read(file: Path, max_bytes: int) -> bytes:
    # Opening a named pipe would wait for whoever writes to it.
    if not stat.S_ISREG(file.stat().st_mode):
        raise ParseError("this is not a regular file", "unreadable")
    with file.open("rb") as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ParseError(
            f"the file is larger than {max_bytes / 1e6:g} MB; ASKREPORT_MAX_FILE_MB sets the limit",
            "too_large",
        )
    return data
