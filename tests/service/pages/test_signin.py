"""Signing in with a key, on the page: a session in a cookie, and only ever on to an address of this site."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askreport.guard.keys import KeyFile
from askreport.guard.sessions import COOKIE, SESSION_SECONDS
from askreport.service.pages.signin import safe_next
from tests.tools.parts import TestClient
from tests.tools.small import application, settings_in

HTML = {"accept": "text/html,*/*"}


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def client(tmp_path: Path, file: KeyFile) -> Iterator[TestClient]:
    with TestClient(application(settings_in(tmp_path)), follow_redirects=False, headers=HTML) as made:
        yield made


def test_a_browser_is_sent_to_sign_in_and_then_on_to_what_it_wanted(client: TestClient, file: KeyFile) -> None:
    key = file.add("one", "read")
    sent = client.get("/documents?q=a&b=ä c")
    assert sent.status_code == 303
    wanted = parse_qs(urlsplit(sent.headers["location"]).query)["next"]
    assert urlsplit(sent.headers["location"]).path == "/signin"
    page = client.get(sent.headers["location"])
    assert page.status_code == 200
    shown = re.search(r'name="next" value="([^"]*)"', page.text)
    assert shown
    assert shown[1].replace("&amp;", "&") == wanted[0] == "/documents?q=a&b=%C3%A4%20c"
    done = client.post("/signin", data={"key": f" {key}\n", "next": wanted[0]})
    assert (done.status_code, done.headers["location"]) == (303, wanted[0])
    assert client.get("/documents").status_code == 200
    assert client.get("/api/documents").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("GET", "/api/documents", "text/html"),
        ("GET", "/documents", "*/*"),
        ("POST", "/documents/reindex", "text/html"),
        ("DELETE", "/documents", "text/html"),
    ],
)
def test_others_are_refused_in_place(client: TestClient, file: KeyFile, method: str, path: str, accept: str) -> None:
    file.add("one", "read")
    response = client.request(method, path, headers={"accept": accept})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_the_cookie_is_for_this_site_and_no_script(client: TestClient, file: KeyFile) -> None:
    key = file.add("one", "read")
    plain = client.post("/signin", data={"key": key}).headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", f"max-age={SESSION_SECONDS}", "path=/"):
        assert part in plain
    assert "secure" not in plain
    assert key.lower() not in plain
    safe = client.post("https://127.0.0.1/signin", data={"key": key}).headers["set-cookie"].lower()
    assert "; secure" in safe


def test_a_wrong_key_opens_nothing_and_says_so(client: TestClient, file: KeyFile) -> None:
    file.add("one", "read")
    response = client.post("/signin", data={"key": "ask_wrong", "next": "/documents"})
    assert response.status_code == 401
    assert "This is not a key of this service" in response.text
    assert 'value="/documents"' in response.text
    assert "ask_wrong" not in response.text
    assert "set-cookie" not in response.headers
    assert client.post("/signin", data={"key": "x" * 201}).status_code == 422
    assert client.post("/signin", data={}).status_code == 422


def test_signing_out_ends_the_session(client: TestClient, file: KeyFile) -> None:
    client.post("/signin", data={"key": file.add("one", "read")})
    assert "Sign out" in client.get("/documents").text
    out = client.post("/signout")
    assert (out.status_code, out.headers["location"]) == (303, "/signin")
    assert COOKIE not in client.cookies
    assert client.get("/documents").status_code == 303


def test_removing_the_key_ends_its_sessions(client: TestClient, file: KeyFile) -> None:
    client.post("/signin", data={"key": file.add("one", "read")})
    file.add("two", "read")
    assert client.get("/documents").status_code == 200
    file.remove("one")
    assert client.get("/documents").status_code == 303


def test_a_session_has_the_role_of_its_key(client: TestClient, file: KeyFile) -> None:
    client.post("/signin", data={"key": file.add("one", "read")})
    refused = client.post("/documents/reindex")
    assert refused.status_code == 403
    assert "may read" in refused.text
    page = client.get("/documents").text
    assert not any(words in page for words in ("Add documents", "Re-index", 'class="delete"'))
    client.post("/signin", data={"key": file.add("two", "write")})
    page = client.get("/documents").text
    assert all(words in page for words in ("Add documents", "Re-index", 'class="delete"'))
    assert client.post("/documents/reindex").status_code == 303


def test_without_keys_there_is_nothing_to_sign_in_to(client: TestClient) -> None:
    for response in (client.get("/signin?next=/documents"), client.post("/signin", data={"key": "x"})):
        assert response.status_code == 303
        assert "set-cookie" not in response.headers
    assert "Sign out" not in client.get("/documents").text


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "evil",
        "",
        "javascript:alert(1)",
        "/\n/evil.example",
        " //evil.example",
        "/a\r\nset-cookie: a=b",
    ],
)
def test_nobody_is_sent_to_another_site(client: TestClient, file: KeyFile, wanted: str) -> None:
    key = file.add("one", "read")
    assert 'name="next" value="/"' in client.get("/signin", params={"next": wanted}).text
    assert client.post("/signin", data={"key": key, "next": wanted}).headers["location"] == "/"


@given(st.text(alphabet=st.sampled_from("/\\.:@?#%a \t\n\x00\u2028")) | st.text())
@example("/a//b?c=//d")
def test_the_next_address_is_of_this_site_as_browsers_read_it(wanted: str) -> None:
    read = re.sub("[\t\n\r]", "", safe_next(wanted)).replace("\\", "/")
    assert urlsplit(urljoin("http://own.example/signin", read)).netloc == "own.example"
    assert read.startswith("/")
