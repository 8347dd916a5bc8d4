"""The pages of one document as a browser without JavaScript gets them: printed pages with marks, and texts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.parse.markdown import parse_markdown
from askreport.service.app import create_app
from askreport.service.pages.document import Pictures, search_text, segments, text_layer
from askreport.text.chunk import chunk
from askreport.types import Span
from tests.conftest import REPORT
from tests.service.conftest import tree
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, document, pdf

PAGES = (
    ["The gardener planted tulips", "in the spring of 1992 and", "roses in the autumn."],
    ["The second page speaks", "of tulips as well."],
)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Library, Path]]:
    """A library of one PDF, and its file."""
    folder = tmp_path_factory.mktemp("printed")
    file = folder / "corpus" / "garden.pdf"
    file.parent.mkdir()
    file.write_bytes(pdf(*PAGES))
    settings = Settings(corpus=file.parent, index=folder / "index")
    library = Library(settings.index, HashingEncoder())
    ingest([settings.corpus], settings.index, library.encoder, PARSERS)
    with TestClient(create_app(settings, library, PARSERS)) as made:
        yield made, library, file


def address(library: Library) -> str:
    return f"/documents/{library.store.documents()[0].id}"


def span_of(library: Library, words: str) -> Span:
    text = library.store.document(library.store.documents()[0].id).text
    return Span(text.index(words), text.index(words) + len(words))


def test_the_document_page_shows_the_canonical_text_unchanged(client: TestClient, library: Library) -> None:
    for summary in library.store.documents():
        shown = tree(client, f"/documents/{summary.id}").get_element_by_id("text").text_content()
        assert shown == library.store.document(summary.id).text


@given(st.text(alphabet=st.sampled_from("ab .\n#-|é𝒳"), max_size=300))
def test_segments_are_the_whole_text_in_order(text: str) -> None:
    if not text.strip():
        return
    document = parse_markdown(text.encode(), "x.md", "x")
    sentences = [span for passage in chunk(document) for span in passage.sentences]
    pieces = list(segments(document, sentences))
    assert "".join(piece.text for piece in pieces) == document.text
    assert all(document.text[piece.span.start : piece.span.end] == piece.text for piece in pieces)


def test_every_sentence_of_the_report_has_its_anchor(library: Library) -> None:
    store = library.store
    report = next(item for item in store.documents() if item.path == REPORT.name)
    sentences = store.sentences(report.id)
    anchors = {piece.anchor for piece in segments(store.document(report.id), sentences)}
    assert len(sentences) == 71
    assert {f"char={start},{end}" for start, end in sentences} <= anchors


def test_a_printed_page_shows_its_picture_the_marks_and_the_words(
    printed: tuple[TestClient, Library, Path],
) -> None:
    client, library, _ = printed
    start, end = span_of(library, "in the spring of 1992")
    page = tree(client, address(library), mark=f"{start}-{end}")
    (image,) = page.xpath("//div[contains(@class, 'sheet')]/img")
    assert client.get(image.get("src")).content.startswith(b"\x89PNG")
    (mark,) = page.xpath("//rect[@class='mark']")
    assert mark.get("id") == f"char={start},{end}"
    assert float(mark.get("x")) == pytest.approx(72, abs=1)
    assert page.xpath("//p[@class='quoted']/q")[0].text_content() == "in the spring of 1992"
    words = [element.text_content() for element in page.xpath("//svg//text | //*[local-name()='text']")]
    assert words[:3] == list(PAGES[0])


def test_the_page_of_the_mark_is_shown_unless_another_is_asked_for(
    printed: tuple[TestClient, Library, Path],
) -> None:
    client, library, _ = printed
    start, end = span_of(library, "The second page")
    for params, number in (({}, "2"), ({"page": "1"}, "1"), ({"page": "99"}, "2")):
        page = tree(client, address(library), mark=f"{start}-{end}", **params)
        assert page.xpath("//input[@type='number']")[0].get("value") == number
        assert bool(page.xpath("//rect[@class='mark']")) == (number == "2")


def test_words_that_are_looked_for_are_listed_and_marked(printed: tuple[TestClient, Library, Path]) -> None:
    client, library, _ = printed
    page = tree(client, address(library), find="TULIPS", page="2")
    hits = page.xpath("//details[@class='hits']//li/a")
    assert [hit.xpath("./span")[0].text_content() for hit in hits] == ["page 1", "page 2"]
    assert [hit.xpath("./mark")[0].text_content() for hit in hits] == ["tulips", "tulips"]
    assert len(page.xpath("//rect[@class='found']")) == 1
    target = tree(client, hits[0].get("href").split("#")[0])
    assert target.xpath("//rect[@class='mark']")[0].get("id") == hits[0].get("href").split("#")[1]


def test_the_text_of_a_printed_source_can_be_asked_for(printed: tuple[TestClient, Library, Path]) -> None:
    client, library, _ = printed
    page = tree(client, address(library), view="text")
    document = library.store.document(library.store.documents()[0].id)
    assert page.get_element_by_id("text").text_content() == document.text
    labels = [element.get("data-label") for element in page.xpath("//span[@class='page-start']")]
    assert labels == ["Page 1", "Page 2"]


def test_a_changed_file_is_said_to_be_changed_and_its_text_is_shown(
    printed: tuple[TestClient, Library, Path],
) -> None:
    client, library, file = printed
    before = file.read_bytes()
    try:
        file.write_bytes(pdf(["Other words."]))
        page = tree(client, address(library))
        assert page.xpath("//*[@role='alert']")
        assert page.xpath("//*[@id='text']")
        picture = client.get(f"{address(library)}/pages/2.png", params={"scale": "6"})
        assert (picture.status_code, picture.headers["content-type"]) == (409, "application/json")
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/pages/3.png", 404), ("/pages/0.png", 404), ("/pages/x.png", 422), ("/pages/1.png?scale=x", 422)],
)
def test_pages_that_are_not_there_are_errors(printed: tuple[TestClient, Library, Path], path: str, status: int) -> None:
    client, library, _ = printed
    assert client.get(address(library) + path).status_code == status
    assert client.get(f"/documents/none{path}").status_code in (404, 422)


@pytest.mark.parametrize("mark", ["5-2", "0-999999", "7-7"])
def test_a_mark_outside_the_text_marks_nothing(printed: tuple[TestClient, Library, Path], mark: str) -> None:
    client, library, _ = printed
    assert not tree(client, address(library), mark=mark).xpath("//rect[@class='mark']")


@pytest.mark.parametrize("query", ["mark=x", "page=0", "view=none", "find=" + "x" * 201])
def test_an_address_that_makes_no_sense_is_422(printed: tuple[TestClient, Library, Path], query: str) -> None:
    client, library, _ = printed
    assert client.get(f"{address(library)}?{query}").status_code == 422


def test_the_text_layer_has_every_word_of_the_page_in_its_place(printed: tuple[TestClient, Library, Path]) -> None:
    _, library, _ = printed
    store = library.store
    item = store.document(store.documents()[0].id)
    for page, lines in zip(item.pages, PAGES, strict=True):
        runs = list(text_layer(item, page, store.boxes(item.id, page.number)))
        assert [run.text for run in runs] == lines
        assert all(run.box.left + 1 >= 72 and run.turn == 0 and run.length > run.size for run in runs)


def test_a_quote_of_a_printed_page_links_to_its_mark(printed: tuple[TestClient, Library, Path]) -> None:
    client, *_ = printed
    answer = client.post("/api/search", json={"question": "tulips in the spring"}).json()
    assert re.fullmatch(r"/documents/\w+\?page=1&mark=\d+-\d+#char=\d+,\d+", answer["passages"][0]["url"])


def test_links_survive_an_index_that_is_built_anew(printed: tuple[TestClient, Library, Path], tmp_path: Path) -> None:
    client, library, file = printed
    question = {"question": "tulips in the spring"}
    before = [hit["url"] for hit in client.post("/api/search", json=question).json()["passages"]]
    moved = tmp_path / "elsewhere" / "renamed.pdf"
    moved.parent.mkdir()
    moved.write_bytes(file.read_bytes())
    settings = Settings(corpus=moved.parent, index=tmp_path / "index")
    ingest([settings.corpus], settings.index, library.encoder, PARSERS)
    with TestClient(create_app(settings, Library(settings.index, library.encoder), PARSERS)) as other:
        after = [hit["url"] for hit in other.post("/api/search", json=question).json()["passages"]]
        assert after == before
        assert tree(other, before[0].split("#")[0]).xpath("//rect[@class='mark']")


@given(st.text(max_size=60), st.text(max_size=6))
def test_every_place_that_is_found_holds_the_words(text: str, words: str) -> None:
    item = document(text.replace("\r", ""))
    for found in search_text(item, words):
        assert item.text[found.span.start : found.span.end] == found.words
        assert " ".join(found.words.split()).casefold() == " ".join(words.split()).casefold() or not words.isascii()


def test_words_are_found_across_line_breaks_and_as_they_are() -> None:
    item = document("One (two)\nthree. ONE (TWO) THREE.")
    assert [found.span for found in search_text(item, "one (two) three.")] == [Span(0, 16), Span(17, 33)]
    assert list(search_text(item, "  ")) == []


def test_pictures_stay_within_their_bytes_and_the_used_ones_stay() -> None:
    pictures = Pictures(limit=10)
    for number in (1, 2):
        pictures.put(("a", number, 1.0), b"four")
    assert pictures.get(("a", 1, 1.0)) == b"four"
    pictures.put(("a", 3, 1.0), b"four")
    assert [pictures.get(("a", number, 1.0)) for number in (1, 2, 3)] == [b"four", None, b"four"]


def test_from_the_page_to_its_text_and_back_the_mark_stays(printed: tuple[TestClient, Library, Path]) -> None:
    client, library, _ = printed
    start, end = span_of(library, "The second page")
    page = tree(client, address(library), mark=f"{start}-{end}")
    text = tree(client, page.xpath("//p[@class='views']/a")[0].get("href").split("#")[0])
    assert text.xpath("//*[@id='text']")
    again = tree(client, text.xpath("//p[@class='views']/a")[0].get("href"))
    assert again.xpath("//rect[@class='mark']")


def test_a_mark_of_nothing_printed_says_so(printed: tuple[TestClient, Library, Path]) -> None:
    client, library, _ = printed
    gap = span_of(library, "\n\n") if "\n\n" in library.store.document(address(library)[11:]).text else Span(0, 1)
    page = tree(client, address(library), mark=f"{gap.start}-{gap.end}")
    assert "not printed on any page" in page.xpath("//p[@class='quoted']")[0].text_content()
