"""The JSON API of answers with prose: the quotes at once, then a language model's sentences as they are checked."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from askreport.errors import LanguageModelError
from askreport.prose.writer import Writer
from askreport.service.api.questions import LibraryOf, Query, WriterOf, errors
from askreport.service.shared.gate import GateOf
from askreport.types import Answer, ProseSentence

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `answer`, `sentence` …, then `done` or `problem`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

prose_api = APIRouter()


@prose_api.post(
    "/ask/stream",
    tags=["questions"],
    summary="Ask, with prose as it is written",
    response_class=StreamingResponse,
    responses={**errors(404, 422, 503), **_EVENTS},
)
async def post_ask_stream(query: Query, library: LibraryOf, gate: GateOf, writer: WriterOf) -> StreamingResponse:
    """Answer a question by quotes at once, and then by what a language model makes of them.

    The answer comes as server-sent events, each with JSON as its data:

    - `answer`: the answer, as `POST /ask` gives it.
    - `sentence`, any number of times: a sentence of the language model, checked against the quotes it cites
      (`text`, `citations`, `supported`, `reason`).
    - at the end `done`: the whole prose, null if none was written; or `problem`: `code`, `message` and `hint`, if the
      language model failed. The answer stands.
    """
    answer = await gate.run(library.ask, query.question, query.k, query.documents, query.history)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(answer, writer), media_type="text/event-stream", headers=headers)


async def _events(answer: Answer, writer: Writer | None) -> AsyncGenerator[str, None]:
    yield _event("answer", asdict(answer))
    if writer is None or not answer.quotes:
        yield _event("done", None)
        return
    started = time.perf_counter()
    found: list[ProseSentence] = []
    try:
        async with aclosing(writer.sentences(answer)) as sentences:
            async for sentence in sentences:
                found.append(sentence)
                yield _event("sentence", asdict(sentence))
    except LanguageModelError as error:
        yield _event("problem", {"code": error.code, "message": error.message, "hint": error.hint})
        return
    yield _event("done", asdict(writer.finished(found, started)))


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
