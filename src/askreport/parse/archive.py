"""Zip archives (OOXML, EPUB, OpenDocument): opened, read and copied with limits, so that none fills the memory."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lxml import etree

from askreport.errors import ParseError

MAX_UNPACKED = 500_000_000
MAX_MEMBERS = 20_000
# Sheets that repeat themselves shrink a hundredfold; a small archive does no harm at any ratio.
MAX_RATIO = 250
_RATIO_FROM = 50_000_000
_CHUNK = 65_536
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_CENTRAL = b"PK\x01\x02"
_SIGNATURES = {
    b"PK\x03\x04": "a zip archive (.docx, .pptx, .xlsx, .epub, .odt, .odp, .ods)",
    b"%PDF": "a PDF file (.pdf)",
    b"{\\rtf": "rich text (.rtf)",
    b"<!doctype html": "a web page (.html)",
    b"<html": "a web page (.html)",
    b"\x89PNG": "an image (.png)",
    b"\xff\xd8\xff": "an image (.jpg)",
    b"gif8": "an image (.gif)",
    b"Rar!": "an archive (.rar)",
    b"7z\xbc\xaf\x27\x1c": "an archive (.7z)",
    b"\x1f\x8b": "an archive (.gz)",
}
# What each format has in it that the others have not.
_PARTS = {
    "word/": "a Word document (.docx)",
    "ppt/": "a presentation (.pptx)",
    "xl/": "a workbook (.xlsx)",
    "META-INF/container.xml": "a book (.epub)",
    "content.xml": "an OpenDocument file (.odt, .odp, .ods)",
}
# What zipfile, expat, lxml (SyntaxError) and the libraries on them raise for broken input: these look up, convert and
# index what they find without checking it first.
_DAMAGE: tuple[type[Exception], ...] = (
    *(BadZipFile, zlib.error, expat.ExpatError, SyntaxError, RecursionError, ArithmeticError, OSError, EOFError),
    *(LookupError, ValueError, TypeError, AttributeError, AssertionError, NotImplementedError),
)


@contextmanager
def damage_named(kind: str, *own: type[Exception]) -> Iterator[None]:
    """What a library raises on a broken file of this kind, ``own`` errors too, becomes the ParseError that says so."""
    try:
        yield
    except _DAMAGE + own as error:
        reason = str(error) or type(error).__name__
        raise ParseError(f"the {kind} cannot be read, it is damaged or incomplete: {reason[:200]}") from None


def refuse_other_kind(data: bytes, kind: str) -> None:
    """Raises ParseError for bytes that are recognisably not ``kind``, with what they are and what to do."""
    if not data:
        raise ParseError("the file is empty", "no_text")
    if data.startswith(_OLE):
        raise ParseError(
            f"the file is password-protected or of an old Office format (.doc, .xls, .ppt); save it as {kind} "
            "without a password",
            "encrypted",
        )
    start = data[:64].lstrip().lower()
    found = next((name for signature, name in _SIGNATURES.items() if start.startswith(signature.lower())), None)
    if found:
        raise ParseError(f"the file is not {kind} but {found}; give it the ending of its real format")


def open_archive(data: bytes, part: str) -> ZipFile:
    """The archive, with ``part`` in it (a key of _PARTS); nothing of it is unpacked yet, and never to a file.

    Raises ParseError for what is no such archive, is encrypted, or would unpack to more than the limits.
    """
    kind = _PARTS[part]
    if not data.startswith(b"PK"):
        refuse_other_kind(data, kind)
    # Counted before zipfile makes an object of each.
    if data.count(_CENTRAL) > MAX_MEMBERS:
        raise ParseError(f"the archive holds more than {MAX_MEMBERS:,} files", "too_large")
    with damage_named("archive"):
        archive = ZipFile(BytesIO(data))
    _check_members(archive.infolist(), len(data))
    names = archive.namelist()
    if not _has(names, part):
        found = next((name for other, name in _PARTS.items() if _has(names, other)), "another archive")
        raise ParseError(f"the file is not {kind} but {found}; give it the ending of its real format")
    return archive


def _has(names: list[str], part: str) -> bool:
    return any(name.startswith(part) if part.endswith("/") else name == part for name in names)


def _check_members(members: list[ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED:
        raise ParseError(f"the archive unpacks to more than {MAX_UNPACKED / 1e6:g} MB", "too_large")
    if total > max(_RATIO_FROM, MAX_RATIO * packed):
        raise ParseError(f"the archive unpacks to more than {MAX_RATIO} times its size", "too_large")
    if any(member.flag_bits & 1 for member in members):
        raise ParseError("the archive is password-protected; save it without a password", "encrypted")
    # The document formats know no other; some of them take memory before they give a byte.
    if any(member.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for member in members):
        raise ParseError("the archive is packed in a way that documents are not")


def read_member(archive: ZipFile, name: str) -> bytes:
    """The bytes of a member. Raises ParseError if it is missing, damaged, or larger than the archive says."""
    with damage_named("archive"):
        member = copy(archive.getinfo(name))
        size = member.file_size
        # zipfile ends at the size it was told, but read() unpacks everything first: told one chunk more and read in
        # chunks, it shows whether there is more.
        member.file_size += _CHUNK + 1
        content = bytearray()
        with archive.open(member) as stream:
            while len(content) <= size and (chunk := stream.read(_CHUNK)):
                content += chunk
    if len(content) > size:
        raise ParseError(f"{name} unpacks to more than the archive says", "too_large")
    return bytes(content)


def read_xml(content: bytes) -> etree._Element:
    """The root of an XML member, without anything from outside it. Raises ParseError if it is no XML."""
    _refuse_entities(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    with damage_named("file"):
        return etree.fromstring(content, parser)


def _unchanged(_name: str, content: bytes) -> bytes:
    return content


def xml_copy(archive: ZipFile, rewrite: Callable[[str, bytes], bytes] = _unchanged) -> BytesIO:
    """A copy for a library that unpacks by itself: the XML that was read within the limits, all else empty.

    ``rewrite`` gets each member's name and XML, and gives what stands in the copy. Raises ParseError as read_member()
    does, and for XML with entities that a parser would expand.
    """
    stream = BytesIO()
    with ZipFile(stream, "w") as safe:
        for name in dict.fromkeys(archive.namelist()):
            content = b""
            if name.lower().endswith((".xml", ".rels")):
                content = read_member(archive, name)
                _refuse_entities(content)
            safe.writestr(ZipInfo(name), rewrite(name, content), ZIP_DEFLATED, compresslevel=1)
    return stream


def _refuse_entities(content: bytes) -> None:
    """Reads as far as the root's start; entities that name a file or an address are never fetched, and may stay."""
    started: list[str] = []
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_value
    parser.StartElementHandler = lambda name, _: started.append(name)
    # What is no XML is left to whoever reads it.
    with suppress(expat.ExpatError, ValueError, LookupError):
        for at in range(0, len(content), _CHUNK):
            parser.Parse(content[at : at + _CHUNK])
            if started:
                return


def _refuse_value(name: str, _parameter: bool, value: str | None, *_: object) -> None:
    if value is not None:
        raise ParseError(f"the XML declares the entity {name!r}, which can fill the memory and which no document needs")
