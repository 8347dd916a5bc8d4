"""Notebooks over the API: kept, read again, re-checked, exported; each key has its own."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from askreport.guard.keys import KeyFile
from tests.service.conftest import ServeFiles
from tests.tools.parts import TestClient

WORDS = "The ferry to Texel sails every hour in summer and takes twenty minutes."
FILES = {
    "ferry.md": f"---\nauthor: Ann Lee\ndate: 2024\n---\n# Ferries\n\n{WORDS}\n\nIt is red.\n",
    "goats.txt": "Nine goats.",
}
BASE = "/api/v1/notebooks"


@pytest.fixture
def client(serve_files: ServeFiles) -> TestClient:
    return serve_files(FILES)


def made(client: TestClient, name: str = "Trip", **headers: str) -> str:
    response = client.post(BASE, json={"name": name}, headers=headers)
    assert response.status_code == 201
    return str(response.json()["id"])


def pin_of(client: TestClient, words: str = WORDS, **headers: str) -> dict[str, Any]:
    document = next(
        each["id"] for each in client.get("/api/v1/documents", headers=headers).json() if each["path"] == "ferry.md"
    )
    start = client.get(f"/api/v1/documents/{document}", headers=headers).json()["text"].index(words)
    return {"kind": "quote", "document": document, "start": start, "end": start + len(words), "note": "Look."}


def checked(client: TestClient, notebook: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = client.get(f"{BASE}/{notebook}").json()
    (item,) = found["items"]
    return item, found["states"][item["id"]]


def rewrite(client: TestClient, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "corpus" / "ferry.md"
    file.unlink()
    if text is not None:
        file.write_text(text)
    assert client.post("/api/v1/index/rebuild").status_code == 200


def test_a_quote_is_kept_with_its_words_its_source_and_a_note(client: TestClient) -> None:
    notebook = made(client)
    emphasis = pin_of(client, "every hour")
    pin = pin_of(client) | {"emphasis": [{"start": emphasis["start"], "end": emphasis["end"]}], "question": "When?"}
    kept = client.post(f"{BASE}/{notebook}/items", json=pin)
    assert kept.status_code == 201
    item, states = checked(client, notebook)
    assert item == kept.json()
    quote = item["content"]["quote"]
    assert (quote["text"], quote["paragraph"], item["note"]) == (WORDS, 1, "Look.")
    assert quote["emphasis"][0]["text"] == "every hour"
    assert item["content"]["description"]["authors"] == ["Ann Lee"]
    assert [state["status"] for state in states] == ["same"]
    assert [each["items"] for each in client.get(BASE).json()] == [1]


def test_what_is_no_place_in_a_document_is_not_kept(client: TestClient) -> None:
    notebook, pin = made(client), pin_of(client)
    for wrong in ({"end": 9_999}, {"end": pin["start"]}, {"start": -1}, {"kind": "x"}, {"context": [{"role": "x"}]}):
        assert client.post(f"{BASE}/{notebook}/items", json={**pin, **wrong}).status_code == 422
    assert client.post(f"{BASE}/{notebook}/items", json={**pin, "document": "none"}).status_code == 404
    assert client.post(f"{BASE}/none/items", json=pin).status_code == 404
    assert client.get(f"{BASE}/{notebook}").json()["items"] == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"# Ferries\n\nA new timetable.\n\n{WORDS}\n", "moved"),
        ("# Ferries\n\nThe ferry to Texel sails every two hours in summer and takes twenty minutes.\n", "different"),
        ("# Bridges\n\nA bridge was built, and nobody needs boats any longer.\n", "missing"),
        (None, "gone"),
    ],
)
def test_a_quote_whose_document_has_changed_says_so(
    client: TestClient, tmp_path: Path, text: str | None, status: str
) -> None:
    notebook = made(client)
    client.post(f"{BASE}/{notebook}/items", json=pin_of(client))
    rewrite(client, tmp_path, text)
    item, (state,) = checked(client, notebook)
    assert item["content"]["quote"]["text"] == WORDS
    assert state["status"] == status
    changed = [(each["kept"], each["now"]) for each in state["steps"] if each["kept"] != each["now"]]
    assert changed == ([("hour", "two hours")] if status == "different" else [])
    assert (state["url"] == "") == (status in ("missing", "gone"))
    exported = client.get(f"{BASE}/{notebook}/export", params={"format": "markdown"}).text
    assert "in the library any more" in exported or status != "gone"
    assert WORDS in exported


def test_a_conversation_is_kept_with_every_answer(client: TestClient) -> None:
    notebook = made(client)
    questions = ["The ferry to Texel sails every hour in summer", "It is red"]
    kept = client.post(f"{BASE}/{notebook}/items", json={"kind": "conversation", "questions": questions})
    assert kept.status_code == 201
    turns = kept.json()["content"]["turns"]
    assert [turn["question"] for turn in turns] == questions
    item, states = checked(client, notebook)
    assert len(states) == sum(len(turn["quotes"]) for turn in item["content"]["turns"]) > 0
    assert {state["status"] for state in states} == {"same"}


def test_a_comparison_is_kept_as_it_is(client: TestClient) -> None:
    notebook, content = made(client), {"title": "Ferries", "rows": [{"cells": ["a", None, 3]}]}
    kept = client.post(f"{BASE}/{notebook}/items", json={"kind": "comparison", "content": content})
    assert kept.json()["content"] == content
    assert '"cells"' in client.get(f"{BASE}/{notebook}/export", params={"format": "markdown"}).text
    large = {"kind": "comparison", "content": {"x": "y" * 950_000}}
    assert client.post(f"{BASE}/{notebook}/items", json=large).status_code == 422


def test_notes_names_and_items_are_changed_and_removed(client: TestClient) -> None:
    notebook = made(client)
    item = client.post(f"{BASE}/{notebook}/items", json=pin_of(client)).json()["id"]
    address = f"{BASE}/{notebook}/items/{item}"
    assert client.patch(address, json={"note": "Read\r\nagain. "}).json()["note"] == "Read\r\nagain. "
    assert checked(client, notebook)[0]["note"] == "Read\nagain."
    assert client.patch(f"{BASE}/{notebook}", json={"name": " The  trip "}).json()["name"] == "The trip"
    assert client.delete(address).json()["id"] == item
    assert client.delete(address).status_code == 404
    assert client.delete(f"{BASE}/{notebook}").json()["items"] == 0
    assert client.get(f"{BASE}/{notebook}").status_code == 404
    assert client.post(BASE, json={"name": " "}).status_code == 422


def test_a_notebook_is_exported_in_every_format_with_full_citations(client: TestClient) -> None:
    notebook = made(client, "A trip / 2024")
    client.post(f"{BASE}/{notebook}/items", json=pin_of(client) | {"question": "When?"})
    markdown = client.get(f"{BASE}/{notebook}/export", params={"format": "markdown", "style": "apa"})
    assert "filename*=UTF-8''A-trip---2024.md" in markdown.headers["content-disposition"]
    for words in (
        "# A trip / 2024",
        "## When?",
        f"> {WORDS}",
        r"(Lee, 2024, para. 1)",
        "**Note:** Look.",
        "Lee, A. (2024).",
    ):
        assert words in markdown.text.replace("\\", ""), words
    page = client.get(f"{BASE}/{notebook}/export", params={"format": "html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Ann Lee, “Ferries,” 2024, para. 1." in page.text
    data = client.get(f"{BASE}/{notebook}/export", params={"format": "docx", "style": "mla"}).content
    paragraphs = [each.text for each in docx.Document(BytesIO(data)).paragraphs]
    assert paragraphs[:4] == ["A trip / 2024", "When?", WORDS, "(Lee, par. 1)"]
    assert "Lee, Ann. “Ferries.” 2024." in paragraphs
    whole = json.loads(client.get(f"{BASE}/{notebook}/export", params={"format": "json"}).text)
    assert whole["items"][0]["states"][0]["status"] == "same"
    assert whole["sources"][0]["author"] == [{"family": "Lee", "given": "Ann"}]
    assert client.get(f"{BASE}/{notebook}/export", params={"format": "odt"}).status_code == 422


def test_no_key_reads_another_s_notebook_unless_it_is_shared(client: TestClient, tmp_path: Path) -> None:
    before = made(client, "Before there were keys")
    keys = KeyFile(tmp_path / "keys.json")
    anna, bert = {"x-api-key": keys.add("anna", "read")}, {"x-api-key": keys.add("bert", "write")}
    notebook = made(client, **anna)
    item = client.post(f"{BASE}/{notebook}/items", json=pin_of(client, **anna), headers=anna).json()["id"]
    addresses = [f"{BASE}/{notebook}", f"{BASE}/{notebook}/export"]
    for address in (*addresses, f"{BASE}/{before}"):
        assert client.get(address, headers=bert).status_code == 404
    assert client.get(BASE, headers=bert).json() == []
    changes: list[Callable[[], Any]] = [
        lambda: client.patch(f"{BASE}/{notebook}", json={"name": "Mine"}, headers=bert),
        lambda: client.post(f"{BASE}/{notebook}/items", json=pin_of(client, **bert), headers=bert),
        lambda: client.patch(f"{BASE}/{notebook}/items/{item}", json={"note": "Mine"}, headers=bert),
        lambda: client.delete(f"{BASE}/{notebook}/items/{item}", headers=bert),
        lambda: client.delete(f"{BASE}/{notebook}", headers=bert),
    ]
    assert {change().status_code for change in changes} == {404}
    assert client.patch(f"{BASE}/{notebook}", json={"shared": True}, headers=anna).json()["shared"]
    assert [client.get(address, headers=bert).status_code for address in addresses] == [200, 200]
    # Shared is to be read, and no more.
    assert {change().status_code for change in changes} == {403}
    assert client.get(f"{BASE}/{notebook}", headers=anna).json()["items"][0]["note"] == "Look."
    client.patch(f"{BASE}/{notebook}", json={"shared": False}, headers=anna)
    assert client.get(addresses[0], headers=bert).status_code == 404
    assert client.get(addresses[0]).status_code == 401
    # With a key to read, nothing else is changed.
    assert client.post("/api/v1/index/rebuild", headers=anna).status_code == 403
    assert client.patch(f"/api/v1/documents/{'0' * 16}/description", json={}, headers=anna).status_code == 403
