"""The protocol's own client talks to the server, over stdio and over HTTP, in its old and its new version."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from askreport.agents.server import make_server
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.guard.keys import KeyFile
from askreport.service.app import create_app
from tests.conftest import CORPUS, REPORT
from tests.tools.parts import PARSERS
from tests.tools.serving import serving

QUESTION = "does the SVR spy on China?"


@pytest.fixture(scope="module")
def service(library: Library, corpus_index: Path) -> Iterator[str]:
    """The address of a running service over the whole corpus."""
    with serving(create_app(Settings(corpus=CORPUS, index=corpus_index), library, PARSERS)) as address:
        yield address


def talk(server: Any, work: Callable[[Client], Awaitable[None]], mode: str = "auto") -> None:
    async def run() -> None:
        async with Client(server, mode=mode, read_timeout_seconds=30) as client:
            await work(client)

    asyncio.run(run())


async def ask_search_fetch_list(client: Client) -> list[str]:
    """Goes through all tools and returns the addresses they cite."""
    listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == ["ask", "search", "mentions", "overview", "fetch", "list_documents"]
    for tool in listed:
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema
        assert tool.output_schema["type"] == "object"
    answer = await client.call_tool("ask", {"question": QUESTION})
    (quote, *_), text = answer.structured_content["quotes"], REPORT.read_text()
    assert quote["text"] == text[quote["start"] : quote["end"]]
    assert f"“{quote['text']}”" in answer.content[0].text  # type: ignore[union-attr]
    found = (await client.call_tool("search", {"query": "GRU", "limit": 3})).structured_content["results"]
    assert {"id", "title", "url", "text"} <= found[0].keys()
    fetched = (await client.call_tool("fetch", {"id": found[0]["id"]})).structured_content
    assert fetched.keys() == {"id", "title", "text", "url", "metadata"}
    assert found[0]["text"] in fetched["text"]
    told = (await client.call_tool("overview", {"id": found[0]["id"].partition(":")[0]})).structured_content
    assert told["key_sentences"]
    documents = (await client.call_tool("list_documents", {"limit": 2})).structured_content
    assert (len(documents["documents"]), documents["total"], documents["next"]) == (2, 11, 2)
    return [quote["url"], found[0]["url"], fetched["url"], told["url"], documents["documents"][0]["url"]]


def test_over_stdio_the_local_index_is_asked_and_files_are_cited(corpus_index: Path) -> None:
    async def work(client: Client) -> None:
        for url in await ask_search_fetch_list(client):
            assert url.startswith(f"{CORPUS.as_uri()}/")

    arguments = ["-m", "askreport", "mcp", "--index", str(corpus_index)]
    talk(StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ)), work)


def test_on_standard_output_there_is_nothing_but_the_protocol(corpus_index: Path) -> None:
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    call = {"name": "ask", "arguments": {"question": QUESTION}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    command = [sys.executable, "-m", "askreport", "mcp", "--index", str(corpus_index)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    rest, _ = process.communicate(timeout=10)
    assert [answer["id"] for answer in answers] == [1, 2]
    assert answers[1]["result"]["structuredContent"]["status"] == "answered"
    assert (rest, process.returncode) == ("", 0)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_over_http_the_service_is_asked_and_cited(service: str, mode: str) -> None:
    async def work(client: Client) -> None:
        for url in await ask_search_fetch_list(client):
            assert url.startswith(f"{service}/documents/")

    talk(f"{service}/mcp", work, mode)


def test_what_is_wrong_with_a_call_is_said_with_what_to_do(service: str) -> None:
    async def work(client: Client) -> None:
        for tool, given, said in [
            ("ask", {"question": " "}, "the question is empty (bad_request). Ask in a sentence"),
            ("ask", {}, "question: Field required"),
            ("ask", {"question": QUESTION, "mode": "deep"}, "mode: Extra inputs are not permitted"),
            ("fetch", {"id": "none"}, "(document_not_found)"),
        ]:
            result = await client.call_tool(tool, given)
            assert result.is_error
            assert said in result.content[0].text  # type: ignore[union-attr]
        with pytest.raises(MCPError, match="no tool 'delete'"):
            await client.call_tool("delete", {})

    talk(f"{service}/mcp", work)


def test_a_service_with_keys_asks_agents_for_one(library: Library, corpus_index: Path, tmp_path: Path) -> None:
    settings = Settings(corpus=CORPUS, index=corpus_index, keys=tmp_path / "keys.json")
    key = KeyFile(settings.keys).add("agent", "read")

    async def ask(url: str, headers: dict[str, str]) -> str:
        http = httpx2.AsyncClient(headers=headers)
        async with http, Client(streamable_http_client(url, http_client=http)) as client:
            result = await client.call_tool("ask", {"question": QUESTION})
            return str(result.structured_content["status"])

    with serving(create_app(settings, library, PARSERS)) as address:
        assert asyncio.run(ask(f"{address}/mcp", {"authorization": f"Bearer {key}"})) == "answered"
        with pytest.raises(BaseExceptionGroup):
            asyncio.run(ask(f"{address}/mcp", {}))


def test_without_an_index_a_tool_says_how_to_make_one(library: Library, tmp_path: Path) -> None:
    empty = Library(tmp_path / "none", library.encoder)

    async def work(client: Client) -> None:
        result = await client.call_tool("ask", {"question": QUESTION})
        assert result.is_error
        assert "askreport index" in result.content[0].text  # type: ignore[union-attr]

    talk(make_server(empty, asyncio.to_thread, lambda _: lambda *_: ""), work)


def test_many_agents_at_once_get_their_own_answers(service: str) -> None:
    async def ask(client: Client, query: str) -> str:
        result = await client.call_tool("search", {"query": query, "limit": 1})
        return str(result.structured_content["results"][0]["title"])

    async def run() -> tuple[list[str], list[str]]:
        queries = ["birth rate", "gas pipeline", "cyber espionage"]
        async with Client(f"{service}/mcp") as one, Client(f"{service}/mcp") as other:
            alone = [await ask(one, query) for query in queries]
            together = await asyncio.gather(*(ask(each, query) for query in queries for each in (one, other)))
        return alone, together[::2]

    alone, together = asyncio.run(run())
    assert alone == together
    assert len(set(alone)) == 3
