"""A conversation as one Markdown document: its questions in order, and what the documents say to each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.as_text import DIFFER, UNCERTAIN
from askreport.answering.citing import cite, inline
from askreport.answering.describing import descriptions_of
from askreport.answering.library import Library
from askreport.bibliography.description import Description
from askreport.service.pages.shared import recent
from askreport.service.pages.templating import asking
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.filters import FilterOf
from askreport.types import ALL, Answer, Document, Filter

_SAID = {"answered": "Answered in the documents’ own words.", "uncertain": UNCERTAIN, "not_found": ""}
_KIND = "text/markdown; charset=utf-8"

conversation_pages = APIRouter(include_in_schema=False)


@conversation_pages.get("/conversation.md")
async def get_conversation(
    request: Request,
    library: LibraryOf,
    gate: GateOf,
    within: FilterOf,
    q: str = "",
    after: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The questions before (``after``, oldest first) and the last one (``q``) with their answers, to be saved."""
    questions = [*recent(after), q]
    base = str(request.base_url).rstrip("/")
    now = datetime.now(UTC)
    text = await gate.run(conversation, library, questions, base, now, within)
    name = f"conversation-{now:%Y-%m-%d}.md"
    return Response(text, media_type=_KIND, headers={"content-disposition": f'attachment; filename="{name}"'})


def conversation(library: Library, questions: Sequence[str], base: str, now: datetime, within: Filter = ALL) -> str:
    """The document; ``base`` is the service's address, where its links lead. Errors as for ``Library.ask``."""
    answers = [library.ask(question, within=within, history=questions[:at]) for at, question in enumerate(questions)]
    named = {quote.document.id for answer in answers for quote in answer.quotes}
    documents = library.read(lambda store: {each: store.document(each) for each in named})
    described = descriptions_of(library.backend.desk, documents.values())
    parts = ["# Questions and answers", f"{now:%Y-%m-%d %H:%M} UTC"]
    for at, answer in enumerate(answers):
        said = _answered(answer, documents, described, base)
        facts = _facts(answer, questions[:at], base, within)
        parts += [f"## {inline(answer.question)}", *said, facts]
    return "\n\n".join(parts) + "\n"


def _answered(
    answer: Answer, documents: Mapping[str, Document], described: Mapping[str, Description], base: str
) -> Iterator[str]:
    if answer.understood != answer.question:
        yield f"Understood as: {inline(answer.understood)}"
    yield _SAID[answer.status] or answer.answer
    if answer.differ:
        yield f"**{DIFFER}**"
    for quote in answer.quotes:
        yield cite(quote, documents[quote.document.id], base, described[quote.document.id]).markdown


def _facts(answer: Answer, history: Sequence[str], base: str, within: Filter) -> str:
    """How sure the answer is, from which state of the library, and the address that shows it."""
    address = f"{base}{asking('/', answer.question, history, within)}"
    index = f"from the library as of {answer.index.built_at[:16].replace('T', ' ')} UTC"
    return f"Confidence {100 * answer.confidence:.0f}%, {index}: [this answer]({address})"
