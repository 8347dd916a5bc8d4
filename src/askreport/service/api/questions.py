"""The JSON API of questions: ask, search, check a draft, and what is behind an answer.

Every answer is one of the project's dataclasses; every error has one shape (shared/problems.py).
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from askreport.agents.filters import FilterFields
from askreport.answering.ask import MAX_QUESTION_CHARS, MAX_RESULTS, SearchResult
from askreport.answering.filters import Facets
from askreport.answering.followup import MAX_HISTORY
from askreport.answering.mentions import BEARS, MAX_AT_ONCE, Mentions, Part
from askreport.answering.why import Why, why
from askreport.check.check import MAX_DRAFT_CHARS, CheckReport, check
from askreport.errors import LanguageModelError
from askreport.prose.writer import Writer
from askreport.service.shared.dependencies import GateOf, LibraryOf, WriterOf
from askreport.service.shared.filters import FilterOf
from askreport.service.shared.paging import MAX_OFFSET
from askreport.service.shared.presence import while_connected
from askreport.service.shared.problems import errors
from askreport.service.shared.sse import event, stream
from askreport.types import Answer, ProseSentence

# Documented only: ask.py checks it, after white space is made even, and says more of what is wrong. The pattern asks
# for more than white space, of which Python knows more kinds than regular expressions do.
_QUESTION: Any = Field(
    json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_CHARS, "pattern": r"[^\s\u001c-\u001f\u0085]"}
)


_QUERIED: Any = Query(
    description="A question, or the subject in a few words",
    json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_CHARS, "pattern": r"[^\s\u001c-\u001f\u0085]"},
)


class Search(FilterFields):
    """A question, how many passages to return, and optionally which documents to look in."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "does the SVR spy on China?", "k": 5}]}
    )

    question: str = _QUESTION
    k: int = Field(5, ge=1, le=MAX_RESULTS)


class FollowUp(Search):
    """A question as for a search, and the questions before it, oldest first, that it may follow up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "And the GRU?", "history": ["does the SVR spy on China?"], "k": 5}]
        },
    )

    history: list[Annotated[str, _QUESTION]] = Field(default=[], max_length=MAX_HISTORY)


class Question(FollowUp):
    """A question that may follow up others, and whether a language model is to write about its answer."""

    prose: bool = Field(False, description="Also what a language model makes of the quotes, if one is set")


class Draft(BaseModel):
    """A draft, as text or Markdown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "It says “He got none of those things”."}]}
    )

    text: str = Field(json_schema_extra={"maxLength": MAX_DRAFT_CHARS})


_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `answer`, `sentence` …, then `done` or `problem`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

questions_api = APIRouter(tags=["questions"])


@questions_api.post("/ask", summary="Ask", responses=errors(404, 422, 503))
async def post_ask(query: Question, request: Request, library: LibraryOf, gate: GateOf, writer: WriterOf) -> Answer:
    """Answer a question by verified quotes, or refuse."""
    answer = await gate.run(library.ask, query.question, query.k, query.filter(), query.history)
    if not query.prose or writer is None:
        return answer
    return replace(answer, prose=await while_connected(request, writer.prose(answer)))


@questions_api.post(
    "/ask/stream",
    summary="Ask, with prose as it is written",
    response_class=StreamingResponse,
    responses={**errors(404, 422, 503), **_EVENTS},
)
async def post_ask_stream(query: Question, library: LibraryOf, gate: GateOf, writer: WriterOf) -> StreamingResponse:
    """Answer a question by quotes at once, and then by what a language model makes of them.

    The answer comes as server-sent events, each with JSON as its data:

    - `answer`: the answer, as `POST /ask` gives it.
    - `sentence`, any number of times: a sentence of the language model, checked against the quotes it cites
      (`text`, `citations`, `supported`, `reason`).
    - at the end `done`: the whole prose, null if none was written; or `problem`: `code`, `message` and `hint`, if the
      language model failed. The answer stands.
    """
    answer = await gate.run(library.ask, query.question, query.k, query.filter(), query.history)
    return stream(_prose_events(answer, writer))


@questions_api.post("/search", summary="Search", responses=errors(404, 422, 503))
async def post_search(query: Search, library: LibraryOf, gate: GateOf) -> SearchResult:
    """The nearest passages, without judging whether they answer."""
    return await gate.run(library.search, query.question, query.k, query.filter())


@questions_api.get("/mentions", summary="All mentions", responses=errors(404, 422, 503))
async def get_mentions(
    library: LibraryOf,
    gate: GateOf,
    within: FilterOf,
    q: Annotated[str, _QUERIED],
    after: Annotated[
        list[str] | None, Query(max_length=MAX_HISTORY, description="The questions before it, oldest first")
    ] = None,
    words: Annotated[str, Query(max_length=200, description="Only sentences that have these words")] = "",
    least: Annotated[float, Query(ge=-1, le=2, description="Only sentences that are as near as this")] = BEARS,
    limit: Annotated[int, Query(ge=0, le=MAX_AT_ONCE, description="At most so many")] = 50,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Leave out so many from the start")] = 0,
) -> Mentions:
    """Every sentence that bears on a question or a subject, by document, in the order of its text.

    `total` and `documents` count all of them, `mentions` has a part.
    """
    part = Part(words=words, least=least, limit=limit, offset=offset)
    history = [each for each in after or () if each.strip()]
    return await gate.run(library.mentions, q, within, history, part=part)


@questions_api.get("/filters", summary="What documents can be chosen by", responses=errors(503))
async def get_filters(library: LibraryOf, gate: GateOf) -> Facets:
    """The folders, tags, formats and languages of the documents, each with how many have it, and their dates."""
    return await gate.run(library.read_catalogue, lambda _, catalogue: catalogue.facets)


@questions_api.post("/check", summary="Check quotations", responses=errors(422, 503))
async def post_check(draft: Draft, library: LibraryOf, gate: GateOf) -> CheckReport:
    """Every quotation of a draft: verbatim in the library, with differences, or not found; each with its place."""
    return await gate.run(lambda: library.titled(library.read(lambda store: check(store, draft.text))))


@questions_api.post("/why", summary="Explain an answer", responses=errors(404, 422, 503))
async def post_why(query: FollowUp, library: LibraryOf, gate: GateOf) -> Why:
    """What is behind the answer to the same question: how it was understood, the words that no document has, and for
    each of the best sentences which of the question's words it has, and its scores.
    """
    return await gate.run(why, library, query.question, query.filter(), query.history, query.k)


async def _prose_events(answer: Answer, writer: Writer | None) -> AsyncGenerator[bytes, None]:
    yield event(asdict(answer), "answer")
    if writer is None or not answer.quotes:
        yield event(None, "done")
        return
    started = time.perf_counter()
    found: list[ProseSentence] = []
    try:
        async with aclosing(writer.sentences(answer)) as sentences:
            async for sentence in sentences:
                found.append(sentence)
                yield event(asdict(sentence), "sentence")
    except LanguageModelError as error:
        yield event({"code": error.code, "message": error.message, "hint": error.hint}, "problem")
        return
    yield event(asdict(writer.finished(found, started)), "done")
