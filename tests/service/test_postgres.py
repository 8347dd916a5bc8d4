"""The service over a library in PostgreSQL: every page and route, and a database that is away for a while."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from askreport.agents.tools import FetchArguments, ListArguments, SearchArguments, fetch_tool, list_tool, search_tool
from askreport.agents.tools import file_address as address
from askreport.config import Settings
from askreport.errors import AskReportError
from tests.tools.engine.postgres import Server
from tests.tools.parts import TestClient
from tests.tools.postgres import FILES, add, application, opened, settings_in

PAGE = {"accept": "text/html"}
PASSWORD = "never-to-be-shown"


@pytest.fixture(scope="module")
def settings(engine: Server, _vectors: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A library of two files, and one that could not be read."""
    folder = tmp_path_factory.mktemp("database")
    dsn = engine.create_database(_vectors).replace("postgres@", f"postgres:{PASSWORD}@")
    made = settings_in(folder, dsn, originals=str(folder / "originals"))
    add(made, {**FILES, "bad.pdf": b"no pdf"})
    return made


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with opened(settings) as library, TestClient(application(settings, library)) as made:
        yield made


def id_of(client: TestClient, path: str) -> str:
    found = [each["id"] for each in client.get("/api/v1/documents").json() if each["path"] == path]
    return str(found[0])


def test_what_the_api_says(client: TestClient) -> None:
    ferry = id_of(client, "ferry.txt")
    assert client.get(f"/api/v1/documents/{ferry}").json()["text"].startswith("The ferry")
    assert client.get("/api/v1/index").json()["counts"]["documents"] == 2
    question = {"question": "How long does the ferry take?"}
    for path in ("ask", "search", "why"):
        assert client.post(f"/api/v1/{path}", json=question).status_code == 200
    checked = client.post("/api/v1/check", json={"text": "It says “The ferry sails every hour.”"}).json()
    assert checked["counts"]["verbatim"] == 1
    assert client.get("/readyz").json() == {"status": "ready"}
    assert "askreport_index_documents 2.0" in client.get("/metrics").text


def test_what_became_of_each_file(client: TestClient) -> None:
    outcomes = {each["path"]: each["status"] for each in client.get("/api/v1/outcomes").json()}
    assert outcomes["ferry.txt"] == outcomes["garden.pdf"] == "indexed"
    page = client.get("/documents", headers=PAGE).text
    assert "ferry.txt" in page
    assert "garden.pdf" in page


def test_an_original_is_given_back_and_its_pages_are_drawn(client: TestClient) -> None:
    ferry, garden = id_of(client, "ferry.txt"), id_of(client, "garden.pdf")
    response = client.get(f"/api/v1/documents/{ferry}/original")
    assert response.content == FILES["ferry.txt"]
    assert "ferry.txt" in response.headers["content-disposition"]
    assert client.get(f"/documents/{garden}/pages/1.png").content.startswith(b"\x89PNG")
    page = client.get(f"/documents/{garden}", headers=PAGE)
    assert "pages/1.png" in page.text
    excerpt = client.get(f"/documents/{garden}/excerpt?mark=0-20")
    assert "pages/1.png" in excerpt.text


def test_an_original_that_is_gone_is_an_error_and_its_text_is_shown(client: TestClient, settings: Settings) -> None:
    garden = id_of(client, "garden.pdf")
    kept = [file for file in Path(settings.originals).rglob("*") if file.is_file()]
    moved = [(file, file.rename(file.with_suffix(".away"))) for file in kept]
    try:
        error = client.get(f"/api/v1/documents/{garden}/original")
        assert (error.status_code, error.json()["error"]["code"]) == (409, "source_changed")
        page = client.get(f"/documents/{garden}", headers=PAGE)
        assert page.status_code == 200
        assert "pages/1.png" not in page.text
        assert "gardener" in page.text
        assert "pages/1.png" not in client.get(f"/documents/{garden}/excerpt?mark=0-20").text
    finally:
        for before, now in moved:
            now.rename(before)


def test_the_pages_of_a_question(client: TestClient) -> None:
    for path in ("/", "/?q=When+does+the+ferry+sail%3F", "/why?q=ferry", "/conversation.md?q=ferry", "/check"):
        assert client.get(path, headers=PAGE).status_code == 200
    assert "verbatim" in client.post("/check", data={"text": "“The ferry sails every hour.”"}, headers=PAGE).text


def test_the_tools_of_agents(settings: Settings) -> None:
    with opened(settings) as library:
        found: Any = search_tool(library, address, SearchArguments(query="tulips", limit=1)).value
        assert found.results[0].url.startswith("/documents/")
        read: Any = fetch_tool(library, address, FetchArguments.model_validate({"id": found.results[0].id})).value
        assert "tulips" in read.text
        listed: Any = list_tool(library, address, ListArguments.model_validate({})).value
        assert listed.total == 2


def test_no_response_shows_the_password(client: TestClient) -> None:
    paths = ("/", "/documents", "/api/v1/index", "/api/v1/jobs", "/metrics", "/readyz", "/openapi.json")
    assert all(PASSWORD not in client.get(path, headers={"accept": "*/*"}).text for path in paths)


def test_a_database_that_is_away_is_503_until_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.PATIENCE", 0.5)
    monkeypatch.setattr("askreport.store.postgres.pool.HURRY", 0.2)
    monkeypatch.setattr("askreport.answering.library.TRIED_FOR", 0.1)
    with Server(durable=False) as server:
        address = server.create_database().replace("postgres@", f"postgres:{PASSWORD}@")
        settings = settings_in(tmp_path, address)
        add(settings)
        server.stop()
        # It starts all the same.
        with opened(settings) as library, TestClient(application(settings, library)) as client:
            shown = [
                client.post("/api/v1/ask", json={"question": "ferry?"}),
                client.get("/api/v1/documents"),
                client.get("/readyz"),
                *(client.get(path, headers=PAGE) for path in ("/", "/?q=ferry", "/documents", "/documents/x")),
            ]
            assert {response.status_code for response in shown} == {503}
            assert {response.headers["retry-after"] for response in shown} == {"2"}
            assert shown[0].json()["error"]["code"] == "store_unavailable"
            assert "Is it running?" in shown[-1].text
            assert "askreport_index_ready 0.0" in client.get("/metrics").text
            assert client.get("/healthz").status_code == 200
            server.start()
            began = time.monotonic()
            while client.post("/api/v1/ask", json={"question": "ferry?"}).status_code != 200:
                assert time.monotonic() < began + 10
            assert client.get("/", headers=PAGE).status_code == 200
    said = [response.text for response in shown]
    assert not any(PASSWORD in text for text in (*said, caplog.text))


@pytest.mark.parametrize("rest", ["@[::1:5/db", "@h/db?none=1", "/x@h/db", "@x@h/db", "@h:port/db", "%zz@h/db"])
def test_an_address_that_is_none_is_not_shown(tmp_path: Path, rest: str) -> None:
    settings = settings_in(tmp_path, f"postgresql://u:{PASSWORD}{rest}")
    with pytest.raises(AskReportError) as caught:
        opened(settings).__enter__()
    assert caught.value.code == "bad_setting"
    assert PASSWORD not in f"{caught.value.message} {caught.value.hint} {settings!r}"


def test_descriptions_and_notebooks_are_kept_in_the_database(client: TestClient) -> None:
    ferry = id_of(client, "ferry.txt")
    address = f"/api/v1/documents/{ferry}/description"
    assert client.patch(address, json={"authors": ["Ann Lee"], "date": "2024"}).status_code == 200
    assert client.get(address).json()["description"]["authors"] == ["Ann Lee"]
    notebook = client.post("/api/v1/notebooks", json={"name": "Trip"}).json()["id"]
    pin = {"kind": "quote", "document": ferry, "start": 0, "end": 9, "note": "Look."}
    assert client.post(f"/api/v1/notebooks/{notebook}/items", json=pin).status_code == 201
    found = client.get(f"/api/v1/notebooks/{notebook}").json()
    assert [item["content"]["quote"]["text"] for item in found["items"]] == ["The ferry"]
    assert [state["status"] for (state,) in found["states"].values()] == ["same"]
    for path in (f"/notebooks/{notebook}", f"/documents/{ferry}/cite?mark=0-9", f"/documents/{ferry}/describe"):
        assert client.get(path, headers=PAGE).status_code == 200
    exported = client.get(f"/api/v1/notebooks/{notebook}/export", params={"format": "markdown", "style": "apa"})
    assert "(Lee, 2024, para. 1)" in exported.text
