"""The client that chat programs are made with talks to the library as to a model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.followup import MAX_HISTORY
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import QuestionError
from askreport.service.api.openai import MODEL, Message, _questions, chat_error
from askreport.service.app import create_app
from tests.conftest import CORPUS, REPORT
from tests.tools.parts import PARSERS
from tests.tools.serving import serving

QUESTION = "does the SVR spy on China?"
ASKED: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def service(library: Library, corpus_index: Path) -> Iterator[str]:
    """The address of a running service over the whole corpus."""
    with serving(create_app(Settings(corpus=CORPUS, index=corpus_index), library, PARSERS)) as address:
        yield address


@pytest.fixture(scope="module")
def client(service: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{service}/v1", api_key="any", max_retries=0) as made:
        yield made


def test_the_answer_is_quotes_annotated_with_their_addresses(client: OpenAI, service: str) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=ASKED, temperature=0.2)
    (choice,) = completion.choices
    assert (choice.finish_reason, choice.message.role, completion.model) == ("stop", "assistant", MODEL)
    text, annotations = choice.message.content or "", choice.message.annotations or []
    assert text.startswith("1. “At the same time, while the SVR is under agreement not to spy on the Chinese")
    first = annotations[0].url_citation
    words = text[first.start_index : first.end_index]
    assert words in REPORT.read_text()
    assert first.title == "China Russia Report"
    page = httpx2.get(first.url)
    assert page.status_code == 200
    assert first.url.startswith(f"{service}/documents/")
    assert completion.usage
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.usage.completion_tokens > completion.usage.prompt_tokens > 0


def test_a_stream_brings_the_same_in_pieces(client: OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=ASKED).choices[0]
    with client.chat.completions.create(
        model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert choices[0].delta.role == "assistant"
    pieces = [choice.delta.content for choice in choices if choice.delta.content]
    assert len(pieces) > 1
    assert "".join(pieces) == whole.message.content
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    last = choices[-1].delta.model_dump()
    assert whole.message.annotations
    assert last["annotations"] == [each.model_dump() for each in whole.message.annotations]
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].usage


def test_the_stream_ends_as_clients_expect(service: str) -> None:
    body = {"model": MODEL, "messages": ASKED, "stream": True}
    response = httpx2.post(f"{service}/v1/chat/completions", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = response.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    assert all(event.startswith("data: ") for event in events[:-1])


def test_earlier_questions_are_the_history(client: OpenAI) -> None:
    conversation: list[Any] = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "1. “At the same time …”"},
        {"role": "user", "content": [{"type": "text", "text": "And the GRU?"}]},
    ]
    completion = client.chat.completions.create(model=MODEL, messages=conversation)
    assert (completion.choices[0].message.content or "").startswith("Understood as: does the GRU spy on China?")


def test_what_the_documents_do_not_say_is_refused(client: OpenAI) -> None:
    asked: list[Any] = [{"role": "user", "content": "How many moons does Jupiter have?"}]
    message = client.chat.completions.create(model=MODEL, messages=asked).choices[0].message
    assert (message.content, message.annotations) == ("The documents do not say.", [])


def test_some_documents_only(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model=MODEL, messages=ASKED, extra_body={"documents": ["none"]})
    assert caught.value.code == "document_not_found"


def test_the_one_model_is_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).owned_by == MODEL


def test_errors_have_the_shape_that_the_client_reads(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert (unknown.value.code, unknown.value.type) == ("model_not_found", "invalid_request_error")
    assert "The only one is 'askreport'" in unknown.value.message
    with pytest.raises(openai.UnprocessableEntityError) as empty:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": " "}])
    assert "the question is empty" in empty.value.message
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model=MODEL, messages=[])
    with pytest.raises(openai.NotFoundError) as nowhere:
        client.embeddings.create(model=MODEL, input="x")
    assert nowhere.value.code == "not_found"


def test_of_a_long_conversation_what_can_be_questions_is_read() -> None:
    said = [Message(role="user", content=f"Question {n}?") for n in range(MAX_HISTORY + 5)]
    said[-2] = Message(role="user", content="x" * (MAX_QUESTION_CHARS + 1))
    said[-3] = Message(role="user", content=[])
    read = _questions(said)
    assert len(read) == MAX_HISTORY + 1
    assert read[-2:] == ["Question 21?", "Question 24?"]
    with pytest.raises(QuestionError, match="no message is the user's"):
        _questions([Message(role="system", content="Hello")])


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "authentication_error"), (403, "permission_error"), (429, "rate_limit_error"), (503, "server_error")],
)
def test_each_status_has_its_type(status: int, kind: str) -> None:
    assert chat_error(status, "c", "m", "H")["error"] == {"message": "m. H", "type": kind, "code": "c", "param": None}
    assert chat_error(status, "c", "m", None)["error"]["message"] == "m"
