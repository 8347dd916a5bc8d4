"""What is behind an answer as a page."""

from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.service.pages.templating import asking
from tests.tools.parts import TestClient

SVR = "does the SVR spy on China?"


def tree(client: TestClient, url: str, **headers: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(client.get(url, headers=headers).text)


def test_the_first_sentence_is_the_first_quote_with_its_words_and_figures(client: TestClient, library: Library) -> None:
    page = tree(client, asking("/why", SVR))
    (first, *_) = page.xpath("//ol[@class='behind']/li")
    quote = library.ask(SVR).quotes[0]
    assert first.xpath("string(p[@class='text'])") == quote.text
    assert {"SVR", "spy"} <= set(first.xpath(".//*[@class='word in']/text()"))
    assert f"{quote.score:.0%}" in first.xpath("string(dl)")
    assert page.xpath("//main//a/@href")[0] == asking("/", SVR)


def test_a_script_is_given_the_part_that_it_shows(client: TestClient) -> None:
    page = tree(client, asking("/why", "And the GRU?", [SVR]), **{"x-fragment": "1"})
    assert "does the GRU spy on China?" in page.xpath("string(//div[@class='loaded'])")
    assert not page.xpath("//h1")


def test_an_empty_question_is_an_error(client: TestClient) -> None:
    assert client.get("/why", params={"q": " "}).status_code == 422


def test_it_is_told_in_words_for_people(client: TestClient) -> None:
    for address in (asking("/why", SVR), asking("/", SVR), asking("/", "How do I reset my password?")):
        text = tree(client, address).text_content().casefold()
        for word in ("reader", "logit", "generation", "bm25"):
            assert word not in text, (address, word)
