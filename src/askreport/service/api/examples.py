"""The examples of the OpenAPI document, by operation: a library with one note about a ferry."""

from typing import Any

_ID = "7b206ee36bc9d0fb"
_SHA = f"{_ID}5975f55086bc2ef040a4c502f4bca62e2025c301260422a1"
_TEXT = "The ferry to Texel sails every hour. It takes twenty minutes."
_QUESTION = "How often does the ferry to Texel sail?"
_REF = {"id": _ID, "title": "Ferry", "path": "ferry.txt", "sha256": _SHA}
_INDEX = {"generation": 1, "built_at": "2026-01-31T12:00:00+00:00"}
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
    "prose": None,
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
_DONE = {
    **_QUEUED,
    "status": "done",
    "finished": "2026-01-31T12:00:01+00:00",
    "stage": "writing",
    "done": 1,
    "total": 1,
    "outcomes": [_ADDED],
    "documents": [_ID],
}
_MANIFEST = {
    **_INDEX,
    "encoder": "all-MiniLM-L6-v2:53aa51172d14:onnx-v2",
    "dimension": 384,
    "chunking": "nupunkt-120-180-900-overlap1-v2",
    "library": _SHA,
    "counts": _COUNTS,
    "segments": [{"name": "segment-000001-0", "documents": 1, "passages": 1, "deleted": [], "dead": 0}],
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
    "post_check": {"text": "It says “sails every hour”."},
}
RESPONSES: dict[str, Any] = {
    "post_ask": _ANSWER,
    "post_search": {"question": _QUESTION, "passages": [_HIT], "index": _INDEX, "took_ms": 2.8},
    "post_check": _CHECKED,
    "post_why": _WHY,
    "get_documents": [{**_REF, "characters": 61, "passages": 1, "pages": 0, "metadata": {}}],
    "get_document": _DOCUMENT,
    "delete_document": {"id": _ID, "title": "Ferry", "files": ["ferry.txt"], "kept_in": "corpus/.deleted"},
    "post_documents": _QUEUED,
    "get_outcomes": [_OUTCOME],
    "post_rebuild": _REBUILT,
    "get_index": _MANIFEST,
    "get_all_jobs": [_DONE],
    "get_job": _DONE,
    "get_health": {"status": "ok"},
    "get_readiness": {"status": "ready"},
}
