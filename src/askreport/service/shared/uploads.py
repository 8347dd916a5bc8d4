"""The files that a request brings."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from askreport.changes.incoming import unlock
from askreport.changes.staging import Staging
from askreport.changes.types import Job, LibraryJobs, LibraryManager, Replacing
from askreport.config import Settings
from askreport.errors import AskReportError, CorpusWriteError, QuestionError, UploadError
from askreport.parse import ParserPool

MAX_FILES = 100
# All files of one request together may be so many times as large as the largest single one.
MAX_FILES_OF_FULL_SIZE = 10
_FIELD = "files"
_PASSWORD = "password"  # noqa: S105
MAX_PASSWORD = 500
# Documents that are chosen at a time.
MAX_CHOSEN = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may bring; the sizes in bytes."""

    file: int
    total: int
    files: int = MAX_FILES

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits that the settings make."""
        largest = settings.max_file_bytes
        return cls(largest, MAX_FILES_OF_FULL_SIZE * largest)


async def receive(request: Request, manager: LibraryManager, limits: Limits, unlocking: ParserPool) -> Staging:
    """The files of a multipart request (field ``files``), written to disk as they come.

    PDFs that the field ``password`` opens are staged without their password, by the processes of ``unlocking``.

    Raises UploadError, QuestionError if the request is not of that form or has no file, and CorpusWriteError;
    nothing is then left behind. Whoever gets the staging must close it.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise QuestionError("the request is not multipart/form-data", f"Send files in the field {_FIELD!r}.")
    staging = await run_in_threadpool(manager.stage)
    with ExitStack() as undo, _explained(manager):
        undo.callback(staging.close)
        reader = _FormReader(staging, limits)
        undo.callback(reader.close)
        await _feed(request, reader, MultipartParser(options[b"boundary"], reader.callbacks()), limits)
        reader.check()
        if reader.password:
            await run_in_threadpool(unlock, staging.files, reader.password, unlocking)
        undo.pop_all()
    return staging


def upload_version(jobs: LibraryJobs, staging: Staging, file: str) -> Job:
    """Adds the one file that was staged as a new version of a file of the library.

    Raises QuestionError if it is not one file, and OtherKindError.
    """
    try:
        if len(staging.files) > 1:
            raise QuestionError("a new version is one file", "Send one file.")
        replacing = Replacing(file=file)
        # Told now, and not by a job.
        replacing.of(staging.files[0].name)
    except AskReportError:
        staging.close()
        raise
    return jobs.upload(staging, replacing)


async def _feed(request: Request, reader: "_FormReader", parser: MultipartParser, limits: Limits) -> None:
    """Gives the request's body to the parser, in threads, because it writes to disk.

    What comes after a limit is exceeded is received and dropped, up to as much again: a browser that cannot send its
    request to the end shows that, not the answer.
    """
    received = 0
    refused: UploadError | None = None
    async for chunk in request.stream():
        received += len(chunk)
        if refused is None:
            try:
                if received > limits.total:
                    raise _too_large(f"the files have more than {limits.total / 1e6:g} MB together")
                await run_in_threadpool(parser.write, chunk)
            except UploadError as error:
                refused = error
                reader.close()
        elif received > 2 * limits.total:
            break
    if refused:
        raise refused
    parser.finalize()


@contextmanager
def _explained(manager: LibraryManager) -> Iterator[None]:
    """Turns errors of the request and of the disk into the project's own."""
    try:
        yield
    except FormParserError:
        raise QuestionError("the request's form cannot be read", f"Send files in the field {_FIELD!r}.") from None
    except ClientDisconnect:
        raise QuestionError("the request ended before all of it had come", "Send it again.") from None
    except OSError as error:
        raise CorpusWriteError(
            f"the upload cannot be written to {manager.corpus}: {error.strerror}", "Free space, and send it again."
        ) from None


class _FormReader:
    """Writes the files of a form into a staging folder, called by the parser."""

    def __init__(self, staging: Staging, limits: Limits) -> None:
        self._staging = staging
        self._limits = limits
        self._header = self._value = b""
        self._disposition = b""
        self._file: IO[bytes] | None = None
        self._written = 0
        self._ended = False
        self._is_password = False
        self._password = b""

    @property
    def password(self) -> str:
        """What the field ``password`` says, "" if it is not there."""
        return self._password.decode("utf-8", "replace")

    def callbacks(self) -> Any:
        """The functions that the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_header,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def check(self) -> None:
        """Raises QuestionError unless the form came to its end and had a file."""
        if len(self._password) > MAX_PASSWORD:
            raise QuestionError(f"the password has more than {MAX_PASSWORD} bytes")
        if not self._ended:
            raise QuestionError("the request's form is cut short", "Send it again.")
        if not self._staging.files:
            raise QuestionError("no file was sent", f"Choose files first; a program sends them as {_FIELD!r}.")

    def close(self) -> None:
        """Closes the file that is being written, if there is one."""
        if self._file:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._disposition = b""
        self._written = 0
        self._is_password = False

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_password = options.get(b"name") == _PASSWORD.encode() and not options.get(b"filename")
        # An input without a chosen file sends a file without a name.
        if options.get(b"name") == _FIELD.encode() and options.get(b"filename"):
            if len(self._staging.files) == self._limits.files:
                raise _too_large(f"there are more than {self._limits.files} files")
            name = options[b"filename"].decode("utf-8", "replace")
            self._file = self._staging.place(name).open("xb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._is_password:
            self._password = (self._password + data[start:end])[: MAX_PASSWORD + 1]
        if self._file is None:
            return
        self._written += end - start
        if self._written > self._limits.file:
            name = self._staging.files[-1].name
            raise _too_large(f"{name} is larger than {self._limits.file / 1e6:g} MB")
        self._file.write(data[start:end])

    def _end(self) -> None:
        self._ended = True


def _too_large(what: str) -> UploadError:
    return UploadError(what, "Send fewer files at a time; ASKREPORT_MAX_FILE_MB is the limit of one file.")
