"""The library as a model of an OpenAI-compatible server, for chat clients that can talk to one.

The last message of the user is the question, those before it are its history; all else a client sends (system prompts,
temperature, tools) is left aside, because nothing here is generated. The answer's text holds the quotes word for word,
and each is annotated with the address that opens it. Errors have the shape that such clients know, on these paths only.
"""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from askreport.agents.filters import FilterFields
from askreport.answering.as_text import Cited, cited
from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.followup import MAX_HISTORY
from askreport.errors import QuestionError, UnknownModelError
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.sse import event, mark, stream
from askreport.types import Answer

CHAT_PATHS = "/v1/"
MODEL = "askreport"
MAX_MESSAGES = 10_000
# A token of the models that such clients count in is about so many characters.
_CHARACTERS_OF_TOKEN = 4
_DESCRIPTION = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str = "text"
    text: str | None = None


class Message(BaseModel):
    """A message of a conversation."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)


class StreamOptions(BaseModel):
    """Whether the last chunk tells the usage."""

    include_usage: bool = False


class Completion(FilterFields):
    """A conversation, and, beyond what chat clients send, which documents to look in."""

    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None


# Described by those who defined it, not by this service's own documentation.
openai_api = APIRouter(include_in_schema=False)


@openai_api.get("/v1/models")
def get_models() -> dict[str, Any]:
    """The one model there is: the library."""
    return {"object": "list", "data": [_DESCRIPTION]}


@openai_api.get("/v1/models/{model}")
def get_model(model: str) -> dict[str, Any]:
    """The library as a model."""
    _check_model(model)
    return _DESCRIPTION


@openai_api.post("/v1/chat/completions")
async def post_completion(asked: Completion, request: Request, library: LibraryOf, gate: GateOf) -> Response:
    """Verified quotes as a chat completion, whole or as a stream of chunks; or that the documents do not say."""
    _check_model(asked.model)
    *history, question = _questions(asked.messages)
    answer = await gate.run(library.ask, question, 5, asked.filter(), history)
    base = str(request.base_url).rstrip("/")
    text = cited(answer, lambda quote: f"{base}{quote.url}")
    message = {"content": text.text, "annotations": _annotations(answer, text, base)}
    usage = _usage([*history, question], text.text)
    about = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
    if asked.stream:
        wants_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return stream(_chunks(about, message, usage if wants_usage else None))
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop", "logprobs": None}
    return JSONResponse({**about, "object": "chat.completion", "choices": [choice], "usage": usage})


def chat_error(status: int, code: str, message: str, hint: str | None) -> dict[str, Any]:
    """An error in the shape that clients of these paths know."""
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": f"{message}. {hint}" if hint else message, "type": kind, "code": code, "param": None}}


def _check_model(model: str) -> None:
    if model != MODEL:
        raise UnknownModelError(f"there is no model {model!r}", f"The only one is {MODEL!r}.")


def _questions(messages: list[Message]) -> list[str]:
    """What the user said, the last one the question; before it only what can have been a question."""
    said = [message.text for message in messages if message.role == "user"]
    if not said:
        raise QuestionError("no message is the user's", "The last message with the role 'user' is the question.")
    before = [text for text in said[:-1] if text.strip() and len(text) <= MAX_QUESTION_CHARS]
    return [*before[-MAX_HISTORY:], said[-1]]


def _annotations(answer: Answer, text: Cited, base: str) -> list[dict[str, Any]]:
    """For each quote the address that opens it, and where in the message's text its words stand."""
    citations = [
        {
            "url": f"{base}{quote.url}",
            "title": quote.document.title,
            "start_index": span.start,
            "end_index": span.end,
        }
        for quote, span in zip(answer.quotes[: len(text.quotes)], text.quotes, strict=True)
    ]
    return [{"type": "url_citation", "url_citation": citation} for citation in citations]


def _usage(asked: list[str], answered: str) -> dict[str, int]:
    """About how many tokens the question with its history and the answer have."""
    prompt, completion = (-(-len(text) // _CHARACTERS_OF_TOKEN) for text in ("\n".join(asked), answered))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _chunks(about: dict[str, Any], message: dict[str, Any], usage: dict[str, int] | None) -> Iterator[bytes]:
    """The answer as server-sent events: a chunk a paragraph, the annotations with the last, and a mark that ends it."""
    about = {**about, "object": "chat.completion.chunk"}
    paragraphs = message["content"].split("\n\n")
    contents = [f"{text}\n\n" for text in paragraphs[:-1]] + paragraphs[-1:]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in contents)]
    for delta in deltas:
        yield _chunk(about, [{"index": 0, "delta": delta, "finish_reason": None}])
    last = {"annotations": message["annotations"]}
    yield _chunk(about, [{"index": 0, "delta": last, "finish_reason": "stop"}])
    if usage:
        yield _chunk({**about, "usage": usage}, [])
    yield mark("[DONE]")


def _chunk(about: dict[str, Any], choices: list[dict[str, Any]]) -> bytes:
    return event({**about, "choices": choices})
