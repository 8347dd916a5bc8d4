"""The checks stand before every route, and a page of another site can do nothing but link to this one."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import WebSocketRoute

from askreport.guard.middleware import READING
from tests.tools.parts import TestClient
from tests.tools.small import application, settings_in

OTHER_SITES = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
]
# What no browser sends, of which parsers of addresses make errors.
MALFORMED = ["http://[", "http://[::1", "http://]", "//", "http://127.0.0.1:port", "\x00", "http://\xff", "[" * 2_000]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return application(settings_in(tmp_path_factory.mktemp("service")))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made


def writing(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and address of the application that does more than read."""
    found = {
        (method, str(route.path).replace("{document_id}", "none"))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if method not in READING
    }
    return sorted(found)


def test_the_walk_finds_the_routes_that_write(app: FastAPI) -> None:
    found = writing(app)
    for path in ("/api/documents", "/api/v1/documents", "/documents", "/signin", "/signout", "/mcp", "/api/ask"):
        assert ("POST", path) in found
    assert ("DELETE", "/api/v1/documents/none") in found


@pytest.mark.parametrize("headers", OTHER_SITES)
def test_no_writing_route_listens_to_a_page_of_another_site(
    app: FastAPI, client: TestClient, headers: dict[str, str]
) -> None:
    for method, path in writing(app):
        response = client.request(method, path, headers=headers)
        assert response.status_code == 403, (method, path)
        assert response.json()["error"]["code"] == "cross_site"


@pytest.mark.parametrize("origin", MALFORMED)
def test_an_origin_that_is_no_address_is_another_site_on_every_path(
    app: FastAPI, client: TestClient, origin: str
) -> None:
    headers = {b"origin": origin.encode("latin-1")}
    for method, path in [*writing(app), ("POST", "/nothing"), ("DELETE", "/static/style.css")]:
        assert client.request(method, path, headers=headers).status_code == 403, (method, path)
    assert client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["accept", "content-type", "cookie", "range", "if-none-match", "authorization"])
@pytest.mark.parametrize("value", MALFORMED)
def test_no_other_header_makes_the_service_fail(app: FastAPI, client: TestClient, name: str, value: str) -> None:
    headers = {name.encode(): value.encode("latin-1")}
    for method, path in [
        *writing(app),
        *(("GET", path) for path in ("/", "/documents", "/metrics", "/static/style.css")),
    ]:
        assert client.request(method, path, headers=headers).status_code != 500, (method, path)


def test_every_writing_route_listens_to_the_services_own_pages(app: FastAPI, client: TestClient) -> None:
    headers = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}
    for method, path in writing(app):
        response = client.request(method, path, headers=headers, follow_redirects=False)
        assert response.status_code != 403, (method, path)


def test_no_route_is_a_web_socket_which_is_not_guarded(app: FastAPI) -> None:
    assert not any(isinstance(route, WebSocketRoute) for route in app.routes)
