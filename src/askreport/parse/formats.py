"""What is known of a file without opening its format: whether there is a reader, its bytes, and its name as a title."""

import stat
from dataclasses import replace
from pathlib import Path
from string import capwords

from askreport.errors import ParseError
from askreport.parse.options import Parsed

# The version of each ending's reader: raise it when the reader changes what it returns. The files with that ending are
# then read anew by the next run, and no others.
_VERSIONS = {
    ".txt": 6,
    ".md": 7,
    ".markdown": 7,
    ".html": 8,
    ".htm": 8,
    ".xhtml": 8,
    ".jsonl": 7,
    ".pdf": 8,
    ".docx": 8,
    ".pptx": 8,
    ".xlsx": 8,
    ".csv": 7,
    ".tsv": 7,
    ".epub": 8,
    ".odt": 8,
    ".odp": 8,
    ".ods": 8,
    ".rtf": 8,
    ".eml": 8,
}
SUPPORTED = tuple(_VERSIONS)
# What people try, and what to do about it.
_ADVICE = {
    ".doc": "save it as .docx",
    ".xls": "save it as .xlsx",
    ".ppt": "save it as .pptx",
    ".msg": "save it as .eml",
    ".zip": "unpack it",
}


def ending_of(name: str) -> str:
    """The ending of a file's name that decides its reader; ParseError if there is none for it."""
    ending = Path(name).suffix.lower()
    if ending in SUPPORTED:
        return ending
    kind = f"{ending} files are" if ending else "files without an ending are"
    advice = f"; {_ADVICE[ending]}" if ending in _ADVICE else ""
    raise ParseError(f"{kind} not supported{advice}; supported are {' '.join(SUPPORTED)}", "unsupported")


def reader_version(name: str) -> int:
    """The version of the reader of a file with this name or ending; 0 where there is none for it."""
    return _VERSIONS.get(name[max(name.rfind("."), 0) :].lower(), 0)


def read_file(file: Path, max_bytes: int) -> bytes:
    """The bytes of a file; ParseError if it cannot be read or is larger than ``max_bytes``."""
    if file.is_dir():
        raise ParseError("the folder cannot be read", "unreadable")
    try:
        return _read(file, max_bytes)
    except OSError as error:
        raise ParseError(f"the file cannot be read: {error.strerror}", "unreadable") from None


def _read(file: Path, max_bytes: int) -> bytes:
    # Opening a named pipe would wait for whoever writes to it.
    if not stat.S_ISREG(file.stat().st_mode):
        raise ParseError("this is not a regular file", "unreadable")
    with file.open("rb") as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ParseError(
            f"the file is larger than {max_bytes / 1e6:g} MB; ASKREPORT_MAX_FILE_MB sets the limit", "too_large"
        )
    return data


def named(parsed: Parsed, path: str) -> Parsed:
    """What was read of a file, under the file's path in the library, and titled by its name if it has no title."""
    document = parsed.document
    title = document.title or title_from(path)
    return replace(parsed, document=replace(document, path=path + document.path, title=title))


def title_from(path: str) -> str:
    """A title for a file that names none: ``china-russia-report.txt`` reads as "China Russia Report"."""
    stem = Path(path).stem
    words = stem.replace("-", " ").replace("_", " ").strip()
    return (capwords(words) if words.islower() else words) or stem
