"""A document goes by its corrected title in every answer, list and page, and by its file's again once that is back."""

import pytest

from tests.service.conftest import Serve, tree
from tests.tools.parts import TestClient, document

SENTENCE = "The ferry of the island sails to Texel every single hour."
TITLE = "Zeevaart to Texel"


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve([document(f"Nobody counts gulls.\n\n{SENTENCE}", "a/ferry.txt"), document("Nine goats.", "b.txt")])


@pytest.fixture
def own(client: TestClient) -> str:
    """The document, with its title corrected."""
    (found,) = [each["id"] for each in client.get("/api/v1/documents").json() if each["path"] == "a/ferry.txt"]
    assert client.patch(f"/api/v1/documents/{found}/description", json={"title": TITLE}).status_code == 200
    return str(found)


def titles(client: TestClient, own: str) -> list[str]:
    """What the API calls the document."""
    asked = {"question": SENTENCE}
    ask, search = (client.post(f"/api/v1/{name}", json=asked).json() for name in ("ask", "search"))
    mentions = client.get("/api/v1/mentions", params={"q": SENTENCE}).json()
    compared = client.post("/api/v1/compare", json={"questions": [SENTENCE], "documents": [own]}).json()
    checked = client.post("/api/v1/check", json={"text": f"“{SENTENCE}”"}).json()
    listed = client.get("/api/v1/documents").json()
    return [
        ask["quotes"][0]["document"]["title"],
        ask["passages"][0]["document"]["title"],
        search["passages"][0]["document"]["title"],
        mentions["documents"][0]["document"]["title"],
        mentions["mentions"][0]["document"]["title"],
        compared["columns"][0]["name"],
        compared["rows"][0][0]["quote"]["document"]["title"],
        checked["quotations"][0]["places"][0]["document"]["title"],
        *(each["title"] for each in listed if each["id"] == own),
        client.get(f"/api/v1/documents/{own}").json()["title"],
        client.get(f"/api/v1/documents/{own}/overview").json()["document"]["title"],
    ]


def test_the_api_tells_the_corrected_title_and_the_file_s_again(client: TestClient, own: str) -> None:
    assert set(titles(client, own)) == {TITLE}
    client.patch(f"/api/v1/documents/{own}/description", json={"title": None})
    (original,) = set(titles(client, own))
    assert original != TITLE


def test_every_page_shows_the_corrected_title(client: TestClient, own: str) -> None:
    answer = tree(client, "/", q=SENTENCE)
    assert TITLE in answer.xpath("string(//li[@id='quote-1']//p[@class='source'])")
    assert answer.xpath("string(//div[@id='source']//h2)") == TITLE
    assert TITLE in answer.xpath("string(//details[contains(@class, 'cite')]//p)")
    assert "ferry.txt" not in answer.xpath("string(//details[contains(@class, 'cite')]//p)")
    assert tree(client, "/mentions", q=SENTENCE).xpath("string(//h3/a)") == TITLE
    assert tree(client, "/compare", q=SENTENCE, document=own).xpath("string(//thead//th/a)") == TITLE
    for address in (f"/documents/{own}", f"/documents/{own}/overview", f"/documents/{own}/cite"):
        assert TITLE in tree(client, address).xpath("string(//h1)")
    assert tree(client, "/documents").xpath("string(//a[@id=$id])", id=f"title-{own}") == TITLE
    # It is found and sorted by that title as well.
    assert tree(client, "/documents", q="zeevaart").xpath("//a[@id=$id]", id=f"title-{own}")
    listed = tree(client, "/documents", sort="-title").xpath("//tbody//a[starts-with(@id, 'title-')]/@id")
    assert listed[0] == f"title-{own}"


def test_agents_are_told_the_corrected_title(client: TestClient, own: str) -> None:
    def call(tool: str, **arguments: object) -> str:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        return client.post("/mcp", json=body, headers={"accept": "application/json, text/event-stream"}).text

    for told in (
        call("ask", question=SENTENCE),
        call("search", query=SENTENCE),
        call("mentions", query=SENTENCE),
        call("fetch", id=own),
        call("list_documents"),
    ):
        assert TITLE in told
