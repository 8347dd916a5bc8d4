"""The OpenAPI document: what FastAPI derives from the routes, and what holds for all of them."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from askreport.service.api.examples import ERROR, REQUESTS, RESPONSES

DESCRIPTION = """Questions answered by verified quotes from your own documents, or refused.

- **Versions**: the addresses below `/api/v1` keep their meaning; `/api` is the newest version.
- **Keys**: where the service has keys, send one as `Authorization: Bearer …`.
- **Errors** have one shape; programs test `code`, people read `message` and `hint`. A 429 or 503 with `Retry-After`
  may be tried again after so many seconds.
- **Lists** take `limit` and `offset`, and say in `X-Total-Count` how many there are.
- Every response has an **`X-Request-ID`**: the one the request came with, or a new one. The log knows it.
"""
TAGS = [
    {"name": "questions", "description": "Ask, search, and check the quotations of a draft."},
    {"name": "library", "description": "The documents and their files, the index, and the jobs that change them."},
    {"name": "service", "description": "For those who run the service."},
]
# What any operation may answer, before it is reached or when it fails.
ALWAYS = {
    "400": "The body cannot be read",
    "401": "A key is needed",
    "403": "The key may not do this, or a page of another site asked for a change",
    "413": "The request is larger than is taken",
    "421": "The service does not go by the host that the request names",
    "422": "The request cannot be processed as it is",
    "429": "Too many requests with this key",
    "500": "The service failed; its log says why, under the request's id",
    "503": "Too much to do, or no index that can be used",
}
RETRIED = ("429", "503")
# Never asked for a key, and too simple to be refused.
OPEN = ("get_health", "get_readiness")

_ERROR = {"$ref": "#/components/schemas/ErrorBody"}
# What FastAPI takes for an error of ours.
_DERIVED = {"$ref": "#/components/schemas/HTTPValidationError"}
# An event of a stream, as its reader gets it.
_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "contentMediaType": "application/json"}},
}
_HEADERS: dict[str, Any] = {
    "RequestId": {"description": "The request's id, also in the log.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds after which to try again, if that may help.", "schema": {"type": "integer"}},
}


def operation_id(route: APIRoute) -> str:
    """The name of the function that serves a route: short, and the same in every version."""
    return route.name


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """The methods that a path takes, of all routes together; a router itself knows those of the first one only."""
    routes = [each for each in iter_route_contexts(app.routes) if getattr(each, "path_regex", None)]
    return sorted({method for each in routes if each.path_regex.match(path) for method in each.methods or ()})


def describe(app: FastAPI) -> None:
    """Has the application's OpenAPI document say what this module knows."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        return completed(generate())

    app.openapi = openapi  # type: ignore[method-assign]


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document itself, completed; doing it again changes nothing."""
    components = document.setdefault("components", {})
    components["headers"] = _HEADERS
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "`askreport keys`"}}
    # A service for its own machine only may have no keys.
    document["security"] = [{}, {"key": []}]
    for operation in _operations(document):
        _complete(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    name, responses = operation["operationId"], operation["responses"]
    if name in OPEN:
        operation["security"] = []
    for status, meaning in ALWAYS.items():
        # Of a status that an operation describes itself, that is the better description.
        responses.setdefault(status, {"description": meaning})
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers["X-Request-ID"] = {"$ref": "#/components/headers/RequestId"}
        if status in RETRIED:
            headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
        if not status.startswith("2"):
            _as_error(response)
    _exemplify(operation.get("requestBody", {}), REQUESTS.get(name))
    success = next(response for status, response in responses.items() if status.startswith("2"))
    if "text/event-stream" in success.get("content", {}):
        success["content"]["text/event-stream"]["schema"] = _EVENT
    _exemplify(success, RESPONSES.get(name))


def _as_error(response: dict[str, Any]) -> None:
    """Gives a response the one shape of an error, unless the operation says that it has another."""
    content = response.setdefault("content", {}).setdefault("application/json", {})
    if content.get("schema", _DERIVED) in (_DERIVED, _ERROR):
        content.update(schema=_ERROR, example=ERROR)


def _exemplify(described: dict[str, Any], example: Any) -> None:
    """Puts an example, if there is one, to what is described."""
    if example is not None:
        for content in described["content"].values():
            content["example"] = example
