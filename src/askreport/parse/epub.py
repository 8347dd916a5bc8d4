"""Books (.epub): the chapters in the order of reading, each an HTML page."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, open_archive, read_member, read_xml
from askreport.parse.blocks import Block, LeftOut, assemble
from askreport.parse.described import package_description
from askreport.parse.html import html_blocks, html_tree, page_text, settle_tables
from askreport.types import Document

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Fonts are often obfuscated; that says nothing about the text.
_FONT_METHODS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
# As HTML, <title/> would begin a title that the rest of the chapter belongs to.
_EMPTY_TAG = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)/>")
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "col", "area", "base", "source", "wbr"})
# A page's own stand around its text; a book's are part of it.
_KEPT = ("header", "footer", "aside")


def parse_epub(data: bytes, path: str, title: str) -> Document:
    """A book; chapters that are not in the file are left out.

    The title is the book's, else its first heading, else ``title``. Raises ParseError for what cannot be read.
    """
    archive = open_archive(data, _CONTAINER)
    left_out = LeftOut()
    with damage_named("book"):
        _refuse_protected(archive)
        package = _found(read_xml(read_member(archive, _CONTAINER)), "rootfile", "full-path")[0]
        root = read_xml(read_member(archive, package))
        own = root.find("{*}metadata//{*}title")
        blocks = [block for name in _spine(root, package) for block in _chapter(archive, name, left_out)]
    words = "" if own is None else "".join(map(str, own.itertext()))
    return assemble(blocks, data, path, title, words, metadata=package_description(root), left_out=left_out)


def _found(root: etree._Element, element: str, attribute: str) -> list[str]:
    return [each.get(attribute, "") for each in root.iter(f"{{*}}{element}")]


def _refuse_protected(archive: ZipFile) -> None:
    if _ENCRYPTION not in archive.namelist():
        return
    methods = _found(read_xml(read_member(archive, _ENCRYPTION)), "EncryptionMethod", "Algorithm")
    if not _FONT_METHODS.issuperset(methods):
        raise ParseError("the book is copy-protected; only books without protection can be read", "encrypted")


def _spine(root: etree._Element, package: str) -> Iterator[str]:
    """The names of the chapters' members, each once."""
    hrefs = {item.get("id", ""): item.get("href", "") for item in root.iter("{*}item")}
    for reference in dict.fromkeys(_found(root, "itemref", "idref")):
        if reference in hrefs:
            file = unquote(hrefs[reference].partition("#")[0])
            yield posixpath.normpath(posixpath.join(posixpath.dirname(package), file))


def _chapter(archive: ZipFile, name: str, left_out: LeftOut) -> Iterator[Block]:
    content = read_member(archive, name) if name in archive.NameToInfo else b""
    if not content.strip():
        return
    root = html_tree(_EMPTY_TAG.sub(_closed, page_text(content)))
    for element in list(root.iter(*_KEPT)):
        element.tag = "div"
    settle_tables(root)
    yield from html_blocks(root, left_out)


def _closed(tag: re.Match[str]) -> str:
    return tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>"
