"""What a client has seen comes with its next request, and is never older than what it is answered from."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from askreport import freshness
from askreport.answering.library import Library
from askreport.client.client import Client
from askreport.config import Settings
from askreport.freshness import HEADER
from askreport.guard.consistency import COOKIE, Consistency
from askreport.store.postgres.backend import PostgresBackend
from tests.tools.behind import Behind
from tests.tools.engine.postgres import Server
from tests.tools.parts import TestClient
from tests.tools.postgres import add, application, opened, settings_in
from tests.tools.serving import serving

LATER = {"later.txt": b"Later there came a bridge."}


@pytest.fixture(scope="module")
def grown(engine: Server, _vectors: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, str]]:
    """A library to which a file was added, generation 3, and the address of a database as it was before, at 2."""
    database = engine.create_database(_vectors)
    settings = settings_in(tmp_path_factory.mktemp("grown"), database)
    add(settings)
    older = engine.create_database(database.rpartition("/")[2])
    add(settings, LATER)
    yield settings, older
    engine.drop_database(older)
    engine.drop_database(database)


@pytest.fixture
def behind(grown: tuple[Settings, str]) -> Iterator[tuple[Settings, Library, Behind]]:
    """The library, read from a node that is behind."""
    settings, older = grown
    with opened(settings) as library:
        assert isinstance(library.backend, PostgresBackend)
        library.backend.database.close()
        library.backend.database = nodes = Behind(settings.store.get_secret_value(), older)
        yield settings, library, nodes


def listed(client: TestClient, **headers: str) -> tuple[int, str]:
    """How many documents are listed, and the generation that the response names."""
    response = client.get("/api/v1/documents", headers=headers)
    return len(response.json()), response.headers[HEADER]


def test_who_has_seen_a_change_is_answered_from_a_node_that_has_it(
    behind: tuple[Settings, Library, Behind],
) -> None:
    settings, library, nodes = behind
    client = TestClient(application(settings, library))
    assert listed(client) == (2, "2")
    assert client.cookies[COOKIE] == "2"
    assert nodes.newest == 0
    assert listed(client, **{HEADER: "3"}) == (3, "3")
    client.cookies.set(COOKIE, "3", domain="127.0.0.1", path="/")
    assert listed(client) == (3, "3")
    assert nodes.newest == 2
    page = client.get("/documents", headers={"accept": "text/html"})
    assert "later.txt" in page.text
    assert "set-cookie" not in page.headers


def test_what_nobody_has_seen_is_cut_to_what_there_is(behind: tuple[Settings, Library, Behind]) -> None:
    settings, library, nodes = behind
    client = TestClient(application(settings, library))
    client.cookies.set(COOKIE, "999999999999999", domain="127.0.0.1", path="/")
    assert listed(client) == (3, "3")
    assert client.cookies[COOKIE] == "3"
    nodes.newest = 0
    # From then on any node will do that has it: this one, once it has caught up.
    nodes.older.close()
    nodes.older = type(nodes.older)(settings.store.get_secret_value())
    assert listed(client) == (3, "3")
    assert nodes.newest == 0


def test_nonsense_counts_as_nothing(behind: tuple[Settings, Library, Behind]) -> None:
    settings, library, nodes = behind
    client = TestClient(application(settings, library))
    for nonsense in ("", "-1", "x", "1e3", "٣", "1" * 16, "3, 3", "\x00"):
        cookie = f'{COOKIE}="{nonsense}"; other=1'
        for name, value in ((HEADER, nonsense), ("cookie", cookie)):
            response = client.get("/api/v1/documents", headers={name.encode(): value.encode()})
            assert response.headers[HEADER] == "2"
    assert nodes.newest == 0


def test_the_client_for_scripts_carries_what_it_has_seen(behind: tuple[Settings, Library, Behind]) -> None:
    settings, library, nodes = behind
    with serving(application(settings, library)) as address, Client(address) as client:
        assert client.index().generation == 2
        # As an upload's job does that is over.
        client._service._seen = 3
        assert client.index().generation == 3
        assert len(client.documents()) == 3
        assert nodes.newest == 2
        client._service._seen = 50
        assert client.index().generation == 3
        assert client._service._seen == 3


def test_a_job_that_is_over_is_seen_by_who_asks_next(behind: tuple[Settings, Library, Behind]) -> None:
    settings, library, _ = behind
    client = TestClient(application(settings, library))
    with opened(settings) as other:
        job = TestClient(application(settings, other)).get("/api/v1/jobs").json()[0]
    assert job["status"] == "done"
    assert listed(client) == (2, "2")
    # The node that is behind has not heard of it, and is not asked.
    page = client.get(f"/documents?job={job['id']}", headers={"accept": "text/html"})
    assert "later.txt" in page.text
    assert listed(client) == (3, "3")


def test_a_cookie_is_for_browsers_and_not_for_their_scripts(behind: tuple[Settings, Library, Behind]) -> None:
    settings, library, _ = behind
    response = TestClient(application(settings, library)).get("/api/v1/documents")
    assert response.headers["set-cookie"] == f"{COOKIE}=2; HttpOnly; Path=/; SameSite=Lax"


def test_a_library_in_a_folder_has_no_part_in_it(library: Library) -> None:
    client = TestClient(application(Settings(index=library.index), library))
    response = client.get("/api/v1/documents", headers={HEADER: "3"})
    assert HEADER not in response.headers
    assert "set-cookie" not in response.headers


@given(st.integers(0, 10**15 - 1), st.lists(st.integers(0, 10**15), max_size=4))
def test_a_response_names_the_newest_that_was_seen(came: int, seen: list[int]) -> None:
    async def route(scope: object, receive: object, send: object) -> None:
        assert freshness.wanted() == came
        for each in seen:
            freshness.note(each)
        await PlainTextResponse("")(scope, receive, send)  # type: ignore[arg-type]

    response = TestClient(Consistency(route)).get("/", headers={HEADER: str(came)})
    newest = max([came, *seen])
    assert response.headers.get(HEADER) == (str(newest) if newest else None)


def test_what_one_request_has_seen_is_not_anothers() -> None:
    async def route(scope: object, receive: object, send: object) -> None:
        request = Request(scope)  # type: ignore[arg-type]
        freshness.note(int(request.query_params.get("n", "0")))
        response: Response = PlainTextResponse(str(freshness.wanted()))
        await response(scope, receive, send)  # type: ignore[arg-type]

    app = Consistency(route)
    assert TestClient(app).get("/?n=7").text == "7"
    assert TestClient(app).get("/").text == "0"
