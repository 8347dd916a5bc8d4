"""The pages as a browser without JavaScript gets them."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from askreport.service.pages.home import MAX_EXAMPLES, examples
from askreport.store import DocumentSummary, LocalStore
from tests.conftest import CORPUS
from tests.service.conftest import tree
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, document, folder, publish, publish_by_words

SVR = {"q": "does the SVR spy on China?"}


def test_home_asks_and_offers_examples(client: TestClient) -> None:
    page = tree(client, "/")
    assert page.xpath("//form[@method='get']//input[@name='q']")
    assert page.xpath("//section[@class='examples']//a/text()")
    assert not page.xpath("//*[@class='quotes']")


def test_the_answer_shows_numbered_quotes_that_link_to_their_place(client: TestClient) -> None:
    page = tree(client, "/", **SVR)
    links = page.xpath("//ol[@class='quotes']/li/blockquote/a")
    assert "under agreement not to spy on the Chinese" in links[0].text_content()
    assert re.fullmatch(r"/documents/[0-9a-f]{16}#char=\d+,\d+", links[0].get("href"))


def test_a_quotes_link_leads_to_an_element_with_exactly_its_words(client: TestClient) -> None:
    for link in tree(client, "/", **SVR).xpath("//ol[@class='quotes']/li/blockquote/a"):
        url, fragment = link.get("href").split("#")
        target = tree(client, url).xpath("//*[@id=$name]", name=fragment)
        assert [element.text_content() for element in target] == [link.text_content()]


def test_a_repeated_sentence_is_shown_once_with_both_places(client: TestClient) -> None:
    page = tree(client, "/", q="Is there a basis for the theory of a tightly knit strategic alliance?")
    conclusion = [li for li in page.xpath("//ol[@class='quotes']/li") if "fortress Eurasia" in li.text_content()]
    assert len(conclusion) == 1
    assert "The same words also stand in" in conclusion[0].text_content()


def test_a_refusal_says_so_and_quotes_nothing(client: TestClient) -> None:
    page = tree(client, "/", q="How do I reset my password?")
    assert page.xpath("//h2[@id='verdict']")[0].text_content() == "The documents do not say"
    assert not page.xpath("//*[@class='quotes']")
    assert "not an answer" in page.xpath("//details[@class='passages']/summary")[0].text_content()


def test_the_list_names_every_document(client: TestClient) -> None:
    rows = tree(client, "/documents").xpath("//tbody/tr")
    assert len(rows) == len(list(CORPUS.iterdir()))
    for row in rows:
        title, original, change, delete = row.xpath(".//a/@href")
        assert change == f"{title}/change"
        assert (original, delete) == (f"/api{title}/original", f"{title}/delete")


def test_a_too_long_question_is_explained_on_the_page(client: TestClient) -> None:
    response = client.get("/", params={"q": "x" * (MAX_QUESTION_CHARS + 1)})
    assert response.status_code == 422
    assert "at most 2,000 are read" in response.text


def test_a_missing_index_is_explained_on_the_page(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {"a.txt": "Nine goats."}), index=tmp_path / "none")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        assert "askreport index" in client.get("/").text


def test_markup_in_questions_and_documents_is_text(tmp_path: Path, encoder: Encoder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    (corpus / f"{'<b>'}.md").write_text(
        f"---\ntitle: {attack}\n---\n# {attack}\n\nThe gardener said {attack} about the tulips in May.\n"
    )
    settings = Settings(corpus=corpus, index=tmp_path / "index")
    ingest([corpus], settings.index, encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        document = client.get("/api/documents").json()[0]
        own = f"/documents/{document['id']}"
        for url in (f"/?q={attack} tulips", "/documents", f"/documents?q={attack}", own, f"{own}/delete"):
            page = client.get(url, headers={"accept": "text/html"}).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert html.escape("<script>") in page


def test_no_view_lists_the_documents_but_the_first_of_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [replace(document("The ferry sails."), metadata={"questions": ["When?"]})])
    library = Library(tmp_path, HashingEncoder())
    listed: list[object] = []
    list_all = LocalStore.documents

    def noted(store: LocalStore) -> list[DocumentSummary]:
        listed.append(store)
        return list_all(store)

    monkeypatch.setattr(LocalStore, "documents", noted)
    with TestClient(create_app(Settings(corpus=tmp_path, index=tmp_path), library)) as client:
        for url in ("/", "/", "/?q=The ferry sails.", "/?q=reset my password", "/"):
            page = client.get(url).text
            assert ("When?" in page) == ("q=" not in url)
        # For its examples, and for what can be chosen.
        assert len(listed) == 2
        publish(tmp_path, [document("Tulips bloom.")])
        assert "When?" not in client.get("/").text
        assert len(listed) == 4


def test_examples_are_taken_from_the_documents_in_turn() -> None:
    def suggesting(*questions: str) -> DocumentSummary:
        return DocumentSummary(
            id="id",
            title="title",
            path="path",
            sha256="sha",
            characters=1,
            passages=1,
            metadata={"questions": list(questions)},
        )

    documents = [
        suggesting("a1", "a2"),
        DocumentSummary(id="id", title="t", path="p", sha256="s", characters=1, passages=1),
        suggesting("b1"),
    ]
    assert examples(documents) == ["a1", "b1", "a2"]
    assert len(examples([suggesting(*map(str, range(20)))])) == MAX_EXAMPLES


def test_a_quote_leads_to_the_sources_that_it_names(client: TestClient) -> None:
    page = tree(client, "/", q="What did Gabuev write about keeping spy cases quiet?")
    links = page.xpath("//li[.//text()[contains(., '[24]')]]//p[contains(@class, 'refs')]/a")
    assert "Gabuev, thread" in links[0].text_content()
    url, anchor = links[0].get("href").split("#")
    assert "Gabuev, thread" in tree(client, url).xpath("string(//li[@id=$anchor])", anchor=anchor)


def test_an_answer_names_neither_its_reader_nor_a_generation(client: TestClient) -> None:
    for page in (tree(client, "/", **SVR), tree(client, "/why", **SVR), tree(client, "/documents")):
        words = page.xpath("string(//main)")
        assert "generation" not in words
        assert "reader" not in words


def test_the_same_words_elsewhere_are_a_list_that_opens(tmp_path: Path, encoder: Encoder) -> None:
    same = "The lighthouse keeper counts forty gulls each morning."
    texts = [f"{same}\n\nNote {n} has more to say of the harbour and of its boats.\n\n{same}" for n in range(5)]
    publish(tmp_path, [document(text, f"{n}.txt") for n, text in enumerate(texts)], encoder)
    with TestClient(create_app(Settings(corpus=CORPUS, index=tmp_path), Library(tmp_path, encoder))) as made:
        page = tree(made, "/", q="How many gulls does the lighthouse keeper count?")
    (also,) = page.xpath("//li[@id='quote-1']/details[@class='also']")
    assert also.get("open") is None
    assert len(also.xpath(".//li")) < len(also.xpath(".//a")) == int(also.xpath("string(summary)").split()[-3])


def test_an_empty_library_invites_to_add_documents(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        home, documents = tree(client, "/"), tree(client, "/documents")
    assert home.xpath("//section[@class='invite']//a/@href") == ["/documents"]
    assert "Your library is empty" in documents.xpath("string(//main)")
    assert documents.xpath("//form[@id='add']")
    assert not [*home.xpath("//*[@role='alert']"), *documents.xpath("//*[@role='alert']")]


def test_a_question_that_only_gets_an_acronym_cannot_be_asked_by_itself(client: TestClient) -> None:
    page = tree(client, "/", q="What does the Foreign Intelligence Service do?")
    assert "(SVR)" in page.xpath("string(//*[@class='understood'])")
    assert not page.xpath("//*[@class='understood']//a")
    follows = tree(client, "/", q="And the GRU?", after=SVR["q"])
    assert follows.xpath("//*[@class='understood']//a/@href") == ["/?q=And+the+GRU%3F"]


def test_several_misspelt_words_are_offered_in_one_question(client: TestClient) -> None:
    page = tree(client, "/", q="Who is the directr of the foreing inteligence service?")
    assert "inteligence" in page.xpath("string(//*[@class='refusal'] | //section[contains(@class, 'answer')])")
    assert page.xpath("//p[@class='instead']/a[contains(., 'intelligence service')]")


def test_a_follow_up_shows_what_was_understood_and_the_questions_before(client: TestClient) -> None:
    page = tree(client, "/", q="And the GRU?", after=SVR["q"])
    assert "does the GRU spy on China?" in page.xpath("string(//*[@class='understood'])")
    assert [link.text_content() for link in page.xpath("//ol[@class='earlier']//a")] == [SVR["q"]]
    kept = page.xpath("//form[@class='ask']//input[@name='after']/@value")
    assert kept == [SVR["q"], "And the GRU?"]
    assert not tree(client, "/", **SVR).xpath("//*[@class='understood']")


@pytest.mark.parametrize("path", ["/", "/mentions", "/documents"])
def test_while_not_all_is_embedded_the_page_says_so(tmp_path: Path, path: str) -> None:
    text, other = "The ferry sails every hour.", "The keeper kept nine goats."
    first = publish(tmp_path, [document(text, "a.txt")])
    library = Library(tmp_path, HashingEncoder())
    with TestClient(create_app(Settings(corpus=CORPUS, index=tmp_path), library)) as client:
        assert not tree(client, path, q=text).xpath("//p[contains(@class, 'completing')]")
        publish_by_words(tmp_path, [document(other, "b.txt")], first.manifest)
        (said,) = tree(client, path, q=text).xpath("//p[contains(@class, 'completing')]")
        assert said.text.startswith("The index is being completed: 50% of the passages")
        assert client.post("/api/v1/ask", json={"question": text}).json()["index"]["embedded"] == 0.5
        assert client.get("/api/v1/index").json()["embedded"] == 0.5


def test_sources_that_differ_are_said_to(client: TestClient) -> None:
    page = tree(client, "/", q="To which country does the 72nd Special Service Center belong?")
    assert "The sources differ" in page.xpath("string(//*[@class='differ'])")
    assert not tree(client, "/", **SVR).xpath("//*[@class='differ']")


def test_a_refusal_in_another_language_names_the_documents_languages(tmp_path: Path) -> None:
    publish(tmp_path, [document("The report is by the government and it was not read by us.", "en.txt")])
    library = Library(tmp_path, HashingEncoder())
    with TestClient(create_app(Settings(corpus=CORPUS, index=tmp_path), library)) as client:
        question = "Was ist der Bericht und wo wird er gelesen?"
        assert (
            "The documents are in English; the question is in German." in client.get("/", params={"q": question}).text
        )
        answer = client.post("/api/v1/ask", json={"question": question}).json()
        assert answer["languages"] == {"question": "de", "documents": ["en"]}
        assert client.post("/api/v1/ask", json={"question": "What is this?"}).json()["languages"] is None


def test_a_question_that_only_got_an_acronym_is_not_offered_to_be_asked_by_itself(client: TestClient) -> None:
    asked = {"q": "Does the foreign intelligence service spy on the Chinese?", "after": SVR["q"]}
    page = tree(client, "/", **asked)
    assert "(SVR)" in page.xpath("string(//p[@class='understood'])")
    assert page.xpath("//ol[@class='earlier']//a | //*[contains(@class, 'earlier')]//a")
    assert "by itself" not in page.xpath("string(//p[@class='understood'])")
    follows = tree(client, "/", q="And the GRU?", after=SVR["q"])
    assert "by itself" in follows.xpath("string(//p[@class='understood'])")
