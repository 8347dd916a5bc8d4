"""The pages of notebooks as a browser without JavaScript gets them."""

from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html as lxml_html

from askreport.guard.keys import KeyFile
from tests.service.api.test_notebooks import BASE, WORDS, client, made, pin_of, rewrite
from tests.tools.parts import TestClient

__all__ = ["client"]
PAGE = {"accept": "text/html"}


def tree(client: TestClient, address: str, **headers: str) -> lxml_html.HtmlElement:
    response = client.get(address, headers={**PAGE, **headers})
    assert response.status_code == 200, response.text
    return lxml_html.document_fromstring(response.text)


def form(page: lxml_html.HtmlElement, action: str) -> list[tuple[str, str]]:
    (found,) = [each for each in page.forms if each.action == action][:1]
    return [(name, str(value)) for name, value in found.form_values()]


def test_a_quote_of_an_answer_is_kept_by_its_form_with_its_context(client: TestClient) -> None:
    page = tree(client, "/?q=The ferry to Texel sails every hour in summer and takes twenty minutes")
    values = form(page, "/notebooks/pin")
    data: dict[str, list[str]] = {}
    for name, value in values:
        data.setdefault(name, []).append(value)
    kept = client.post("/notebooks/pin", data=data, follow_redirects=False)
    assert kept.status_code == 303
    shown = tree(client, kept.headers["location"])
    assert shown.xpath("string(//h1)") == "My notebook"
    assert WORDS in shown.xpath("string(//blockquote)")
    # The next one goes to the same notebook; a script hears where.
    told = client.post("/notebooks/pin", data=data, headers={"x-fragment": "1"})
    assert told.status_code == 200
    assert "Kept in" in told.text
    assert len(client.get(BASE).json()) == 1
    assert client.post("/notebooks/pin", data={**data, "mark": ["5-x"]}).status_code == 422
    assert client.post("/notebooks/pin", data={**data, "context": ["other:1-2"]}).status_code == 422


def test_a_conversation_is_kept_by_its_form(client: TestClient) -> None:
    page = tree(client, "/?q=It is red&after=The ferry to Texel sails")
    values = form(page, "/notebooks/keep")
    assert values == [("after", "The ferry to Texel sails"), ("q", "It is red")]
    kept = client.post("/notebooks/keep", data=dict(values), follow_redirects=False)
    shown = tree(client, kept.headers["location"])
    assert [each.text_content() for each in shown.xpath("//ol[@class='kept']//h2")] == [
        "The ferry to Texel sails",
        "It is red",
    ]


def test_a_changed_document_is_told_with_the_difference(client: TestClient, tmp_path: Path) -> None:
    notebook = made(client)
    client.post(f"{BASE}/{notebook}/items", json=pin_of(client))
    rewrite(client, tmp_path, f"# Ferries\n\n{WORDS.replace('every hour', 'every two hours')}\n")
    page = tree(client, f"/notebooks/{notebook}")
    assert page.xpath("string(//blockquote)") == WORDS
    assert page.xpath("//del/text()") == ["hour"]
    assert page.xpath("//ins/text()") == ["two hours"]
    rewrite(client, tmp_path, None)
    page = tree(client, f"/notebooks/{notebook}")
    assert "not in the library any more" in page.xpath("string(//p[@class='changed'])")
    assert not page.xpath("//p[@class='source']/a")


def test_notes_are_kept_items_moved_and_taken_out(client: TestClient) -> None:
    notebook, other = made(client), made(client, "Other")
    item = client.post(f"{BASE}/{notebook}/items", json=pin_of(client)).json()["id"]
    address = f"/notebooks/{notebook}/items/{item}"
    assert client.post(address, data={"note": "A <note>", "save": "1"}, follow_redirects=False).status_code == 303
    assert tree(client, f"/notebooks/{notebook}").xpath("//ol//textarea/text()") == ["A <note>"]
    client.post(address, data={"target": other, "move": "1"})
    assert client.get(f"{BASE}/{notebook}").json()["items"] == []
    client.post(f"/notebooks/{other}/items/{item}", data={"remove": "1"})
    assert client.get(f"{BASE}/{other}").json()["items"] == []
    client.post(f"/notebooks/{notebook}", data={"name": "New name"})
    assert tree(client, f"/notebooks/{notebook}").xpath("string(//h1)") == "New name"
    assert "New name" in tree(client, f"/notebooks/{notebook}/delete").text_content()
    client.post(f"/notebooks/{notebook}/delete")
    assert [each["name"] for each in client.get(BASE).json()] == ["Other"]


def test_a_comparison_is_shown_as_what_it_is(client: TestClient) -> None:
    notebook = made(client)
    client.post(f"{BASE}/{notebook}/items", json={"kind": "comparison", "content": {"title": "<b>", "rows": [1]}})
    page = tree(client, f"/notebooks/{notebook}")
    assert page.xpath("string(//ol//h2)") == "<b>"
    assert '"rows"' in page.xpath("string(//pre)")


def test_a_shared_notebook_is_read_by_others_without_forms(client: TestClient, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    anna, bert = ({"x-api-key": keys.add(name, "read")} for name in ("anna", "bert"))
    notebook = made(client, **anna)
    client.post(f"{BASE}/{notebook}/items", json=pin_of(client, **anna), headers=anna)
    assert client.get(f"/notebooks/{notebook}", headers={**PAGE, **bert}).status_code == 404
    shared = {"name": "Trip", "shared": "1"}
    assert client.post(f"/notebooks/{notebook}", data=shared, headers=anna, follow_redirects=False).status_code == 303
    page = tree(client, f"/notebooks/{notebook}", **bert)
    assert [each.action for each in page.forms] == [f"/notebooks/{notebook}/export"]
    assert "of anna" in page.text_content()
    assert "of anna" in tree(client, "/notebooks", **bert).text_content()
    assert client.post(f"/notebooks/{notebook}/delete", headers={**PAGE, **bert}).status_code == 403


@pytest.mark.parametrize("name", ["docx", "markdown", "html", "json"])
def test_a_notebook_is_downloaded(client: TestClient, name: str) -> None:
    notebook = made(client)
    client.post(f"{BASE}/{notebook}/items", json=pin_of(client))
    response = client.get(f"/notebooks/{notebook}/export", params={"format": name, "style": "harvard"})
    assert response.status_code == 200
    assert "attachment" in response.headers["content-disposition"]


def test_a_comparison_is_kept_by_its_form_and_shown_as_a_table_of_quotes(client: TestClient) -> None:
    questions = "The ferry to Texel sails every hour\nWho reset the password of the zeppelin?"
    page = tree(client, f"/compare?q={quote(questions)}")
    values = form(page, "/notebooks/compare")
    assert [name for name, _ in values] == ["q", "q"]
    kept = client.post("/notebooks/compare", data={"q": [value for _, value in values]}, follow_redirects=False)
    assert kept.status_code == 303
    address = kept.headers["location"].partition("#")[0]
    shown = tree(client, address)
    (item,) = shown.xpath("//ol[@class='kept']/li")
    assert [each.text_content() for each in item.xpath(".//h2")] == questions.split("\n")
    assert WORDS in item.xpath("string(.//blockquote)")
    assert "It does not say." in item.text_content()
    said = client.get(f"{address}/export?format=markdown&style=apa").text
    assert WORDS in said
    assert "It does not say." in said
    assert client.post("/notebooks/compare", data={"q": ""}).status_code == 422
