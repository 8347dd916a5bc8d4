"""Which documents a request is about, as parameters of an address; ``agents/filters.py`` has the fields of a body."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Query

from askreport.agents.filters import DATE
from askreport.types import Filter

_Names: TypeAlias = list[str] | None
_DATE = "YYYY, YYYY-MM or YYYY-MM-DD"
# The parameter of an address for each field of a filter.
PARAMETERS = {
    "documents": "document",
    "folders": "folder",
    "tags": "tag",
    "kinds": "kind",
    "languages": "language",
    "since": "since",
    "until": "until",
}


async def get_filter(
    document: Annotated[_Names, Query(description="Only these: ids, or paths in the library")] = None,
    folder: Annotated[_Names, Query(description="Only in these folders; added to `document`, if given")] = None,
    tag: Annotated[_Names, Query(description="Only with one of these tags")] = None,
    kind: Annotated[_Names, Query(description="Only of one of these formats, by ending: `pdf`")] = None,
    language: Annotated[_Names, Query(description="Only in one of these languages (ISO 639-1)")] = None,
    since: Annotated[str, Query(description=f"Only from this date on: {_DATE}", json_schema_extra=DATE)] = "",
    until: Annotated[str, Query(description=f"Only up to this date, included: {_DATE}", json_schema_extra=DATE)] = "",
) -> Filter:
    """The filter that an address says; a form sends empty what nobody has filled in."""
    return Filter(
        documents=_given(document),
        folders=_given(folder),
        tags=_given(tag),
        kinds=_given(kind),
        languages=_given(language),
        since=since.strip(),
        until=until.strip(),
    )


def parameters(within: Filter) -> Iterator[tuple[str, str]]:
    """The filter as the parameters of an address."""
    for field, name in PARAMETERS.items():
        value = getattr(within, field)
        for each in [value] if isinstance(value, str) else value:
            if each:
                yield name, each


def fields(within: Filter) -> dict[str, Any]:
    """The filter as the fields of a body, those left out that say nothing."""
    return {name: value if isinstance(value, str) else list(value) for name, value in asdict(within).items() if value}


def _given(names: _Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names or () if name.strip()))


FilterOf = Annotated[Filter, Depends(get_filter)]
