"""Clients of several services over one library: each goes to whatever service lives, with what it has seen."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from httpx2 import Client, Response, TransportError

from askreport.freshness import HEADER
from tests.tools.storm_facts import Fact

TIMEOUT = 45.0


class CutError(Exception):
    """The connection was cut, for the service at its end had been killed."""


class FailedError(Exception):
    """A request came to nothing; the message says why."""


@dataclass(slots=True)
class Service:
    """A service that answers, and whether it was killed."""

    url: str
    process: "subprocess.Popen[bytes]"
    is_killed: bool = False


@dataclass(slots=True, kw_only=True)
class Change:
    """A document that comes and perhaps goes, and when that was begun, acknowledged and done; 0 if it was not.

    Times are monotonic seconds; ``indexed`` is when its client saw that its job was done. ``there`` and ``gone`` are
    the generations in which that client saw it done.
    """

    fact: Fact
    begun: float
    acknowledged: float
    job: str
    document: str = ""
    indexed: float = 0.0
    answered: float = 0.0
    there: int = 0
    deleting: float = 0.0
    gone: int = 0

    def verdict(self, seen: int, quotes: Sequence[str]) -> str:
        """What is wrong with an answer's quotes for a client that had seen this generation when it asked."""
        is_quoted = any(self.fact.sentence in quote for quote in quotes)
        if self.gone and self.gone <= seen and is_quoted:
            return "quoted though it was deleted"
        if self.there and self.there <= seen and not self.deleting and not is_quoted:
            return "not quoted though it was there"
        return ""


class Session:
    """A client with its connections; it prefers the ``at``-th service, and is answered from nothing older than it saw.

    Not for several threads.
    """

    def __init__(self, services: Sequence[Service], at: int) -> None:
        self.seen = 0
        self.at = at
        self._services = services
        self._http = Client(timeout=TIMEOUT)

    def ask(self, question: str) -> list[str]:
        """The quotes of the answer; CutError, FailedError."""
        return [quote["text"] for quote in self.send("POST", "/ask", json={"question": question})["quotes"]]

    def send(self, method: str, path: str, **content: Any) -> Any:
        """What the service answers; FailedError also for every status that is none of success."""
        living = [each for each in self._services if not each.is_killed]
        service = living[self.at % len(living)]
        sent = self.seen
        try:
            response = self._http.request(method, f"{service.url}/api/v1{path}", headers={HEADER: str(sent)}, **content)
        except TransportError as error:
            if service.is_killed:
                raise CutError from None
            raise FailedError(f"{type(error).__name__} {error}") from None
        self._note(sent, response)
        if not response.is_success:
            raise FailedError(f"{response.status_code} {response.text[:300]}")
        return response.json()

    def turn(self) -> None:
        """Goes to the next service, as through a balancer of loads that knows no clients."""
        self.at += 1

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _note(self, sent: int, response: Response) -> None:
        if said := response.headers.get(HEADER):
            self.seen = int(said) if int(said) < sent else max(self.seen, int(said))


def until(deadline: float, pause: float = 0.3) -> bool:
    """Waits a moment; whether there is time left (monotonic seconds)."""
    time.sleep(pause)
    return time.monotonic() < deadline
