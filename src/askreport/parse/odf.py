"""OpenDocument (.odt, .odp, .ods): text, slides and sheets, all from the one file that holds the content."""

from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, open_archive, read_member, read_xml
from askreport.parse.blocks import Block, assemble, row
from askreport.types import Document

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT, _TABLE, _DRAW, _PRESENTATION, _STYLE = (
    f"{{{_NAMES}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "presentation", "style")
)
_SPACES = frozenset({f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"})
# Comments, deleted text, and the number of a note, which would be read as part of the word before it.
_LEFT_OUT = frozenset(
    {f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation", f"{_TEXT}ruby-text"}
)
_ROW_GROUPS = frozenset({f"{_TABLE}table-header-rows", f"{_TABLE}table-rows", f"{_TABLE}table-row-group"})
# A cell that is said to be there a thousand times is written so often.
_MAX_REPEATED = 20


def parse_odf(data: bytes, path: str, title: str) -> Document:
    """A text, presentation or spreadsheet; notes and text boxes follow the paragraph that they belong to.

    The title is the first heading (of a spreadsheet none), else ``title``. Raises ParseError for what cannot be read.
    """
    archive = open_archive(data, _CONTENT)
    with damage_named("document"):
        _refuse_encrypted(archive)
        root = read_xml(read_member(archive, _CONTENT))
        _mark(root)
        sheets = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
        blocks = list(_pages(root) if sheets is None else _sheets(sheets))
    return assemble(blocks, data, path, title, "" if sheets is None else None)


def _refuse_encrypted(archive: ZipFile) -> None:
    if _MANIFEST in archive.NameToInfo and b"encryption-data" in read_member(archive, _MANIFEST):
        raise ParseError("the document is password-protected; save it without a password", "encrypted")


def _mark(root: etree._Element) -> None:
    """Makes headings of what has the style of a title, and puts "^" before raised numbers: 10⁶ is not 106."""
    titles, raised = {"Title"}, set()
    for style in root.iter(f"{_STYLE}style"):
        name = style.get(f"{_STYLE}name", "")
        if style.get(f"{_STYLE}parent-style-name") == "Title":
            titles.add(name)
        properties = style.find(f"{_STYLE}text-properties")
        if properties is not None and properties.get(f"{_STYLE}text-position", "").startswith("super"):
            raised.add(name)
    for paragraph in root.iter(f"{_TEXT}p"):
        if paragraph.get(f"{_TEXT}style-name") in titles:
            paragraph.tag = f"{_TEXT}h"
    for span in root.iter(f"{_TEXT}span"):
        words = span.text or ""
        if span.get(f"{_TEXT}style-name") in raised and words.strip() and not words.strip().isalpha():
            span.text = f"^{words}"


def _pages(root: etree._Element) -> Iterator[Block]:
    slides = root.findall(f"{_OFFICE}body/{_OFFICE}presentation/{_DRAW}page")
    for number, slide in enumerate(slides, start=1):
        yield from _blocks(slide, number)
    for text in root.iterfind(f"{_OFFICE}body/{_OFFICE}text"):
        yield from _blocks(text, 0)


def _sheets(sheets: etree._Element) -> Iterator[Block]:
    for number, sheet in enumerate(sheets.iterfind(f"{_TABLE}table"), start=1):
        filled = [block for block in _table(sheet, number) if block.text.strip()]
        if filled:
            yield Block(sheet.get(f"{_TABLE}name", ""), 1, number)
            yield from filled


def _blocks(element: etree._Element, page: int) -> Iterator[Block]:
    """The blocks below an element; lxml reads no more than 256 levels, and so the recursion ends."""
    for child in element:
        if child.tag in _LEFT_OUT or not isinstance(child.tag, str):
            continue
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield from _paragraph(child, page)
        elif child.tag == f"{_TABLE}table":
            yield from _table(child, page)
        elif child.get(f"{_PRESENTATION}class") == "title":
            yield Block(" ".join(block.text for block in _blocks(child, page)), 1, page)
        else:
            yield from _blocks(child, page)


def _paragraph(element: etree._Element, page: int) -> Iterator[Block]:
    inner: list[etree._Element] = []
    words = " ".join(_words(element, inner).split())
    level = int(element.get(f"{_TEXT}outline-level", "1")) if element.tag == f"{_TEXT}h" else 0
    yield Block(words, level, page)
    for each in inner:
        yield from _blocks(each, page)


def _words(element: etree._Element, inner: list[etree._Element]) -> str:
    """The text of a paragraph; what stands in it but is no part of its sentence is added to ``inner``."""
    parts = [element.text or ""]
    for child in element:
        tag = str(child.tag)
        if tag in _SPACES:
            parts.append(" ")
        elif tag == f"{_TEXT}note" or tag.startswith(_DRAW):
            inner.append(child)
        elif isinstance(child.tag, str) and tag not in _LEFT_OUT:
            parts.append(_words(child, inner))
        parts.append(child.tail or "")
    return "".join(parts)


def _table(table: etree._Element, page: int) -> Iterator[Block]:
    """A row with one filled cell is that cell's blocks: such tables are often layout."""
    for line in _rows(table):
        cells: list[list[Block]] = []
        for element in line.iterfind(f"{_TABLE}table-cell"):
            blocks = [block for block in _blocks(element, page) if block.text]
            repeated = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            cells += [blocks] * min(repeated, _MAX_REPEATED)
        filled = [blocks for blocks in cells if blocks]
        if len(filled) == 1:
            yield from filled[0]
        else:
            yield row((" ".join(block.text for block in blocks) for blocks in cells), page)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)
