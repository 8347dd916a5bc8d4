"""The JSON API of comparisons: questions to documents and collections, whole or cell by cell."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from askreport.answering.ask import MAX_QUESTION_CHARS, milliseconds_since
from askreport.answering.library import Library
from askreport.compare.compare import MAX_COLUMNS, MAX_QUESTIONS, Comparison, Plan, plan
from askreport.errors import AskReportError
from askreport.service.shared.cells import cells, table
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.gate import Gate
from askreport.service.shared.problems import errors
from askreport.service.shared.sse import event, stream

# Documented only: what plans the comparison says more of what is wrong.
_QUESTION: Any = Field(
    json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_CHARS, "pattern": r"[^\s\u001c-\u001f\u0085]"}
)


class Wanted(BaseModel):
    """Questions, and the documents (ids or paths), folders and tags that are a column each; without any, all documents.

    At most 50 questions, 100 columns and 1,000 cells.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"questions": ["does the SVR spy on China?"], "folders": ["reports"]}]},
    )

    questions: list[Annotated[str, _QUESTION]] = Field(min_length=1, max_length=MAX_QUESTIONS)
    documents: list[str] = Field(default=[], max_length=MAX_COLUMNS)
    folders: list[str] = Field(default=[], max_length=MAX_COLUMNS)
    tags: list[str] = Field(default=[], max_length=MAX_COLUMNS)


_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `plan`, `cell` …, then `done` or `problem`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

compare_api = APIRouter(tags=["questions"])


@compare_api.post("/compare", summary="Compare", responses=errors(404, 422, 503))
async def post_compare(wanted: Wanted, library: LibraryOf, gate: GateOf) -> Comparison:
    """A table: for each question the best quote of each document, folder or tag, or that it does not say."""
    return await table(library, gate, await _planned(library, gate, wanted))


@compare_api.post(
    "/compare/stream",
    summary="Compare, cell by cell",
    response_class=StreamingResponse,
    responses={**errors(404, 422, 503), **_EVENTS},
)
async def post_compare_stream(wanted: Wanted, library: LibraryOf, gate: GateOf) -> StreamingResponse:
    """The same as `POST /compare`, each cell as it comes.

    Server-sent events, each with JSON as its data: `plan` (`questions` and `columns`), `cell` for each cell, row by
    row, and at the end `done` (`index` and `took_ms`), or `problem` (`code`, `message` and `hint`).
    """
    return stream(_events(library, gate, await _planned(library, gate, wanted)))


async def _planned(library: Library, gate: Gate, wanted: Wanted) -> Plan:
    return await gate.run(
        plan, library, wanted.questions, documents=wanted.documents, folders=wanted.folders, tags=wanted.tags
    )


async def _events(library: Library, gate: Gate, planned: Plan) -> AsyncGenerator[bytes, None]:
    started = time.perf_counter()
    yield event(asdict(planned), "plan")
    index: dict[str, Any] | None = None
    try:
        async with aclosing(cells(library, gate, planned)) as coming:
            async for cell, state in coming:
                index = asdict(state)
                yield event(asdict(cell), "cell")
    except AskReportError as error:
        yield event({"code": error.code, "message": error.message, "hint": error.hint}, "problem")
        return
    yield event({"index": index, "took_ms": milliseconds_since(started)}, "done")
