"""A quote's place beside the answer: around the marked words, as much as can be read there, on the right page."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.service.app import create_app
from askreport.service.pages.document import segments
from askreport.service.pages.excerpt import CONTEXT, MAX_MARKED, Excerpt, _around, checked, excerpt_in
from askreport.service.pages.originals import Originals
from askreport.types import Span
from tests.conftest import REPORT
from tests.service.conftest import tree
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, document, folder, pdf

PAGES = (["The gardener planted tulips", "in the spring of 1992 and"], ["roses on the second page."])


@pytest.fixture
def printed(tmp_path: Path) -> tuple[Library, Settings, str]:
    """A library of a PDF and an Arabic text, its settings, and the PDF's id."""
    corpus = folder(tmp_path / "corpus", {"ferry.md": "---\nlang: ar\n---\nتبحر العبّارة كل ساعة.\n"})
    (corpus / "garden.pdf").write_bytes(pdf(*PAGES))
    settings = Settings(corpus=corpus, index=tmp_path / "index")
    library = Library(settings.index, HashingEncoder())
    ingest([corpus], settings.index, library.encoder, PARSERS)
    return library, settings, next(each.id for each in library.store.documents() if each.path == "garden.pdf")


def placed(library: Library, settings: Settings, document_id: str, marked: Span) -> Excerpt:
    found = library.read(lambda store: excerpt_in(store, document_id, marked))
    return checked(found, library, Originals(library, settings.corpus))


@given(st.text(alphabet=st.sampled_from("ab \n"), max_size=60), st.integers(0, 4_000), st.integers(1, 9_000))
def test_the_span_is_within_what_is_shown_unless_it_is_very_long(piece: str, start: int, length: int) -> None:
    text = (piece + " words\n" + "x" * 700) * 20
    marked = Span(min(start, len(text) - 1), min(start + length, len(text)))
    if marked.end <= marked.start:
        return
    shown = _around(text, marked)
    assert 0 <= shown.start <= marked.start
    assert min(marked.end, marked.start + MAX_MARKED) <= shown.end <= len(text)
    assert marked.start - shown.start <= 2 * CONTEXT
    assert shown.end - min(marked.end, marked.start + MAX_MARKED) <= 2 * CONTEXT


def test_whole_paragraphs_are_shown_where_they_are_short() -> None:
    text = "\n".join(f"Paragraph {n} {'and so on ' * 20}." for n in range(50))
    start = text.index("Paragraph 25")
    shown = _around(text, Span(start, start + 5))
    assert text[shown.start :].startswith("Paragraph ")
    assert text[: shown.end].endswith(".")


def test_a_text_is_shown_with_the_words_marked(client: TestClient, library: Library) -> None:
    report = next(each for each in library.store.documents() if each.path == REPORT.name)
    text = library.store.document(report.id).text
    start = text.index("while the SVR")
    response = client.get(f"/documents/{report.id}/excerpt", params={"mark": f"{start}-{start + 40}"})
    page = lxml_html.fragment_fromstring(response.text, create_parent="div")
    assert "".join(mark.text_content() for mark in page.xpath("//mark")) == text[start : start + 40]
    assert page.xpath("//div[contains(@class, 'document')]")[0].text_content() in text
    assert page.xpath("//header//a/@href") == [f"/documents/{report.id}#char={start},{start + 40}"]
    assert "<html" not in response.text


def test_a_printed_page_is_shown_with_the_words_marked(printed: tuple[Library, Settings, str]) -> None:
    library, settings, document_id = printed
    text = library.store.document(document_id).text
    marked = Span(text.index("in the spring"), text.index("roses") + 5)
    excerpt = placed(library, settings, document_id, marked)
    assert (excerpt.page and excerpt.page.number, excerpt.more, excerpt.parts) == (1, (2,), ())
    assert [box.page for box in excerpt.boxes] == [1]
    with TestClient(create_app(settings, library, PARSERS)) as client:
        mark = f"{marked.start}-{marked.end}"
        page = tree(client, f"/documents/{document_id}/excerpt?mark={mark}")
        assert len(page.xpath("//rect[@class='mark']")) == 1
        assert client.get(page.xpath("//img/@src")[0]).status_code == 200
        assert "continues on page 2" in page.text_content()


def test_where_the_file_is_another_by_now_its_text_is_shown(printed: tuple[Library, Settings, str]) -> None:
    library, settings, document_id = printed
    (settings.corpus / "garden.pdf").write_bytes(pdf(["Other words."]))
    excerpt = placed(library, settings, document_id, Span(0, 5))
    assert not excerpt.boxes
    words = (each.text for _, runs in excerpt.parts for _, run in runs for each in run)
    assert "".join(words).startswith("The gardener")


def test_a_right_to_left_document_is_read_so(printed: tuple[Library, Settings, str]) -> None:
    library, settings, document_id = printed
    other = next(each.id for each in library.store.documents() if each.id != document_id)
    with TestClient(create_app(settings, library, PARSERS)) as client:
        page = tree(client, f"/documents/{other}/excerpt?mark=20-25")
        (shown,) = page.xpath("//div[contains(@class, 'document')]")
        assert (shown.get("lang"), shown.get("dir")) == ("ar", "rtl")
        whole = tree(client, f"/documents/{other}").get_element_by_id("text")
        assert (whole.get("lang"), whole.get("dir")) == ("ar", "rtl")


@pytest.mark.parametrize("mark", ["", "5-2", "0-999999999", "x"])
def test_a_span_that_is_none_is_an_error(client: TestClient, library: Library, mark: str) -> None:
    document_id = library.store.documents()[0].id
    assert client.get(f"/documents/{document_id}/excerpt", params={"mark": mark}).status_code == 422
    assert client.get("/documents/0000000000000000/excerpt?mark=0-1").status_code == 404


def test_a_long_span_is_cut() -> None:
    text = "word " * 10_000
    shown = _around(text, Span(0, len(text)))
    assert shown.end <= MAX_MARKED + 2 * CONTEXT
    item = replace(document(text), headings=())
    assert sum(len(segment.text) for segment in segments(item, [], shown)) == shown.end
