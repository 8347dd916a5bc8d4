"""Document -> Passages and sentence spans. Pure; every result is a slice of the document's text.

Passages are runs of whole sentences of one section, packed to between MIN_WORDS and MAX_WORDS with one sentence of
overlap. Together they cover every character of the text but white space, furniture, and long runs without a word.
"""

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from askreport.text.language import language_of
from askreport.text.sentences import starts
from askreport.types import Document, Heading, Passage, Span

MIN_WORDS = 120
MAX_WORDS = 180
# A longer "sentence" is a list, a table or text without punctuation; it is cut at white space. Counted in
# characters because some scripts have no spaces, and an encoder's limit is on tokens.
MAX_SENTENCE_CHARS = 900
# Characters without a word (lines, dots, white space) that a passage has at most on each side of a sentence.
MAX_GAP = 900
# Identifies what this module does to a text: an index made with another value is refused.
CHUNKING = f"sentences-{MIN_WORDS}-{MAX_WORDS}-{MAX_SENTENCE_CHARS}-overlap1-v7"
# Seconds in which a document's sentences are to be found. It takes a second for 5 MB: who needs longer than this meets
# what nobody thought of.
CUTTING_SECONDS = 60.0

# The beginning of a line of a log, a chat or a transcript, by its moment or its speaker, or of a form, by its label.
_TURN = re.compile(
    r"[^\S\n]*(?:[\[(<]?(?:(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}),?[T ])?\d{1,2}:\d\d(?::\d\d)?\b"
    r"|[*_]*[^\W\d_a-z][^\n:|]{0,30}:[*_]*[^\S\n]+\S)"
)
# What ends a block whatever the punctuation says: a blank line, and a line break before a list item, a table row or a
# turn. A row that does not begin with a bar is one below another.
_BLOCK_BREAK = re.compile(
    r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:(?:[-*+•‣▪]|\d{1,3}[.)])[^\S\n]|\|))|\n(?=(?P<row>[^\n|]{1,200}\S \| ))"
    rf"|\n(?=(?P<turn>{_TURN.pattern}))"
)
_CELLS = " | "
# The first line of what may be an item, by its mark.
_ITEM = re.compile(r"[^\S\n]*(?:([-*+•‣▪])|(\d{1,3})([.)]))[^\S\n]")
# How many lines an item may have before the next one, and a turn.
_LINES_OF_AN_ITEM = 25
_LINES_OF_A_TURN = 6
_LINE_START = re.compile(r"\n(?!\s*\n)")
_SENTENCE_END = re.compile(r"[.!?:;…。！？।؟۔]['\"”’)\]]*[^\S\n]*$")
# Marks that stand before a block's first word and are no part of its first sentence. White space must follow: without
# it "-5%" and ">50" are numbers.
_LEADING_MARKS = re.compile(r"(?:[^\S\n]*(?:\|+|(?:[-*+•‣▪>]+|\d{1,3}[.)]|#+)(?=\s)))*\s*")
# But an item's number is what others refer to: it belongs to its first sentence, and is found apart from it.
_NUMBER_MARK = re.compile(r"\d{1,3}[.)]\s+$")
_WORD = re.compile(r"\w")
_SPACED_WORD = re.compile(r"\S+\s*")


_log = logging.getLogger(__name__)


def chunk(document: Document, seconds: float = CUTTING_SECONDS) -> list[Passage]:
    """The passages of a document, in order; empty only for a text without a word in it.

    What is left of it after so many seconds is cut by lengths alone.
    """
    cutter = _Cutter(document.text, seconds)
    passages: list[Passage] = []
    pending: int | None = None
    prose_starts = {heading.start: heading.end for heading in document.headings}
    for section, heading in _sections(document):
        prose = Span(min(prose_starts.get(section.start, section.start), section.end), section.end)
        sentences = cutter.sentences(prose)
        # A section without prose (a heading right above another) goes into the passage that follows it.
        start = section.start if pending is None else pending
        if sentences and sentences[0].start - start > MAX_GAP:
            # More than may stand before a sentence: headings that are passages of their own.
            passages += _pack(document, Span(start, prose.start), (), _headings(document, Span(start, prose.start)))
            start = prose.start
        if sentences:
            pending = None
        elif document.text[section.start : section.end].strip():
            pending = start
        passages += _pack(document, Span(start, section.end), heading, sentences)
    return passages if pending is None else _with_leftover(document, pending, passages)


def split_sentences(text: str, span: Span | None = None) -> list[Span]:
    """The spans of the sentences of a text, or of a span of it, in order: what holds a word, without list marks."""
    return _Cutter(text).sentences(span or Span(0, len(text)))


def has_longer_block(text: str, characters: int) -> bool:
    """Whether a block of the text, which is what sentences are looked for in, has more than so many characters."""
    return any(block.end - block.start > characters for block in _blocks(text, Span(0, len(text))))


class _Cutter:
    """Finds the sentences of a text by the rules of its language, as long as there is time."""

    def __init__(self, text: str, seconds: float = CUTTING_SECONDS) -> None:
        self._text = text
        self._language = language_of(text)
        self._deadline = time.monotonic() + seconds

    def sentences(self, span: Span) -> list[Span]:
        """The spans of the sentences of a part of the text."""
        return [sentence for block in _blocks(self._text, span) for sentence in self._split(block)]

    def _split(self, block: Span) -> Iterator[Span]:
        """A block's sentences, without the marks before the first, unless only they hold a word: "42." may be one."""
        text = self._text
        marks = _LEADING_MARKS.match(text, block.start, block.end)
        start = marks.end() if marks and _WORD.search(text, marks.end(), block.end) else block.start
        edges = [start + each for each in self._starts(text[start : block.end])]
        if number := _NUMBER_MARK.search(text, block.start, start):
            edges[0] = number.start()
        for first, last in zip(edges, [*edges[1:], block.end], strict=True):
            yield from _cut_long(text, _trim(text, Span(first, last)))

    def _starts(self, block: str) -> list[int]:
        if time.monotonic() < self._deadline:
            return starts(block, self._language)
        if self._deadline:
            _log.warning("finding the sentences of a document took too long: its rest is cut by lengths")
            self._deadline = 0.0
        return [0]


def _sections(document: Document) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Each section's span, from its heading's line to the next heading, and its path of headings.

    Furniture ends a section as well and is in none.
    """
    path: list[tuple[int, str]] = []
    start = 0
    borders: list[Heading | Span] = sorted([*document.headings, *document.furniture], key=lambda border: border.start)
    for border in borders:
        yield Span(start, border.start), tuple(title for _, title in path)
        if isinstance(border, Heading):
            path = [(level, title) for level, title in path if level < border.level]
            path.append((border.level, border.title))
            start = border.start
        else:
            start = border.end
    yield Span(start, len(document.text)), tuple(title for _, title in path)


def _blocks(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for boundary in _BLOCK_BREAK.finditer(text, span.start, span.end):
        if boundary["row"]:
            if _CELLS not in text[max(start, text.rfind("\n", start, boundary.start())) : boundary.start()]:
                continue
        elif boundary["turn"]:
            if not _is_turn(text, start, boundary.end(), span.end):
                continue
        elif boundary[0] == "\n" and not _is_item(text, start, boundary.end(), span.end):
            continue
        yield Span(start, boundary.start())
        start = boundary.end()
    yield Span(start, span.end)


def _is_item(text: str, start: int, at: int, end: int) -> bool:
    """Whether the line at a position is a list's item or a table's row, not a sentence that was wrapped before "14.".

    Within a sentence it is one only if the line before or after goes with it: the next number, the same mark.
    ``start`` is where its block begins.
    """
    item = _ITEM.match(text, at, end)
    before = text[max(start, at - 400) : at - 1]
    if item is None or _SENTENCE_END.search(before):
        return True
    # A block that begins with an item is a list.
    if _ITEM.match(text, start, end):
        return True
    following = islice(_LINE_START.finditer(text, at, min(end, at + 2_000)), _LINES_OF_AN_ITEM)
    return any(
        (other := _ITEM.match(text, line.end(), end)) is not None and _goes_on(item, other) for line in following
    )


def _is_turn(text: str, start: int, at: int, end: int) -> bool:
    """Whether the line at a position, which begins as a turn, is one among others: its block begins so, or a line soon.

    Wrapped text has a line that begins with "10:30" or "Note:" now and then, but seldom two.
    """
    following = islice(_LINE_START.finditer(text, at, min(end, at + 1_000)), _LINES_OF_A_TURN)
    return _TURN.match(text, start, end) is not None or any(_TURN.match(text, line.end(), end) for line in following)


def _goes_on(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether one item's mark follows another's."""
    if one[1] or other[1]:
        return one[1] == other[1]
    return one[3] == other[3] and int(other[2]) == int(one[2]) + 1


def _trim(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    return Span(span.start + len(part) - len(part.lstrip()), span.start + len(part.rstrip()))


def _cut_long(text: str, span: Span) -> Iterator[Span]:
    """The span itself, or pieces of it, cut at white space, that keep the limits; only what holds a word."""
    start = span.start
    while start < span.end:
        end = min(_reach(text, Span(start, span.end)), span.end)
        piece = _trim(text, Span(start, end))
        if _WORD.search(text, piece.start, piece.end):
            yield piece
        start = end


def _reach(text: str, span: Span) -> int:
    """Where a sentence that starts at ``span.start`` must end to keep MAX_SENTENCE_CHARS and MAX_WORDS."""
    # One character past the limit tells that a word crosses it, however long the word is.
    words = _SPACED_WORD.finditer(text, span.start, min(span.end, span.start + MAX_SENTENCE_CHARS + 1))
    end = span.start
    for count, word in enumerate(words, start=1):
        if word.end() - span.start > MAX_SENTENCE_CHARS or count > MAX_WORDS:
            break
        end = word.end()
    return end if end > span.start else span.start + MAX_SENTENCE_CHARS


def _pack(document: Document, section: Span, heading: tuple[str, ...], sentences: list[Span]) -> Iterator[Passage]:
    """Sentences packed into passages that together cover the section."""
    text = document.text
    words = [len(text[start:end].split()) for start, end in sentences]
    first = 0
    while first < len(sentences):
        end = _fill(text, sentences, words, first)
        covers_from = section.start if first == 0 else sentences[first - 1].end
        covers_to = section.end if end == len(sentences) else sentences[end - 1].end
        reach = Span(sentences[first].start - MAX_GAP, sentences[end - 1].end + MAX_GAP)
        span = _trim(text, Span(max(covers_from, reach.start), min(covers_to, reach.end)))
        yield Passage(
            document_id=document.id,
            start=span.start,
            end=span.end,
            heading=heading,
            sentences=tuple(sentences[first:end]),
        )
        if end == len(sentences):
            return
        # One sentence of overlap, unless the next one would not go into a passage with it.
        overlaps = end - 1 > first and _fill(text, sentences, words, end - 1) > end
        first = end - 1 if overlaps else end


def _fill(text: str, sentences: list[Span], words: list[int], first: int) -> int:
    """The index after the last sentence of the passage that starts with sentence ``first``."""
    total = 0
    for index in range(first, len(sentences)):
        chars = sentences[index].end - sentences[first].start
        if index > first and (total + words[index] > MAX_WORDS or chars > 2 * MAX_SENTENCE_CHARS):
            return index
        if index > first and sentences[index].start - sentences[index - 1].end > MAX_GAP:
            return index
        new_paragraph = index > first and "\n" in text[sentences[index - 1].end : sentences[index].start]
        if new_paragraph and total >= MIN_WORDS:
            return index
        total += words[index]
    return len(sentences)


def _with_leftover(document: Document, start: int, passages: list[Passage]) -> list[Passage]:
    """``passages`` and the end of the text: headings with nothing under them are sentences of their own.

    Without a word in it, that end belongs to the last passage.
    """
    text = document.text
    sentences = _headings(document, Span(start, len(text)))
    if sentences or not passages:
        return [*passages, *_pack(document, Span(start, len(text)), (), sentences)]
    last = passages[-1]
    return [*passages[:-1], replace(last, end=min(len(text.rstrip()), last.end + MAX_GAP))]


def _headings(document: Document, span: Span) -> list[Span]:
    """The headings within a span as sentences."""
    text = document.text
    lines = [
        _trim(text, Span(each.start, each.end)) for each in document.headings if span.start <= each.start < span.end
    ]
    return [piece for line in lines for piece in _cut_long(text, line)]
