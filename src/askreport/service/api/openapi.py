"""The OpenAPI document: what FastAPI derives from the routes, what holds for all of them, and their examples."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

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
    {
        "name": "sources",
        "description": "What describes documents, citations in styles, and records for Zotero and others.",
    },
    {"name": "notebooks", "description": "What is kept of what was found: quotes, conversations, comparisons, notes."},
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


# The examples, by operation: a library with one note about a ferry.
_ID = "7b206ee36bc9d0fb"
_SHA = f"{_ID}5975f55086bc2ef040a4c502f4bca62e2025c301260422a1"
_TEXT = "The ferry to Texel sails every hour. It takes twenty minutes."
_QUESTION = "How often does the ferry to Texel sail?"
_REF = {"id": _ID, "title": "Ferry", "path": "ferry.txt", "sha256": _SHA}
_INDEX = {"generation": 1, "built_at": "2026-01-31T12:00:00+00:00", "embedded": 1.0}
_COUNTS = {"documents": 1, "passages": 1, "sentences": 2}
_HIT = {
    "text": _TEXT,
    "document": _REF,
    "start": 0,
    "end": 61,
    "page": None,
    "heading": [],
    "score": 0.99,
    "dense": 0.85,
    "lexical": 1.44,
    "url": f"/documents/{_ID}#char=0,61",
    "page_label": "",
    "paragraph": 1,
}
_QUOTE = {
    "n": 1,
    "text": _TEXT[:36],
    "document": _REF,
    "start": 0,
    "end": 36,
    "page": None,
    "boxes": [],
    "heading": [],
    "score": 0.93,
    "url": f"/documents/{_ID}#char=0,36",
    "selector": [
        {"start": 0, "end": 36, "type": "TextPositionSelector"},
        {"exact": _TEXT[:36], "prefix": "", "suffix": _TEXT[36:], "type": "TextQuoteSelector"},
    ],
    "also_at": [],
    "ocr": False,
    "paragraph": 1,
    "context": [],
    "emphasis": [{"text": _TEXT[25:35], "start": 25, "end": 35}],
}
_ANSWER = {
    "question": _QUESTION,
    "status": "answered",
    "confidence": 0.93,
    "answer": _TEXT[:36],
    "quotes": [_QUOTE],
    "passages": [_HIT],
    "index": _INDEX,
    "took_ms": 16.2,
    "understood": _QUESTION,
    "differ": False,
    "languages": None,
    "prose": None,
    "reach": {"documents": 1, "of": 1},
    "overviews": [],
}
_MENTION = {
    "n": 1,
    "text": _TEXT[:36],
    "document": _REF,
    "start": 0,
    "end": 36,
    "page": None,
    "heading": [],
    "nearness": 0.91,
    "url": f"/documents/{_ID}#char=0,36",
    "page_label": "",
    "paragraph": 1,
    "context": [],
    "emphasis": [{"text": "ferry", "start": 4, "end": 9}],
}
_COLUMN = {"kind": "document", "value": _ID, "name": "Ferry", "documents": 1}
_COMPARISON = {
    "questions": [_QUESTION],
    "columns": [_COLUMN],
    "rows": [[{"question": 0, "column": 0, "status": "answered", "confidence": 0.93, "quote": _QUOTE}]],
    "index": _INDEX,
    "took_ms": 31.0,
}
_WHY = {
    "question": "How often does the fery to Texel sail?",
    "understood": "How often does the fery to Texel sail?",
    "acronyms": [],
    "unknown": [{"word": "often", "suggestions": []}, {"word": "fery", "suggestions": ["ferry"]}],
    "sentences": [
        {
            "document_id": _ID,
            "start": 0,
            "end": 36,
            "text": _TEXT[:36],
            "in_sentence": ["Texel", "sail"],
            "around": [],
            "missing": ["often", "fery"],
            "cosine": 0.6705,
            "coverage": 0.1719,
            "logit": 0.8452,
            "probability": 0.6723,
        }
    ],
}
_CHECKED = {
    "quotations": [
        {
            "text": "sails every hour",
            "start": 9,
            "end": 25,
            "line": 1,
            "status": "verbatim",
            "tolerated": [],
            "similarity": 1.0,
            "places": [
                {
                    "document": _REF,
                    "start": 19,
                    "end": 35,
                    "page": None,
                    "text": "sails every hour",
                    "url": f"/documents/{_ID}#char=19,35",
                    "left_out": [],
                }
            ],
            "differences": [],
        }
    ],
    "counts": {"verbatim": 1, "different": 0, "not_found": 0},
    "unpaired": [],
    "index": _INDEX,
    "took_ms": 3.9,
}
_DOCUMENT = {**_REF, "text": _TEXT, "headings": [], "pages": [], "furniture": [], "metadata": {}, "has_title": False}
_READ = {
    "title": "Ferry",
    "kind": "document",
    "authors": [],
    "date": "",
    "publisher": "",
    "place": "",
    "url": "",
    "doi": "",
    "accessed": "",
    "language": "en",
    "tags": [],
}
_CORRECTIONS = {"authors": ["Ann Lee"], "date": "2024-03-05", "tags": ["ferries"]}
_DESCRIBED = {"description": {**_READ, **_CORRECTIONS}, "read": _READ, "corrections": _CORRECTIONS}
_CITATION = {
    "style": "chicago",
    "name": "Chicago (notes)",
    "reference": "Ann Lee, “Ferry,” March 5, 2024, para. 1.",
    "entry": "Lee, Ann. “Ferry.” March 5, 2024.",
}
_NOTEBOOK = {
    "id": "5f3a9c0be1d27a64",
    "owner": "anna",
    "name": "Ferries",
    "shared": False,
    "created": "2026-01-31T12:00:00+00:00",
    "updated": "2026-01-31T12:00:00+00:00",
    "items": 1,
}
_KEPT_QUOTE = {
    "text": _TEXT[:36],
    "document": _REF,
    "start": 0,
    "end": 36,
    "page": None,
    "heading": [],
    "url": f"/documents/{_ID}#char=0,36",
    "ocr": False,
    "page_label": "",
    "paragraph": 1,
    "context": [],
    "emphasis": [],
}
_ITEM = {
    "id": "0be1d27a645f3a9c",
    "kind": "quote",
    "note": "Compare with the winter timetable.",
    "content": {"question": _QUESTION, "quote": _KEPT_QUOTE, "description": {**_READ, **_CORRECTIONS}},
    "created": "2026-01-31T12:00:00+00:00",
}
_STATE = {"status": "same", "url": f"/documents/{_ID}#char=0,36", "steps": []}
_OUTCOME = {"path": "ferry.txt", "status": "indexed", "reason": "", "documents": 1}
_QUEUED = {
    "id": "f888fa6c3113",
    "kind": "upload",
    "status": "queued",
    "created": "2026-01-31T12:00:00+00:00",
    "finished": "",
    "stage": "",
    "done": 0,
    "total": 0,
    "seconds_left": None,
    "files": ["ferry.txt"],
    "outcomes": [],
    "documents": [],
    "counts": None,
    "error": None,
}
_ADDED = {**_OUTCOME, "name": "ferry.txt", "documents": [_ID], "count": 1, "problems": []}
_CANCELLED = {"code": "cancelled", "message": "somebody cancelled it before it was done", "hint": None}
_DONE = {
    **_QUEUED,
    "status": "done",
    "finished": "2026-01-31T12:00:01+00:00",
    "stage": "writing",
    "done": 1,
    "total": 1,
    "states": ["indexed"],
    "outcomes": [_ADDED],
    "documents": [_ID],
}
_MANIFEST = {
    **_INDEX,
    "encoder": "all-MiniLM-L6-v2:53aa51172d14:onnx-v2",
    "dimension": 384,
    "chunking": "sentences-120-180-900-overlap1-v6",
    "library": _SHA,
    "counts": _COUNTS,
    "segments": [
        {"name": "segment-000001-0", "documents": 1, "passages": 1, "deleted": [], "dead": 0, "embedded": True}
    ],
    "next_number": 1,
    "files": {"segment-000001-0/library.sqlite": [24576, _SHA]},
    "format": 4,
}
_REBUILT = {
    "generation": 1,
    "published": True,
    "counts": _COUNTS,
    "outcomes": [_OUTCOME],
    "embedded": 1,
    "reused": 0,
    "seconds": 0.8,
}

_EXTRACT = {
    "text": "The ferry to Texel sails every hour.",
    "start": 0,
    "end": 36,
    "page": None,
    "page_label": "",
    "paragraph": 1,
    "heading": [],
    "url": f"/documents/{_ID}#char=0,36",
}
_SPOKEN = {
    "text": "Texel",
    "count": 1,
    "start": 13,
    "end": 18,
    "page": None,
    "page_label": "",
    "paragraph": 1,
    "url": f"/documents/{_ID}#char=13,18",
}
_DELETED = {"id": _ID, "title": "Ferry", "files": ["ferry.txt"], "kept_in": "corpus/.deleted"}

# One for all errors: what each status means is in its description.
ERROR = {
    "error": {
        "code": "document_not_found",
        "message": "no document 0123456789abcdef is in the index",
        "hint": "GET /api/documents lists them.",
    }
}
_ASKED = {"question": _QUESTION, "k": 5, "history": ["Where does the ferry go?"]}
REQUESTS: dict[str, Any] = {
    "post_ask": _ASKED,
    "post_ask_stream": _ASKED,
    "post_search": {"question": _QUESTION, "k": 5},
    "post_why": {**_ASKED, "question": _WHY["question"]},
    "post_compare": {"questions": [_QUESTION], "documents": [_ID]},
    "post_compare_stream": {"questions": [_QUESTION], "documents": [_ID]},
    "post_check": {"text": "It says “sails every hour”."},
    "patch_description": _CORRECTIONS,
    "post_notebook": {"name": "Ferries"},
    "patch_notebook": {"name": "Ferries", "shared": True},
    "post_item": {"kind": "quote", "document": _ID, "start": 0, "end": 36, "question": _QUESTION},
    "patch_item": {"note": _ITEM["note"]},
    "delete_documents": {"ids": [_ID]},
    "rename_document": {"name": "Ferries.txt"},
}
RESPONSES: dict[str, Any] = {
    "post_ask": _ANSWER,
    "post_search": {"question": _QUESTION, "passages": [_HIT], "index": _INDEX, "took_ms": 2.8},
    "get_mentions": {
        "question": "What do the documents say about the ferry?",
        "understood": "What do the documents say about the ferry?",
        "subject": "the ferry",
        "total": 1,
        "documents": [{"document": _REF, "mentions": 1}],
        "mentions": [_MENTION],
        "reach": {"documents": 1, "of": 1},
        "index": _INDEX,
        "took_ms": 9.6,
    },
    "get_filters": {
        "folders": {"timetables": 1},
        "tags": {"ferry": 1},
        "kinds": {"txt": 1},
        "languages": {"en": 1},
        "since": "2026-01",
        "until": "2026-01",
    },
    "post_compare": _COMPARISON,
    "post_check": _CHECKED,
    "post_why": _WHY,
    "get_overview": {
        "document": _REF,
        "characters": 61,
        "pages": 0,
        "outline": [],
        "key_sentences": [_EXTRACT],
        "conclusions": [_EXTRACT],
        "concludes": False,
        "dates": [],
        "names": [_SPOKEN],
        "figures": [],
        "questions": [{"question": _QUESTION, "answer": _EXTRACT, "score": 0.95}],
        "index": _INDEX,
        "took_ms": 120.5,
    },
    "get_documents": [
        {
            **_REF,
            "characters": 61,
            "passages": 1,
            "pages": 0,
            "metadata": {},
            "language": "en",
            "added": "2026-01-31T12:00:01+00:00",
        }
    ],
    "delete_documents": [{"id": _ID, "deleted": _DELETED, "error": None}],
    "replace_document": _QUEUED,
    "rename_document": {**_QUEUED, "kind": "reindex", "files": [], "states": []},
    "get_document": _DOCUMENT,
    "delete_document": _DELETED,
    "post_documents": _QUEUED,
    "get_outcomes": [_OUTCOME],
    "get_description": _DESCRIBED,
    "patch_description": _DESCRIBED,
    "get_citations": [_CITATION],
    "get_notebooks": [_NOTEBOOK],
    "post_notebook": _NOTEBOOK,
    "get_notebook": {"notebook": _NOTEBOOK, "items": [_ITEM], "states": {"0be1d27a645f3a9c": [_STATE]}},
    "patch_notebook": {**_NOTEBOOK, "shared": True},
    "remove_notebook": _NOTEBOOK,
    "post_item": _ITEM,
    "patch_item": _ITEM,
    "delete_item": _ITEM,
    "post_rebuild": _REBUILT,
    "get_index": _MANIFEST,
    "get_all_jobs": [_DONE],
    "get_job": _DONE,
    "cancel_job": {**_QUEUED, "status": "cancelled", "error": _CANCELLED},
    "get_health": {"status": "ok"},
    "get_readiness": {"status": "ready"},
}
