"""Every response has the headers that keep a browser from doing more with it than the pages need."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from askreport.changes.types import Original
from askreport.guard.headers import DOCS_POLICY, SECURE_HEADERS
from askreport.service.api.documents import original_response
from tests.conftest import ROOT
from tests.tools.parts import TestClient
from tests.tools.small import application, settings_in


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return application(settings_in(tmp_path))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/?q=When+does+the+ferry+sail%3F", 200),
        ("/documents", 200),
        ("/healthz", 200),
        ("/api/documents", 200),
        ("/api/v1/documents", 200),
        ("/openapi.json", 200),
        ("/static/style.css", 200),
        ("/static/none.css", 404),
        ("/docs/assets/swagger-ui.css", 200),
        ("/evaluation", 404),
        ("/nothing", 404),
        ("/api/documents/none", 404),
        ("/api/ask", 405),
        ("/documents/none?page=x", 422),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_every_response_has_them(client: TestClient, path: str, status: int, accept: str) -> None:
    response = client.get(path, headers={"accept": accept})
    assert response.status_code == status
    for name, value in SECURE_HEADERS.items():
        assert response.headers.get_list(name) == [value]


def test_errors_of_the_checks_have_them(client: TestClient) -> None:
    for headers in ({"host": "evil.example"}, {"sec-fetch-site": "cross-site"}):
        response = client.post("/api/ask", headers=headers)
        assert response.status_code in (403, 421)
        assert SECURE_HEADERS.items() <= dict(response.headers).items()


def test_the_service_failing_has_them(app: FastAPI) -> None:
    app.add_api_route("/fail", lambda: 1 / 0)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/fail")
    assert response.status_code == 500
    assert SECURE_HEADERS.items() <= dict(response.headers).items()


def test_no_policy_lets_a_page_have_scripts_or_styles_in_itself(client: TestClient) -> None:
    assert client.get("/docs").headers["content-security-policy"] == DOCS_POLICY
    for policy in (SECURE_HEADERS["content-security-policy"], DOCS_POLICY):
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.xhtml", "a.eml", "a.docx", "a.js", "a", "a.pdf.html"])
def test_an_original_that_could_do_something_is_only_saved(name: str) -> None:
    response = original_response(Original(name, io.BytesIO(b"<script>alert(1)</script>"), ""), inline=True)
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.md"])
def test_an_original_that_is_shown_is_in_a_sandbox(name: str) -> None:
    response = original_response(Original(name, io.BytesIO(b"<script>alert(1)</script>"), ""), inline=True)
    assert response.headers["content-disposition"].startswith("inline")
    assert response.headers["content-security-policy"] == "sandbox"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_no_template_has_a_script_or_a_style_of_its_own() -> None:
    for file in (ROOT / "web" / "templates").glob("*.html"):
        text = file.read_text()
        assert " style=" not in text
        assert not any(f" on{event}=" in text for event in ("click", "load", "error", "submit", "change", "input"))
        assert text.count("<script") == text.count("<script src=") + text.count('<script type="module" src=')
        # The one page that is a file by itself, and never served.
        assert "<style" not in text or file.name == "standalone.html"
