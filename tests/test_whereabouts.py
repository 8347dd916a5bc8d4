"""No client is told where the service's folders are, by whatever error and in whatever form."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.store import latest_generation
from askreport.whereabouts import Whereabouts
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, folder, part
from tests.tools.small import QUESTION, application, settings_in

HTML = {"accept": "text/html"}


def test_of_a_place_the_folders_name_is_left() -> None:
    settings = Settings(corpus=Path("/srv/library/files"), index=Path("/srv/library"), keys=Path("/etc/a/keys.json"))
    hide = Whereabouts(settings).hide
    said = "/srv/library/files/x.txt is not in /srv/library, says /etc/a/keys.json; see /docs and /srv/other"
    assert hide(said) == "files/x.txt is not in library, says keys.json; see /docs and /srv/other"


def test_a_folder_that_is_named_by_a_short_way_is_hidden_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Whereabouts(Settings()).hide(f"{tmp_path}/corpus/a.txt, corpus/b.txt") == "corpus/a.txt, corpus/b.txt"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_in(tmp_path / "secret-place")
    folder(made.corpus, {"ferry.txt": "The ferry sails every hour."})
    ingest([made.corpus], made.index, HashingEncoder(), PARSERS)
    return made


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(application(settings), follow_redirects=False) as made:
        yield made


def everything(client: TestClient) -> Iterator[str]:
    """What the service says by each way on which it may meet an error."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call["params"] = {"name": "search_documents", "arguments": {"question": "ferry"}}
    agents = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    chat = {"model": "askreport", "messages": [{"role": "user", "content": "When does the ferry sail?"}]}
    files = [("files", ("goats.txt", b"Nine goats."))]
    for response in (
        *(client.get(path, headers=HTML) for path in ("/", "/?q=ferry", "/documents", "/check", "/evaluation")),
        *(client.get(path) for path in ("/api/documents", "/api/index", "/readyz", "/api/jobs", "/api/outcomes")),
        client.post("/api/ask", json=QUESTION),
        client.post("/api/index/rebuild"),
        client.post("/v1/chat/completions", json=chat),
        client.post("/mcp", json=call, headers=agents),
        client.post("/check", data={"text": "It says “every hour”."}, headers=HTML),
        client.post("/api/documents", files=files),
        client.post("/documents", files=files, headers=HTML),
    ):
        yield response.text


def damage(settings: Settings) -> None:
    file = part(settings.index, latest_generation(settings.index), "library.sqlite")
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def lose_index(settings: Settings) -> None:
    shutil.rmtree(settings.index)
    settings.index.write_text("no folder")


def lose_corpus(settings: Settings) -> None:
    shutil.rmtree(settings.corpus)


def damage_keys(settings: Settings) -> None:
    settings.keys.write_text("{")


@pytest.mark.parametrize("harm", [damage, lose_index, lose_corpus, damage_keys])
def test_no_error_tells_where_anything_is(client: TestClient, settings: Settings, harm: object) -> None:
    harm(settings)  # type: ignore[operator]
    said = list(everything(client))
    assert any('"error"' in each for each in said)
    for each in said:
        assert "secret-place" not in each
        assert json.dumps(str(settings.index.parent))[1:-1] not in each


def test_neither_does_a_deletion_of_a_file_elsewhere(tmp_path: Path, settings: Settings) -> None:
    other = folder(tmp_path / "elsewhere", {"goats.txt": "The keeper kept nine goats."})
    ingest([settings.corpus, other], settings.index, HashingEncoder(), PARSERS)
    with TestClient(application(settings)) as client:
        found = next(each for each in client.get("/api/documents").json() if each["path"] == "goats.txt")
        response = client.delete(f"/api/documents/{found['id']}")
    assert response.status_code == 409
    assert "elsewhere" not in response.text
