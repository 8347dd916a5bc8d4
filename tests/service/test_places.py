"""The API and the pages tell one place in one way, whoever asks for it."""

import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from askreport.types import Page
from tests.service.conftest import Serve, tree
from tests.tools.parts import TestClient, document

SENTENCE = "The ferry of the island sails to Texel every single hour."
TEXT = f"Nobody counts gulls here.\n\n{SENTENCE}"


@pytest.fixture
def client(serve: Serve) -> TestClient:
    pages = (Page(number=1, start=0, end=27), Page(number=2, start=27, end=len(TEXT), label="ii"))
    slides = replace(document(f"{TEXT} ", "deck.pptx"), pages=pages)
    return serve([document(TEXT, "ferry.txt"), slides])


def texts(tree: lxml_html.HtmlElement) -> str:
    return " ".join(tree.text_content().split())


@pytest.mark.parametrize(
    ("path", "place", "paragraph"), [("ferry.txt", "paragraph 2", 2), ("deck.pptx", "slide ii", None)]
)
def test_one_sentence_stands_in_one_place_for_all(
    client: TestClient, path: str, place: str, paragraph: int | None
) -> None:
    (own,) = [each["id"] for each in client.get("/api/v1/documents").json() if each["path"] == path]
    asked = {"question": SENTENCE, "documents": [path]}
    draft = {"text": f"It says “{SENTENCE}”"}
    ask, search = (client.post(f"/api/v1/{name}", json=asked).json() for name in ("ask", "search"))
    mentions = client.get("/api/v1/mentions", params={"q": SENTENCE, "document": path}).json()["mentions"]
    overview = client.get(f"/api/v1/documents/{own}/overview").json()
    compared = client.post("/api/v1/compare", json={"questions": [SENTENCE], "documents": [path]}).json()
    checked = client.post("/api/v1/check", json=draft).json()["quotations"][0]["places"]
    found = [
        *ask["quotes"][:1],
        *(each for each in mentions if each["text"] == SENTENCE),
        *overview["key_sentences"],
        compared["rows"][0][0]["quote"],
        *(each for each in checked if each["document"]["path"] == path),
        *(other for other in ask["quotes"][0]["also_at"] if other["document_id"] == own),
    ]
    assert len(found) >= 5
    assert {(each["paragraph"], each["page_label"]) for each in found} == {(paragraph, "" if paragraph else "ii")}
    assert (search["passages"][0]["paragraph"] is None) == (paragraph is None)
    pages = [
        tree(client, "/", q=SENTENCE, document=path),
        tree(client, "/mentions", q=SENTENCE, document=path),
        tree(client, f"/documents/{own}/overview"),
        tree(client, "/compare", q=SENTENCE, document=path),
        lxml_html.document_fromstring(client.post("/check", data=draft).text),
    ]
    for page in pages:
        assert place in texts(page)
        assert not re.search(r"characters \d", texts(page))


def test_a_comparison_s_file_has_the_same_place(client: TestClient) -> None:
    asked = {"q": SENTENCE, "document": ["ferry.txt", "deck.pptx"]}
    table = client.get("/compare.csv", params=asked).text
    assert "ferry.txt,paragraph 2," in table
    assert "deck.pptx,slide ii," in table
