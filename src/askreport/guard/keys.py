"""The API keys: who may use a service that asks for one, in a small file that every process of the service reads.

A key is 256 random bits and cannot be guessed, so the file holds its plain SHA-256: a slow hash protects what people
choose, and would cost time with each request. The file also holds the secret that signs the sessions of browsers.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from askreport.errors import KeyFileError

PREFIX = "ask_"
MAX_NAME = 64
# How long a change waits for another one.
_PATIENCE = 10.0
Role: TypeAlias = Literal["read", "write"]
Name: TypeAlias = Annotated[str, Field(pattern=rf"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}$")]
# What tells one state of the file from another: its inode, time of change (nanoseconds) and size in bytes.
_Stamp: TypeAlias = tuple[int, int, int]


class Key(BaseModel):
    """One key: whose it is, what it may do, when it was made (UTC), and the SHA-256 of the key itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    role: Role
    created: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class KeyRing(BaseModel):
    """All keys of a service and the secret of its sessions; also the form of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = Field(default_factory=lambda: secrets.token_urlsafe(32), min_length=32, repr=False)
    keys: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _names_are_different(self) -> "KeyRing":
        if len({key.name for key in self.keys}) < len(self.keys):
            raise ValueError("two keys have one name")
        return self

    def find(self, presented: str) -> Key | None:
        """The key that this is, or None; the time it takes tells nothing of any key."""
        digest = _digest(presented)
        same = [key for key in self.keys if hmac.compare_digest(key.sha256, digest)]
        return same[0] if same else None

    def named(self, name: str) -> Key | None:
        """The key of this name, or None."""
        return next((key for key in self.keys if key.name == name), None)


class KeyFile:
    """The file of the keys: read again whenever it has changed, and replaced as a whole. Without a file, no keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[_Stamp | None, KeyRing] = (None, KeyRing())

    def current(self) -> KeyRing:
        """The keys as they are now; KeyFileError if the file cannot be read or is not what it should be."""
        stamp = self._stamp()
        if stamp != self._read[0]:
            self._read = (stamp, self._load() if stamp else KeyRing())
        return self._read[1]

    def add(self, name: str, role: Role) -> str:
        """Makes a key and returns it, which nothing can do again; KeyFileError for a name that is taken or unfit."""
        made = PREFIX + secrets.token_urlsafe(32)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            key = Key(name=name, role=role, created=created, sha256=_digest(made))
        except ValidationError:
            hint = f"Use up to {MAX_NAME} letters, digits, dots, hyphens and underscores."
            raise KeyFileError(f"{name!r} cannot be the name of a key", hint) from None
        with self._changing() as ring:
            if ring.named(name):
                raise KeyFileError(f"there is a key named {name}", "Choose another name, or remove that key first.")
            self._replace(ring.model_copy(update={"keys": (*ring.keys, key)}))
        return made

    def remove(self, name: str) -> None:
        """Removes a key, with which nobody gets in from now on; KeyFileError if there is none of that name."""
        with self._changing() as ring:
            if not ring.named(name):
                raise KeyFileError(f"there is no key named {name}", "`askreport keys list` shows all.")
            self._replace(ring.model_copy(update={"keys": tuple(key for key in ring.keys if key.name != name)}))

    def _stamp(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(f"cannot be read: {error.strerror}") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> KeyRing:
        try:
            return KeyRing.model_validate_json(self.path.read_bytes())
        except OSError as error:
            raise self._unusable(f"cannot be read: {error.strerror}") from None
        except ValidationError:
            # What it says would quote the file.
            raise self._unusable("is damaged") from None

    @contextmanager
    def _changing(self) -> Iterator[KeyRing]:
        """The keys, while nobody else changes them."""
        try:
            with FileLock(f"{self.path}.lock", timeout=_PATIENCE):
                yield self.current()
        except Timeout:
            raise self._unusable("is being changed by another process") from None
        except OSError as error:
            raise self._unusable(f"cannot be written: {error.strerror}") from None

    def _replace(self, ring: KeyRing) -> None:
        scratch = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        # One that a killed run left may have another owner or mode.
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(ring.model_dump_json(indent=2).encode())
            stream.flush()
            os.fsync(stream.fileno())
        scratch.replace(self.path)

    def _unusable(self, what: str) -> KeyFileError:
        return KeyFileError(
            f"the file of keys {self.path} {what}", "Repair or remove it; ASKREPORT_KEYS says which file is meant."
        )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
