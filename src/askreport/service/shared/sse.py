"""Server-sent events: the one place that writes them.

FastAPI writes them too for a route that yields. But such a route has sent its status before its first event, and ours
answer an error with a status of its own.
"""

import json
from collections.abc import AsyncIterable, Iterable
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event

# No cache keeps a stream, and nginx does not hold it back.
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def event(data: Any, name: str | None = None) -> bytes:
    """An event with JSON as its data."""
    return format_sse_event(data_str=json.dumps(data), event=name)


def mark(data: str) -> bytes:
    """An event whose data is these very characters."""
    return format_sse_event(data_str=data)


def comment(text: str) -> bytes:
    """A line that readers skip, which keeps the connection open."""
    return format_sse_event(comment=text)


def stream(events: AsyncIterable[bytes] | Iterable[bytes]) -> StreamingResponse:
    """The response that sends the events as they come."""
    return EventSourceResponse(events, headers=_HEADERS)
