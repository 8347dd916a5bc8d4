"""Which documents a page is about: the chips that say so, each with the address without it, and what may be added."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from askreport.answering.filters import Catalogue, Facets
from askreport.answering.library import Library
from askreport.errors import AskReportError
from askreport.service.shared.filters import PARAMETERS, parameters
from askreport.text.language import names
from askreport.types import Filter

# Documents that a form lists by name; of a larger library they are chosen on their own pages.
MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """One restriction: its parameter in addresses, its value in words, and the address without it."""

    parameter: str
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """The restrictions of a page, as chips and as fields of a form, and what may be added to them.

    ``documents`` are ids and titles, ``languages`` codes and names, ``facets`` None where nothing is known.
    """

    chips: tuple[Chip, ...]
    fields: tuple[tuple[str, str], ...]
    facets: Facets | None
    documents: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]

    @property
    def is_useful(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.chips) or bool(self.facets and sum(self.facets.kinds.values()) > 1)


def narrowing(library: Library, within: Filter, address: Callable[[Filter], str]) -> Narrowing:
    """The chips of a filter and what may be added; ``address`` is that of the same page with another filter."""
    try:
        return library.read_catalogue(lambda _, catalogue: _narrowing(catalogue, within, address))
    # Why nothing can be read is told elsewhere on the page.
    except AskReportError:
        return _made(within, address, {}, None, ())


def _narrowing(catalogue: Catalogue, within: Filter, address: Callable[[Filter], str]) -> Narrowing:
    titles = {each.id: each.title for each in catalogue.entries}
    titles |= {each.path: each.title for each in catalogue.entries}
    listed = tuple((each.id, each.title) for each in catalogue.entries) if len(catalogue.entries) <= MAX_LISTED else ()
    return _made(within, address, titles, catalogue.facets, listed)


def _made(
    within: Filter,
    address: Callable[[Filter], str],
    titles: dict[str, str],
    facets: Facets | None,
    listed: Sequence[tuple[str, str]],
) -> Narrowing:
    codes = list(facets.languages) if facets else []
    return Narrowing(
        chips=tuple(_chips(within, address, titles)),
        fields=tuple(parameters(within)),
        facets=facets,
        documents=tuple(listed),
        languages=tuple(zip(codes, names(codes), strict=True)),
    )


def _chips(within: Filter, address: Callable[[Filter], str], titles: dict[str, str]) -> Iterator[Chip]:
    for field, parameter in PARAMETERS.items():
        value = getattr(within, field)
        for each in [value] if isinstance(value, str) else value:
            if each:
                without: Any = "" if isinstance(value, str) else tuple(other for other in value if other != each)
                yield Chip(parameter, _name(field, each, titles), address(replace(within, **{field: without})))


def _name(field: str, value: str, titles: dict[str, str]) -> str:
    if field == "documents":
        return titles.get(value, value)
    if field == "languages":
        return names([value])[0]
    return value.upper() if field == "kinds" else value
