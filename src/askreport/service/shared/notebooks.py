"""Keeping things in notebooks: what the pages and the API do alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote as percent_encoded

from fastapi import Depends, Request, Response

from askreport.answering.describing import descriptions_of
from askreport.answering.library import Library
from askreport.compare.compare import Comparison
from askreport.notebooks.items import (
    COMPARISON,
    CONVERSATION,
    QUOTE,
    Pin,
    comparison_content,
    conversation_content,
    pinned,
    quote_content,
)
from askreport.notebooks.reading import Exported
from askreport.store.notebooks import Item, Notebook, add_item, create_notebook, list_notebooks


async def owner_of(request: Request) -> str:
    """Whose notebooks a request is about: its key's, or everybody's where no key is asked for."""
    return str(getattr(request.state, "key", ""))


OwnerOf = Annotated[str, Depends(owner_of)]


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is to be kept: in which notebook, as whose, with which note."""

    notebook: str
    owner: str
    note: str = ""


def keep_quote(library: Library, target: Target, pin: Pin, question: str) -> Item:
    """Pins a quote; errors as for ``pinned`` and ``add_item``."""
    quote, document = library.read(lambda store: (pinned(store, pin), store.document(pin.document_id)))
    description = descriptions_of(library.backend.desk, [document])[document.id]
    return keep(library, target, QUOTE, quote_content(quote, description, question, datetime.now(UTC).date()))


def keep_conversation(library: Library, target: Target, questions: Sequence[str]) -> Item:
    """Keeps questions, each asked after those before it, with their answers; errors as for ``Library.ask``."""
    answers = [library.ask(question, history=questions[:at]) for at, question in enumerate(questions)]
    named = {quote.document.id for answer in answers for quote in answer.quotes}
    documents = library.read(lambda store: [store.document(each) for each in sorted(named)])
    described = descriptions_of(library.backend.desk, documents)
    return keep(library, target, CONVERSATION, conversation_content(answers, described, datetime.now(UTC).date()))


def keep_comparison(library: Library, target: Target, found: Comparison) -> Item:
    """Keeps a comparison with the quotes in its cells."""
    named = {cell.quote.document.id for row in found.rows for cell in row if cell.quote}
    documents = library.read(lambda store: [store.document(each) for each in sorted(named)])
    described = descriptions_of(library.backend.desk, documents)
    rows = [[(cell.status, cell.confidence, cell.quote) for cell in row] for row in found.rows]
    columns = [column.name for column in found.columns]
    content = comparison_content(found.questions, columns, rows, described, datetime.now(UTC).date())
    return keep(library, target, COMPARISON, content)


def keep(library: Library, target: Target, kind: str, content: dict[str, Any]) -> Item:
    """Keeps something of any kind as it is."""
    return add_item(library.backend.desk, target.notebook, target.owner, kind=kind, content=content, note=target.note)


def current_notebook(library: Library, owner: str, name: str) -> str:
    """The id of the notebook that its owner changed last, or of a new one of this name."""
    own: list[Notebook] = [each for each in list_notebooks(library.backend.desk, owner) if each.owner == owner]
    return own[0].id if own else create_notebook(library.backend.desk, owner, name).id


def exported_response(exported: Exported) -> Response:
    """An exported notebook as a download."""
    name = percent_encoded(exported.name, safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "content-type": exported.media_type}
    return Response(exported.content, headers={**headers, "x-content-type-options": "nosniff"})
