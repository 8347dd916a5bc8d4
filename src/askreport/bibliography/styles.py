"""Citations in CSL styles, made by Typst's processor (hayagriva): the note or reference in a text, and the entry.

Documents reach the compiler as data, never as its language: the program that it runs is constant.
"""

import html
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from askreport.bibliography.description import Description, date_parts
from askreport.bibliography.names import name_of
from askreport.errors import QuestionError

# Typst draws nothing here: it reads the entries, and writes HTML. It makes notes of styles that have notes.
_PROGRAM = b"""#set text(lang: "en", region: sys.inputs.region)
#let locator = if sys.inputs.locator == "" { none } else { sys.inputs.locator }
#for key in json(bytes(sys.inputs.keys)) [
#cite(label(key), supplement: locator)

]
#let style = if sys.inputs.csl == "" { sys.inputs.style } else { bytes(sys.inputs.csl) }
#bibliography(bytes(sys.inputs.library), style: style, title: none)
"""
_KINDS = {"book": "book", "report": "report", "thesis": "thesis", "webpage": "web"}
# Characters that would be Typst's own in a title.
_OWN = re.compile(r"[\\${}]")
_TAG = re.compile(r"<[^>]+>")
_NOTE = re.compile(r'<li id="[^"]*"><sup role="doc-backlink">.*?</sup>(.*?)</li>', re.DOTALL)
_REFERENCE = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_ENTRY = re.compile(r'<li id="[^"]*">(.*?)</li>', re.DOTALL)
# "Title. . 2020", "(2024,)" and "Why?.", where a style puts nothing between two stops or behind one, or one too many.
_DOUBLED = re.compile(r"(?<=[?!])\.|,(?=\))|(?<=\.)(?:\s+\.)+|(?<=,)(?:\s+,)+")
_BIBLIOGRAPHY = '<section role="doc-bibliography"'
_NOTES = '<section role="doc-endnotes">'


@dataclass(frozen=True, slots=True)
class Style:
    """A citation style: its key here, its name for people, and Typst's name of it.

    ``region`` tells how dates and quotation marks are written. ``page`` and ``paragraph`` stand before a number. With
    ``joins_page``, no comma stands before a page's. ``other`` is Typst's kind of what is neither book nor report: some
    styles list nothing of its kind "misc". ``file`` is a style beside this module, of one that Typst does not have.
    """

    key: str
    name: str
    typst: str
    region: str
    page: str = "p. "
    paragraph: str = "para. "
    joins_page: bool = False
    other: str = "misc"
    file: str = ""


STYLES = {
    style.key: style
    for style in (
        Style("chicago", "Chicago (notes)", "chicago-notes", "US", page="", other="web"),
        Style("apa", "APA", "apa", "US"),
        Style("mla", "MLA", "modern-language-association", "US", page="", paragraph="par. ", joins_page=True),
        Style("mhra", "MHRA (notes)", "modern-humanities-research-association-notes", "GB", other="web"),
        Style("oscola", "OSCOLA", "", "GB", page="", paragraph="para ", other="web", file="oscola.csl"),
        Style("harvard", "Harvard", "harvard-cite-them-right", "GB"),
        Style("iso690", "ISO 690", "iso-690-author-date", "GB"),
    )
}
DEFAULT_STYLE = "chicago"


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in a document something stands: ``noun`` is "page" or what else is counted there; both may be empty."""

    noun: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation in one style: as it stands in a text or its notes, and the entry in the list of sources."""

    style: str
    reference: str
    entry: str


def cite(description: Description, locator: Locator, style: Style) -> Cited:
    """The citation of a place in a source, as when it is cited for the first time."""
    page = _compiled([description], _located(locator, style), style)
    reference, entry = _reference(page), "".join(_entries(page)[:1])
    if style.joins_page and locator.noun == "page":
        reference = re.sub(rf",(”?) ({re.escape(locator.number)}\))$", r"\1 \2", reference)
    return Cited(style.key, reference, entry)


def bibliography(descriptions: Sequence[Description], style: Style) -> list[str]:
    """The entries of all sources in the style's order, told apart as the style does it (2020a, 2020b)."""
    different = list(dict.fromkeys(descriptions))
    return _entries(_compiled(different, "", style)) if different else []


def _located(locator: Locator, style: Style) -> str:
    before = {"page": style.page, "paragraph": style.paragraph}.get(locator.noun, f"{locator.noun} ")
    return f"{before}{locator.number}" if locator.number else ""


def _compiled(descriptions: Sequence[Description], locator: str, style: Style) -> str:
    """The page that Typst makes of a reference to each source and their entries."""
    # Imported here because it is a large library that few requests need.
    import typst  # noqa: PLC0415

    library = {f"k{number}": _entry(description, style) for number, description in enumerate(descriptions)}
    inputs = {
        "region": style.region,
        "style": style.typst,
        "csl": _style_file(style.file),
        "locator": locator,
        "keys": json.dumps(list(library)),
        # YAML knows no halves of a character.
        "library": json.dumps(library, ensure_ascii=False),
    }
    try:
        made = typst.compile(_PROGRAM, format="html", sys_inputs=inputs, ignore_system_fonts=True)
    except typst.TypstError as error:
        raise QuestionError(
            f"this cannot be cited: {str(error)[:200]}", "Correct the document's description."
        ) from None
    return made.decode() if isinstance(made, bytes) else ""


@cache
def _style_file(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8") if file else ""


def _entry(description: Description, style: Style) -> dict[str, Any]:
    """The source in Typst's own form of a bibliography (hayagriva)."""
    entry: dict[str, Any] = {"type": _KINDS.get(description.kind, style.other), "title": _plain(description.title)}
    if description.language:
        entry["language"] = description.language
    if description.authors:
        entry["author"] = [_named(author) for author in description.authors]
    if parts := date_parts(description.date):
        entry["date"] = "-".join(f"{part:0{width}}" for part, width in zip(parts, (4, 2, 2), strict=False))
    if description.publisher:
        place = {"location": _plain(description.place)} if description.place else {}
        entry["publisher"] = {"name": _plain(description.publisher), **place}
    if description.url:
        entry["url"] = {"value": description.url, **({"date": description.accessed} if description.accessed else {})}
    if description.doi:
        entry["serial-number"] = {"doi": description.doi}
    return entry


def _named(author: str) -> dict[str, str]:
    name = name_of(author)
    return {"name": _shown(name.family), **({"given-name": _shown(name.given)} if name.given else {})}


def _plain(text: str) -> str:
    """A text in which nothing is Typst's own."""
    return _OWN.sub(r"\\\g<0>", _shown(text))


def _shown(text: str) -> str:
    """A text without what no page can show: control characters, and code points that are none."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cn", "Cs"))


def _reference(page: str) -> str:
    """The first reference: of styles with notes the note, of others what stands in the text."""
    _, is_notes, notes = page.partition(_NOTES)
    found = _NOTE.search(notes) if is_notes else _REFERENCE.search(page)
    return _words(found[1]) if found else ""


def _entries(page: str) -> list[str]:
    _, _, rest = page.partition(_BIBLIOGRAPHY)
    entries = rest.partition(_NOTES)[0]
    return [words for each in _ENTRY.findall(entries) if (words := _words(each))]


def _words(markup: str) -> str:
    """The words of a piece of a page, without what a missing part leaves: spaces, and stops one after another."""
    text = " ".join(html.unescape(_TAG.sub("", markup)).split())
    return _DOUBLED.sub("", text)
