"""The pages of a document as a source, as a browser without JavaScript gets them."""

import pytest
from lxml import html as lxml_html

from tests.service.api.test_citations import FILES, description, id_of
from tests.service.conftest import ServeFiles, tree
from tests.tools.parts import TestClient


@pytest.fixture
def client(serve_files: ServeFiles) -> TestClient:
    return serve_files(FILES)


def filled(page: lxml_html.HtmlElement) -> dict[str, str]:
    return dict(page.forms[-1].form_values())


def test_the_form_has_what_is_known_and_keeps_only_what_differs(client: TestClient) -> None:
    address = f"/documents/{id_of(client, 'ferry.md')}/describe"
    values = filled(tree(client, address))
    assert (values["title"], values["authors"], values["date"]) == ("Ferries", "Ann Lee", "2024-03-05")
    saved = client.post(address, data={**values, "place": "Texel", "tags": "ferries\r\nsea"}, follow_redirects=False)
    assert saved.status_code == 303
    assert description(client, "ferry.md")["corrections"] == {"place": "Texel", "tags": ["ferries", "sea"]}
    # Written back to what the file says, nothing is corrected any more.
    client.post(address, data=values)
    assert description(client, "ferry.md")["corrections"] == {}


def test_a_form_with_a_mistake_comes_back_as_it_was_filled_in(client: TestClient) -> None:
    address = f"/documents/{id_of(client, 'ferry.md')}/describe"
    values = {**filled(tree(client, address)), "url": "no address", "place": "Texel"}
    response = client.post(address, data=values)
    assert response.status_code == 422
    page = lxml_html.document_fromstring(response.text)
    assert page.xpath("//*[@role='alert']")
    assert filled(page)["place"] == "Texel"
    assert description(client, "ferry.md")["corrections"] == {}


def test_a_quote_is_cited_in_every_style_and_format(client: TestClient) -> None:
    identity = id_of(client, "ferry.md")
    start = client.get(f"/api/v1/documents/{identity}").json()["text"].index("It is red")
    page = tree(client, f"/documents/{identity}/cite?mark={start}-{start + 10}")
    assert page.xpath("string(//blockquote)") == "It is red."
    texts = [each.text_content() for each in page.xpath("//section[contains(@class, 'loaded')]//p")]
    assert "(Lee, 2024, para. 2)" in texts
    assert any(text.startswith("@misc{lee2024ferries") for text in texts)
    assert client.get(f"/documents/{identity}/cite?mark=5-9999").status_code == 422
    for form, begins in {"bibtex": "@misc{", "ris": "TY  - GEN", "csl-json": "["}.items():
        record = client.get(f"/documents/{identity}/record", params={"format": form})
        assert record.text.startswith(begins)
        assert "attachment" in record.headers["content-disposition"]


def test_tags_choose_documents_and_their_records(client: TestClient) -> None:
    page = tree(client, "/documents?tag=Ferries")
    assert [row.xpath("string(.//a)") for row in page.xpath("//tbody/tr")] == ["Ferries"]
    assert page.xpath("//td//a[@class='tag']/@href") == ["/documents?tag=ferries"]
    assert "/sources?format=ris&tag=Ferries" in page.xpath("//a/@href")
    assert client.get("/sources?format=ris&tag=Ferries").text.count("ER  -") == 1
    assert client.get("/sources?format=ris").text.count("ER  -") == 2


def test_a_corrected_title_stands_where_the_document_is_shown(client: TestClient) -> None:
    identity = id_of(client, "goats.txt")
    client.patch(f"/api/v1/documents/{identity}/description", json={"title": "Nine <goats>", "tags": ["a&b"]})
    page = tree(client, f"/documents/{identity}")
    assert page.xpath("string(//h1)") == "Nine <goats>"
    assert page.xpath("//a[@class='tag']/@href") == ["/documents?tag=a%26b"]
    assert "Nine <goats>" in tree(client, "/documents").text_content()
