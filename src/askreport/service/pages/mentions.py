"""The page of all sentences that bear on a question, by document; also a part of the answer's page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.library import Library
from askreport.answering.mentions import BEARS, Mentions, Part
from askreport.errors import AskReportError
from askreport.service.pages.narrow import narrowing
from askreport.service.pages.shared import recent
from askreport.service.pages.templating import FRAGMENT, asking, layout_of, templates
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.filters import FilterOf
from askreport.service.shared.paging import MAX_OFFSET
from askreport.service.shared.problems import headers_of, status_of
from askreport.types import DocumentRef, Filter, Mention

PATH = "/mentions"
PART = 25
# Only the closest: on questions of clapnq-dev, of the sentences of other documents 3 of 10,000 are as near.
CLOSE = 0.4
# Documents that are listed with their numbers; the rest are counted.
MAX_COUNTED = 40

mentions_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page of mentions was asked for."""

    question: str
    history: tuple[str, ...]
    within: Filter
    words: str
    is_close: bool
    offset: int

    def address(self, *, within: Filter | None = None, offset: int = 0, is_close: bool | None = None) -> str:
        """The address of the same with another filter, another part, or only the closest."""
        base = asking(PATH, self.question, self.history, self.within if within is None else within)
        more = [("words", self.words)] if self.words else []
        more += [("close", "1")] if (self.is_close if is_close is None else is_close) else []
        more += [("offset", str(offset))] if offset else []
        return f"{base}{'&' if '?' in base else '?'}{urlencode(more)}" if more else base


@mentions_pages.get(PATH)
async def show_mentions(
    request: Request,
    library: LibraryOf,
    gate: GateOf,
    within: FilterOf,
    q: str = "",
    after: Annotated[list[str] | None, Query()] = None,
    words: Annotated[str, Query(max_length=200)] = "",
    close: bool = False,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> Response:
    """All sentences that bear on ``q``, a part at a time: those that have ``words``, or only the closest."""
    asked = Asked(
        question=q, history=tuple(recent(after)), within=within, words=words.strip(), is_close=close, offset=offset
    )
    return await gate.run(_mentions, request, library, asked)


def _mentions(request: Request, library: Library, asked: Asked) -> Response:
    found, problem = None, None
    part = Part(words=asked.words, least=CLOSE if asked.is_close else BEARS, limit=PART, offset=asked.offset)
    try:
        if asked.question.strip():
            found = library.mentions(asked.question, asked.within, asked.history, part=part)
    except AskReportError as error:
        problem = error
    context = {
        "asked": asked,
        "question": asked.question[:MAX_QUESTION_CHARS],
        "history": asked.history,
        "within": asked.within,
        "narrow": narrowing(library, asked.within, lambda within: asked.address(within=within)),
        "found": found,
        "groups": list(_groups(found)) if found else [],
        "metadata": _metadata(library, found),
        "max_counted": MAX_COUNTED,
        "part": PART,
        "problem": problem,
        "layout": layout_of(request),
    }
    headers = {"vary": FRAGMENT, **headers_of(problem)}
    return templates.TemplateResponse(request, "mentions.html", context, status_of(problem), headers=headers)


def _groups(found: Mentions) -> Iterator[tuple[DocumentRef, int, Sequence[Mention]]]:
    """The mentions of a part by their documents, each with how many it has in all."""
    counts = {each.document.id: each.mentions for each in found.documents}
    for document, own in groupby(found.mentions, key=lambda each: each.document):
        yield document, counts[document.id], list(own)


def _metadata(library: Library, found: Mentions | None) -> Mapping[str, Mapping[str, Any]]:
    """That of each document shown, by its id, for how its words are read aloud."""
    shown = {each.document.id for each in found.mentions} if found else set()
    return library.read(lambda store: {each: store.document(each).metadata for each in shown}) if shown else {}
