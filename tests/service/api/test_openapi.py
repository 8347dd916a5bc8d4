"""The service keeps to its OpenAPI document, whatever is asked of it, and the document is complete."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    SimpleCheckConfig,
)
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.readers import load_scorer
from askreport.service.api.openapi import completed
from askreport.service.app import create_app
from askreport.service.shared.problems import STATUS_OF
from tests.tools.parts import PARSERS, folder

NOTES = {
    "ferry.txt": "The ferry to Texel sails every hour. It takes twenty minutes.",
    "goats.md": "# The lighthouse\n\nThe keeper of the lighthouse kept nine goats.",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> FastAPI:
    """A service over a small library of its own."""
    place = tmp_path_factory.mktemp("contract")
    given = Settings(corpus=folder(place / "corpus", NOTES), index=place / "index")
    ingest([given.corpus], given.index, encoder, PARSERS)
    return create_app(given, Library(given.index, encoder, load_scorer(given.reader, given.cache)), PARSERS)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of the application, served by the real server in a thread."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as found:
        yield found


def failures(address: str, examples: int) -> Iterator[str]:
    """What schemathesis finds wrong by examples, by the bounds of each parameter, by chance, and by following links."""
    generation = GenerationConfig(max_examples=examples, deterministic=True)
    # A new notebook is there; what is 404 when something is put into it is the document that the body names.
    examined = ChecksConfig(ensure_resource_availability=SimpleCheckConfig(enabled=False))
    project = ProjectConfig(generation=generation, request_timeout=30, checks=examined)
    config = SchemathesisConfig(projects=ProjectsConfig(default=project), seed=1)
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            yield str(event)
        if isinstance(event, ScenarioFinished):
            for checks in event.recorder.checks.values():
                for check in checks:
                    if info := check.failure_info:
                        yield f"{info.failure.operation}: {info.failure}\n{info.code_sample}"


def test_whatever_is_asked_the_service_keeps_to_its_contract(address: str) -> None:
    found = list(failures(address, 10))
    assert not found, "\n\n".join(found)


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    made: dict[str, Any] = app.openapi()
    return made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_version_is_that_of_the_package_and_the_api_is_listed_once(document: dict[str, Any]) -> None:
    assert document["info"]["version"] == version("askreport")
    assert "/api/v1/ask" in document["paths"]
    assert not [path for path in document["paths"] if path.startswith("/api/") and not path.startswith("/api/v1/")]


def test_the_newest_version_is_served_without_a_number_too(app: FastAPI, document: dict[str, Any]) -> None:
    served = {each.path for each in iter_route_contexts(app.routes)}
    versioned = {path for path in document["paths"] if path.startswith("/api/v1/")}
    assert {path.replace("/api/v1/", "/api/") for path in versioned} <= served


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    described = {tag["name"] for tag in document["tags"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= described, name
        for response in operation["responses"].values():
            assert response["headers"]["X-Request-ID"], name


def test_every_operation_documents_what_the_middlewares_answer(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        responses = operation["responses"]
        assert responses.keys() >= {"401", "403", "413", "421", "422", "429", "500", "503"}, name
        assert "Retry-After" in responses["429"]["headers"], name
        assert "Retry-After" in responses["503"]["headers"], name


def test_every_status_of_an_error_is_one_that_can_be_documented(document: dict[str, Any]) -> None:
    documented = {status for _, operation in operations(document) for status in operation["responses"]}
    # A language model that fails is told within a stream or an answer (prose.py).
    assert {str(status) for status in STATUS_OF.values()} - {"502"} <= documented


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    found = 0
    for name, operation in operations(document):
        described = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (each for body in described for each in body.get("content", {}).values()):
            if "example" in content:
                schema = {**content["schema"], "components": document["components"]}
                errors = [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(content["example"])]
                assert errors == [], name
                found += 1
    assert found > 100


def test_every_body_and_every_json_answer_of_the_library_has_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if "/api/v1/" not in name:
            continue
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        answers = [each for status, each in operation["responses"].items() if status.startswith("2")]
        contents = [each.get("content", {}).get("application/json") for each in answers]
        for content in [body, *contents[:1]]:
            assert content is None or "example" in content, name


def test_completing_the_document_again_changes_nothing(app: FastAPI, document: dict[str, Any]) -> None:
    before = json.dumps(document)
    assert json.dumps(completed(document)) == before
    assert json.dumps(app.openapi()) == before


def test_a_method_that_is_not_allowed_is_told_those_that_are(address: str) -> None:
    answer = httpx2.request("PATCH", f"{address}/api/v1/documents")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert httpx2.request("OPTIONS", f"{address}/api/documents/x").headers["allow"] == "DELETE, GET, PATCH"
    assert httpx2.head(f"{address}/api/v1/ask").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"question": "a\\u0000b"}', "application/json"),
        (b'{"question": "\\ud800"}', "application/json"),
        (b'{"question": "a", "k": 1e400}', "application/json"),
        (b'{"question": "a", "k": %s}' % (b"9" * 5_000), "application/json"),
        (b'{"question": "\xff\xfe"}', "application/json"),
        (b'{"question": "a", "documents": ["\\ud800"]}', "application/json"),
        (b'{"question": "a"}', "text/plain"),
        (b"question=a", "application/x-www-form-urlencoded"),
        (b'{"a":' * 50_000, "application/json"),
        (b"[" * 500_000, "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/search"])
def test_bodies_of_all_kinds_are_answered_or_refused_never_failed_at(
    address: str, path: str, content: bytes, kind: str
) -> None:
    answer = httpx2.post(f"{address}{path}", content=content, headers={"content-type": kind}, timeout=20)
    assert answer.status_code in (200, 400, 404, 422)


@pytest.mark.parametrize("document_id", ["%00", "%ED%A0%80", "%FF", "a" * 4_000, "..%2f..", "%F0%9F%90%90", "%25", "'"])
def test_any_id_of_a_document_or_job_is_answered(address: str, document_id: str) -> None:
    for path in ("documents/{}", "documents/{}/original", "jobs/{}", "jobs/{}/events"):
        answer = httpx2.get(f"{address}/api/v1/{path.format(document_id)}")
        assert (answer.status_code, answer.json().keys()) == (404, {"error"})
