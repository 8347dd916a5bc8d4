"""What files say of themselves as sources: each format's own fields, by the names that front matter has."""

from io import BytesIO
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse import ParseOptions, ParserPool
from askreport.parse.collection import parse_collection
from askreport.parse.described import date_of, description, pdf_description, split_names
from askreport.parse.epub import parse_epub
from askreport.parse.html import parse_html
from askreport.parse.mail import parse_eml
from askreport.parse.markdown import parse_markdown
from askreport.parse.odf import parse_odf
from askreport.parse.pdf.reader import parse_pdf
from askreport.parse.rtf import parse_rtf
from askreport.parse.sheets import parse_xlsx
from askreport.parse.slides import parse_pptx
from askreport.parse.word import parse_docx
from askreport.types import Document
from tests.parse.pdf.made import drawn, lines
from tests.parse.test_archive import zipped
from tests.parse.test_epub import CONTAINER
from tests.parse.test_odf import odf

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
WORDS = "Reserves rose by two tenths in the spring of that year."


def metadata(document: Any) -> dict[str, Any]:
    assert isinstance(document, Document)
    return document.metadata


def test_a_word_document_says_who_made_it_and_when() -> None:
    made = docx.Document()
    made.add_paragraph(WORDS)
    made.core_properties.author = "Jane Smith; John Doe"
    made.core_properties.keywords = "oil, gas"
    made.core_properties.title = "Reserves"
    stream = BytesIO()
    made.save(stream)
    found = metadata(parse_docx(stream.getvalue(), "a.docx", ""))
    assert found["authors"] == ["Jane Smith", "John Doe"]
    assert (found["tags"], found["title"], found["created"]) == (["oil", "gas"], "Reserves", "2013-12-23")


def test_workbooks_and_presentations_say_it_alike() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = WORDS
    book.properties.creator = "Jane Smith"
    stream = BytesIO()
    book.save(stream)
    assert metadata(parse_xlsx(stream.getvalue(), "a.xlsx", ""))["authors"] == ["Jane Smith"]
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = WORDS
    slides.core_properties.author = "John Doe"
    stream = BytesIO()
    slides.save(stream)
    assert metadata(parse_pptx(stream.getvalue(), "a.pptx", ""))["authors"] == ["John Doe"]


def test_an_opendocument_file_says_it_in_a_file_of_its_own() -> None:
    meta = (
        f'<m xmlns:meta="urn:m" {DC}><meta:initial-creator>Jane Smith</meta:initial-creator>'
        "<dc:creator>Other</dc:creator>"
        "<meta:creation-date>2021-05-06T10:00:00</meta:creation-date><meta:keyword>oil</meta:keyword></m>"
    )
    data = odf(f"<office:text><text:p>{WORDS}</text:p></office:text>", **{"meta.xml": meta})
    assert metadata(parse_odf(data, "a.odt", "")) == {
        "authors": ["Jane Smith"],
        "created": "2021-05-06",
        "tags": ["oil"],
    }


def test_a_book_says_it_in_its_package() -> None:
    package = (
        f"<package><metadata {DC}><dc:title>T</dc:title><dc:creator>Jane Smith</dc:creator><dc:date>2019</dc:date>"
        "<dc:publisher>The Press</dc:publisher><dc:subject>Oil</dc:subject></metadata>"
        '<manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package}
    data = zipped(files | {"OEBPS/a.xhtml": f"<html><body><p>{WORDS}</p></body></html>"})
    expected = {"authors": ["Jane Smith"], "date": "2019", "publisher": "The Press", "tags": ["Oil"]}
    assert metadata(parse_epub(data, "a.epub", "")) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<meta name="citation_author" content="Smith, Jane"><meta name="citation_author" content="Doe, John">'
            '<meta name="citation_publication_date" content="2020/03/14">'
            '<meta name="citation_doi" content="10.1000/1">',
            {"authors": ["Smith, Jane", "Doe, John"], "date": "2020-03-14", "doi": "10.1000/1"},
        ),
        (
            '<meta name="DC.creator" content="Jane Smith"><meta name="DCTERMS.issued" content="2020-03">'
            '<meta name="dc.publisher" content="The Press">',
            {"authors": ["Jane Smith"], "date": "2020-03", "publisher": "The Press"},
        ),
        (
            '<meta property="article:author" content="https://example.org/jane"><meta name="author" content="Jane">'
            '<meta property="article:published_time" content="2020-03-14T10:00:00Z">'
            '<meta property="og:site_name" content="The Site"><meta name="keywords" content="oil, gas">'
            '<link rel="canonical" href="https://example.org/a">',
            {
                **{"authors": ["Jane"], "date": "2020-03-14", "publisher": "The Site", "tags": ["oil", "gas"]},
                "url": "https://example.org/a",
            },
        ),
        ("", {}),
    ],
)
def test_a_page_says_it_in_its_head(head: str, expected: dict[str, Any]) -> None:
    page = f"<html><head><title>T</title>{head}</head><body><p>{WORDS}</p></body></html>"
    assert metadata(parse_html(page.encode(), "a.html", "")) == expected


def test_a_mail_is_by_whom_it_is_from() -> None:
    data = f"From: Jane Smith <jane@example.org>\nDate: Tue, 14 Mar 2023 12:00:00 +0100\nSubject: On oil\n\n{WORDS}\n"
    assert metadata(parse_eml(data.encode(), "a.eml", "")) == {"authors": ["Jane Smith"], "date": "2023-03-14"}


def test_rich_text_says_it_in_its_information() -> None:
    info = r"{\info{\author J\'fcrgen Smith}{\company The Press}{\creatim\yr2022\mo3\dy4\hr1}}"
    data = rf"{{\rtf1\ansi{info}{WORDS}\par}}"
    expected = {"authors": ["Jürgen Smith"], "created": "2022-03-04", "publisher": "The Press"}
    assert metadata(parse_rtf(data.encode(), "a.rtf", "")) == expected


def test_a_pdf_says_it_in_its_information_and_in_its_xmp() -> None:
    data = drawn(lines(WORDS))
    parsed = next(parse_pdf(data, "", "", ParseOptions(), lambda seconds: None))
    assert not isinstance(parsed, Exception)
    assert metadata(parsed.document) == {}
    info = {"Author": "Jane Smith, John Doe", "CreationDate": "D:20230314120000Z", "Keywords": "oil; gas"}
    expected = {"authors": ["Jane Smith", "John Doe"], "created": "2023-03-14", "tags": ["oil", "gas"]}
    assert pdf_description(data, info) == expected
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    xmp = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" {rdf} {DC}><rdf:RDF><rdf:Description>'
        "<dc:creator><rdf:Seq><rdf:li>The Agency</rdf:li></rdf:Seq></dc:creator>"
        "<dc:publisher><rdf:Bag><rdf:li>The Press</rdf:li></rdf:Bag></dc:publisher>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    found = pdf_description(data + xmp.encode(), info)
    assert (found["authors"], found["publisher"]) == (["The Agency"], "The Press")
    assert pdf_description(data + b"<x:xmpmeta damaged</x:xmpmeta>", info) == expected


def test_front_matter_and_collections_say_it_as_ever() -> None:
    front = f"---\nauthor: Jane Smith\ndate: 2020-03-14\n---\n{WORDS}\n"
    assert metadata(parse_markdown(front.encode(), "a.md", "")) == {"author": "Jane Smith", "date": "2020-03-14"}
    line = '{"id": "1", "text": "A text.", "authors": ["Jane Smith", 3], "publisher": "The Press", "kind": "x"}'
    found = metadata(next(parse_collection(line.encode(), "a.jsonl")))
    assert found == {"authors": ["Jane Smith"], "publisher": "The Press"}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        *[("D:20230314", "2023-03-14"), ("D:20230314120000+01'00'", "2023-03-14"), ("2023", "2023")],
        *[("2023-03-14T10:00", "2023-03-14"), ("2023/03", "2023-03"), ("March 2023", ""), ("0001-01-01", "")],
    ],
)
def test_dates_are_read_as_files_write_them(text: str, date: str) -> None:
    assert date_of(text) == date


def test_names_that_programs_write_are_nobody_s() -> None:
    assert description(authors=["Microsoft Office User", " user ", "Jane\0 Smith"]) == {"authors": ["Jane Smith"]}


def test_several_names_in_one_field_are_told_apart() -> None:
    assert split_names("Jane Smith and John Doe") == ["Jane Smith", "John Doe"]
    assert split_names("Smith, Jane; Doe, John") == ["Smith, Jane", " Doe, John"]
    assert split_names("Department of Energy and Climate") == ["Department of Energy and Climate"]


@given(st.text(max_size=60))
def test_a_description_is_made_of_any_text(text: str) -> None:
    data = f"<x:xmpmeta>{text}</x:xmpmeta>".encode("utf-8", "replace")
    found = pdf_description(data, {"Author": text, "CreationDate": text, "Keywords": text})
    assert all(each.strip() == each for each in found.get("authors", []))


def test_the_service_s_readers_send_it_along() -> None:
    with ParserPool(workers=1) as parsers:
        page = f'<html><head><meta name="author" content="Jane Smith"></head><body><p>{WORDS}</p></body></html>'
        parsed = parsers.parse(page.encode(), ".html")[0]
    assert not isinstance(parsed, Exception)
    assert parsed.document.metadata == {"authors": ["Jane Smith"]}
