"""Markdown as it is meant to be seen: which characters of a text are marks, which words they set apart. Pure.

Nothing is taken out of the text, for places are counted in it: marks are hidden by the style sheet. A line is read by
itself, and what a mark sets apart has at most some hundred characters, so that reading takes linear time.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from askreport.types import Document, Span

_ENDINGS = (".md", ".markdown")
# A longer text is shown with its marks.
MAX_CHARS = 2_000_000
MAX_SOURCES = 1_000
_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_HEADING = re.compile(r"( {0,3}#{1,6}[ \t]+)([^\n]*?)([ \t]+#+)?[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_BULLET = re.compile(r"[ \t]*([-*+])[ \t]+(?=\S)")
_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<tick>`+)(?P<code>[^`].{0,300}?)(?P=tick)(?!`)"
    r"|!?\[(?P<words>[^\[\]]{1,300})\]\((?P<url>[^()\s]{1,2000})(?:\s+\"[^\"]{0,300}\")?\)"
    r"|(?P<two>\*\*|__)(?=\S)(?P<strong>.{1,300}?)(?<=\S)(?P=two)"
    r"|(?<![\w*])(?P<one>[*_])(?=[^\s*_])(?P<emphasis>.{1,300}?)(?<=[^\s*_])(?P=one)(?![\w*])"
    r"|\[(?P<source>\d{1,4})\]"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}")
_REFERENCE = re.compile(r"\[(\d{1,4})\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a text, and how they are shown: ``kind`` is a class of the style sheet, ``href`` where they lead."""

    text: str
    kind: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source that a document lists under a number."""

    number: int
    text: str
    url: str

    @property
    def anchor(self) -> str:
        """The id of its element on the document's page."""
        return f"source-{self.number}"


def is_markdown(document: Document) -> bool:
    """Whether a document's text is Markdown that is shown without its marks."""
    return document.path.lower().endswith(_ENDINGS) and len(document.text) <= MAX_CHARS


def listed_sources(metadata: Mapping[str, Any]) -> dict[int, ListedSource]:
    """The sources that a document's front matter lists under ``sources``, by number; a list counts from 1."""
    given = metadata.get("sources")
    if isinstance(given, list):
        given = dict(enumerate(given, start=1))
    found: dict[int, ListedSource] = {}
    for key, value in given.items() if isinstance(given, dict) else ():
        if str(key).isdecimal() and len(str(key)) < 5 and isinstance(value, str) and len(found) < MAX_SOURCES:
            address = _ADDRESS.search(value)
            found[int(key)] = ListedSource(int(key), " ".join(value.split()), address[0] if address else "")
    return found


def named_sources(text: str, metadata: Mapping[str, Any]) -> list[ListedSource]:
    """The listed sources that a text names ("[20][21]"), each once, in order."""
    listed = listed_sources(metadata)
    numbers = dict.fromkeys(int(found[1]) for found in _REFERENCE.finditer(text))
    return [listed[number] for number in numbers if number in listed]


class MarkedUp:
    """A document's text with what its marks mean; of one that is not Markdown, with links to its sources only."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._sources = listed_sources(document.metadata)
        body = document.furniture[0].end if document.furniture and document.furniture[0].start == 0 else 0
        found = self._marks(body) if is_markdown(document) else self._references() if self._sources else ()
        self._marked = sorted(found, key=lambda each: each[0])
        self._starts = [span.start for span, _, _ in self._marked]

    def pieces(self, span: Span) -> list[Piece]:
        """The pieces that a span of the text consists of, in order."""
        found: list[Piece] = []
        position = span.start
        first = max(0, bisect_right(self._starts, span.start) - 1)
        for (start, end), kind, href in self._marked[first:]:
            if start >= span.end:
                break
            start, end = max(start, position), min(end, span.end)
            if start >= end:
                continue
            if position < start:
                found.append(Piece(self._text[position:start]))
            found.append(Piece(self._text[start:end], kind, href))
            position = end
        if position < span.end:
            found.append(Piece(self._text[position : span.end]))
        return found

    @staticmethod
    def of_part(text: str, path: str) -> list[Piece]:
        """The pieces of a text that is a part of a document of this path, without links to its sources."""
        return MarkedUp(Document(id="", path=path, title="", text=text, sha256="")).pieces(Span(0, len(text)))

    def _references(self) -> Iterator[tuple[Span, str, str]]:
        for match in _REFERENCE.finditer(self._text[:MAX_CHARS]):
            if int(match[1]) in self._sources:
                yield Span(*match.span()), "ref", f"#{self._sources[int(match[1])].anchor}"

    def _marks(self, body: int) -> Iterator[tuple[Span, str, str]]:
        is_code = False
        for line in _LINE.finditer(self._text, body):
            if _FENCE.match(line[0]):
                is_code = not is_code
                yield Span(*line.span()), "mk", ""
            elif not is_code:
                yield from self._marks_of(line.start(), line[0])

    def _marks_of(self, at: int, line: str) -> Iterator[tuple[Span, str, str]]:
        first, last = 0, len(line)
        if _RULE.match(line):
            yield Span(at, at + last), "mk", ""
            return
        if heading := _HEADING.match(line):
            first, last = heading.span(2)
            yield Span(at, at + first), "mk", ""
            if heading[3]:
                yield Span(at + last, at + heading.end(3)), "mk", ""
        elif bullet := _BULLET.match(line):
            yield Span(at + bullet.start(1), at + bullet.end(1)), "bullet", ""
            first = bullet.end()
        for match in _INLINE.finditer(line, first, last):
            yield from self._inline(at, match)

    def _inline(self, at: int, match: re.Match[str]) -> Iterator[tuple[Span, str, str]]:
        """What marks within a line set apart, between marks that are hidden."""
        group = next(each for each in ("escaped", "code", "words", "strong", "emphasis", "source") if match[each])
        start, end = match.span(group)
        if group == "source":
            if (number := int(match[group])) in self._sources:
                yield Span(at + match.start(), at + match.end()), "ref", f"#{self._sources[number].anchor}"
            return
        kind = {"escaped": "", "code": "code", "words": "link", "strong": "strong", "emphasis": "em"}[group]
        href = match["url"] if group == "words" and _ADDRESS.fullmatch(match["url"]) else ""
        if match.start() < start:
            yield Span(at + match.start(), at + start), "mk", ""
        if kind:
            yield Span(at + start, at + end), kind, href
        if end < match.end():
            yield Span(at + end, at + match.end()), "mk", ""


def in_runs(pieces: Sequence[Piece], at: int, marked: Span) -> Iterator[tuple[bool, tuple[Piece, ...]]]:
    """The same pieces, which begin ``at``, cut where a marked span begins and ends, in runs that are marked or not."""
    for is_marked, run in groupby(_cut(pieces, at, marked), key=lambda each: each[1]):
        yield is_marked, tuple(piece for piece, _ in run)


def _cut(pieces: Sequence[Piece], at: int, marked: Span) -> Iterator[tuple[Piece, bool]]:
    for piece in pieces:
        start, end = (min(max(each - at, 0), len(piece.text)) for each in marked)
        for text, is_marked in ((piece.text[:start], False), (piece.text[start:end], True), (piece.text[end:], False)):
            if text:
                yield Piece(text, piece.kind, piece.href), is_marked
        at += len(piece.text)
