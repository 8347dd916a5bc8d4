"""The names the service goes by."""

import re

from starlette.requests import Request

from askreport.errors import SettingError, UnknownHostError

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_WILDCARDS = ("0.0.0.0", "[::]")  # noqa: S104
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?", re.IGNORECASE)


class KnownHosts:
    """The names the service goes by: those of loopback, the address it listens on, and those of the settings.

    A page of another site whose name is made to lead to this machine (DNS rebinding) still calls it by that name.
    """

    def __init__(self, host: str, names: str) -> None:
        """``names`` has commas between; SettingError if one cannot be the name of a host."""
        listed = [name.strip() for name in names.split(",") if name.strip()]
        for name in listed:
            if not host_name(name):
                raise SettingError(
                    f"ASKREPORT_HOSTS: {name!r} is not the name of a host",
                    "List names, as ask.example.org.",
                )
        listening = host_name(f"[{host}]" if ":" in host else host)
        self._names = {*_LOOPBACK, listening, *map(host_name, listed)} - {"", *_WILDCARDS}

    def check(self, request: Request) -> None:
        """Raises UnknownHostError unless the request names one of them, once."""
        named = request.headers.getlist("host")
        if len(named) != 1 or host_name(named[0]) not in self._names:
            raise UnknownHostError(
                "the service does not go by the name it was called by",
                "Call it as 127.0.0.1, or start it with that name in ASKREPORT_HOSTS.",
            )


def host_name(value: str) -> str:
    """The name in a Host header, in lower case and without the port; "" if it cannot be one."""
    found = _HOST.fullmatch(value)
    return found[1].lower().removesuffix(".") if found else ""
