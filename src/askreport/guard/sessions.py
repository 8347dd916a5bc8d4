"""Sessions of browsers: who signed in with which key, in a signed cookie, so that every process knows them."""

import hashlib
import time

from itsdangerous import BadData, URLSafeTimedSerializer

from askreport.guard.keys import Key, KeyRing

COOKIE = "askreport_session"
SESSION_SECONDS = 12 * 60 * 60
# Of the key's checksum, so that a session ends with its key, also if another key gets its name.
_SHOWN_DIGITS = 16


def open_session(ring: KeyRing, key: Key) -> str:
    """The cookie's value for someone who has shown this key."""
    return str(_signer(ring).dumps([key.name, key.sha256[:_SHOWN_DIGITS]]))


def session_key(ring: KeyRing, cookie: str) -> Key | None:
    """The key with which the session was opened, or None if it is over, forged, or its key was removed."""
    try:
        (name, digits), opened = _signer(ring).loads(cookie, return_timestamp=True)
    except BadData:
        return None
    # Also of a session that is from the future: the clock was set back since.
    if abs(time.time() - opened.timestamp()) > SESSION_SECONDS:
        return None
    key = ring.named(name)
    return key if key and key.sha256.startswith(digits) else None


def _signer(ring: KeyRing) -> URLSafeTimedSerializer:
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(ring.secret, salt="askreport.session", signer_kwargs=how)
