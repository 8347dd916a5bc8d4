"""The headers of every response: what a browser may do with it, which is as little as the pages need."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Swagger UI draws its icons from addresses that hold them.
DOCS_POLICY = CONTENT_POLICY.replace("img-src 'self'", "img-src 'self' data:")
SECURE_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    # To our own pages only; "no-referrer" would take the origin from our own forms too.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # What one may see is not for a cache between that gives it to another, and a new version's scripts are wanted.
    "cache-control": "private, no-cache",
}
_RAW = [(name.encode(), value.encode()) for name, value in SECURE_HEADERS.items()]


class SecureHeaders:
    """Adds the headers to every response that has not its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = list(message.get("headers", ()))
                given = {name.lower() for name, _ in raw}
                message["headers"] = raw + [header for header in _RAW if header[0] not in given]
            await send(message)

        await self._app(scope, receive, send_with_headers)
