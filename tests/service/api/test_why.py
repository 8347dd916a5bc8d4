"""The explanation of an answer as JSON."""

import pytest

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.service.shared.gate import Gate
from tests.conftest import CORPUS
from tests.tools.parts import TestClient

SVR = "does the SVR spy on China?"


@pytest.mark.parametrize("path", ["/api/v1/why", "/api/why"])
def test_it_explains_the_answer_to_the_same_body(client: TestClient, path: str) -> None:
    body = {"question": "And the GRU?", "history": [SVR], "k": 20}
    answer, found = client.post("/api/v1/ask", json=body).json(), client.post(path, json=body).json()
    assert found["understood"] == answer["understood"]
    assert found["sentences"][0]["text"] == answer["quotes"][0]["text"]
    assert found["sentences"][0]["in_sentence"]


def test_it_can_be_asked_of_some_documents_only(client: TestClient) -> None:
    document = client.get("/api/documents").json()[0]["id"]
    found = client.post("/api/why", json={"question": SVR, "documents": [document]}).json()
    assert {each["document_id"] for each in found["sentences"]} == {document}


@pytest.mark.parametrize("body", [{}, {"question": ""}, {"question": "a", "prose": True}, {"question": "a", "k": 51}])
def test_what_cannot_be_processed_is_refused(client: TestClient, body: dict[str, object]) -> None:
    response = client.post("/api/why", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


def test_it_waits_its_turn_with_the_questions(library: Library) -> None:
    app = create_app(Settings(corpus=CORPUS, index=library.index), library)
    app.state.gate = Gate(1, waiting=0)
    with TestClient(app) as client:
        response = client.post("/api/v1/why", json={"question": SVR})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
