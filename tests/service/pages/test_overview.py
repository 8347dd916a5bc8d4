"""The page that says what is in a document, and the answers that lead to it."""

from tests.service.conftest import tree
from tests.tools.parts import TestClient


def test_the_page_has_what_the_api_gives(client: TestClient) -> None:
    (first, *_) = client.get("/api/v1/documents").json()
    found = client.get(f"/api/v1/documents/{first['id']}/overview").json()
    page = tree(client, f"/documents/{first['id']}/overview")
    shown = page.xpath("//blockquote/a/@href")
    given = [each["answer"] for each in found["questions"]] + found["key_sentences"] + found["conclusions"]
    assert shown == [each["url"] for each in given]
    assert len(page.xpath("//ul[@class='mentioned']/li")) == sum(len(found[n]) for n in ("names", "dates", "figures"))
    assert len(page.xpath("//section[contains(@class, 'outline')]//li")) == len(found["outline"])
    assert tree(client, f"/documents/{first['id']}").xpath(f"//a[@href='/documents/{first['id']}/overview']")


def test_a_question_about_a_whole_document_leads_to_its_overview(client: TestClient) -> None:
    page = tree(client, "/", q="Summarise the china russia report")
    (link,) = page.xpath("//ul[@class='overviews']//a/@href")
    assert link.endswith("/overview")
    assert page.xpath("//section[contains(@class, 'whole')]")
    assert not page.xpath("//ol[@class='quotes'] | //details[contains(@class, 'passages')]")
    assert "China Russia Report" in str(tree(client, link).xpath("string(//h1)"))
    assert len(tree(client, "/", q="what are its conclusions").xpath("//ul[@class='overviews']//a")) > 1


def test_there_is_no_overview_of_what_is_not_there(client: TestClient) -> None:
    for address in ("/documents/nothing/overview", "/api/v1/documents/nothing/overview"):
        assert client.get(address).status_code == 404
