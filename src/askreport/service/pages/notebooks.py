"""The pages of notebooks: the list of them, one with all that is in it, and the forms that keep something."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from askreport.answering.library import Library
from askreport.bibliography.styles import DEFAULT_STYLE, STYLES
from askreport.errors import QuestionError
from askreport.notebooks.items import KeptQuote, Pin, quotes_in, turns_of
from askreport.notebooks.reading import NAMES, export, open_checked
from askreport.notebooks.recheck import State
from askreport.service.pages.compare import asked_for
from askreport.service.pages.shared import recent
from askreport.service.pages.templating import FRAGMENT, templates, texts
from askreport.service.shared.cells import table
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.notebooks import (
    OwnerOf,
    Target,
    current_notebook,
    exported_response,
    keep_comparison,
    keep_conversation,
    keep_quote,
)
from askreport.store.notebooks import (
    Item,
    change_note,
    change_notebook,
    create_notebook,
    delete_notebook,
    list_notebooks,
    move_item,
    open_notebook,
    remove_item,
)
from askreport.types import Role, Span

FormatOf = Annotated[str, Query(alias="format", pattern=f"^({'|'.join(NAMES)})$")]
StyleOf = Annotated[str, Query(pattern=f"^({'|'.join(STYLES)})$")]
_MAX_FIELDS = 300

notebooks_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote as it was kept, and what has become of it."""

    kept: KeptQuote
    state: State


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item, and its quotes: of a conversation those of each question."""

    item: Item
    turns: tuple[tuple[Mapping[str, Any], tuple[ShownQuote, ...]], ...]


@notebooks_pages.get("/notebooks")
def show_notebooks(request: Request, library: LibraryOf, owner: OwnerOf) -> Response:
    """The notebooks that the key may read, and the form for a new one."""
    context = {"notebooks": list_notebooks(library.backend.desk, owner), "owner": owner}
    return templates.TemplateResponse(request, "notebooks.html", context)


@notebooks_pages.post("/notebooks")
async def add_notebook(request: Request, library: LibraryOf, owner: OwnerOf) -> Response:
    """Makes a notebook of the form's name, and shows it."""
    form = await _form(request)
    made = await run_in_threadpool(create_notebook, library.backend.desk, owner, str(form.get("name", "")))
    return _see(f"/notebooks/{made.id}")


@notebooks_pages.post("/notebooks/pin")
async def pin_quote(request: Request, library: LibraryOf, owner: OwnerOf) -> Response:
    """Keeps the form's quote, and shows where, or tells a script."""
    form = await _form(request)
    pin = Pin(
        str(form.get("document", "")),
        _span(str(form.get("mark", ""))),
        tuple(map(_context, map(str, form.getlist("context")))),
        tuple(map(_span, map(str, form.getlist("emphasis")))),
    )
    question = str(form.get("question", ""))

    def kept(notebook: str) -> Item:
        return keep_quote(library, Target(notebook, owner), pin, question)

    return await run_in_threadpool(_kept, request, library, owner, kept)


@notebooks_pages.post("/notebooks/keep")
async def keep_answers(request: Request, library: LibraryOf, owner: OwnerOf, gate: GateOf) -> Response:
    """Keeps the form's conversation, and shows where, or tells a script."""
    form = await _form(request)
    questions = [*recent(list(map(str, form.getlist("after")))), str(form.get("q", ""))]

    def kept(notebook: str) -> Item:
        return keep_conversation(library, Target(notebook, owner), questions)

    return await gate.run(_kept, request, library, owner, kept)


@notebooks_pages.post("/notebooks/compare")
async def keep_table(request: Request, library: LibraryOf, owner: OwnerOf, gate: GateOf) -> Response:
    """Keeps the comparison that the form asks for, made anew, and shows where."""
    form = await _form(request)
    asked = asked_for(*(list(map(str, form.getlist(name))) for name in ("q", "document", "folder", "tag")))
    found = await table(library, gate, await gate.run(asked.plan, library))

    def kept(notebook: str) -> Item:
        return keep_comparison(library, Target(notebook, owner), found)

    return await run_in_threadpool(_kept, request, library, owner, kept)


@notebooks_pages.get("/notebooks/{notebook_id}")
def show_notebook(request: Request, notebook_id: str, library: LibraryOf, owner: OwnerOf) -> Response:
    """A notebook, each quote in it compared with the library as it is now."""
    checked = open_checked(library.backend, notebook_id, owner)
    own = [each for each in list_notebooks(library.backend.desk, owner) if each.owner == owner]
    context = {
        "notebook": checked.notebook,
        "is_own": checked.notebook.owner == owner,
        "with_keys": bool(owner),
        "others": [each for each in own if each.id != notebook_id],
        "items": [_shown(item, checked.states[item.id]) for item in checked.items],
        "formats": NAMES,
        "styles": STYLES,
    }
    return templates.TemplateResponse(request, "notebook.html", context)


@notebooks_pages.get("/notebooks/{notebook_id}/export")
def export_notebook(
    request: Request,
    notebook_id: str,
    library: LibraryOf,
    owner: OwnerOf,
    form: FormatOf,
    style: StyleOf = DEFAULT_STYLE,
) -> Response:
    """A notebook as a file."""
    checked = open_checked(library.backend, notebook_id, owner)
    return exported_response(export(checked, form, style, str(request.base_url).rstrip("/")))


@notebooks_pages.get("/notebooks/{notebook_id}/delete")
def confirm_deletion(request: Request, notebook_id: str, library: LibraryOf, owner: OwnerOf) -> Response:
    """Asks whether a notebook is to be deleted."""
    notebook, _ = open_notebook(library.backend.desk, notebook_id, owner)
    return templates.TemplateResponse(request, "notebook_delete.html", {"notebook": notebook})


@notebooks_pages.post("/notebooks/{notebook_id}/delete")
def delete(notebook_id: str, library: LibraryOf, owner: OwnerOf) -> Response:
    """Deletes a notebook, and shows those that are left."""
    delete_notebook(library.backend.desk, notebook_id, owner)
    return _see("/notebooks")


@notebooks_pages.post("/notebooks/{notebook_id}")
async def change(request: Request, notebook_id: str, library: LibraryOf, owner: OwnerOf) -> Response:
    """Renames a notebook, and shares it or not, as the form says."""
    form = await _form(request)
    changes: dict[str, Any] = {"name": str(form.get("name", "")), "shared": "shared" in form}
    await run_in_threadpool(change_notebook, library.backend.desk, notebook_id, owner, **changes)
    return _see(f"/notebooks/{notebook_id}")


@notebooks_pages.post("/notebooks/{notebook_id}/items/{item_id}")
async def change_item(request: Request, notebook_id: str, item_id: str, library: LibraryOf, owner: OwnerOf) -> Response:
    """Keeps an item's note, moves it to another notebook, or takes it out, by the button that was pressed."""
    form = await _form(request)
    item = (library.backend.desk, notebook_id, item_id, owner)
    target, note = str(form.get("target", "")), str(form.get("note", ""))
    if "remove" in form:
        await run_in_threadpool(lambda: remove_item(*item))
        return _see(f"/notebooks/{notebook_id}")
    if "move" in form and target:
        await run_in_threadpool(lambda: move_item(*item, target))
        return _see(f"/notebooks/{target}#item-{item_id}")
    await run_in_threadpool(lambda: change_note(*item, note))
    return _see(f"/notebooks/{notebook_id}#item-{item_id}")


def _kept(request: Request, library: Library, owner: str, keep: Callable[[str], Item]) -> Response:
    notebook = current_notebook(library, owner, str(texts("notebook.first")))
    item = keep(notebook)
    address = f"/notebooks/{notebook}#item-{item.id}"
    if FRAGMENT not in request.headers:
        return _see(address)
    found, _ = open_notebook(library.backend.desk, notebook, owner)
    return templates.TemplateResponse(request, "kept.html", {"notebook": found, "address": address})


def _shown(item: Item, states: Sequence[State]) -> ShownItem:
    quotes = [ShownQuote(*pair) for pair in zip(quotes_in(item.kind, item.content), states, strict=True)]
    turns = turns_of(item.kind, item.content) or ([item.content] if quotes else [])
    shown, at = [], 0
    for turn in turns:
        end = at + len(turn["quotes"]) if "quotes" in turn else len(quotes)
        shown.append((turn, tuple(quotes[at:end])))
        at = end
    return ShownItem(item, tuple(shown))


async def _form(request: Request) -> FormData:
    async with request.form(max_files=0, max_fields=_MAX_FIELDS) as form:
        return form


def _span(text: str) -> Span:
    """A span as forms have it: "start-end"."""
    start, _, end = text.partition("-")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()) or len(text) > 20:
        raise QuestionError(f"{text!r} is no span", "Give start-end.")
    return Span(int(start), int(end))


def _context(text: str) -> tuple[Role, Span]:
    """A part of a quote's context as forms have it: "role:start-end"; its role is checked where it is kept."""
    role, _, span = text.partition(":")
    return role, _span(span)  # type: ignore[return-value]


def _see(address: str) -> Response:
    return RedirectResponse(address, 303)
