"""Who may do what: a key or a session is asked for as soon as there are keys, or others can reach the service."""

from starlette.requests import Request

from askreport.config import Settings, is_loopback
from askreport.errors import ForbiddenError, RateLimitedError, SettingError, UnauthorizedError
from askreport.guard.hosts import KnownHosts
from askreport.guard.keys import Key, KeyFile, KeyRing
from askreport.guard.middleware import READING, unversioned
from askreport.guard.rate_limit import Buckets
from askreport.guard.sessions import COOKIE, session_key

# Open to all: they say nothing of the documents.
PUBLIC = ("/healthz", "/readyz", "/signin", "/signout")
PUBLIC_FOLDER = "/static/"
# What a key that may only read may POST: it asks, and changes nothing.
ASKING = (
    *("/api/ask", "/api/ask/stream", "/api/search", "/api/check", "/api/why", "/api/compare", "/api/compare/stream"),
    *("/check", "/v1/chat/completions", "/mcp"),
)

# Below these, a key changes what is its own, whatever its role: notebooks are nobody else's.
OWN = ("/api/notebooks", "/notebooks")


class Access:
    """The keys of a service and what is asked of each request.

    ``is_asked`` tells that the process which started this one asks for a key, whatever has become of the file since.
    Raises SettingError for a service that others can reach without any key, and KeyFileError.
    """

    def __init__(self, settings: Settings, is_asked: bool = False) -> None:
        self._file = KeyFile(settings.keys)
        self._buckets = Buckets(settings.rate)
        self._is_asked = is_asked or bool(self._file.current().keys)
        if not self._is_asked:
            _check_open(settings)

    @property
    def is_asked(self) -> bool:
        """Whether a key is asked for now, and so from now on; KeyFileError."""
        return self.ring() is not None

    def ring(self) -> KeyRing | None:
        """The keys as they are now, or None while none is asked for; KeyFileError.

        Once a key was asked for, one is until the service ends: losing the file opens nothing.
        """
        ring = self._file.current()
        self._is_asked = self._is_asked or bool(ring.keys)
        return ring if self._is_asked else None

    def check(self, request: Request) -> None:
        """Raises UnauthorizedError, ForbiddenError, RateLimitedError or KeyFileError if it is not to be answered.

        Leaves the key's name (``key``) and ``role``, and whether it was shown by a session, in the request's state.
        """
        if is_public(request.scope["path"]):
            return
        ring = self.ring()
        if ring is None:
            return
        key = shown_key(ring, request)
        if key is None:
            raise UnauthorizedError(
                "this service asks for a key, and the request has none that it knows",
                "Send `Authorization: Bearer KEY`, or sign in at /signin.",
            )
        request.state.key, request.state.role = key.name, key.role
        # First: what is refused takes the service's time as well.
        self._take(key)
        if key.role == "read" and changes_something(request):
            raise ForbiddenError(
                f"the key of {key.name} may read and not change anything", "Use a key made with `--role write`."
            )

    def _take(self, key: Key) -> None:
        seconds = self._buckets.take(key.name)
        if seconds:
            raise RateLimitedError(f"the key of {key.name} was used too often in a minute", "Slow down.", seconds)


def check_start(settings: Settings) -> Access:
    """The keys of a service that may start.

    Raises SettingError or KeyFileError if one with these settings would be open to others, or to nobody.
    """
    KnownHosts(settings.host, settings.hosts)
    return Access(settings)


def _check_open(settings: Settings) -> None:
    """Raises SettingError if others could reach a service without keys."""
    if not is_loopback(settings.host):
        raise SettingError(
            f"others could reach the service on {settings.host}, and it has no keys",
            "Make one with `askreport keys add NAME --role write`, or listen on 127.0.0.1.",
        )
    # Whom a proxy on this machine lets through, nobody here can tell.
    if settings.hosts.strip(", ") and not settings.without_keys:
        raise SettingError(
            f"the service goes by {settings.hosts}, and it has no keys: others could reach it through a proxy",
            "Make one with `askreport keys add NAME --role write`, or set ASKREPORT_WITHOUT_KEYS=true.",
        )


def shown_key(ring: KeyRing, request: Request) -> Key | None:
    """The key that the request shows, by itself or by a session; a session does not stand in for a wrong key."""
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return ring.find(presented.strip())
    if "x-api-key" in request.headers:
        return ring.find(request.headers["x-api-key"])
    cookie = request.cookies.get(COOKIE)
    key = session_key(ring, cookie) if cookie else None
    request.state.is_session = key is not None
    return key


def is_public(path: str) -> bool:
    """Whether anybody may call this address."""
    return path in PUBLIC or path.startswith(PUBLIC_FOLDER)


def is_own(path: str) -> bool:
    """Whether a key changes at this address, whose version is left out, only what is its own."""
    return any(path == each or path.startswith(f"{each}/") for each in OWN)


def changes_something(request: Request) -> bool:
    """Whether the request may change something; of addresses that nobody thought of, yes."""
    path = unversioned(request.scope["path"])
    is_asking = request.method == "POST" and path in ASKING
    return request.method not in READING and not is_asking and not is_own(path)
