"""An error as the service tells it: its HTTP status, its headers, and its one shape in the API's documentation."""

from collections.abc import Iterator
from errno import EMFILE, ENFILE
from typing import Any

from pydantic import BaseModel

from askreport.errors import AskReportError, OverloadedError

# Seconds after which a request may come again that met the end of what the process may open.
RETRY_AFTER = 1
# The HTTP status of each error of the project, for pages and API alike.
STATUS_OF = {
    "bad_request": 422,
    "bad_dataset": 422,
    "bad_setting": 422,
    "document_not_found": 404,
    "nothing_chosen": 404,
    "document_replaced": 410,
    "name_taken": 409,
    "other_kind": 409,
    "job_not_found": 404,
    "notebook_not_found": 404,
    "cross_site": 403,
    "unauthorized": 401,
    "forbidden": 403,
    "unknown_host": 421,
    "body_too_large": 413,
    "rate_limited": 429,
    "model_not_found": 404,
    "overloaded": 503,
    "bad_keys": 503,
    "bad_backup": 422,
    "bad_copy": 422,
    "language_model_failed": 502,
    "upload_too_large": 413,
    "source_changed": 409,
    "part_of_collection": 409,
    "outside_corpus": 409,
    "index_busy": 409,
    "taken": 409,
    "index_write_failed": 507,
    "corpus_write_failed": 507,
    "service_stopped": 503,
    "corpus_unreadable": 503,
    "index_missing": 503,
    "index_mismatch": 503,
    "index_damaged": 503,
    "store_unavailable": 503,
    "kept_unavailable": 503,
    "encoder_unavailable": 503,
}


class ErrorDetail(BaseModel):
    """``code`` for programs, ``message`` and ``hint`` for people."""

    code: str
    message: str
    hint: str | None


class ErrorBody(BaseModel):
    """The one shape of an error."""

    error: ErrorDetail


_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": ErrorBody, "description": "A page of another site asked for a change"},
    404: {"model": ErrorBody, "description": "No such document or job"},
    409: {"model": ErrorBody, "description": "Not possible as things are; the message says why"},
    410: {"model": ErrorBody, "description": "A new version has taken its place"},
    413: {"model": ErrorBody, "description": "More than is taken at once"},
    422: {"model": ErrorBody, "description": "The request cannot be processed as it is"},
    503: {"model": ErrorBody, "description": "No index, or not one that can be used"},
    507: {"model": ErrorBody, "description": "The index or the corpus folder could not be written"},
}


def known(error: Exception) -> AskReportError | None:
    """The error to tell of in place of one that it was met as; None if it is none of the project's.

    A process that has as many files open as it may meets that wherever it opens one, and so under many names.
    """
    if any(isinstance(each, OSError) and each.errno in (EMFILE, ENFILE) for each in _led_to(error)):
        return OverloadedError("the service has as many files open as it may", "Try again in a moment.", RETRY_AFTER)
    return error if isinstance(error, AskReportError) else None


def _led_to(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of an operation's errors for the API's own documentation."""
    return {status: _ERRORS[status] for status in statuses}


def status_of(problem: AskReportError | None) -> int:
    """The HTTP status of a page that shows this problem, or none."""
    return 200 if problem is None else STATUS_OF.get(problem.code, 500)


def headers_of(problem: AskReportError | None) -> dict[str, str]:
    """The headers of a response that tells of this problem, or none: after how many seconds to come again."""
    return {} if problem is None or problem.retry_after is None else {"retry-after": str(problem.retry_after)}
