"""Requests to a service: sent again when it puts them off, never answered from an older state, read as dataclasses."""

import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

from httpx2 import Client as HttpClient
from httpx2 import Response, TransportError
from pydantic import TypeAdapter

from askreport.errors import ServiceError
from askreport.freshness import HEADER

API = "/api/v1"
# The longest that is waited before a request is sent again, in seconds.
MAX_PAUSE = 60.0
# Parts of a list that are fetched at a time.
PART = 1_000
_ASK_AGAIN = (429, 503)
_Reply = TypeVar("_Reply")
_Result = TypeVar("_Result")


class Transport:
    """The connections to one service; ServiceError, with the service's own code, message and hint."""

    def __init__(self, url: str, key: str | None, retries: int, timeout: float) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = HttpClient(base_url=url.rstrip("/") + API, headers=headers, timeout=timeout)
        self._retries = retries
        self._seen = 0

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def read(self, kind: type[_Reply], method: str, path: str, **content: Any) -> _Reply:
        """The reply to a request."""
        response = self._sent(method, path, **content)
        return _checked(response, lambda: read_reply(kind, response.content))

    def bytes(self, path: str, **content: Any) -> bytes:
        """What is at a path, as it is."""
        response = self._sent("GET", path, **content)
        return _checked(response, lambda: response.content)

    def listed(self, kind: type[_Reply], path: str) -> tuple[_Reply, ...]:
        """All of a list that the service gives in parts."""
        found: tuple[_Reply, ...] = ()
        while True:
            part = self.read(tuple[kind, ...], "GET", path, params={"limit": PART, "offset": len(found)})  # type: ignore[valid-type]
            found += part
            if len(part) < PART:
                return found

    def _sent(self, method: str, path: str, **content: Any) -> Response:
        for left in range(self._retries, -1, -1):
            sent = self._seen
            try:
                response = self._http.request(method, path, headers={HEADER: str(sent)} if sent else {}, **content)
            except TransportError as error:
                raise ServiceError(
                    f"there is no answer from {self._http.base_url}: {error or type(error).__name__}",
                    "Start it by `askreport serve`, or give its address.",
                    "service_unreachable",
                ) from None
            self._note(sent, response.headers.get(HEADER, ""))
            pause = _pause(response)
            if pause is None or not left:
                break
            time.sleep(pause)
        return response

    def _note(self, sent: int, said: str) -> None:
        """Remembers the generation that an answer is from."""
        if said.isdecimal():
            # One before that which was asked for: there is none newer, as after a return to a backup.
            self._seen = int(said) if int(said) < sent else max(self._seen, int(said))


def _pause(response: Response) -> float | None:
    """After how many seconds the service wants the request again, if it does."""
    after = response.headers.get("retry-after", "")
    return min(MAX_PAUSE, float(after)) if response.status_code in _ASK_AGAIN and after.isdecimal() else None


def _checked(response: Response, read: Callable[[], _Result]) -> _Result:
    """What is read of a response that is a success; ServiceError for every other one."""
    try:
        if response.is_success:
            return read()
        error = response.json()["error"]
        raise ServiceError(error["message"], error["hint"], error["code"])
    except (ValueError, KeyError, TypeError):
        raise ServiceError(
            f"{response.url} answers with status {response.status_code} and something that is not askreport's",
            "Give the address of an askreport service, or look at what stands between.",
        ) from None


def read_reply(kind: type[_Reply], content: bytes) -> _Reply:
    """The reply's JSON as an instance of ``kind``, all the way down; ValueError if it is not that."""
    adapter: TypeAdapter[_Reply] = _adapter(cast(Hashable, kind))
    return adapter.validate_json(content)


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
