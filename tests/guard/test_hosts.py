"""The names the service goes by: a request that calls it by another one is refused, whatever it wants."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from askreport.errors import SettingError, UnknownHostError
from askreport.guard.hosts import KnownHosts, host_name
from tests.tools.parts import TestClient
from tests.tools.small import application, settings_in


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return application(
        settings_in(tmp_path_factory.mktemp("service"), hosts="ask.example.org, Other:8443", without_keys=True)
    )


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "localhost",
        "LOCALHOST:1",
        "localhost.",
        "[::1]",
        "[::1]:8000",
        "ask.example.org",
        "ASK.example.org:443",
        "other",
        "other:1",
    ],
)
def test_the_service_answers_to_its_names_on_any_port(client: TestClient, host: str) -> None:
    assert client.get("/api/documents", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8000",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost evil.example",
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "[::1",
        "::1",
        "",
        ":8000",
        "localhost:x",
        "testserver",
        "ask.example.org.evil.example",
        "example.org",
        "localhost..",
        "127.0.0.1:8000:80",
    ],
)
def test_a_name_that_is_not_the_services_is_421(client: TestClient, host: str) -> None:
    for path in ("/", "/api/documents", "/static/style.css", "/healthz"):
        response = client.get(path, headers={"host": host})
        assert response.status_code == 421
        assert response.json()["error"]["code"] == "unknown_host"


@pytest.mark.parametrize("hosts", [[], [b"localhost", b"localhost"], [b"localhost", b"evil.example"]])
def test_no_name_or_two_are_421(app: FastAPI, hosts: list[bytes]) -> None:
    scope = {"type": "http", "method": "GET", "path": "/healthz", "raw_path": b"/healthz", "query_string": b""}
    headers = [(b"host", host) for host in hosts]
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    asyncio.run(app({**scope, "headers": headers, "scheme": "http", "server": None}, receive, send))
    assert sent[0]["status"] == 421


def test_the_address_that_is_listened_on_is_a_name_but_a_wildcard_is_none() -> None:
    assert is_known(KnownHosts("192.0.2.7", ""), "192.0.2.7:80")
    assert is_known(KnownHosts("2001:db8::1", ""), "[2001:db8::1]:80")
    assert not is_known(KnownHosts("0.0.0.0", ""), "0.0.0.0")
    assert not is_known(KnownHosts("::", ""), "[::]")


def is_known(hosts: KnownHosts, name: str) -> bool:
    try:
        hosts.check(Request({"type": "http", "headers": [(b"host", name.encode())]}))
    except UnknownHostError:
        return False
    return True


@pytest.mark.parametrize("names", ["*", "https://ask.example.org", "a b", "a,*.b", "ä.example"])
def test_what_cannot_be_a_name_is_refused_at_the_start(names: str) -> None:
    with pytest.raises(SettingError, match="ASKREPORT_HOSTS"):
        KnownHosts("127.0.0.1", names)


@given(st.text())
def test_a_host_header_is_a_name_and_a_port_or_nothing(value: str) -> None:
    name = host_name(value)
    assert name == name.lower()
    assert not set(name) & set(" /@#?\\\r\n")
