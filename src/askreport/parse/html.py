"""HTML: the main text in reading order, block by block, with its headings."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from askreport.errors import ParseError
from askreport.parse.blocks import CELL, Block, assemble
from askreport.parse.decode import decode
from askreport.types import Document

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I)
_SPACES = re.compile(r"\s+")
# What a browser does not show, and what stands around the main text on nearly every page.
_SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "nav", "aside"}
    | {"button", "select", "textarea", "rt", "rp"}
)
# The page's own stand around the main text; those of an article are part of it and often hold its title.
_PAGE_FURNITURE = frozenset({"header", "footer"})
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "li", "dt", "dd", "tr", "table", "ul", "ol", "dl", "blockquote", "pre"}
    | {"figure", "figcaption", "address", "details", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr"}
    | {"body", "caption"}
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_CELLS = frozenset({"td", "th"})
# <main> or <article> is the main text when it holds at least this share of the page's words.
_MAIN_SHARE = 0.3


def parse_html(data: bytes, path: str, title: str) -> Document:
    """An HTML page as a Document whose canonical text is its main text, one blank line between blocks.

    The title is that of the page, else its first heading, else ``title``. Raises ParseError for a page without text.
    """
    root = html_tree(page_text(data))
    settle_tables(root)
    return assemble(html_blocks(_main(root)), data, path, title, root.findtext("head/title") or "")


def page_text(data: bytes) -> str:
    """The source of a page, in the encoding that it declares if it is not UTF-8. Raises ParseError as decode() does."""
    declared = _CHARSET.search(data[:1024])
    return decode(data, declared[1].decode() if declared else None)


def html_tree(page: str) -> lxml_html.HtmlElement:
    """The elements of a page. Raises ParseError if it is empty or nested without end."""
    # Without huge_tree the parser drops what is nested more than 256 deep, as unclosed tags easily are.
    parser = lxml_html.HTMLParser(huge_tree=True)
    try:
        root = lxml_html.document_fromstring(_XML_DECLARATION.sub("", page), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise ParseError(f"the page cannot be read as HTML: {error}") from None
    fatal = parser.error_log.filter_from_fatals()
    if fatal:
        raise ParseError(f"the page cannot be read as HTML: {fatal[0].message}")
    return root


def settle_tables(root: lxml_html.HtmlElement) -> None:
    """Makes a row with several filled cells one block even if they hold paragraphs, and other cells blocks.

    A cell with a heading or a table in it is layout, not data: its row is not one block either.
    """
    for line in list(root.iter("tr")):
        cells = [cell for cell in line if cell.tag in _CELLS]
        while cells and not cells[-1].text_content().strip():
            cells.pop().drop_tree()
        filled = sum(bool(cell.text_content().strip()) for cell in cells)
        is_data = filled > 1 and next(line.iterdescendants("tr", *_HEADINGS), None) is None
        for cell in cells:
            if is_data:
                _unblock(cell)
            else:
                cell.tag = "div"


def _unblock(cell: lxml_html.HtmlElement) -> None:
    for element in cell.iterdescendants(*_BLOCKS):
        element.tag = "span"
        element.text = f" {element.text or ''}"
        element.tail = f" {element.tail or ''}"


def _main(root: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    whole = len(root.text_content())
    for name in ("main", "article"):
        found = root.findall(f".//{name}")
        if len(found) == 1 and len(found[0].text_content()) >= _MAIN_SHARE * whole:
            return found[0]
    return root


def html_blocks(root: lxml_html.HtmlElement) -> Iterator[Block]:
    """The blocks below an element in the order of the page; no recursion, so that depth cannot break it."""
    tag, buffer = "body", ""
    for event, element, text in _walk(root):
        name = str(element.tag)
        if name in _BLOCKS and event != "text":
            yield from _block(tag, buffer)
            buffer = ""
            tag = name if event == "start" else "body"
        elif name in _CELLS and event == "end":
            buffer += CELL if element.getnext() is not None else ""
        elif name == "sup" and event == "start" and not element.text_content().strip().isalpha():
            buffer += "^"
        buffer += text
    yield from _block(tag, buffer)


def _block(tag: str, text: str) -> Iterator[Block]:
    words = _SPACES.sub(" ", text).strip()
    if words:
        yield Block(words, int(tag[1]) if tag in _HEADINGS else 0)


def _is_hidden(element: lxml_html.HtmlElement) -> bool:
    if element.get("hidden") is not None or element.tag in _SKIPPED:
        return True
    if element.tag == "sup" and (element.get("role") == "doc-noteref" or element.xpath(".//a[starts-with(@href,'#')]")):
        return True  # The number of a note would be read as part of the number or word before it.
    return element.tag in _PAGE_FURNITURE and next(element.iterancestors("main", "article"), None) is None


def _walk(root: lxml_html.HtmlElement) -> Iterator[tuple[str, lxml_html.HtmlElement, str]]:
    skipped: lxml_html.HtmlElement | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        hidden = not isinstance(element.tag, str) or _is_hidden(element)
        if skipped is None and event == "start":
            if hidden and element is not root:
                skipped = element
            else:
                yield "start", element, element.text or ""
            continue
        if skipped is element and event == "end":
            skipped = None
        elif skipped is not None:
            continue
        elif event == "end":
            yield "end", element, ""
        if element is not root and event != "start":
            yield "text", element, element.tail or ""
