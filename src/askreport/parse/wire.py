"""What goes between the service and the processes that read files: JSON and byte strings in length-prefixed frames.

JSON, not pickle: what comes back was made of hostile bytes, and a reader that they took over must not be able to send
more than a document. ``decode`` checks that what it gets is one. The cache of read files holds the same frames.
"""

import io
import json
import re
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any, get_args

from askreport.digest import text_sha256
from askreport.errors import ParseError
from askreport.parse.limits import limited
from askreport.parse.options import Parsed
from askreport.types import Document, Heading, OutcomeStatus, Page, Span

Message = dict[str, Any]
_LENGTH = struct.Struct(">Q")
_IDENTITY = re.compile(r"[0-9a-f]{16}")
_STATUSES = get_args(OutcomeStatus)
# No frame of a file within the limits is larger.
MAX_FRAME = 2_000_000_000
# What a file says may be part of what is wrong with it, and is not to be longer than people read.
MAX_MESSAGE = 500
# So many kinds of what was left out of a file are told at most.
MAX_LEFT_OUT = 20


def send(stream: IO[bytes], message: Message, blobs: Sequence[bytes] = ()) -> None:
    """Writes one frame: the message, and the byte strings that belong to it."""
    head = json.dumps({**message, "blobs": [len(blob) for blob in blobs]}).encode()
    stream.write(_LENGTH.pack(len(head)))
    stream.write(head)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Message, list[bytes]]:
    """Reads one frame. Raises EOFError at its end or within a frame, ValueError for what is none."""
    text = _exactly(stream, _LENGTH.unpack(_exactly(stream, _LENGTH.size))[0])
    try:
        head = json.loads(text)
    except RecursionError:
        raise ValueError("this is not a frame") from None
    sizes = head.pop("blobs", None) if isinstance(head, dict) else None
    if not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes) or sum(sizes) > MAX_FRAME:
        raise ValueError("this is not a frame")
    return head, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    if not 0 <= size <= MAX_FRAME:
        raise ValueError(f"a frame of {size} bytes is too large")
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError
    return data


def encode(item: Parsed | ParseError) -> tuple[Message, tuple[bytes, ...]]:
    """A document that was read, or the error that one part of a file is, as a frame's message and byte strings."""
    if isinstance(item, ParseError):
        return {"kind": "error", "status": item.status, "message": item.message[:MAX_MESSAGE]}, ()
    return {"kind": "document", **asdict(item.document)}, item.layout


def decode(message: Message, blobs: Sequence[bytes]) -> Parsed | ParseError:
    """What ``encode`` made the frame of; ValueError if it is not that."""
    try:
        return _decode(dict(message), blobs)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"this is not what a reader sends: {error!r}"[:MAX_MESSAGE]) from None


def _decode(message: Message, blobs: Sequence[bytes]) -> Parsed | ParseError:
    kind = message.pop("kind")
    if kind == "error":
        if message["status"] not in _STATUSES:
            raise ValueError(f"{message['status']} is not a status")
        return ParseError(str(message["message"])[:MAX_MESSAGE], message["status"])
    if kind != "document":
        raise ValueError(f"{kind} is not a document")
    message["headings"] = tuple(Heading(**heading) for heading in message["headings"])
    message["pages"] = tuple(Page(**page) for page in message["pages"])
    message["left_out"] = tuple(str(each)[:MAX_MESSAGE] for each in message.get("left_out", ())[:MAX_LEFT_OUT])
    message["furniture"] = tuple(Span(*span) for span in message["furniture"])
    document = Document(**message)
    _check(document)
    if blobs and len(blobs) != len(document.pages):
        raise ValueError("there is not one layout for each page")
    return Parsed(limited(document), tuple(blobs))


def _check(document: Document) -> None:
    """Every span lies within the text, and the text is the one that its checksum says."""
    if not isinstance(document.text, str) or text_sha256(document.text) != document.sha256:
        raise ValueError("the text is not the one that was read")
    names = (document.path, document.title, *(heading.title for heading in document.headings))
    names += tuple(page.label for page in document.pages)
    numbers = [number for page in document.pages for number in (page.number, page.width, page.height)]
    numbers += [heading.level for heading in document.headings]
    if not all(isinstance(name, str) for name in names) or not all(isinstance(each, int | float) for each in numbers):
        raise ValueError("a name is no text or a number is none")
    if not _IDENTITY.fullmatch(document.id) or not isinstance(document.metadata, dict):
        raise ValueError("the document has no proper id or metadata")
    spans = [Span(heading.start, heading.end) for heading in document.headings]
    spans += [Span(page.start, page.end) for page in document.pages] + list(document.furniture)
    if not all(0 <= start <= end <= len(document.text) for start, end in spans):
        raise ValueError("a span lies outside the text")


def pack(items: Sequence[Parsed | ParseError]) -> bytes:
    """All that was read of a file as one byte string."""
    stream = io.BytesIO()
    for item in items:
        send(stream, *encode(item))
    return stream.getvalue()


def unpack(data: bytes) -> list[Parsed | ParseError]:
    """What ``pack`` made the byte string of; ValueError if it is not that."""
    stream = io.BytesIO(data)
    items = []
    try:
        while stream.tell() < len(data):
            items.append(decode(*receive(stream)))
    except EOFError:
        raise ValueError("this ends within a frame") from None
    return items
