"""Frames: what is sent comes back, and nothing that is not a document passes for one."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.digest import text_sha256
from askreport.errors import ParseError
from askreport.parse.options import Parsed
from askreport.parse.wire import MAX_FRAME, decode, encode, pack, receive, send, unpack
from askreport.types import Document, Heading, Page, Span

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def parsed(text: str = "Head\n\nSome words.") -> Parsed:
    end = len(text)
    heading = Heading(start=0, end=min(4, end), level=1, title="Head")
    pages = (Page(number=1, start=0, end=end, width=612.0, height=792.0),)
    document = Document(
        id="0123456789abcdef",
        path="",
        title="",
        text=text,
        sha256=text_sha256(text),
        headings=(heading,),
        pages=pages,
        furniture=(Span(0, 0),),
        metadata={"lang": "en"},
    )
    return Parsed(document, (b"boxes",))


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_what_is_packed_is_unpacked(text: str, messages: list[str]) -> None:
    items: list[Parsed | ParseError] = [parsed(text), *(ParseError(message, "damaged") for message in messages)]
    found = unpack(pack(items))
    assert found[0] == items[0]
    assert [(item.status, item.message) for item in found[1:] if isinstance(item, ParseError)] == [
        ("damaged", message) for message in messages
    ]


@given(st.binary(max_size=60))
def test_other_bytes_are_a_value_error(data: bytes) -> None:
    if data:
        with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
            unpack(data)


@given(st.integers(1, 400))
def test_a_cut_frame_is_a_value_error(cut: int) -> None:
    data = pack([parsed()])
    with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
        unpack(data[: -min(cut, len(data) - 1)])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "picture"},
        {"id": "../../etc"},
        {"sha256": "0" * 64},
        {"text": 7},
        {"headings": [{"start": 0, "end": 10_000, "level": 1, "title": "x"}]},
        {"pages": [{"number": 1, "start": -1, "end": 2, "width": 1, "height": 1}]},
        {"furniture": [[5, 2]]},
        {"metadata": []},
        {"unknown": 1},
        {"headings": 3},
    ],
)
def test_a_document_that_is_none_is_refused(change: dict[str, Any]) -> None:
    message, blobs = encode(parsed())
    with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
        decode(json.loads(json.dumps(message)) | change, blobs)


def test_a_layout_for_other_pages_is_refused() -> None:
    message, _ = encode(parsed())
    with pytest.raises(ValueError, match="layout"):
        decode(message, [b"one", b"two"])


def test_an_error_of_an_unknown_status_is_refused() -> None:
    with pytest.raises(ValueError, match="status"):
        decode({"kind": "error", "status": "splendid", "message": "m"}, [])


def test_a_frame_that_says_it_is_huge_is_not_read() -> None:
    stream = io.BytesIO()
    send(stream, {"kind": "end"})
    data = (MAX_FRAME + 1).to_bytes(8, "big") + stream.getvalue()[8:]
    with pytest.raises(ValueError, match="too large"):
        receive(io.BytesIO(data))


def test_the_end_of_the_stream_is_an_eof_error() -> None:
    with pytest.raises(EOFError):
        receive(io.BytesIO())


def test_a_document_without_layout_comes_back_without() -> None:
    plain = replace(parsed(), layout=())
    assert unpack(pack([plain])) == [plain]
