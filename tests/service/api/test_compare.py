"""The API of comparisons, whole and cell by cell."""

import json
import re
from typing import Any

import pytest

from askreport.compare.compare import MAX_QUESTIONS
from askreport.errors import OverloadedError
from tests.tools.parts import TestClient

BODY: dict[str, Any] = {
    "questions": ["does the SVR spy on China?", "Who advocates cooperation with China?"],
    "documents": ["china-russia-report.txt", "russian-services.md"],
}


def events(text: str) -> list[tuple[str, Any]]:
    return [(name, json.loads(data)) for name, data in re.findall(r"^event: (.*)\ndata: (.*)$", text, re.M)]


def test_a_comparison_is_a_table_of_the_best_quotes(client: TestClient) -> None:
    found = client.post("/api/v1/compare", json=BODY).json()
    assert found["questions"] == BODY["questions"]
    assert [column["documents"] for column in found["columns"]] == [1, 1]
    best = found["rows"][0][0]["quote"]
    assert "under agreement not to spy on the Chinese" in best["text"]
    assert best["document"]["path"] == BODY["documents"][0]
    assert all(cell["quote"] is None for row in found["rows"] for cell in row if cell["status"] == "not_found")


def test_the_stream_gives_the_same_cells_one_after_another(client: TestClient) -> None:
    whole = client.post("/api/v1/compare", json=BODY).json()
    told = events(client.post("/api/v1/compare/stream", json=BODY).text)
    assert [name for name, _ in told] == ["plan", *["cell"] * 4, "done"]
    assert told[0][1] == {"questions": whole["questions"], "columns": whole["columns"]}
    assert [cell for name, cell in told if name == "cell"] == [cell for row in whole["rows"] for cell in row]
    assert told[-1][1]["index"] == whole["index"]


@pytest.mark.parametrize("path", ["/api/v1/compare", "/api/v1/compare/stream"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"documents": ["none"]}, "document_not_found"),
        ({"folders": ["none"]}, "nothing_chosen"),
        ({"questions": [" "]}, "bad_request"),
        ({"questions": ["q"] * (MAX_QUESTIONS + 1)}, "bad_request"),
        ({"questions": []}, "bad_request"),
        ({"columns": ["a"]}, "bad_request"),
    ],
)
def test_what_cannot_be_compared_is_an_error(client: TestClient, path: str, body: dict[str, Any], code: str) -> None:
    assert client.post(path, json=BODY | body).json()["error"]["code"] == code


def test_a_cell_for_which_there_is_no_room_is_tried_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = client.app.state.gate  # type: ignore[attr-defined]
    enter = gate._enter
    refused: list[bool] = []

    def crowded() -> None:
        if len(refused) in (1, 3):
            refused.append(True)
            raise OverloadedError("full", None, 1)
        refused.append(False)
        enter()

    monkeypatch.setattr(gate, "_enter", crowded)
    found = client.post("/api/v1/compare", json=BODY)
    assert found.status_code == 200
    assert refused.count(True) == 2
    assert len(found.json()["rows"]) == 2
