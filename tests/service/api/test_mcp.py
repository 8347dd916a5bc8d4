"""The address of the service where agents reach the server."""

import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture
def client(library: Library, corpus_index: Path) -> TestClient:
    app = create_app(Settings(corpus=CORPUS, index=corpus_index), library, PARSERS)
    return TestClient(app, base_url="http://127.0.0.1")


def test_one_request_is_answered_without_a_session(client: TestClient) -> None:
    for _ in range(2):
        response = client.post("/mcp", json=CALL, headers=ACCEPT)
        assert response.status_code == 200
        assert "mcp-session-id" not in response.headers
        assert response.json()["result"]["tools"][0]["name"] == "ask"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_are_no_streams_and_no_sessions_to_end(client: TestClient, method: str) -> None:
    response = client.request(method, "/mcp", headers={"accept": "text/event-stream"})
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"host": "evil.example.org"}, 421, "unknown_host"),
        ({"origin": "http://evil.example.org"}, 403, "cross_site"),
        ({"sec-fetch-site": "cross-site"}, 403, "cross_site"),
    ],
)
def test_the_checks_of_the_service_hold_here_too(
    client: TestClient, headers: dict[str, str], status: int, code: str
) -> None:
    response = client.post("/mcp", json=CALL, headers={**ACCEPT, **headers})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_neither_the_service_nor_other_commands_import_the_protocol() -> None:
    script = (
        "import sys, askreport.service.app, askreport.cli.main; print('mcp' in sys.modules, 'openai' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
