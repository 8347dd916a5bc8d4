"""HTML: the main text in reading order, block by block, with its headings."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from askreport.digest import content_id, text_sha256
from askreport.errors import ParseError
from askreport.parse.decode import decode
from askreport.types import Document, Heading

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
# <main> or <article> is the main text when it holds at least this share of the page's words.
_MAIN_SHARE = 0.3


def parse_html(data: bytes, path: str, title: str) -> Document:
    """An HTML page as a Document whose canonical text is its main text, one blank line between blocks.

    The title is that of the page, else its first heading, else ``title``. Raises ParseError for a page without text.
    """
    declared = _CHARSET.search(data[:1024])
    root = _tree(_XML_DECLARATION.sub("", decode(data, declared[1].decode() if declared else None)))
    parts: list[str] = []
    headings: list[Heading] = []
    position = 0
    for tag, block in _blocks(_main(root)):
        if tag in _HEADINGS:
            headings.append(Heading(position, position + len(block), int(tag[1]), block))
        parts.append(block)
        position += len(block) + 2
    if not parts:
        raise ParseError("the page holds no text", "no_text")
    text = "\n\n".join(parts) + "\n"
    own = _SPACES.sub(" ", root.findtext("head/title") or "").strip() or (headings[0].title if headings else "")
    about = (content_id(data), path, own or title, text, text_sha256(text))
    return Document(*about, tuple(headings), has_title=bool(own))


def _tree(page: str) -> lxml_html.HtmlElement:
    # Without huge_tree the parser drops what is nested more than 256 deep, as unclosed tags easily are.
    parser = lxml_html.HTMLParser(huge_tree=True)
    try:
        root = lxml_html.document_fromstring(page, parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise ParseError(f"the page cannot be read as HTML: {error}") from None
    fatal = parser.error_log.filter_from_fatals()
    if fatal:
        raise ParseError(f"the page cannot be read as HTML: {fatal[0].message}")
    return root


def _main(root: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    whole = len(root.text_content())
    for name in ("main", "article"):
        found = root.findall(f".//{name}")
        if len(found) == 1 and len(found[0].text_content()) >= _MAIN_SHARE * whole:
            return found[0]
    return root


def _blocks(root: lxml_html.HtmlElement) -> Iterator[tuple[str, str]]:
    """(tag of the innermost block, its text) in document order; no recursion, so that depth cannot break it."""
    tag, buffer = "body", ""
    for event, element, text in _walk(root):
        name = str(element.tag)
        if name in _BLOCKS and event != "text":
            block = _SPACES.sub(" ", buffer).strip()
            if block:
                yield tag, block
            buffer = ""
            tag = name if event == "start" else "body"
        elif name in ("td", "th") and event == "end":
            buffer += " | " if element.getnext() is not None else ""
        elif name == "sup" and event == "start" and not element.text_content().strip().isalpha():
            buffer += "^"
        buffer += text
    if buffer.strip():
        yield tag, _SPACES.sub(" ", buffer).strip()


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
