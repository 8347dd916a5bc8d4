"""Who may do what: nothing is asked on loopback without keys; with keys, everything is, of everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import KeyFileError, SettingError
from askreport.guard.access import ASKING, PUBLIC, Access, changes_something, check_start, is_own
from askreport.guard.keys import KeyFile
from askreport.guard.middleware import READING
from askreport.service.app import create_app
from tests.tools.parts import PARSERS, HashingEncoder, TestClient
from tests.tools.small import QUESTION, application, settings_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def keys(settings: Settings) -> dict[str, str]:
    """A key for each role."""
    file = KeyFile(settings.keys)
    return {"read": file.add("reader", "read"), "write": file.add("writer", "write")}


@pytest.fixture
def client(settings: Settings, keys: dict[str, str]) -> Iterator[TestClient]:
    with TestClient(application(settings), follow_redirects=False) as made:
        yield made


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


# The start


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "ask.example.org"])
def test_without_a_key_the_service_does_not_start_where_others_reach_it(settings: Settings, host: str) -> None:
    others = settings.model_copy(update={"host": host})
    for start in (lambda: check_start(others), lambda: application(others)):
        with pytest.raises(SettingError, match="has no keys") as caught:
            start()
        assert "askreport keys add" in str(caught.value.hint)
    KeyFile(settings.keys).add("one", "read")
    check_start(others)


def test_with_names_and_no_key_it_starts_only_if_that_is_wanted(settings: Settings) -> None:
    named = settings.model_copy(update={"hosts": "ask.example.org"})
    for start in (lambda: check_start(named), lambda: application(named)):
        with pytest.raises(SettingError, match=r"ask\.example\.org, and it has no keys") as caught:
            start()
        assert "ASKREPORT_WITHOUT_KEYS" in str(caught.value.hint)
    check_start(named.model_copy(update={"without_keys": True}))
    KeyFile(settings.keys).add("one", "read")
    check_start(named)


def test_what_the_first_process_decided_holds_when_the_file_is_lost(settings: Settings) -> None:
    first = check_start(settings)
    assert not first.is_asked
    KeyFile(settings.keys).add("one", "read")
    # Keys that are made while it runs count from then on.
    assert first.is_asked
    settings.keys.unlink()
    assert first.is_asked
    with TestClient(create_app(settings, Library(settings.index, HashingEncoder()), PARSERS, first)) as client:
        assert client.get("/api/documents").status_code == 401
    for others in (settings, settings.model_copy(update={"host": "0.0.0.0", "hosts": "ask.example.org"})):
        assert Access(others, is_asked=True).is_asked


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_it_starts_without_a_key_and_asks_for_none(settings: Settings, host: str) -> None:
    check_start(settings.model_copy(update={"host": host}))
    with TestClient(application(settings)) as client:
        assert client.post("/api/ask", json=QUESTION).status_code == 200
        assert client.post("/documents/reindex", follow_redirects=False).status_code == 303


def test_it_does_not_start_with_a_damaged_file_of_keys(settings: Settings) -> None:
    settings.keys.write_text("{")
    with pytest.raises(KeyFileError):
        check_start(settings)


# Without a key


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and address of the application."""
    found = {
        (method, str(route.path).replace("{document_id}", "none").replace("{job_id}", "none").replace("{number}", "1"))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }
    return sorted(found)


def test_every_route_but_the_public_ones_asks_for_a_key(settings: Settings, keys: dict[str, str]) -> None:
    app = application(settings)
    with TestClient(app, follow_redirects=False) as client:
        asked = [route for route in routes(app) if route[1] not in PUBLIC]
        assert ("GET", "/metrics") in asked
        assert ("DELETE", "/api/v1/documents/none") in asked
        for method, path in [*asked, ("POST", "/mcp"), ("GET", "/docs/assets/swagger-ui.css"), ("GET", "/nothing")]:
            response = client.request(method, path)
            assert response.status_code == 401, (method, path)
            assert response.headers["www-authenticate"] == "Bearer"
            if method != "HEAD" and not path.startswith("/v1/"):
                assert response.json()["error"]["code"] == "unauthorized"


def test_the_public_addresses_ask_for_none(client: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/signin", "/static/style.css", "/static/icon.svg"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../api/documents",
        "/static/..%2f..%2fapi/documents",
        "/static%2f../api/documents",
        "//static/x",
        "/signin/",
        "/signin/../api/documents",
        "/healthz/",
        "/Healthz",
        "/static",
        "/api/documents/",
        "/STATIC/x",
    ],
)
def test_no_other_spelling_of_a_public_address_opens_anything(client: TestClient, path: str) -> None:
    response = client.get(f"http://127.0.0.1{path}")
    assert response.status_code in (401, 404)
    assert "ferry" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer ask_wrong"},
        {"authorization": "Basic dXNlcjpwYXNz"},
        {"authorization": "ask_wrong"},
        {"x-api-key": ""},
        {"x-api-key": "ask_wrong"},
        {"cookie": "askreport_session=forged"},
        {"cookie": "askreport_session="},
        {"authorization": "Bearer \xe4\xff"},
    ],
)
def test_what_is_no_key_is_401(client: TestClient, headers: dict[str, str]) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert client.get("/api/documents", headers=raw).status_code == 401


# With a key


def test_a_key_opens_the_service_in_either_header(client: TestClient, keys: dict[str, str]) -> None:
    for key in keys.values():
        for headers in (bearer(key), {"authorization": f"bearer  {key}"}, {"x-api-key": key}):
            assert client.get("/api/documents", headers=headers).status_code == 200
            assert client.get("/metrics", headers=headers).status_code == 200
            assert client.post("/api/ask", json=QUESTION, headers=headers).status_code == 200


def test_a_key_that_may_read_asks_and_changes_nothing(settings: Settings, keys: dict[str, str]) -> None:
    app = application(settings)
    with TestClient(app, follow_redirects=False) as client:
        for method, path in routes(app):
            if method in READING or path in PUBLIC:
                continue
            response = client.request(method, path, headers=bearer(keys["read"]))
            unversioned_path = path.replace("/api/v1/", "/api/")
            may = unversioned_path in ASKING or is_own(unversioned_path)
            assert (response.status_code != 403) == may, (method, path)
            if response.status_code == 403:
                assert response.json()["error"]["code"] == "forbidden"


def test_a_key_that_may_write_does(client: TestClient, keys: dict[str, str]) -> None:
    files = [("files", ("ferry.txt", b"The ferry sails every hour."))]
    assert client.post("/api/documents", files=files, headers=bearer(keys["write"])).status_code == 202
    assert client.delete("/api/documents/none", headers=bearer(keys["write"])).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "WHATEVER"])
def test_of_an_address_nobody_thought_of_more_than_reading_is_a_change(method: str) -> None:
    for path in ("/", "/api/ask/", "/api/v2/ask", "/api/asks", "/api/v1/api/ask", "/API/ASK"):
        assert changes_something(Request({"type": "http", "method": method, "path": path, "headers": []}))
    assert changes_something(Request({"type": "http", "method": "DELETE", "path": "/api/ask", "headers": []}))


def test_own_is_what_is_below_notebooks_and_nothing_that_looks_like_it() -> None:
    assert [path for path in ("/notebooks", "/notebooks/x", "/api/notebooks/x/items") if not is_own(path)] == []
    assert [path for path in ("/notebooksx", "/documents", "/api/documents/notebooks", "/") if is_own(path)] == []


def test_the_request_knows_whose_key_it_was(settings: Settings, keys: dict[str, str]) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"x-api-key", keys["read"].encode())]}
    request = Request(scope)
    Access(settings).check(request)
    assert (request.state.key, request.state.role) == ("reader", "read")


# Changes of the file while the service runs


def test_a_running_service_takes_and_refuses_keys_at_once(settings: Settings) -> None:
    file = KeyFile(settings.keys)
    with TestClient(application(settings)) as client:
        assert client.get("/api/documents").status_code == 200
        key = file.add("one", "read")
        assert client.get("/api/documents").status_code == 401
        assert client.get("/api/documents", headers=bearer(key)).status_code == 200
        file.remove("one")
        assert client.get("/api/documents", headers=bearer(key)).status_code == 401
        assert client.get("/api/documents").status_code == 401


@pytest.mark.parametrize("content", ["", "{", '{"keys": []}', "[]"])
def test_a_file_that_is_damaged_or_gone_opens_nothing(
    client: TestClient, settings: Settings, keys: dict[str, str], content: str
) -> None:
    good = settings.keys.read_bytes()
    settings.keys.write_text(content)
    is_damaged = content != '{"keys": []}'
    for headers in ({}, bearer(keys["write"])):
        response = client.get("/api/documents", headers=headers)
        assert response.status_code == (503 if is_damaged else 401)
        assert response.json()["error"]["code"] == ("bad_keys" if is_damaged else "unauthorized")
    assert client.get("/healthz").status_code == 200
    settings.keys.unlink()
    assert client.get("/api/documents").status_code == 401
    settings.keys.write_bytes(good)
    assert client.get("/api/documents", headers=bearer(keys["read"])).status_code == 200


# How often


def test_a_key_that_is_used_too_often_is_429_and_says_when(settings: Settings, keys: dict[str, str]) -> None:
    slow = settings.model_copy(update={"rate": 3})
    with TestClient(application(slow)) as client:
        statuses = [client.get("/api/index", headers=bearer(keys["read"])).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        response = client.post("/api/ask", json=QUESTION, headers=bearer(keys["read"]))
        assert response.json()["error"]["code"] == "rate_limited"
        assert 1 <= int(response.headers["retry-after"]) <= 20
        assert client.get("/api/index", headers=bearer(keys["write"])).status_code == 200
        assert client.get("/static/style.css").status_code == 200


def test_what_the_role_refuses_counts_as_well(settings: Settings, keys: dict[str, str]) -> None:
    slow = settings.model_copy(update={"rate": 3})
    with TestClient(application(slow)) as client:
        refused = [client.delete("/api/documents/none", headers=bearer(keys["read"])).status_code for _ in range(4)]
        assert refused == [403, 403, 403, 429]


def test_without_keys_nobody_is_counted(settings: Settings) -> None:
    slow = settings.model_copy(update={"rate": 1})
    with TestClient(application(slow)) as client:
        assert [client.get("/api/index").status_code for _ in range(5)] == [200] * 5
