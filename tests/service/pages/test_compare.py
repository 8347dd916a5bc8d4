"""The page of comparisons, as a browser without JavaScript gets it, and its files."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.compare.export import KINDS
from askreport.config import Settings
from askreport.service.app import create_app
from tests.service.conftest import Serve, tree
from tests.tools.parts import HashingEncoder, TestClient, document, publish, publish_by_words

FERRY, GOATS = "The ferry to Texel sails every hour.", "The keeper kept nine goats."
ASKED = {"q": f"{FERRY}\n{GOATS}", "folder": ["north", "south"]}


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve([document(FERRY, "north/ferry.txt"), document(GOATS, "south/goats.txt")])


def test_the_form_offers_documents_and_folders(client: TestClient) -> None:
    page = tree(client, "/compare")
    form = page.xpath("//form[@action='/compare']")[0]
    assert form.xpath(".//textarea[@name='q']")
    assert len(form.xpath(".//select[@name='document']/option")) == 2
    assert form.xpath(".//select[@name='folder']/option/@value") == ["north", "south"]
    assert not page.xpath("//table")


def test_the_page_has_the_whole_table_with_links_to_the_places(client: TestClient) -> None:
    page = tree(client, "/compare", **ASKED)
    cells = page.xpath("//tbody//td/div")
    assert [each.get("id") for each in cells] == ["cell-0-0", "cell-0-1", "cell-1-0", "cell-1-1"]
    assert cells[0].xpath("string(.//blockquote)") == FERRY
    url, fragment = cells[3].xpath(".//blockquote/a/@href")[0].split("#")
    assert tree(client, url).xpath("string(//*[@id=$name])", name=fragment) == GOATS
    assert page.xpath("//thead//th//small/text()") == ["1 document", "1 document"]
    assert [each.text for each in page.xpath("//select[@name='folder']/option[@selected]")] == [
        "north (1)",
        "south (1)",
    ]
    assert page.xpath("string(//textarea)") == ASKED["q"]


def test_while_not_all_is_embedded_page_and_files_say_so(tmp_path: Path) -> None:
    publish_by_words(tmp_path, [document(GOATS, "south/goats.txt")], publish(tmp_path, [document(FERRY)]).manifest)
    library = Library(tmp_path, HashingEncoder())
    with TestClient(create_app(Settings(corpus=tmp_path / "none", index=tmp_path), library)) as client:
        page = tree(client, "/compare", q=GOATS)
        assert "50% of the passages" in page.xpath("string(//p[contains(@class, 'completing')])")
        first = client.get("/compare", params={"q": GOATS}, headers={"x-fragment": "1"})
        assert "50% of the passages" in first.text
        assert "50% of the passages" in client.get("/compare.md", params={"q": GOATS}).text


def test_a_script_gets_the_table_first_and_then_the_same_cells(client: TestClient) -> None:
    whole = tree(client, "/compare", **ASKED)
    empty: lxml_html.HtmlElement = lxml_html.document_fromstring(
        client.get("/compare", params=ASKED, headers={"X-Fragment": "1"}).text
    )
    assert len(empty.xpath("//td/div[contains(@class, 'waiting')]")) == 4
    text = client.get(empty.xpath("//section/@data-cells")[0]).text
    told = [(name, json.loads(data)) for name, data in re.findall(r"^event: (.*)\ndata: (.*)$", text, re.M)]
    assert [name for name, _ in told] == [*["cell"] * 4, "done"]
    for _, cell in told[:-1]:
        (at,) = whole.xpath("//*[@id=$name]", name=cell["id"])
        said: lxml_html.HtmlElement = lxml_html.fromstring(f"<div>{cell['html']}</div>")
        assert said.text_content().split() == at.text_content().split()


def test_the_table_is_saved_under_the_same_questions_and_columns(client: TestClient) -> None:
    links = tree(client, "/compare", **ASKED).xpath("//*[@class='comparison']//p/a/@href")
    assert [urlsplit(link).path for link in links] == [f"/compare.{kind}" for kind in KINDS]
    for link, (kind, media) in zip(links, KINDS.items(), strict=True):
        assert parse_qsl(urlsplit(link).query) == [("q", FERRY), ("q", GOATS), ("folder", "north"), ("folder", "south")]
        saved = client.get(link)
        assert saved.headers["content-type"] == media
        assert re.search(rf'filename="comparison-\d+-\d+-\d+\.{kind}"', saved.headers["content-disposition"])
        assert kind == "xlsx" or GOATS in saved.text
    assert client.get("/compare.pdf", params=ASKED).status_code == 404


def test_a_problem_is_told_with_its_status(client: TestClient) -> None:
    assert tree(client, "/compare?q=Goats&folder=west", 404).xpath("//section[@role='alert']")
    assert tree(client, f"/compare?q={'x' * 2001}", 422).xpath("//section[@role='alert']")
    assert client.get("/compare/cells?q=Goats&folder=west").status_code == 404


def test_words_of_documents_are_no_markup(serve: Serve) -> None:
    said = "The <b>ferry</b> sails & sails."
    client = serve([document(said, "a&b.txt")])
    assert tree(client, "/compare", q=said).xpath("string(//blockquote)") == said
    text = client.get("/compare/cells", params={"q": said}).text
    assert "&lt;b&gt;ferry" in json.loads(re.findall(r"^data: (.*)$", text, re.M)[0])["html"]
