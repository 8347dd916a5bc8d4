"""A notebook as it is read and written: with the state of each quote in it, in every format."""

from collections.abc import Sequence
from dataclasses import dataclass

from askreport.answering.library import read_from
from askreport.bibliography.styles import STYLES
from askreport.errors import IndexMissingError
from askreport.notebooks.blocks import blocks_of
from askreport.notebooks.export import FORMATS, as_json
from askreport.notebooks.items import quotes_in
from askreport.notebooks.recheck import State, recheck
from askreport.store import Backend
from askreport.store.notebooks import Item, Notebook, open_notebook

JSON = "json"
NAMES = (*FORMATS, JSON)


@dataclass(frozen=True, slots=True)
class Checked:
    """A notebook with its items, and by each item's id the states of the quotes in it."""

    notebook: Notebook
    items: Sequence[Item]
    states: dict[str, list[State]]


@dataclass(frozen=True, slots=True)
class Exported:
    """A notebook as a file: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def open_checked(backend: Backend, identity: str, reader: str | None) -> Checked:
    """A notebook, its quotes compared with the library as it is now; NotebookNotFoundError, and errors of the store."""
    notebook, items = open_notebook(backend.desk, identity, reader)
    kept = {item.id: [each.quote for each in quotes_in(item.kind, item.content)] for item in items}
    quotes = [quote for each in kept.values() for quote in each]
    try:
        states = iter(read_from(backend, lambda store: recheck(store, quotes)) if quotes else ())
    except IndexMissingError:
        states = iter([State("gone")] * len(quotes))
    return Checked(notebook, items, {identity: [next(states) for _ in each] for identity, each in kept.items()})


def export(checked: Checked, form: str, style: str, base: str = "") -> Exported:
    """The notebook in a format (``NAMES``), cited in a style; ``base`` is the service's address, for links."""
    name = "".join(each if each.isalnum() else "-" for each in checked.notebook.name).strip("-")[:60] or "notebook"
    if form == JSON:
        content = as_json(checked.notebook, checked.items, checked.states)
        return Exported(f"{name}.json", "application/json", content)
    chosen = FORMATS[form]
    blocks = blocks_of(checked.notebook, checked.items, checked.states, STYLES[style], base)
    return Exported(f"{name}.{chosen.ending}", chosen.media_type, chosen.write(blocks))
