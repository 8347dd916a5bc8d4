"""Word documents (.docx): mammoth makes HTML of them, whose blocks are the text."""

import re

import mammoth
from lxml import html as lxml_html

from askreport.parse.archive import damage_named, open_archive, xml_copy
from askreport.parse.blocks import assemble
from askreport.parse.html import html_blocks, html_tree, settle_tables
from askreport.types import Document

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
# mammoth leaves out a simple field (a caption's number, a reference) with the words that it shows.
_SIMPLE_FIELD = re.compile(rb"(</?w:)fldSimple\b")


def parse_docx(data: bytes, path: str, title: str) -> Document:
    """A Word document; notes stand at its end, deleted text and comments are left out.

    The title is the first heading, else ``title``. Raises ParseError for what cannot be read.
    """
    with damage_named("document"):
        page = mammoth.convert_to_html(
            xml_copy(open_archive(data, "word/"), _keep_fields),
            style_map=_STYLES,
            # A document could bring one that hides or reorders its text.
            include_embedded_style_map=False,
            convert_image=_no_image,
        ).value
    root = html_tree(f"<body>{page}</body>")
    _drop_back_links(root)
    settle_tables(root)
    return assemble(html_blocks(root), data, path, title)


def _keep_fields(content: bytes) -> bytes:
    return _SIMPLE_FIELD.sub(rb"\1smartTag", content)


def _no_image(_image: object) -> list[object]:
    return []


def _drop_back_links(root: lxml_html.HtmlElement) -> None:
    """The arrow from a note back to its place is mammoth's, not the document's."""
    for link in root.xpath("//a[starts-with(@href, '#footnote-ref-') or starts-with(@href, '#endnote-ref-')]"):
        link.drop_tree()
