"""A sentence that answers -> the smallest run of words that stands on its own: what is quoted, and its context.

A question's answer is quoted instead of the question, and a lead-in with its list. Context is what the words hang on:
the sentence before ("This includes …"), a row's header, a list's lead-in, the question, who speaks. All of it is told
by rule (``text.anaphora``), and all of it is spans of the document. Pure.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from askreport.text.anaphora import hangs, only_connects, takes_back
from askreport.text.labels import is_label, line_around
from askreport.text.tables import header_above, is_row
from askreport.types import Document, Role, Span

# Sentences before a quote at most, and the characters of what is taken on each side, or of a list.
MAX_BEFORE = 3
MAX_CONTEXT = 700
MAX_LIST = 1_200
MAX_ITEMS = 30
# A question that is longer is not one of questions and answers.
MAX_QUESTION = 300
# An answer of fewer characters ("Yes.") takes the next sentence with it.
SHORT = 25
# An item of a list without marks.
MAX_ITEM = 160
QUESTION_END = re.compile(r"[?？؟][\s*_\"'”’»)\]]*$")
_LEAD_IN_END = re.compile(r"[:：][\s*_\"'”’»)\]]*$")
_ASKS = re.compile(
    r"\s*(?:\[[\d:.]+\]\s*)?(?:[*_]*(?:Q|Question|Frage|Pregunta|Domanda|Вопрос|Otázka|问|問)\s*\d*[*_]*\s*[.:)：])",
    re.I,
)
_ITEM = re.compile(r"[^\S\n]*(?:[-*+•‣▪●○◦■–—·]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivx]{1,5}[.)])[^\S\n]+")
# [00:01:09] SPEAKER 2: …, DR. MAREK: …, **Jonas Marek:** …
_SPEAKER = re.compile(
    r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?[\])]?\s*)?[*_]*(?:[A-Z][\w.’'-]*"
    r"|\d{1,2})(?:[ \t]+(?:[A-Z][\w.’'-]*|\d{1,2}|de|van|von|of|the)){0,4}[*_]*\s?:[*_]*(?=\s)"
)
# "for two reasons.", "as follows.": the next sentence says what.
_ANNOUNCES = re.compile(
    r"(?:\b(?:as follows|the following|these are|this is why|for (?:two|three|four|five|several|many) reasons"
    r"|in (?:two|three|four|several) (?:ways|steps|stages|phases)|(?:two|three|four|five) (?:things|steps|conditions"
    r"|reasons))"
    r"|wie folgt|comme suit|lo siguiente|следующее|následující|如下)[.:]?\W*$",
    re.I,
)
# Between a sentence and the next: no word, but perhaps the mark of an item.
_GAP = re.compile(r"[\W_]*(?:(?:\d{1,3}|[a-zA-Z])[.)]\s+)?")
_NO_WORD = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is quoted, and the spans that it is to be read with, each with its role, in the order of the text."""

    quote: Span
    context: tuple[tuple[Role, Span], ...] = ()


class _Text:
    """A document with its sentences, as neighbours are looked for."""

    def __init__(self, document: Document, sentences: Sequence[Span]) -> None:
        self.document = document
        self.text = document.text
        self._sentences = sentences
        self._ends = [sentence.end for sentence in sentences]

    def words(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def before(self, span: Span) -> Span | None:
        """The sentence before a span, if no heading stands between."""
        at = bisect_right(self._ends, span.start) - 1
        found = self._sentences[at] if at >= 0 else None
        return found if found and self._section(found.start) == self._section(span.start) else None

    def after(self, span: Span) -> Span | None:
        """The sentence after a span, if no heading stands between."""
        at = bisect_left(self._sentences, (span.end, 0))
        found = self._sentences[at] if at < len(self._sentences) else None
        return found if found and self._section(found.start) == self._section(span.start) else None

    def heading(self, span: Span) -> Span | None:
        """The heading that a span stands under."""
        at = self._section(span.start)
        if at < 0:
            return None
        heading = self.document.headings[at]
        found = _trimmed(self.text, Span(heading.start, heading.end))
        return found if found.end <= span.start else None

    def is_close(self, one: Span, other: Span) -> bool:
        """Whether no word and no blank line stands between two spans, in this order."""
        gap = self.text[one.end : other.start]
        return gap.count("\n") < 2 and _NO_WORD.fullmatch(gap) is not None

    def line(self, span: Span) -> Span:
        return line_around(self.text, span)

    def is_item(self, span: Span) -> bool:
        """Whether the line that a span is on begins with the mark of a list's item."""
        start = self.text.rfind("\n", 0, span.start) + 1
        return _ITEM.match(self.text, start) is not None

    def _section(self, position: int) -> int:
        return bisect_right(self.document.headings, position, key=lambda heading: heading.start) - 1


def stand(document: Document, sentences: Sequence[Span], span: Span) -> Standing:
    """What to quote for a sentence of a document, whose ``sentences`` are all of it, in order."""
    text = _Text(document, sentences)
    quote = _answer_to(text, span) if _is_question(text, span) else None
    quote = quote or (_with_list(text, span) if _is_lead_in(text, span) else span)
    taken = [quote]
    context: list[tuple[Role, Span]] = []
    for each, role in (*_around(text, quote), *_after(text, quote).items()):
        if all(each.end <= other.start or other.end <= each.start for other in taken):
            taken.append(each)
            context.append((role, each))
    return Standing(quote, tuple(sorted(context, key=lambda pair: pair[1])))


def _around(text: _Text, quote: Span) -> Iterator[tuple[Span, Role]]:
    """What stands before a quote that it is to be read with."""
    if header := header_above(text.text, quote, text.heading(quote)):
        yield header, "header"
        return
    if speaker := _speaker(text, quote):
        yield speaker, "before"
    asked = _question_of(text, quote)
    if asked:
        yield asked, "question"
    lead = None if _begins_with_lead_in(text, quote) else _lead_in_of(text, quote)
    if lead:
        yield lead
        # The lead-in itself may hang on what stands before: "Its member states are:".
        yield from ((each, "before") for each in _chain(text, lead[0]))
    elif asked:
        yield from ((each, "before") for each in _chain(text, quote) if each.start >= asked.end)
    else:
        yield from _hung_on(text, quote)


def _hung_on(text: _Text, quote: Span) -> Iterator[tuple[Span, Role]]:
    """The sentences before a quote that hangs on them; under a heading, with nothing between, the heading."""
    chain = _chain(text, quote)
    yield from ((each, "before") for each in chain)
    first = chain[-1] if chain else quote
    heading = text.heading(first)
    if heading and text.before(first) is None and _hangs(text, first):
        yield heading, "heading"


def _chain(text: _Text, quote: Span) -> list[Span]:
    """The sentences that a quote hangs on, the nearest first, each of which may hang on another."""
    found: list[Span] = []
    first, left = quote, MAX_CONTEXT
    while len(found) < MAX_BEFORE and _hangs(text, first):
        before = text.before(first)
        if before is None or is_label(text.document, before):
            break
        if text.is_item(before) and (lead := _lead_in_of(text, before)) and lead[1] == "lead_in":
            before = Span(lead[0].start, before.end)
        left -= before.end - before.start
        if left < 0:
            break
        found.append(before)
        first = before
        if only_connects(text.words(first)):
            break
    return found


def _hangs(text: _Text, span: Span) -> bool:
    if is_row(text.words(span)):
        return False
    around = text.text[max(0, span.start - 500) : span.end + 500]
    words = text.words(span)
    if speaker := _SPEAKER.match(words):
        words = words[speaker.end() :].strip()
    return hangs(words, around) or _is_fragment(text, span)


def _is_fragment(text: _Text, span: Span) -> bool:
    """Whether a sentence goes on with the one before it, from which only the cutting of sentences has parted it."""
    before = text.before(span)
    opening = text.words(span).lstrip("\"'“”‘’(")[:1]
    return bool(
        before
        and opening.islower()
        and not _ITEM.match(text.words(span))
        and not text.is_item(span)
        and "\n" not in text.text[before.end : span.start]
        and text.is_close(before, span)
    )


def _after(text: _Text, quote: Span) -> dict[Span, Role]:
    """The sentence after a quote, if the quote announces it, or if it takes back what the quote says."""
    after = text.after(quote)
    if after is None or after.end - after.start > MAX_CONTEXT or not _GAP.fullmatch(text.text, quote.end, after.start):
        return {}
    words, next_words = text.words(quote), text.words(after)
    announces = _ANNOUNCES.search(words) or (_LEAD_IN_END.search(words) and not is_row(words))
    if announces or (text.is_close(quote, after) and takes_back(next_words)):
        return {after: "after"}
    return {}


def _trimmed(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    return Span(span.start + len(part) - len(part.lstrip()), span.start + len(part.rstrip()))


# Questions and their answers


def _is_question(text: _Text, span: Span) -> bool:
    words = text.words(span)
    return QUESTION_END.search(words) is not None and len(words) <= MAX_QUESTION and "|" not in words


def _answer_to(text: _Text, question: Span) -> Span | None:
    """The answer that follows a question: its first sentence, and the next one if that is short."""
    first = text.after(question)
    if first is None or _is_question(text, first) or is_label(text.document, first):
        return None
    if _is_lead_in(text, first):
        return _with_list(text, first)
    second = text.after(first)
    is_short = len(text.words(first)) < SHORT
    if (
        second
        and is_short
        and text.is_close(first, second)
        and not _is_question(text, second)
        and not _speaker_at(text, second)
    ):
        return Span(first.start, second.end)
    return first


def _speaker_at(text: _Text, span: Span) -> bool:
    line = text.line(span)
    return line.start == span.start and _SPEAKER.match(text.words(line)) is not None


def _question_of(text: _Text, quote: Span) -> Span | None:
    """The question that a quote's paragraph, or turn, answers: it stands right above, alone."""
    line = text.line(quote)
    start = _paragraph_start(text, line.start)
    first = Span(start, start)
    before = text.before(first)
    if before is None:
        heading = text.heading(quote)
        return heading if heading and QUESTION_END.search(text.words(heading)) and start <= quote.start else None
    asked = text.line(before)
    alone = (
        text.words(before) == text.words(asked).strip()
        or _ASKS.match(text.words(asked))
        or _SPEAKER.match(text.words(asked))
    )
    if _is_question(text, before) and alone and before.start - asked.start < MAX_QUESTION:
        return _trimmed(text.text, Span(min(asked.start, before.start), before.end))
    return None


def _paragraph_start(text: _Text, position: int) -> int:
    """Where a line's paragraph begins; one of a transcript or of questions and answers begins with its line."""
    start = text.text.rfind("\n", 0, position) + 1
    while start > 0 and not _SPEAKER.match(text.text, start) and text.text[max(0, start - 2) : start] != "\n\n":
        before = text.text.rfind("\n", 0, start - 1) + 1
        line = text.text[before : start - 1]
        if not line.strip() or QUESTION_END.search(line):
            break
        start = before
    return start


def _speaker(text: _Text, quote: Span) -> Span | None:
    """Who speaks, if the quote is a later sentence of a turn."""
    line = text.line(quote)
    start = text.text.rfind("\n", 0, quote.start) + 1
    mark = _SPEAKER.match(text.text, start)
    if mark is None or line.start == quote.start or mark.end() > quote.start:
        return None
    # One line "Note: …" is no transcript: another line near it has a speaker as well.
    around = (
        text.text[max(0, start - 400) : start].split("\n")[:-1] + text.text[line.end : line.end + 400].split("\n")[1:]
    )
    if not any(_SPEAKER.match(each) for each in around):
        return None
    return _trimmed(text.text, Span(mark.start(), mark.end()))


# Lists


def _is_lead_in(text: _Text, span: Span) -> bool:
    return _LEAD_IN_END.search(text.words(span)) is not None and not is_row(text.words(span))


def _begins_with_lead_in(text: _Text, span: Span) -> bool:
    return _is_lead_in(text, Span(span.start, _line_end(text.text, span.start)))


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _with_list(text: _Text, lead: Span) -> Span:
    """A lead-in and the list that it introduces, as one run of words."""
    end, kind, count = lead.end, "", 0
    current = lead
    while (following := text.after(current)) and count < MAX_ITEMS and following.end - lead.start <= MAX_LIST:
        marked = text.is_item(following)
        words = text.words(following)
        fits = marked if kind == "marked" else not marked and _is_bare_item(text, following, kind)
        if not kind:
            kind = "marked" if marked else "ended" if words.endswith((".", ";", ",")) else "bare"
            fits = marked or (_is_bare_item(text, following, kind) and _has_sibling(text, following, kind))
        # A further sentence of an item is part of it.
        if not fits and not (marked or (kind == "marked" and text.is_close(current, following) and current != lead)):
            break
        end, current = following.end, following
        count += 1
    return Span(lead.start, end)


def _is_bare_item(text: _Text, span: Span, kind: str) -> bool:
    """Whether a sentence is a short line of its own: an item of a list whose marks are not in the text."""
    words = text.words(span)
    ended = _is_ended(text, span)
    return (
        len(words) <= MAX_ITEM
        and text.line(span) == span
        and not words.endswith((":", "?", "!"))
        and not is_row(words)
        and (not kind or ended == (kind == "ended") or kind == "ended")
    )


def _is_ended(text: _Text, span: Span) -> bool:
    return text.words(span).endswith((".", ";", ","))


def _has_sibling(text: _Text, span: Span, kind: str) -> bool:
    after = text.after(span)
    return kind == "bare" or (after is not None and _is_bare_item(text, after, kind))


def _lead_in_of(text: _Text, quote: Span) -> tuple[Span, Role] | None:
    """What introduces the list that a quote is an item of: a line that ends in a colon, or else the heading."""
    marked = text.is_item(quote)
    if not marked and not _is_bare_item(text, quote, ""):
        return None
    current, ended = quote, _is_ended(text, quote)
    for _ in range(MAX_ITEMS):
        before = text.before(current)
        if before is None:
            heading = text.heading(current)
            return (heading, "heading") if heading and marked else None
        if current.start - before.end > MAX_ITEM:
            return None
        if _is_lead_in(text, before) and not (marked and text.is_item(before) and not text.is_item(current)):
            return (before, "lead_in") if before.end - before.start <= MAX_CONTEXT else None
        if marked:
            same = text.is_item(before) or text.is_close(before, current)
        else:
            same = not text.is_item(before) and _is_bare_item(text, before, "") and _is_ended(text, before) == ended
        if not same:
            return None
        current = before
    return None
