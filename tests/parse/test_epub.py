"""Books: the chapters in the order of the spine, with all of their text and nothing from outside the file."""

import pytest

from askreport.errors import ParseError
from askreport.parse.epub import parse_epub
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import LAUGHS, OLE, zipped

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
ENCRYPTION = (
    '<encryption xmlns:e="e"><e:EncryptedData><e:EncryptionMethod Algorithm="%s"/></e:EncryptedData></encryption>'
)


def book(*chapters: str, title: str = "", files: dict[str, str | bytes] | None = None) -> bytes:
    """A book of these pages, a.xhtml and so on; ``files`` replace or add members."""
    names = [f"{chr(97 + at)}.xhtml" for at in range(len(chapters))]
    return zipped(
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": opf(dict(zip(names, names, strict=True)), title),
            **{f"OEBPS/{name}": page for name, page in zip(names, chapters, strict=True)},
            **(files or {}),
        }
    )


def opf(hrefs: dict[str, str], title: str = "") -> str:
    items = "".join(f'<item id="{name}" href="{href}"/>' for name, href in hrefs.items())
    spine = "".join(f'<itemref idref="{name}"/>' for name in hrefs)
    head = f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
    return f"<package>{head}<manifest>{items}</manifest><spine>{spine}</spine></package>"


def parse(data: bytes) -> Document:
    return parse_epub(data, "a.epub", "File Name")


def blocks(data: bytes) -> list[str]:
    return parse(data).text.rstrip("\n").split("\n\n")


def test_chapters_follow_the_spine_with_their_headings() -> None:
    document = parse(book("<h1>First</h1><p>One.</p>", "<h2>Second</h2><p>Two.</p>", title=" On\n Trade "))
    assert document.text == "First\n\nOne.\n\nSecond\n\nTwo.\n"
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "First"), (2, "Second")]
    assert (document.title, document.has_title) == ("On Trade", True)


@pytest.mark.parametrize(("page", "title"), [("<h1>Head</h1>", "Head"), ("<p>Words.</p>", "File Name")])
def test_a_book_without_a_title_has_that_of_its_first_heading(page: str, title: str) -> None:
    assert parse(book(page)).title == title


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<html><head><title/><script src='a'/></head><body><p>One.</p></body></html>", ["One."]),
        ("<p><a id='x'/>One<br/>two</p><div/><p>Three &nbsp;&amp; four.</p>", ["One\ntwo", "Three & four."]),
        ("<header><h1>Head</h1></header><p>One.</p><aside>Note.</aside>", ["Head", "One.", "Note."]),
        ("<p>In 2022<a epub:type='noteref' href='n.xhtml#n1'>1</a> and 10<sup>6</sup>.</p>", ["In 2022 and 10^6."]),
        (
            "<p>In 2022<sup><a href='n.xhtml#n1'>[1]</a></sup>, <a href='b#c'>see there</a>.</p>",
            ["In 2022, see there."],
        ),
        ("<table><tr><td><p>a</p></td><td><p>b</p></td><td/></tr></table>", ["a | b"]),
        ("<?xml version='1.0' encoding='utf-8'?><p>Žluťoučký kůň.</p>", ["Žluťoučký kůň."]),
        ("<nav><ol><li>Contents</li></ol></nav><p>One.</p>", ["One."]),
    ],
)
def test_a_chapter_is_read_in_full(page: str, expected: list[str]) -> None:
    assert blocks(book(page)) == expected


def test_a_chapter_in_another_encoding_is_read() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-2"?><p>Łódź: zażółć gęślą jaźń.</p>'.encode("iso-8859-2")
    assert blocks(book("x", files={"OEBPS/a.xhtml": page})) == ["Łódź: zażółć gęślą jaźń."]


def test_names_are_unquoted_and_stay_in_the_archive() -> None:
    hrefs = {"1": "a%20b.xhtml#top", "2": "../c.xhtml", "3": "../../../etc/passwd", "4": "/etc/passwd", "5": "no.xhtml"}
    files: dict[str, str | bytes] = {
        "OEBPS/book.opf": opf({**hrefs, "6": "http://example.org/d.xhtml", "7": "file:///etc/passwd", "8": ""}),
        "OEBPS/a b.xhtml": "<p>One.</p>",
        "c.xhtml": "<p>Two.</p>",
    }
    assert blocks(book(files=files)) == ["One.", "Two."]


def test_a_chapter_that_is_named_again_and_again_is_read_once() -> None:
    package = opf({"1": "a.xhtml"}).replace("</spine>", '<itemref idref="1"/>' * 1_000 + "</spine>")
    assert blocks(book("<p>One.</p>", files={"OEBPS/book.opf": package})) == ["One."]


def test_empty_chapters_are_left_out() -> None:
    assert blocks(book("", "<p>One.</p>", "<img src='a'/>")) == ["One."]


def test_obfuscated_fonts_do_not_matter_and_protection_does() -> None:
    fonts: dict[str, str | bytes] = {"META-INF/encryption.xml": ENCRYPTION % "http://www.idpf.org/2008/embedding"}
    assert blocks(book("<p>One.</p>", files=fonts)) == ["One."]
    with pytest.raises(ParseError, match="copy-protected") as caught:
        parse(book("<p>One.</p>", files={"META-INF/encryption.xml": ENCRYPTION % "http://www.w3.org/aes128-cbc"}))
    assert caught.value.status == "encrypted"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (OLE, "encrypted"),
        (b"%PDF-1.7", "damaged"),
        (book("<p>One.</p>")[:-30], "damaged"),
        (zipped({"word/document.xml": ""}), "damaged"),
        (zipped({"META-INF/container.xml": "<container/>"}), "damaged"),
        (zipped({"META-INF/container.xml": CONTAINER}), "damaged"),
        (book("<p>One.</p>", files={"OEBPS/book.opf": "<package>"}), "damaged"),
        (book("<p>One.</p>", files={"OEBPS/book.opf": f"{LAUGHS}<package/>"}), "damaged"),
        (book("<p>One.</p>", files={"OEBPS/book.opf": "<package/>"}), "no_text"),
        (book("<div>" * 100_000 + "One."), "damaged"),
        (book("x", files={"OEBPS/a.xhtml": bytes(range(256))}), "damaged"),
        (book(), "no_text"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


def test_a_real_book() -> None:
    document = parse(shared("documents/test.epub").read_bytes())
    assert "This is a blockquote for testing." in document.text
    assert document.title == "Test EPUB Document"
