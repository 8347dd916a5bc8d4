"""The chips of a page and what can be added to them, as a browser without JavaScript gets them."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.service.pages import narrow
from tests.service.conftest import Serve, tree
from tests.tools.parts import HashingEncoder, TestClient, document, publish

QUESTION = "The keeper kept nine goats."
FERRY = "The ferry to Texel sails every hour."


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve([document(FERRY, "north/ferry & co.txt"), document(QUESTION, "south/goats.md")])


def chips(page: lxml_html.HtmlElement) -> list[tuple[str, str]]:
    """The words of each chip, and where it leads."""
    return [(each.xpath("string(b)"), each.get("href")) for each in page.xpath("//*[@class='chip']")]


def test_a_chip_leads_to_the_same_without_it(client: TestClient) -> None:
    page = tree(client, f"/?q={QUESTION}&folder=south&kind=md&after=Goats")
    (folder, without_folder), (kind, without_kind) = chips(page)
    assert (folder, kind) == ("south", "MD")
    assert parse_qsl(urlsplit(without_folder).query) == [("q", QUESTION), ("after", "Goats"), ("kind", "md")]
    assert parse_qsl(urlsplit(without_kind).query) == [("q", QUESTION), ("after", "Goats"), ("folder", "south")]


def test_the_next_question_and_every_link_keep_the_documents(client: TestClient) -> None:
    page = tree(client, f"/?q={QUESTION}&folder=south")
    form = page.xpath("//form[@class='ask']")[0]
    assert ("folder", "south") in form.form_values()
    links = page.xpath("//*[@class='actions']//a/@href")
    assert links
    assert all("folder=south" in link for link in links)
    assert "folder=south" in page.xpath("//details[@class='why']/@data-src")[0]
    saved = client.get(page.xpath("//a[starts-with(@href, '/conversation.md')]/@href")[0]).text
    assert "folder=south" in saved


def test_the_form_offers_what_there_is_and_adds_to_what_is_chosen(client: TestClient) -> None:
    page = tree(client, f"/?q={QUESTION}&folder=south")
    form = page.xpath("//form[@class='narrow-form']")[0]
    assert form.xpath(".//select[@name='folder']/option/@value") == ["", "north", "south"]
    assert form.xpath(".//select[@name='kind']/option/text()") == ["any", "md (1)", "txt (1)"]
    assert not form.xpath(".//select[@name='language']")
    assert dict(form.form_values())["q"] == QUESTION
    assert [value for name, value in form.form_values() if name == "folder"] == ["south", ""]


def test_only_the_chosen_documents_are_asked_and_a_refusal_offers_all(client: TestClient) -> None:
    page = tree(client, "/?q=Zirconium%3F&folder=north")
    assert page.xpath("string(//h2[@id='verdict'])") == "The chosen documents do not say"
    assert "Nothing in the one chosen document (of 2)" in page.xpath("string(//section)")
    assert page.xpath("//a[text()='Ask all documents']/@href") == ["/?q=Zirconium%3F"]


def test_what_leaves_no_document_is_told_and_can_be_taken_away(client: TestClient) -> None:
    page = tree(client, "/?q=Goats&folder=west", 404)
    assert "No document is left by folders west" in page.xpath("string(//section[@role='alert'])")
    assert chips(page) == [("west", "/?q=Goats")]


def test_a_document_is_called_by_its_title_and_its_page_leads_to_asking_it(client: TestClient) -> None:
    listed = {each["path"]: each for each in client.get("/api/documents").json()}
    ferry = listed["north/ferry & co.txt"]
    viewer = tree(client, f"/documents/{ferry['id']}")
    link = viewer.xpath("//a[text()='Ask this document']/@href")[0]
    assert chips(tree(client, link)) == [(ferry["title"], "/")]


def test_of_many_documents_the_form_lists_none(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tree(client, "/").xpath("//select[@name='document']")
    monkeypatch.setattr(narrow, "MAX_LISTED", 1)
    assert not tree(client, "/").xpath("//select[@name='document']")


def test_a_library_of_one_document_has_nothing_to_choose(tmp_path: Path) -> None:
    publish(tmp_path, [document(FERRY)])
    library = Library(tmp_path, HashingEncoder())
    with TestClient(create_app(Settings(corpus=tmp_path / "none", index=tmp_path), library)) as client:
        assert not tree(client, "/").xpath("//*[@class='narrow']")
