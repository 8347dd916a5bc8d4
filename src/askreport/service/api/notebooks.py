"""The JSON API of notebooks: each key's own, and those that others let it read."""

from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from askreport.answering.followup import MAX_HISTORY
from askreport.bibliography.styles import DEFAULT_STYLE, STYLES
from askreport.notebooks.export import FORMATS
from askreport.notebooks.items import Pin
from askreport.notebooks.reading import NAMES, Checked, export, open_checked
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.notebooks import OwnerOf, Target, exported_response, keep, keep_conversation, keep_quote
from askreport.service.shared.paging import PAGED, WindowOf
from askreport.service.shared.problems import errors
from askreport.store.notebooks import (
    MAX_NAME,
    MAX_NOTE,
    Item,
    Notebook,
    change_note,
    change_notebook,
    create_notebook,
    delete_notebook,
    list_notebooks,
    remove_item,
)
from askreport.types import Role, Span

_MAX_AT = 2**31 - 1
_At: TypeAlias = Annotated[int, Field(ge=0, le=_MAX_AT)]
_Id: TypeAlias = Annotated[str, Path(max_length=64)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=r"[^\s\x00-\x20]")]
_Note: TypeAlias = Annotated[str, Field(max_length=MAX_NOTE)]
_Form = Annotated[
    str, Query(alias="format", pattern=f"^({'|'.join(NAMES)})$", description=f"One of {', '.join(NAMES)}")
]
_Style = Annotated[str, Query(pattern=f"^({'|'.join(STYLES)})$", description=f"One of {', '.join(STYLES)}")]
_MEDIA: dict[str, Any] = {
    "application/json": {"schema": {"type": "object"}, "example": {"name": "Ferries", "items": []}},
    **{each.media_type: {} for each in FORMATS.values()},
}

notebooks_api = APIRouter(tags=["notebooks"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewNotebook(_Body):
    """A notebook's name."""

    name: _Name


class NotebookChanges(_Body):
    """A new name, and whether all keys may read the notebook."""

    name: _Name | None = None
    shared: bool | None = None


class PinnedSpan(_Body):
    """A span of a document's text."""

    start: _At
    end: _At


class PinnedContext(PinnedSpan):
    """A span that the quote is to be read with."""

    role: Role


class NewQuote(_Body):
    """A quote to pin, by its document and place; its words are cut from the document's text."""

    kind: Literal["quote"]
    document: str = Field(max_length=64)
    start: _At
    end: _At
    context: list[PinnedContext] = Field(default=[], max_length=20)
    emphasis: list[PinnedSpan] = Field(default=[], max_length=100)
    question: str = Field(default="", max_length=2_000)
    note: _Note = ""


class NewConversation(_Body):
    """Questions to keep with their answers, each asked after those before it."""

    kind: Literal["conversation"]
    questions: list[Annotated[str, Field(min_length=1, max_length=2_000)]] = Field(
        min_length=1, max_length=MAX_HISTORY + 1
    )
    note: _Note = ""


class NewComparison(_Body):
    """A comparison to keep as it is, as JSON."""

    kind: Literal["comparison"]
    content: dict[str, Any]
    note: _Note = ""


class NoteChange(_Body):
    """An item's note."""

    note: _Note


NewItem = Annotated[NewQuote | NewConversation | NewComparison, Field(discriminator="kind")]


@notebooks_api.get("/notebooks", summary="List notebooks", responses={**PAGED, **errors(503)})
def get_notebooks(library: LibraryOf, owner: OwnerOf, window: WindowOf, response: Response) -> list[Notebook]:
    """The notebooks of the key, and those that others share, the one that was changed last first."""
    return window.of(list_notebooks(library.backend.desk, owner), response)


@notebooks_api.post("/notebooks", summary="Make a notebook", status_code=201, responses=errors(403, 422, 503))
def post_notebook(body: NewNotebook, library: LibraryOf, owner: OwnerOf) -> Notebook:
    """Makes a notebook of the key's own."""
    return create_notebook(library.backend.desk, owner, body.name)


@notebooks_api.get("/notebooks/{notebook_id}", summary="Read a notebook", responses=errors(404, 422, 503))
def get_notebook(notebook_id: _Id, library: LibraryOf, owner: OwnerOf) -> Checked:
    """What is in a notebook, each quote compared with the library as it is now (``states``, by the items' ids)."""
    return open_checked(library.backend, notebook_id, owner)


@notebooks_api.patch("/notebooks/{notebook_id}", summary="Change a notebook", responses=errors(403, 404, 422, 503))
def patch_notebook(notebook_id: _Id, body: NotebookChanges, library: LibraryOf, owner: OwnerOf) -> Notebook:
    """Renames a notebook, or lets all keys read it, or none but its own."""
    return change_notebook(library.backend.desk, notebook_id, owner, body.name, body.shared)


@notebooks_api.delete("/notebooks/{notebook_id}", summary="Delete a notebook", responses=errors(403, 404, 422, 503))
def remove_notebook(notebook_id: _Id, library: LibraryOf, owner: OwnerOf) -> Notebook:
    """Deletes a notebook with all that is in it."""
    return delete_notebook(library.backend.desk, notebook_id, owner)


@notebooks_api.post(
    "/notebooks/{notebook_id}/items", summary="Keep something", status_code=201, responses=errors(403, 404, 422, 503)
)
async def post_item(notebook_id: _Id, body: NewItem, library: LibraryOf, owner: OwnerOf, gate: GateOf) -> Item:
    """Pins a quote, keeps a conversation (its questions are asked again), or keeps a comparison."""
    target = Target(notebook_id, owner, body.note)
    if isinstance(body, NewConversation):
        return await gate.run(keep_conversation, library, target, body.questions)
    if isinstance(body, NewComparison):
        return await gate.run(keep, library, target, body.kind, body.content)
    pin = Pin(
        body.document,
        Span(body.start, body.end),
        tuple((each.role, Span(each.start, each.end)) for each in body.context),
        tuple(Span(each.start, each.end) for each in body.emphasis),
    )
    return await gate.run(keep_quote, library, target, pin, body.question)


@notebooks_api.patch(
    "/notebooks/{notebook_id}/items/{item_id}", summary="Change a note", responses=errors(403, 404, 422, 503)
)
def patch_item(notebook_id: _Id, item_id: _Id, body: NoteChange, library: LibraryOf, owner: OwnerOf) -> Item:
    """Replaces the note of something that is kept."""
    return change_note(library.backend.desk, notebook_id, item_id, owner, body.note)


@notebooks_api.delete(
    "/notebooks/{notebook_id}/items/{item_id}", summary="Take out an item", responses=errors(403, 404, 422, 503)
)
def delete_item(notebook_id: _Id, item_id: _Id, library: LibraryOf, owner: OwnerOf) -> Item:
    """Takes something out of a notebook."""
    return remove_item(library.backend.desk, notebook_id, item_id, owner)


@notebooks_api.get(
    "/notebooks/{notebook_id}/export",
    summary="Export a notebook",
    response_class=Response,
    responses={**errors(404, 422, 503), 200: {"content": _MEDIA, "description": "The notebook as a file"}},
)
def get_export(
    request: Request,
    notebook_id: _Id,
    library: LibraryOf,
    owner: OwnerOf,
    form: _Form = "docx",
    style: _Style = DEFAULT_STYLE,
) -> Response:
    """A notebook as Word, Markdown, HTML or JSON, its quotes cited in a style, with a list of sources."""
    checked = open_checked(library.backend, notebook_id, owner)
    return exported_response(export(checked, form, style, str(request.base_url).rstrip("/")))
