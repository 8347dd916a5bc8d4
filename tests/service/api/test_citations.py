"""Descriptions, citations and records over the API: read from files, corrected, cited, exported."""

import json
from pathlib import Path
from typing import Any

import pytest
import rispy

from tests.service.conftest import ServeFiles
from tests.tools.parts import TestClient

FILES = {
    "ferry.md": (
        "---\nauthor: Ann Lee\ndate: 2024-03-05\ntags: [ferries]\n---\n# Ferries\n\nThe ferry sails.\n\nIt is red.\n"
    ),
    "goats.txt": "The keeper kept nine goats.",
}


@pytest.fixture
def client(serve_files: ServeFiles) -> TestClient:
    return serve_files(FILES)


def id_of(client: TestClient, path: str) -> str:
    return next(str(each["id"]) for each in client.get("/api/v1/documents").json() if each["path"] == path)


def description(client: TestClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/documents/{id_of(client, path)}/description").json()
    return found


def test_a_description_is_read_from_the_file_and_corrected(client: TestClient) -> None:
    assert description(client, "ferry.md")["description"]["authors"] == ["Ann Lee"]
    address = f"/api/v1/documents/{id_of(client, 'ferry.md')}/description"
    changed = client.patch(address, json={"authors": ["Ann Lee", "Bo Roe"], "publisher": "Harbour Press"})
    assert changed.status_code == 200
    assert changed.json()["corrections"] == {"authors": ["Ann Lee", "Bo Roe"], "publisher": "Harbour Press"}
    found = description(client, "ferry.md")
    assert (found["description"]["publisher"], found["description"]["date"]) == ("Harbour Press", "2024-03-05")
    assert found["read"]["authors"] == ["Ann Lee"]
    assert client.patch(address, json={"authors": None}).json()["description"]["authors"] == ["Ann Lee"]
    wrongs: list[Any] = [{"colour": "red"}, {"title": ""}, {"url": "x"}, {"authors": "Ann"}, []]
    for wrong in wrongs:
        assert client.patch(address, json=wrong).status_code == 422
    assert client.patch("/api/v1/documents/none/description", json={"date": "2024"}).status_code == 404


def test_a_new_version_and_a_rebuild_keep_what_was_corrected(client: TestClient, tmp_path: Path) -> None:
    client.patch(f"/api/v1/documents/{id_of(client, 'goats.txt')}/description", json={"date": "1880"})
    before = id_of(client, "goats.txt")
    (tmp_path / "corpus" / "goats.txt").write_text("The keeper kept ten goats.")
    assert client.post("/api/v1/index/rebuild").status_code == 200
    assert id_of(client, "goats.txt") != before
    assert description(client, "goats.txt")["description"]["date"] == "1880"


def test_a_quote_is_cited_in_every_style_with_its_paragraph(client: TestClient) -> None:
    identity = id_of(client, "ferry.md")
    start = client.get(f"/api/v1/documents/{identity}").json()["text"].index("It is red")
    cited = client.get(f"/api/v1/documents/{identity}/citations", params={"start": start}).json()
    references = {each["style"]: each["reference"] for each in cited}
    assert references["apa"] == "(Lee, 2024, para. 2)"
    assert references["chicago"] == "Ann Lee, “Ferries,” March 5, 2024, para. 2."
    whole = client.get(f"/api/v1/documents/{identity}/citations").json()
    assert {each["style"]: each["entry"] for each in whole}["apa"] == "Lee, A. (2024, March 5). Ferries."
    assert client.get(f"/api/v1/documents/{identity}/citations", params={"start": 9_999}).status_code == 404


def test_records_are_exported_of_one_of_many_and_by_tag(client: TestClient) -> None:
    every = client.get("/api/v1/bibliography", params={"format": "csl-json"})
    assert every.headers["content-type"] == "application/vnd.citationstyles.csl+json; charset=utf-8"
    assert [each["title"] for each in json.loads(every.text)] == ["Ferries", "Goats"]
    one = client.get("/api/v1/bibliography", params={"format": "ris", "document": id_of(client, "goats.txt")})
    assert [each["title"] for each in rispy.loads(one.text)] == ["Goats"]
    tagged = client.get("/api/v1/bibliography", params={"format": "bibtex", "tag": "FERRIES"})
    assert tagged.text.startswith("@misc{lee2024ferries,")
    styled = client.get("/api/v1/bibliography", params={"format": "apa"})
    assert styled.text.splitlines() == ["Goats. (n.d.).", "Lee, A. (2024, March 5). Ferries."]
    assert client.get("/api/v1/bibliography", params={"document": "none"}).status_code == 404
    assert client.get("/api/v1/bibliography", params={"format": "word"}).status_code == 422


def test_documents_are_listed_by_tag(client: TestClient) -> None:
    found = client.get("/api/v1/documents", params={"tag": "Ferries"})
    assert [each["path"] for each in found.json()] == ["ferry.md"]
    assert found.headers["x-total-count"] == "1"


def test_an_answer_s_quotes_are_cited_as_they_were_corrected(client: TestClient) -> None:
    client.patch(f"/api/v1/documents/{id_of(client, 'ferry.md')}/description", json={"publisher": "Harbour Press"})
    page = client.get("/", params={"q": "The ferry sails"}, headers={"accept": "text/html"}).text
    assert "Ann Lee, Ferries, Harbour Press, 2024-03-05, paragraph 1" in page
