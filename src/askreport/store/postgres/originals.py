"""The bytes of a library's files, by the ids of their contents: in PostgreSQL itself, or in another place."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from askreport.digest import content_id
from askreport.errors import SettingError, StoreError
from askreport.store.postgres.pool import Connection, Database

if TYPE_CHECKING:
    from obstore.store import RetryConfig

_S3 = "s3://"
# How often an object store is tried, which takes seconds; whoever asked comes again later.
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


class Originals(Protocol):
    """Where the bytes of files are kept; all methods may be called by any thread."""

    def put(self, content: str, data: bytes, connection: Connection) -> None:
        """Keeps a file's bytes, once, however often they are given.

        In PostgreSQL they are there when the connection's transaction is committed; elsewhere they are there before
        it is, and stay if it fails. StoreError, as for all methods, if the place cannot be used.
        """

    def get(self, content: str) -> bytes | None:
        """The bytes of this content, None if they are not kept, or are not any more what was kept."""

    def has(self, content: str) -> bool:
        """Whether there are bytes of this content, which ``get`` may still find changed."""

    def delete(self, content: str, connection: Connection) -> None:
        """Removes the bytes of this content, if they are there; elsewhere than in PostgreSQL at once.

        So it is the last thing in a transaction: of one that fails afterwards they are gone all the same.
        """


class PostgresOriginals:
    """The files' bytes in a table of PostgreSQL, so that they come and go with what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, content: str, data: bytes, connection: Connection) -> None:
        """Keeps a file's bytes with the transaction."""
        connection.execute(
            "INSERT INTO originals (content, bytes) VALUES (%s, %s) ON CONFLICT DO NOTHING", (content, data)
        )

    def get(self, content: str) -> bytes | None:
        """The bytes of this content, as they were put."""
        rows = self._rows("SELECT bytes FROM originals WHERE content = %s", content)
        return _checked(content, bytes(rows[0][0])) if rows else None

    def has(self, content: str) -> bool:
        """Whether the table has them."""
        return bool(self._rows("SELECT 1 FROM originals WHERE content = %s", content))

    def delete(self, content: str, connection: Connection) -> None:
        """Removes the bytes with the transaction."""
        connection.execute("DELETE FROM originals WHERE content = %s", (content,))

    def _rows(self, query: str, content: str) -> list[tuple[Any, ...]]:
        # A node that is read from may be a moment behind the one that has them.
        for newest in (False, True):
            with self._database.reading(newest) as connection, connection.cursor(binary=True) as cursor:
                if rows := cursor.execute(query.encode(), (content,)).fetchall():
                    return rows
        return []


class FolderOriginals:
    """The files' bytes in a folder that all services and workers share, each in a file called as its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: str, data: bytes, connection: Connection) -> None:
        """Writes the bytes to the disk under another name, which becomes theirs once they are all there."""
        with _folder_failures(self._folder):
            file = self._file(content)
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{content}.{uuid.uuid4().hex}")
            try:
                with new.open("xb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                new.replace(file)
            except BaseException:
                new.unlink(missing_ok=True)
                raise

    def get(self, content: str) -> bytes | None:
        """The file's bytes."""
        with _folder_failures(self._folder):
            try:
                return _checked(content, self._file(content).read_bytes())
            except FileNotFoundError:
                return None

    def has(self, content: str) -> bool:
        """Whether the file is there."""
        return self._file(content).is_file()

    def delete(self, content: str, connection: Connection) -> None:
        """Removes the file."""
        with _folder_failures(self._folder):
            self._file(content).unlink(missing_ok=True)

    def _file(self, content: str) -> Path:
        # Folders of millions of files are slow to list.
        return self._folder / content[:2] / content


class BucketOriginals:
    """The files' bytes in a bucket, each an object called as its content; the usual AWS variables say how to get in."""

    def __init__(self, address: str) -> None:
        try:
            self._bucket = S3Store.from_url(address, retry_config=_RETRIES)
        except (BaseError, ValueError) as error:
            raise _no_place(_first_line(error)) from None
        self._address = address

    def put(self, content: str, data: bytes, connection: Connection) -> None:
        """Sends the bytes, which are there at once, and whole."""
        with self._failures():
            self._bucket.put(content, data)

    def get(self, content: str) -> bytes | None:
        """The object's bytes."""
        with self._failures():
            try:
                return _checked(content, bytes(self._bucket.get(content).bytes()))
            except FileNotFoundError:
                return None

    def has(self, content: str) -> bool:
        """Whether the object is there."""
        with self._failures():
            try:
                self._bucket.head(content)
            except FileNotFoundError:
                return False
            return True

    def delete(self, content: str, connection: Connection) -> None:
        """Removes the object."""
        with self._failures():
            self._bucket.delete(content)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        about = f"the files in {self._address} cannot be reached"
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those of somebody who may read and write there."
            raise StoreError(f"{about}: {_first_line(error)}", hint) from error
        except BaseError as error:
            hint = "Is the object store running, and does AWS_ENDPOINT_URL lead there?"
            raise StoreError(f"{about}: {_first_line(error)}", hint, retry_after=2) from error


def open_originals(setting: str, database: Database) -> Originals:
    """Where ASKREPORT_ORIGINALS says that files are kept; SettingError if it cannot be understood."""
    if not setting:
        return PostgresOriginals(database)
    if setting.startswith(_S3):
        return BucketOriginals(setting)
    if "://" in setting:
        raise _no_place(f"{setting.partition('://')[0]}:// is not known")
    return FolderOriginals(Path(setting).expanduser())


def _no_place(reason: str) -> SettingError:
    hint = "Give a folder, s3://bucket/prefix, or nothing: the database then has them."
    return SettingError(f"ASKREPORT_ORIGINALS names no place for files: {reason}", hint)


def _checked(content: str, data: bytes) -> bytes | None:
    return data if content_id(data) == content else None


@contextmanager
def _folder_failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Allow reading and writing there, free space, or set ASKREPORT_ORIGINALS to another folder."
        raise StoreError(f"the folder {folder} cannot be used: {error.strerror}", hint, retry_after=2) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
