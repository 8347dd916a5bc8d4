"""What files say of themselves as sources: who wrote them, when, where published; each format's own fields.

All readers give it by the keys that front matter has: ``authors``, ``date``, ``created``, ``publisher``, ``place``,
``tags``, ``url``, ``doi``, ``title``. Nothing here raises: a file whose description is damaged is read without one.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any
from zipfile import ZipFile

from lxml import etree
from lxml import html as lxml_html

from askreport.errors import ParseError
from askreport.parse.archive import read_member, read_xml
from askreport.parse.decode import replace_surrogates

# What programs write where nobody has said who the author is.
_NOBODY = frozenset(
    {"admin", "administrator", "anonymous", "author", "microsoft office user", "office user", "owner", "pc", "root"}
    | {"standard", "unknown", "user", "utente", "benutzer", "windows user", "python-docx", "openpyxl", "python-pptx"}
)
_BETWEEN = re.compile(r",\s*|\s+(?:and|und|et|y|&)\s+")
_DATE = re.compile(r"(?:D:)?\s*(\d{4})(?:[-/:.]?(0[1-9]|1[0-2])(?:[-/:.]?(0[1-9]|[12]\d|3[01]))?)?")
_WORDS = {
    "authors": ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author", "parsely-author"),
    "date": (
        *("citation_publication_date", "citation_date", "dc.date", "dcterms.date", "dcterms.issued", "dc.date.issued"),
        *("article:published_time", "datepublished", "date", "pubdate"),
    ),
    "publisher": ("citation_publisher", "dc.publisher", "dcterms.publisher", "og:site_name", "application-name"),
    "url": ("citation_public_url", "citation_fulltext_html_url", "og:url"),
    "doi": ("citation_doi", "dc.identifier.doi", "prism.doi"),
    "tags": ("citation_keywords", "article:tag", "keywords"),
}
_XMP = re.compile(rb"<x:xmpmeta\b.*?</x:xmpmeta>", re.DOTALL)
# Descriptions stand at a PDF's beginning or end, but for files of many megabytes.
_MAX_XMP = 1_000_000
_RTF_INFO = re.compile(r"\{\\(author|company|title|keywords)\s([^{}]*)\}")
_RTF_MADE = re.compile(r"\{\\creatim\\yr(\d{4})(?:\\mo(\d{1,2})(?:\\dy(\d{1,2}))?)?")
_RTF_ESCAPES = re.compile(r"\\'([0-9a-fA-F]{2})|\\u(-?\d+)\??|\\([{}\\])")


def date_of(text: str) -> str:
    """A date as files write it ("D:20230314120000Z", "2023-03-14T12:00:00") by its day, month or year, else ""."""
    match = _DATE.match(text.strip())
    return "-".join(part for part in match.groups() if part) if match and match[1] >= "1400" else ""


def description(**facts: Any) -> dict[str, Any]:
    """The facts as metadata, without those that say nothing."""
    made: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, str):
            said: Any = _line(value)
        else:
            said = list(dict.fromkeys(line for each in value if (line := _line(each))))
        if name == "authors":
            said = [each for each in said if each.lower() not in _NOBODY and "://" not in each]
        if said:
            made[name] = said
    return made


def _line(text: str) -> str:
    return " ".join(replace_surrogates(text).replace("\0", " ").split())


def split_names(text: str) -> list[str]:
    """Several names in one field: "Jane Smith; John Doe", or with commas where each has a given name before it."""
    names: list[str] = []
    for part in text.split(";"):
        pieces = _BETWEEN.split(part)
        names += pieces if all(len(piece.split()) > 1 for piece in pieces) else [part]
    return names


def split_words(text: str) -> list[str]:
    """Several tags in one field."""
    return re.split(r"[;,\n]", text)


def office_description(archive: ZipFile) -> dict[str, Any]:
    """The core properties of a file of Microsoft Office."""
    said = _texts(_root(archive, "docProps/core.xml"))
    return description(
        authors=split_names(" ; ".join(said.get("creator", []))),
        created=date_of("".join(said.get("created", [])[:1])),
        tags=split_words(",".join(said.get("keywords", []))),
        title="".join(said.get("title", [])[:1]),
    )


def opendocument_description(archive: ZipFile) -> dict[str, Any]:
    """The properties of an OpenDocument file."""
    said = _texts(_root(archive, "meta.xml"))
    return description(
        authors=split_names(" ; ".join(said.get("initial-creator") or said.get("creator", []))),
        created=date_of("".join((said.get("creation-date") or said.get("date", []))[:1])),
        tags=said.get("keyword", []),
        title="".join(said.get("title", [])[:1]),
    )


def package_description(root: etree._Element) -> dict[str, Any]:
    """The Dublin Core of an EPUB's package."""
    said = _texts(root.find("{*}metadata"))
    return description(
        authors=[name for each in said.get("creator", []) for name in split_names(each)],
        date=date_of("".join(said.get("date", [])[:1])),
        publisher="".join(said.get("publisher", [])[:1]),
        tags=said.get("subject", []),
    )


def page_description(root: lxml_html.HtmlElement) -> dict[str, Any]:
    """What a page's head says by citation_*, Dublin Core, OpenGraph and plain names."""
    said: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = str(meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        content = str(meta.get("content") or "")
        if name and content.strip():
            said.setdefault(name.replace("dcterms:", "dcterms.").replace("dc:", "dc."), []).append(content)

    def first(field: str) -> list[str]:
        return next((said[name] for name in _WORDS[field] if name in said), [])

    canonical = next((str(each.get("href") or "") for each in root.xpath("//link[@rel='canonical']")), "")
    return description(
        authors=[name for each in first("authors") for name in split_names(each)],
        date=date_of("".join(first("date")[:1])),
        publisher="".join(first("publisher")[:1]),
        url=canonical if canonical.startswith("http") else "".join(first("url")[:1]),
        doi="".join(first("doi")[:1]),
        tags=[word for each in first("tags") for word in split_words(each)],
    )


def mail_description(message: Message) -> dict[str, Any]:
    """Who wrote a mail, and when."""
    names = [name or address for name, address in getaddresses([str(message["From"] or "")])]
    date = ""
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        date = parsedate_to_datetime(str(message["Date"])).date().isoformat()
    return description(authors=names, date=date)


def pdf_description(data: bytes, info: Mapping[str, str]) -> dict[str, Any]:
    """A PDF's information dictionary, and the Dublin Core of its XMP where that can be read."""
    said = _xmp(data)
    return description(
        authors=said.get("creator") or split_names(info.get("Author", "")),
        date=date_of("".join(said.get("date", [])[:1])),
        created=date_of(info.get("CreationDate", "")),
        publisher="".join(said.get("publisher", [])[:1]),
        doi="".join(said.get("doi", [])[:1]),
        tags=said.get("subject") or split_words(info.get("Keywords", "")),
    )


def rich_text_description(text: str) -> dict[str, Any]:
    """The information group of a rich text file, whose bytes above 127 are escaped."""
    said = {name: _rtf_words(words) for name, words in _RTF_INFO.findall(text)}
    made = _RTF_MADE.search(text)
    parts = [] if made is None else [part.zfill(2) for part in made.groups() if part]
    return description(
        authors=split_names(said.get("author", "")),
        created=date_of("-".join(parts)),
        publisher=said.get("company", ""),
        tags=split_words(said.get("keywords", "")),
        title=said.get("title", ""),
    )


def _rtf_words(words: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1]:
            return bytes([int(match[1], 16)]).decode("cp1252", "replace")
        return chr(int(match[2]) % 65_536) if match[2] else match[3]

    # Characters beyond U+FFFF come as two halves.
    text = _RTF_ESCAPES.sub(character, words)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _xmp(data: bytes) -> dict[str, list[str]]:
    """Each field of the Dublin Core in a file's XMP, with its values."""
    found = _XMP.search(data)
    if found is None or len(found[0]) > _MAX_XMP:
        return {}
    said: dict[str, list[str]] = {}
    with suppress(ParseError):
        for element in read_xml(found[0]).iter("{http://purl.org/dc/elements/1.1/}*", "{*}doi"):
            name = str(element.tag).rpartition("}")[2]
            items = list(element.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")) or [element]
            said[name] = [words for each in items if (words := "".join(map(str, each.itertext())).strip())]
    return said


def _root(archive: ZipFile, name: str) -> etree._Element | None:
    with suppress(ParseError):
        if name in archive.NameToInfo:
            return read_xml(read_member(archive, name))
    return None


def _texts(root: etree._Element | None) -> dict[str, list[str]]:
    """The texts below an element, by the names of their elements."""
    said: dict[str, list[str]] = {}
    for element in () if root is None else root.iter("{*}*"):
        words = "".join(map(str, element.itertext())).strip() if len(element) == 0 else ""
        if words:
            said.setdefault(str(element.tag).rpartition("}")[2], []).append(words)
    return said
