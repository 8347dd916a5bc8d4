"""A conversation as one Markdown document: its questions in order, and what the documents say to each."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.as_text import DIFFER, UNCERTAIN
from askreport.answering.ask import Library
from askreport.answering.citing import cite, inline
from askreport.service.pages.shared import recent
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.types import Answer

_SAID = {"answered": "Answered in the documents’ own words.", "uncertain": UNCERTAIN, "not_found": ""}
_KIND = "text/markdown; charset=utf-8"

conversation_pages = APIRouter(include_in_schema=False)


@conversation_pages.get("/conversation.md")
async def get_conversation(
    request: Request,
    library: LibraryOf,
    gate: GateOf,
    q: str = "",
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The questions before (``after``, oldest first) and the last one (``q``) with their answers, to be saved."""
    questions = [*recent(after), q]
    base = str(request.base_url).rstrip("/")
    now = datetime.now(UTC)
    text = await gate.run(conversation, library, questions, base, now)
    name = f"conversation-{now:%Y-%m-%d}.md"
    return Response(text, media_type=_KIND, headers={"content-disposition": f'attachment; filename="{name}"'})


def conversation(library: Library, questions: Sequence[str], base: str, now: datetime) -> str:
    """The document; ``base`` is the service's address, where its links lead. Errors as for ``Library.ask``."""
    parts = ["# Questions and answers", f"{now:%Y-%m-%d %H:%M} UTC"]
    for at, question in enumerate(questions):
        history = questions[:at]
        answer = library.ask(question, history=history)
        parts += [f"## {inline(answer.question)}", *_answered(library, answer, base), _facts(answer, history, base)]
    return "\n\n".join(parts) + "\n"


def _answered(library: Library, answer: Answer, base: str) -> Iterator[str]:
    if answer.understood != answer.question:
        yield f"Understood as: {inline(answer.understood)}"
    yield _SAID[answer.status] or answer.answer
    if answer.differ:
        yield f"**{DIFFER}**"
    named = {quote.document.id for quote in answer.quotes}
    documents = library.read(lambda store: {each: store.document(each) for each in named})
    for quote in answer.quotes:
        yield cite(quote, documents[quote.document.id], base).markdown


def _facts(answer: Answer, history: Sequence[str], base: str) -> str:
    """How sure the answer is, from which index, and the address that shows it."""
    address = f"{base}/?{urlencode([('q', answer.question), *(('after', each) for each in history)])}"
    index = f"index generation {answer.index.generation} of {answer.index.built_at[:16].replace('T', ' ')} UTC"
    return f"Confidence {100 * answer.confidence:.0f}%, {index}: [this answer]({address})"
