"""What a document is as a source: who wrote it, when, where; read from the file, and as people have corrected it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePosixPath
from typing import Any, Literal, Protocol, TypeAlias, get_args

from askreport.errors import QuestionError

Kind: TypeAlias = Literal["article", "book", "document", "email", "presentation", "report", "thesis", "webpage"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_CHARACTERS = 1_000
MAX_NAMES = 100
# Where front matter, and what readers find in other files, says these things; the first that is there.
_READ = {
    "authors": ("authors", "author", "creator", "by"),
    "date": ("date", "published", "issued", "year", "created"),
    "publisher": ("publisher", "institution", "organization", "organisation", "site"),
    "place": ("place", "location", "city"),
    "tags": ("tags", "tag", "keywords", "categories", "topics"),
    "url": ("url", "link"),
    "accessed": ("accessed", "retrieved"),
    "doi": ("doi",),
    "language": ("lang", "language"),
}
_LISTS = ("authors", "tags")
_KINDS = {".epub": "book", ".html": "webpage", ".htm": "webpage", ".xhtml": "webpage", ".eml": "email"}
_KINDS |= {".pptx": "presentation", ".odp": "presentation"}
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")
_NUMBERS = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?![\d.])")
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"(?:(?<!\d)(\d{1,2})\s+)?\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?(?:\s+(\d{1,2})(?!\d))?",
    re.I,
)
_URL = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]+")


class Described(Protocol):
    """What is described: a document, or the summary of one."""

    @property
    def title(self) -> str:
        """Its title, which may have been made from the file's name."""

    @property
    def path(self) -> str:
        """Its name in the library."""

    @property
    def metadata(self) -> dict[str, Any]:
        """What its file says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A document as a source; what is not known is empty.

    ``authors`` are names as people write them ("Jane Smith", "Smith, Jane", "{Ministry of Truth}"). ``date`` is when it
    was published: "2023-03-14", "2023-03" or "2023", other words where nobody knows better. ``accessed`` is when its
    ``url`` was looked at, as a date. ``language`` is by its ISO 639-1 code. ``tags`` order the library,
    and are no part of a citation.
    """

    title: str
    kind: Kind = "document"
    authors: tuple[str, ...] = ()
    date: str = ""
    publisher: str = ""
    place: str = ""
    url: str = ""
    doi: str = ""
    accessed: str = ""
    language: str = ""
    tags: tuple[str, ...] = field(default=())


FIELDS = tuple(each.name for each in fields(Description))


def describe(document: Described, corrections: Mapping[str, Any] | None = None) -> Description:
    """What is known of a document: what its file says, and over it what people have corrected (``checked``)."""
    metadata = document.metadata
    read: dict[str, Any] = {}
    for name, keys in _READ.items():
        found = next((value for key in keys if (value := _read(name, metadata.get(key)))), None)
        if found:
            read[name] = found
    if not _DATE.fullmatch(read.get("accessed", "")):
        read.pop("accessed", None)
    # Of a summary it is not known.
    language = getattr(document, "language", "")
    described = Description(title=_line(document.title), **{"language": language, **read})
    described = replace(described, **{name: _stored(name, value) for name, value in (corrections or {}).items()})
    if corrections and "kind" in corrections:
        return described
    return replace(described, kind=_kind(document.path, metadata, described))


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Corrections as they are kept: one line each, None for what the file shall say again; QuestionError for others."""
    kept: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in FIELDS:
            raise QuestionError(f"{name!r} is nothing that describes a document", f"These are: {', '.join(FIELDS)}.")
        kept[name] = None if value is None else _checked(name, value)
    return kept


def date_of(said: str) -> str:
    """A date as it is written, in ISO's form (YYYY, YYYY-MM, YYYY-MM-DD), as exact as it is there; "" if it is none."""
    if found := _NUMBERS.match(said):
        return _iso(found[1], int(found[2] or 0), int(found[3] or 0))
    year = _YEAR.search(said)
    if year is None:
        return ""
    month = _MONTH.search(said)
    if month is None:
        return year.group()
    return _iso(year.group(), _MONTHS.index(month[2][:3].lower()) + 1, int(month[1] or month[3] or 0))


def date_parts(said: str) -> tuple[int, ...]:
    """Year, month and day of a date, as far as it has them."""
    return tuple(int(part) for part in date_of(said).split("-") if part)


def _iso(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return year
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year}-{month:02}"


def _read(name: str, value: Any) -> Any:
    """A field as the file has it; nothing for what cannot be it."""
    if name in _LISTS:
        items = value if isinstance(value, list) else [value]
        named = (each.get("name") if isinstance(each, dict) else each for each in items)
        lines = [line for each in named if (line := _line(each))]
        if len(lines) == 1 and name == "tags":
            lines = [word for word in re.split(r"\s*[,;]\s*", lines[0]) if word]
        return tuple(dict.fromkeys(lines))[:MAX_NAMES]
    text = _line(value)
    if name == "language":
        tag = _LANGUAGE.fullmatch(text)
        return tag[1].lower() if tag else ""
    pattern = {"url": _URL, "doi": _DOI}.get(name)
    if name == "doi":
        text = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text, flags=re.IGNORECASE)
    return text if pattern is None or pattern.fullmatch(text) else ""


def _line(value: Any) -> str:
    """A text or number on one line; nothing for what is neither."""
    text = " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text[:MAX_CHARACTERS]


def _kind(path: str, metadata: Mapping[str, Any], described: Description) -> Kind:
    said = metadata.get("kind")
    if said in KINDS:
        return said  # type: ignore[no-any-return]
    known = _KINDS.get(PurePosixPath(path.partition("#")[0]).suffix.lower())
    if known:
        return known  # type: ignore[return-value]
    return "report" if described.publisher else "document"


def _checked(name: str, value: Any) -> Any:
    if name in _LISTS:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise QuestionError(f"{name} is a list of texts")
        if len(value) > MAX_NAMES:
            raise QuestionError(f"{name} has more than {MAX_NAMES} entries")
        return list(dict.fromkeys(line for each in value if (line := _checked_line(name, each))))
    line = _checked_line(name, value)
    if name == "kind" and line not in KINDS:
        raise QuestionError(f"{line!r} is no kind of document", f"These are: {', '.join(KINDS)}.")
    if name == "title" and not line:
        raise QuestionError("a document cannot be without a title", "Leave it out to have the document's own.")
    if name == "url" and line and not _URL.fullmatch(line):
        raise QuestionError(f"{line!r} is no address of a page", "It begins with https:// or http://.")
    if name == "doi" and line and not _DOI.fullmatch(line):
        raise QuestionError(f"{line!r} is no DOI", "It begins with 10. and has a slash.")
    if name == "language" and line and not re.fullmatch("[a-z]{2,3}", line):
        raise QuestionError(f"{line!r} is no language", "Name it by its ISO 639 code, such as en.")
    if name == "accessed" and line and not _DATE.fullmatch(line):
        raise QuestionError(f"{line!r} is no date", "Write it as 2026-01-31.")
    return line


def _checked_line(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise QuestionError(f"{name} is a text")
    line = " ".join(value.split())
    if len(line) > MAX_CHARACTERS:
        raise QuestionError(f"{name} is longer than {MAX_CHARACTERS:,} characters")
    return line


def _stored(name: str, value: Any) -> Any:
    return tuple(value) if name in _LISTS else value
