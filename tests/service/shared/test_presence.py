"""Work that ends with the client it is for."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from askreport.service.shared.presence import while_connected


def request(leaves_after: float) -> Request:
    async def receive() -> Message:
        await asyncio.sleep(leaves_after)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def work(seconds: float, ended: list[str]) -> str:
    try:
        await asyncio.sleep(seconds)
        ended.append("done")
        return "found"
    except asyncio.CancelledError:
        ended.append("cancelled")
        raise


@pytest.mark.parametrize(
    ("leaves_after", "takes", "found", "ended"), [(60, 0.01, "found", "done"), (0.01, 60, None, "cancelled")]
)
def test_the_first_to_end_decides(leaves_after: float, takes: float, found: str | None, ended: str) -> None:
    notes: list[str] = []
    assert asyncio.run(while_connected(request(leaves_after), work(takes, notes))) == found
    assert notes == [ended]


def test_what_the_work_raises_is_raised() -> None:
    async def failing() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(while_connected(request(60), failing()))
