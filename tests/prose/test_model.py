"""The client of language models, against a server that misbehaves in every way a server can."""

import asyncio
import subprocess
import sys
from contextlib import aclosing
from typing import Any

import pytest

from askreport.config import load_settings
from askreport.errors import LanguageModelError, SettingError
from askreport.prose.model import MAX_CHARS, ChatModel, base_url
from tests.tools.scripted import Reply, Script, saying, scripted
from tests.tools.timing import ratio


def said(url: str, seconds: float = 10.0, **options: Any) -> str:
    async def collect() -> str:
        return "".join(
            [piece async for piece in ChatModel(url, seconds=seconds, **options).stream("Be brief.", "Why?")]
        )

    return asyncio.run(collect())


def failure(script: Script, seconds: float = 10.0) -> str:
    with scripted(script) as model, pytest.raises(LanguageModelError) as error:
        said(model.url, seconds)
    assert error.value.hint
    return error.value.message


def test_a_stream_arrives_word_by_word_and_whole() -> None:
    with scripted(saying("It is so, because it is. [1]")) as model:
        assert said(model.url, model="small", key="secret") == "It is so, because it is. [1]"
    assert model.paths == ["/v1/chat/completions"]
    assert model.keys == ["Bearer secret"]
    request = model.requests[0]
    assert (request["model"], request["stream"]) == ("small", True)
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_an_address_with_the_version_is_the_same() -> None:
    with scripted(saying("Yes.")) as model:
        assert said(f"{model.url}/v1/") == "Yes."
    assert model.paths == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://a:1", "http://a:1/v1"),
        ("http://a:1/", "http://a:1/v1"),
        ("http://a/v1", "http://a/v1"),
        ("https://a.example/proxy", "https://a.example/proxy/v1"),
        ("https://a.example/v1beta/openai/", "https://a.example/v1beta/openai"),
    ],
)
def test_base_url_adds_the_version_where_there_is_none(given: str, expected: str) -> None:
    assert base_url(given) == expected


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://a", "http://", "x"])
def test_what_is_no_address_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_LLM_URL"):
        ChatModel.of(load_settings({"ASKREPORT_LLM_URL": url}))


def test_nobody_listens() -> None:
    with scripted(saying("x")) as model:
        url = model.url
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        said(url)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_http_errors(status: int) -> None:
    def script(reply: Reply, body: dict[str, Any]) -> None:
        reply.head(status, "application/json")
        reply.raw('{"error": {"message": "no"}}')

    assert failure(script) == f"the language model's endpoint answered with HTTP {status}"


def hanging(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.wait_for_hang_up()


def hanging_after_words(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.chunk("One word")
    reply.wait_for_hang_up()


def silent(reply: Reply, body: dict[str, Any]) -> None:
    reply.model.ended.wait()


@pytest.mark.parametrize("script", [hanging, hanging_after_words, silent, saying("word " * 200, 0.05)])
def test_what_takes_too_long_is_ended(script: Script) -> None:
    # Three would never end; the fourth would be a whole answer, after ten seconds.
    assert failure(script, 0.5) == "the language model took too long"


def test_the_first_word_has_less_time_than_the_whole() -> None:
    # Half of it.
    assert 0.25 < ratio(lambda: failure(silent, 1.0), lambda: failure(hanging_after_words, 1.0), rounds=2) < 0.85


def broken(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.chunk("Half a sentence")


def not_json(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.raw("data: {half of it\n\n")


def other_json(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.raw('data: ["a list"]\n\ndata: 7\n\ndata: {"choices": [{"delta": 3}]}\n\n')


def no_choices(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.raw('data: {"other": 1}\n\n')


def a_page(reply: Reply, body: dict[str, Any]) -> None:
    reply.head(200, "text/html")
    reply.raw("<html>Welcome</html>")


def an_error_in_the_stream(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.raw('data: {"error": {"message": "out of memory"}}\n\n')


def bad_bytes(reply: Reply, body: dict[str, Any]) -> None:
    reply.head()
    reply.wfile.write(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n')


@pytest.mark.parametrize(
    "script", [broken, not_json, other_json, no_choices, a_page, an_error_in_the_stream, bad_bytes, saying("")]
)
def test_what_is_not_an_answer_is_a_failure(script: Script) -> None:
    assert "language model" in failure(script)


def test_a_model_without_an_end_is_cut_off() -> None:
    def script(reply: Reply, body: dict[str, Any]) -> None:
        reply.head()
        while not reply.model.ended.is_set():
            reply.chunk("and so on " * 20)

    with scripted(script) as model:
        with pytest.raises(LanguageModelError, match="did not come to an end"):
            said(model.url)
        assert model.gone.wait(30)
    assert MAX_CHARS < 10_000


def test_closing_the_stream_ends_the_call() -> None:
    async def first_word(url: str) -> str:
        async with aclosing(ChatModel(url).stream("", "Why?")) as pieces:
            return await anext(pieces)

    with scripted(hanging_after_words) as model:
        assert asyncio.run(first_word(model.url)) == "One word"
        assert model.gone.wait(30)


def test_cancelling_the_reader_ends_the_call() -> None:
    async def wait_a_little(url: str) -> None:
        async with asyncio.timeout(0.3):
            async for _ in ChatModel(url).stream("", "Why?"):
                pass

    with scripted(hanging) as model:
        with pytest.raises(TimeoutError):
            asyncio.run(wait_a_little(model.url))
        assert model.gone.wait(30)


def test_the_client_is_not_imported_where_no_model_is_set() -> None:
    script = (
        "import sys, askreport.service.app, askreport.cli.main, askreport.prose.writer; print('openai' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
