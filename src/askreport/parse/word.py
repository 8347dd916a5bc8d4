"""Word documents (.docx): mammoth makes HTML of them, whose blocks are the text (ooxml.py settles what it drops)."""

import mammoth
from lxml import html as lxml_html

from askreport.parse.archive import damage_named, open_archive, xml_copy
from askreport.parse.blocks import LeftOut, assemble
from askreport.parse.described import office_description
from askreport.parse.html import html_blocks, html_tree, settle_tables
from askreport.parse.ooxml import Settler
from askreport.types import Document

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def parse_docx(data: bytes, path: str, title: str) -> Document:
    """A Word document; notes stand at its end, deleted text and comments are left out.

    The title is the first heading, else ``title``. Raises ParseError for what cannot be read.
    """
    left_out = LeftOut()
    with damage_named("document"):
        archive = open_archive(data, "word/")
        result = mammoth.convert_to_html(
            xml_copy(archive, Settler(archive, left_out).settled),
            style_map=_STYLES,
            # A document could bring one that hides or reorders its text.
            include_embedded_style_map=False,
            convert_image=_no_image,
        )
    for message in result.messages:
        _note(message.message, left_out)
    root = html_tree(f"<body>{result.value}</body>")
    _settle_notes(root)
    settle_tables(root)
    metadata = office_description(archive)
    return assemble(html_blocks(root, left_out), data, path, title, metadata=metadata, left_out=left_out)


def _note(message: str, left_out: LeftOut) -> None:
    """What mammoth says that it left out; what it says of styles and pictures changes no text."""
    if message.startswith("An unrecognised element was ignored: "):
        left_out["unknown part"] += 1
    elif message.startswith("A w:sym element with an unsupported character"):
        left_out["unknown sign"] += 1


def _no_image(_image: object) -> list[object]:
    return []


def _settle_notes(root: lxml_html.HtmlElement) -> None:
    """The arrow from a note back to its place is mammoth's, and the notes' numbers stand nowhere else."""
    for link in root.xpath("//a[starts-with(@href, '#footnote-ref-') or starts-with(@href, '#endnote-ref-')]"):
        link.drop_tree()
    for notes in root.iter("ol"):
        notes.set("style", "list-style: none")
