"""(filter, state of a library) -> the documents to look in.

A catalogue of all documents is made once for each state. It also says by what documents can be chosen at all.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate
from pathlib import PurePosixPath

from askreport.answering.descriptions import Descriptions
from askreport.bibliography.description import Description, date_of
from askreport.errors import NothingChosenError, QuestionError
from askreport.store import DocumentSummary
from askreport.store.rows import not_found
from askreport.types import ALL, Filter

# A document that stands with others in one file has this in its path, before its name there.
COLLECTION = ".jsonl#"
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
# After any day of a month or a year that is written so.
_LAST = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document as it is chosen; its ``folders`` are all that it is in, the outermost first."""

    id: str
    title: str
    path: str
    folders: tuple[str, ...]
    kind: str
    language: str
    tags: tuple[str, ...]
    date: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ids of the documents to look in, by path, and their languages, the most common one first."""

    documents: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """By what documents can be chosen: each folder, tag, kind and language with how many have it, by name.

    ``since`` and ``until`` are the first and the last date that any document has; empty if none has one.
    """

    folders: dict[str, int]
    tags: dict[str, int]
    kinds: dict[str, int]
    languages: dict[str, int]
    since: str = ""
    until: str = ""


class Catalogue:
    """The documents of one state of a library, to choose from."""

    def __init__(self, documents: Sequence[DocumentSummary], descriptions: Descriptions) -> None:
        self.entries = [_entry(*each) for each in zip(documents, descriptions.of(documents), strict=True)]
        self._by_name = {each.path: each.id for each in self.entries} | {each.id: each.id for each in self.entries}

    def choose(self, wanted: Filter) -> Chosen | None:
        """The documents that a filter leaves, None if it leaves all.

        Raises DocumentNotFoundError for a document that there is not, NothingChosenError if no document is left, and
        QuestionError for a date that is none.
        """
        if wanted == ALL:
            return None
        checked(wanted)
        tests = [*self._tests(wanted)]
        found = [each for each in self.entries if all(test(each) for test in tests)]
        if not found:
            raise NothingChosenError(
                f"no document is left by {described(wanted)}", "Take something away, or see what there is: /documents."
            )
        languages = Counter(each.language for each in found if each.language)
        return Chosen(tuple(each.id for each in found), tuple(language for language, _ in languages.most_common()))

    @cached_property
    def facets(self) -> Facets:
        """What there is to choose by."""
        dates = sorted(each.date for each in self.entries if each.date)
        return Facets(
            folders=_counted(folder for each in self.entries for folder in each.folders),
            tags=_counted(tag for each in self.entries for tag in each.tags),
            kinds=_counted(each.kind for each in self.entries if each.kind),
            languages=_counted(each.language for each in self.entries if each.language),
            since=dates[0] if dates else "",
            until=dates[-1] if dates else "",
        )

    def named(self, name: str) -> str:
        """The id of the document with this id or path; DocumentNotFoundError."""
        if name not in self._by_name:
            raise not_found(name)
        return self._by_name[name]

    def _tests(self, wanted: Filter) -> Iterator[Callable[[Entry], bool]]:
        if wanted.documents or wanted.folders:
            documents = {self.named(name) for name in wanted.documents}
            folders = {name.strip("/") for name in wanted.folders}
            yield lambda each: each.id in documents or not folders.isdisjoint(each.folders)
        if wanted.tags:
            tags = {tag.casefold() for tag in wanted.tags}
            yield lambda each: any(tag.casefold() in tags for tag in each.tags)
        if wanted.kinds:
            kinds = {kind.lower().lstrip(".") for kind in wanted.kinds}
            yield lambda each: each.kind in kinds
        if wanted.languages:
            languages = {language.lower() for language in wanted.languages}
            yield lambda each: each.language in languages
        if wanted.since or wanted.until:
            # A date that is known to the year only may be any day of it, as "2024" sorts before "2024-05" and all of
            # the year before "2024~".
            until = wanted.until + _LAST if wanted.until else _LAST
            yield lambda each: bool(each.date) and each.date + _LAST >= wanted.since and each.date <= until


def checked(wanted: Filter) -> Filter:
    """The filter, if its dates are dates and its names can be names; QuestionError."""
    for date in (wanted.since, wanted.until):
        if date and not _DATE.fullmatch(date):
            raise QuestionError(f"{date!r} is no date", "Write 2024, 2024-05 or 2024-05-31.")
    return wanted


def described(wanted: Filter) -> str:
    """A filter in words, for errors."""
    parts = []
    for each in fields(wanted):
        value = getattr(wanted, each.name)
        if value:
            said = value if isinstance(value, str) else ", ".join(value)
            parts.append(f"{each.name} {said}")
    return "; ".join(parts).encode(errors="backslashreplace").decode()


def _entry(document: DocumentSummary, description: Description) -> Entry:
    return Entry(
        id=document.id,
        title=description.title,
        path=document.path,
        folders=tuple(_folders(document.path)),
        kind=_kind(document.path),
        language=document.language,
        tags=description.tags,
        date=date_of(description.date),
    )


def _folders(path: str) -> Iterator[str]:
    """The folders that a document is in; a file of several documents is one as well."""
    file, mark, _ = path.partition(COLLECTION)
    parts = PurePosixPath(file + mark[:-1]).parts
    yield from accumulate(parts if mark else parts[:-1], lambda one, other: f"{one}/{other}")


def _kind(path: str) -> str:
    """The ending of a document's file, without the dot."""
    file, mark, _ = path.partition(COLLECTION)
    return PurePosixPath(file + mark[:-1]).suffix.lower().lstrip(".")


def _counted(names: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
