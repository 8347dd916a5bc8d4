"""The page of all mentions, as a browser without JavaScript gets it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html as lxml_html

from askreport.service.pages import mentions
from tests.service.conftest import Serve, tree
from tests.tools.parts import TestClient, document

NORTH = "Ferries sail from Texel.\n\nNobody counts gulls here.\n\nA ferry carries two hundred cars."
SOUTH = "The ferry of the south is slow.\n\nIts ferry is old."


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve([document(NORTH, "north/a.txt"), document(SOUTH, "south/b.txt")])


def said(page: lxml_html.HtmlElement) -> list[str]:
    return [each.text_content() for each in page.xpath("//*[@class='of-document']//blockquote")]


def test_without_a_question_the_page_says_what_it_is_for(client: TestClient) -> None:
    page = tree(client, "/mentions")
    assert "Every sentence" in page.xpath("string(//p[@class='lead'])")
    assert page.xpath("//input[@name='q']")


def test_every_mention_stands_under_its_document_with_a_link_to_its_place(client: TestClient) -> None:
    page = tree(client, "/mentions?q=ferries")
    assert page.xpath("string(//h2[@id='found'])") == "4 sentences in 2 documents"
    assert len(said(page)) == 4
    assert [each.get("value") for each in page.xpath("//*[@class='of-document']//li")] == ["1", "2", "3", "4"]
    for link in page.xpath("//*[@class='of-document']//blockquote/a"):
        url, fragment = link.get("href").split("#")
        marked = tree(client, url).xpath("//*[@id=$name]", name=fragment)[0].text_content()
        assert marked in link.text_content()
    # The sentence that another hangs on stands before it.
    assert any(each == "The ferry of the south is slow. Its ferry is old." for each in said(page))


def test_the_parts_are_reached_by_links(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "PART", 3)
    page = tree(client, "/mentions?q=ferries&kind=txt")
    (following,) = page.xpath("//a[@rel='next']/@href")
    assert parse_qs(urlsplit(following).query) == {"q": ["ferries"], "kind": ["txt"], "offset": ["3"]}
    last = tree(client, following)
    assert len(said(last)) == 1
    assert not last.xpath("//a[@rel='next']")
    assert said(tree(client, last.xpath("//a[@rel='prev']/@href")[0])) == said(page)


def test_the_list_is_narrowed_by_words_by_document_and_to_the_closest(client: TestClient) -> None:
    page = tree(client, "/mentions?q=ferries")
    form = page.xpath("//form[@class='filter words']")[0]
    assert dict(form.form_values())["q"] == "ferries"
    assert said(tree(client, "/mentions?q=ferries&words=cars")) == ["A ferry carries two hundred cars."]
    assert not said(tree(client, "/mentions?q=ferries&words=submarine"))
    one = tree(client, page.xpath("//*[@class='counts']//a/@href")[0])
    assert one.xpath("//*[@class='chip']")
    assert len(one.xpath("//*[@class='of-document']")) == 1
    close = page.xpath("//a[text()='Only the closest']/@href")[0]
    assert parse_qs(urlsplit(close).query) == {"q": ["ferries"], "close": ["1"]}
    assert tree(client, close).xpath("//a[text()='All that bear on it']/@href") == ["/mentions?q=ferries"]


def test_an_answer_leads_to_all_mentions_and_a_list_is_open(client: TestClient) -> None:
    asked = tree(client, "/?q=Where+does+the+ferry+sail%3F&folder=north").xpath("//details[@class='mentions']")[0]
    assert asked.xpath(".//a/@href") == ["/mentions?q=Where+does+the+ferry+sail%3F&folder=north"]
    assert asked.get("open") is None
    assert tree(client, "/?q=List+all+ferries").xpath("//details[@class='mentions']/@open")


def test_a_problem_is_told_with_its_status(client: TestClient) -> None:
    assert tree(client, "/mentions?q=ferry&folder=west", 404).xpath("//section[@role='alert']")
    assert tree(client, f"/mentions?q={'x' * 2001}", 422).xpath("//section[@role='alert']")


def test_the_api_gives_the_same(client: TestClient) -> None:
    found = client.get("/api/v1/mentions", params={"q": "ferries", "limit": 2, "folder": "north"}).json()
    assert (found["total"], len(found["mentions"]), found["reach"]) == (2, 2, {"documents": 1, "of": 2})
    empty = {"q": "ferries", "after": "", "document": "", "since": ""}
    assert client.get("/api/v1/mentions", params=empty).json()["total"] == 4
    assert client.get("/api/v1/mentions", params={"q": " "}).status_code == 422
    assert client.get("/api/v1/mentions", params={"q": "ferry", "limit": 1000}).status_code == 422
