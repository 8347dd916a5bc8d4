"""The library's list: in which order documents come, and when they came."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from askreport.changes.originals import with_dates
from askreport.store import Backend, DocumentSummary

# With a hyphen before it the other way round.
Order: TypeAlias = Literal[
    "path", "-path", "title", "-title", "added", "-added", "pages", "-pages", "passages", "-passages"
]
ORDERS: tuple[Order, ...] = get_args(Order)
_KEYS: dict[str, Callable[[DocumentSummary], Any]] = {
    "path": lambda document: document.path.casefold(),
    "title": lambda document: document.title.casefold(),
    "added": lambda document: document.added,
    "pages": lambda document: document.pages,
    "passages": lambda document: document.passages,
}


def is_empty(corpus: Path) -> bool:
    """Whether a corpus folder has nothing that could be indexed."""
    try:
        return all(each.name.startswith(".") for each in corpus.iterdir())
    except OSError:
        return True


def ordered(
    documents: Sequence[DocumentSummary], order: Order, backend: Backend, corpus: Path
) -> Sequence[DocumentSummary]:
    """The documents in an order; equal ones by path. Only an order by date asks for the date of each."""
    name = order.removeprefix("-")
    if name == "added":
        documents = with_dates(backend, corpus, documents)
    if order == "path":
        return documents
    return sorted(documents, key=_KEYS[name], reverse=order.startswith("-"))
