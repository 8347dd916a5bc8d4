"""What is known of documents beside their text, by which they are chosen: their tags and their date.

``FromFiles`` reads both from what the index has of each file, ``FromDesk`` puts over them what people have corrected.
"""

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from askreport.store import DocumentSummary
from askreport.store.desk import Desk

# Where a file says these things of itself (front matter, the fields of a collection), the first that is there.
_TAGS = ("tags", "tag", "keywords", "categories", "topics")
_DATES = ("date", "published", "created", "year")
_ISO = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?![\d.])")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(rf"(?<![a-z])(?:(\d{{1,2}})\s+)?({'|'.join(_MONTHS)})[a-z]*\.?(?:\s+(\d{{1,2}})(?!\d))?", re.I)


@dataclass(frozen=True, slots=True)
class Description:
    """A document's tags and its date: YYYY, YYYY-MM or YYYY-MM-DD, empty if it is not known."""

    tags: tuple[str, ...] = ()
    date: str = ""


class Descriptions(Protocol):
    """Where the tags and dates of documents are known; any thread may ask."""

    @property
    def version(self) -> Hashable:
        """What is equal as long as nothing that it knows has changed."""

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What is known of each of the documents, in their order."""


class FromFiles:
    """Tags and dates as the files themselves have them."""

    version: Hashable = None

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What each document's metadata says."""
        return [Description(_tags(each.metadata), _date(each.metadata)) for each in documents]


class FromDesk:
    """Tags and dates as the files have them, and over these what people have corrected.

    All corrections are read when the version is asked for, so that ``of`` needs no connection.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._version: Hashable = None
        self._by_path: dict[str, dict[str, Any]] = {}
        self._by_id: dict[str, dict[str, Any]] = {}

    @property
    def version(self) -> Hashable:
        """How many corrections there are, and when the last was made; KeptError and StoreError."""
        with self._desk.reading() as execute:
            version = tuple(execute("SELECT count(*), max(updated) FROM descriptions"))
            if version != self._version:
                read = execute("SELECT path, document, corrections FROM descriptions")
                self._by_path = {path: json.loads(kept) for path, _, kept in read}
                self._by_id = {document: json.loads(kept) for _, document, kept in read}
                self._version = version
        return version

    def of(self, documents: Sequence[DocumentSummary]) -> Sequence[Description]:
        """What is known of each document, as of the last look at the version."""
        said = FromFiles().of(documents)
        kept = [self._by_path.get(each.path) or self._by_id.get(each.id) or {} for each in documents]
        return [
            Description(
                tuple(own["tags"]) if "tags" in own else file.tags, date_of(own["date"]) if "date" in own else file.date
            )
            for file, own in zip(said, kept, strict=True)
        ]


def date_of(said: str) -> str:
    """A date as it is written, in ISO's form, as exact as it is there; empty if it is none."""
    if found := _ISO.match(said):
        return _iso(found[1], int(found[2] or 0), int(found[3] or 0))
    year = _YEAR.search(said)
    if year is None:
        return ""
    month = _MONTH.search(said)
    if month is None:
        return year.group()
    return _iso(year.group(), _MONTHS.index(month[2].lower()) + 1, int(month[1] or month[3] or 0))


def _iso(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return year
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year}-{month:02}"


def _date(metadata: Mapping[str, Any]) -> str:
    said = (metadata.get(key) for key in _DATES)
    return next((date for each in said if isinstance(each, str | int) and (date := date_of(str(each)))), "")


def _tags(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    found: Any = next((metadata[key] for key in _TAGS if metadata.get(key)), [])
    listed = found if isinstance(found, list) else str(found).split(",")
    return tuple(dict.fromkeys(tag for each in listed if isinstance(each, str | int) and (tag := str(each).strip())))
