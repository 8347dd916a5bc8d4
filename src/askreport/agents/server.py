"""The library as a server of the Model Context Protocol: the tools of tools.py, over stdio and over HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeAlias

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from askreport.agents.overview import OverviewArguments, OverviewResult, overview_tool
from askreport.agents.tools import (
    MAX_CHARACTERS,
    Address,
    AskArguments,
    AskResult,
    DocumentList,
    FetchArguments,
    Fetched,
    ListArguments,
    MentionList,
    MentionsArguments,
    Result,
    SearchArguments,
    SearchItems,
    ask_tool,
    fetch_tool,
    file_address,
    list_tool,
    mentions_tool,
    search_tool,
)
from askreport.answering.library import Library
from askreport.errors import AskReportError

INSTRUCTIONS = (
    "Answers come from the user's own documents, as quotes that were checked against the text. Repeat a quote word for "
    "word, with its context and its place. If ask says that the documents do not say, say so; what search and fetch "
    "show is near, but is not an answer."
)

# A function and its arguments -> what it returns or raises, from another thread.
Run: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    title: str
    description: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    run: Callable[[Library, Address, Any], Result]


_TOOLS = {
    "ask": _Tool(
        title="Ask the documents",
        description="Answer a question by verbatim, verified quotes from the user's documents, each with its exact "
        "place; or say that the documents do not say. `history` lets a follow-up question be understood.",
        arguments=AskArguments,
        result=AskResult,
        run=ask_tool,
    ),
    "search": _Tool(
        title="Search the documents",
        description="List the passages of the user's documents that are nearest to a query, without judging whether "
        "they answer.",
        arguments=SearchArguments,
        result=SearchItems,
        run=search_tool,
    ),
    "mentions": _Tool(
        title="All mentions",
        description="List every sentence of the user's documents that bears on a subject or a question, by document, "
        "with how many there are in all: for lists, and for what the documents say about something.",
        arguments=MentionsArguments,
        result=MentionList,
        run=mentions_tool,
    ),
    "overview": _Tool(
        title="What is in a document",
        description="Tell what is in one of the user's documents, in its own words: outline, key sentences, "
        "conclusions, the dates, names and figures it speaks of, and questions that it answers: for summaries.",
        arguments=OverviewArguments,
        result=OverviewResult,
        run=overview_tool,
    ),
    "fetch": _Tool(
        title="Read a document",
        description=f"Read a search result with the text around it, or a document by its id: up to {MAX_CHARACTERS} "
        "characters at a time. To read on, give the `end` of what was read as the next `start`.",
        arguments=FetchArguments,
        result=Fetched,
        run=fetch_tool,
    ),
    "list_documents": _Tool(
        title="List the documents",
        description="List the user's documents by path; to see more, give `next` as the next `start`.",
        arguments=ListArguments,
        result=DocumentList,
        run=list_tool,
    ),
}


def make_server(
    library: Library, run: Run, address: Callable[[Any], Address], hide: Callable[[str], str] = str
) -> "Server[dict[str, Any]]":
    """The server over a library; ``address`` makes the addresses of a request's citations, given that request.

    ``run`` has a function called in another thread. ``hide`` takes out of an error what is not the client's to know.
    """

    async def list_tools(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(name, tool) for name, tool in _TOOLS.items()])

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        """What is wrong with a call is told to who made it, as the result."""
        tool = _TOOLS.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name!r}.")
        try:
            result: CallToolResult = await run(_call, tool, library, address(context.request), params.arguments or {})
            return result
        except AskReportError as error:
            return _failed(hide(f"{error.message} ({error.code})" + (f". {error.hint}" if error.hint else "")))

    return Server(
        "askreport",
        title="askreport",
        version=version("askreport"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(library: Library) -> None:
    """Serves on standard input and output until the client closes them; citations are addresses of files."""
    server = make_server(library, anyio.to_thread.run_sync, lambda _: file_address)

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)


def http_handler(
    library: Library, run: Run, hide: Callable[[str], str] = str
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """An ASGI application for streamable HTTP without sessions; citations are addresses of the service."""
    server = make_server(library, run, _address_by, hide)

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        # No request has anything to do with another, so each has a manager of its own, and nothing needs to be started
        # and ended with the service. The service itself has checked the host and the key.
        manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    return handle


def _address_by(request: Any) -> Address:
    base = str(request.base_url).rstrip("/")
    return lambda _, __, path: f"{base}{path}"


def _described(name: str, tool: _Tool) -> Tool:
    return Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        output_schema=tool.result.model_json_schema(),
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )


def _call(tool: _Tool, library: Library, address: Address, given: dict[str, Any]) -> CallToolResult:
    try:
        arguments = tool.arguments.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        return _failed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    result = tool.run(library, address, arguments)
    return CallToolResult(
        content=[TextContent(text=result.text)], structured_content=result.value.model_dump(mode="json")
    )


def _failed(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=message)], is_error=True)
