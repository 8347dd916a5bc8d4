"""Notebooks: what people keep of what they have found, each by its owner, whom others may let read.

An owner is a key's name, and empty where a service asks for no key. A reader sees his own notebooks and shared ones;
None sees all, as whoever may read the library's files does.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from askreport.errors import ForbiddenError, NotebookNotFoundError, QuestionError
from askreport.store.desk import Desk, Execute, Row

MAX_NAME = 200
MAX_NOTE = 20_000
# Characters of an item's content as JSON.
MAX_CONTENT = 900_000
MAX_ITEMS = 2_000
MAX_NOTEBOOKS = 1_000
_COLUMNS = "id, owner, name, shared, created, updated"
_COUNTED = f"{_COLUMNS}, (SELECT count(*) FROM notebook_items WHERE notebook = notebooks.id)"  # noqa: S608
_ITEM = "id, kind, note, content, created, position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook; times are ISO 8601 in UTC, ``items`` counts what is in it. All keys may read one that is shared."""

    id: str
    owner: str
    name: str
    shared: bool
    created: str
    updated: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that is kept: its ``kind`` says what ``content`` has (notebooks/items.py); the note is its owner's."""

    id: str
    kind: str
    note: str
    content: dict[str, Any]
    created: str


def list_notebooks(desk: Desk, reader: str | None) -> list[Notebook]:
    """The notebooks that a reader sees, the one that was changed last first."""
    with desk.reading() as execute:
        rows = execute(f"SELECT {_COUNTED} FROM notebooks ORDER BY updated DESC, id")  # noqa: S608
    return [each for each in map(_notebook, rows) if _sees(reader, each)]


def open_notebook(desk: Desk, identity: str, reader: str | None) -> tuple[Notebook, list[Item]]:
    """A notebook and what is in it, in its order; NotebookNotFoundError, also of one that the reader does not see."""
    with desk.reading() as execute:
        notebook = _visible(execute, identity, reader)
        rows = execute(f"SELECT {_ITEM} FROM notebook_items WHERE notebook = ? ORDER BY position, id", (identity,))  # noqa: S608
    return notebook, [_item(row) for row in rows]


def create_notebook(desk: Desk, owner: str, name: str) -> Notebook:
    """A new notebook; QuestionError for a name that cannot be one, and where there are too many."""
    row = (_new_id(), owner, _checked_name(name), 0, now := _now(), now)
    with desk.writing() as execute:
        if execute("SELECT count(*) FROM notebooks WHERE owner = ?", (owner,))[0][0] >= MAX_NOTEBOOKS:
            raise QuestionError(f"there are {MAX_NOTEBOOKS:,} notebooks already", "Delete one first.")
        execute(f"INSERT INTO notebooks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    return _notebook((*row, 0))


def change_notebook(
    desk: Desk, identity: str, owner: str, name: str | None = None, shared: bool | None = None
) -> Notebook:
    """Renames a notebook, or lets others read it or not; ForbiddenError if it is somebody else's."""
    with desk.writing() as execute:
        notebook = _own(execute, identity, owner)
        new_name = notebook.name if name is None else _checked_name(name)
        new_shared = notebook.shared if shared is None else shared
        values = (new_name, int(new_shared), _now(), identity)
        execute("UPDATE notebooks SET name = ?, shared = ?, updated = ? WHERE id = ?", values)
        return _visible(execute, identity, owner)


def give_notebook(desk: Desk, identity: str, owner: str) -> Notebook:
    """Makes a notebook another owner's; for whoever may write the library's files."""
    with desk.writing() as execute:
        _visible(execute, identity, None)
        execute("UPDATE notebooks SET owner = ?, updated = ? WHERE id = ?", (owner, _now(), identity))
        return _visible(execute, identity, None)


def delete_notebook(desk: Desk, identity: str, owner: str) -> Notebook:
    """Deletes a notebook and all that is in it; what it was."""
    with desk.writing() as execute:
        notebook = _own(execute, identity, owner)
        execute("DELETE FROM notebook_items WHERE notebook = ?", (identity,))
        execute("DELETE FROM notebooks WHERE id = ?", (identity,))
    return notebook


def add_item(desk: Desk, identity: str, owner: str, *, kind: str, content: Mapping[str, Any], note: str = "") -> Item:
    """Puts something at the end of a notebook; QuestionError where it is too large or there is too much."""
    text = json.dumps(content, ensure_ascii=False)
    if len(text) > MAX_CONTENT:
        raise QuestionError(f"what is to be kept is larger than {MAX_CONTENT:,} characters", "Keep parts of it.")
    with desk.writing() as execute:
        notebook = _own(execute, identity, owner)
        if notebook.items >= MAX_ITEMS:
            raise QuestionError(f"the notebook holds {MAX_ITEMS:,} things already", "Begin another one.")
        last = execute("SELECT coalesce(max(position), 0) FROM notebook_items WHERE notebook = ?", (identity,))[0][0]
        row = (_new_id(), identity, last + 1, kind, _checked_note(note), text, _now())
        execute(
            "INSERT INTO notebook_items (id, notebook, position, kind, note, content, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        _touch(execute, identity)
    return Item(id=row[0], kind=kind, note=row[4], content=json.loads(text), created=row[6])


def change_note(desk: Desk, identity: str, item: str, owner: str, note: str) -> Item:
    """Replaces an item's note."""
    with desk.writing() as execute:
        found = _own_item(execute, identity, item, owner)
        execute("UPDATE notebook_items SET note = ? WHERE id = ?", (_checked_note(note), item))
        _touch(execute, identity)
    return Item(id=found.id, kind=found.kind, note=note, content=found.content, created=found.created)


def move_item(desk: Desk, identity: str, item: str, owner: str, target: str) -> None:
    """Moves an item to the end of another notebook of its owner."""
    with desk.writing() as execute:
        _own_item(execute, identity, item, owner)
        _own(execute, target, owner)
        last = execute("SELECT coalesce(max(position), 0) FROM notebook_items WHERE notebook = ?", (target,))[0][0]
        execute("UPDATE notebook_items SET notebook = ?, position = ? WHERE id = ?", (target, last + 1, item))
        _touch(execute, identity)
        _touch(execute, target)


def remove_item(desk: Desk, identity: str, item: str, owner: str) -> Item:
    """Takes an item out of a notebook; what it was."""
    with desk.writing() as execute:
        found = _own_item(execute, identity, item, owner)
        execute("DELETE FROM notebook_items WHERE id = ?", (item,))
        _touch(execute, identity)
    return found


def _sees(reader: str | None, notebook: Notebook) -> bool:
    return reader is None or notebook.shared or notebook.owner == reader


def _visible(execute: Execute, identity: str, reader: str | None) -> Notebook:
    rows = execute(f"SELECT {_COUNTED} FROM notebooks WHERE id = ?", (identity,))  # noqa: S608
    found = next((each for each in map(_notebook, rows) if _sees(reader, each)), None)
    if found is None:
        raise NotebookNotFoundError("there is no such notebook", "GET /api/notebooks lists those that you may read.")
    return found


def _own(execute: Execute, identity: str, owner: str) -> Notebook:
    notebook = _visible(execute, identity, owner)
    if notebook.owner != owner:
        raise ForbiddenError("the notebook is somebody else's, who lets you read it", "Make one of your own.")
    return notebook


def _own_item(execute: Execute, identity: str, item: str, owner: str) -> Item:
    _own(execute, identity, owner)
    rows = execute(f"SELECT {_ITEM} FROM notebook_items WHERE id = ? AND notebook = ?", (item, identity))  # noqa: S608
    if not rows:
        raise NotebookNotFoundError("there is no such thing in the notebook")
    return _item(rows[0])


def _touch(execute: Execute, identity: str) -> None:
    execute("UPDATE notebooks SET updated = ? WHERE id = ?", (_now(), identity))


def _notebook(row: Row) -> Notebook:
    identity, owner, name, shared, created, updated, items = row
    return Notebook(
        id=identity, owner=owner, name=name, shared=bool(shared), created=created, updated=updated, items=items
    )


def _item(row: Row) -> Item:
    identity, kind, note, content, created, _ = row
    return Item(id=identity, kind=kind, note=note, content=json.loads(content), created=created)


def _checked_name(name: str) -> str:
    line = " ".join(name.split())
    if not line or len(line) > MAX_NAME:
        raise QuestionError(f"a notebook's name has 1 to {MAX_NAME} characters")
    return line


def _checked_note(note: str) -> str:
    if len(note) > MAX_NOTE:
        raise QuestionError(f"a note has at most {MAX_NOTE:,} characters")
    return note.replace("\r\n", "\n").strip()


def _new_id() -> str:
    return secrets.token_hex(8)


def _now() -> str:
    return datetime.now(UTC).isoformat()
