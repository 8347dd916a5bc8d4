"""A draft -> its quotations: what stands between quotation marks, and Markdown block quotes. Pure; linear in time.

Marks pair up within a paragraph, so that one without a partner swallows nothing after it. Of nested quotations the
outer one counts. Code, front matter and the attributes of markup are not searched.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from askreport.types import Span

# Each mark that can close, and what it then closes: „…“ and »…« close with what opens elsewhere.
_CLOSES = {
    "”": "“„",
    "“": "„",
    "»": "«",
    "«": "»",
    "›": "‹",
    "‹": "›",
    '"': '"',
    "’": "‘‚",
    "‘": "‚",
    "'": "'",
}
_SINGLE = "‘‚’'"
# A straight mark before these is an apostrophe: the '90s, 'tis, rock 'n' roll.
_SHORTENED = re.compile(r"'(?:\d\ds?|tis|twas|em|til|cause|bout|n)\b", re.IGNORECASE)
# Next to these a mark stands as it does next to white space.
_OPENING = "([{"
_CLOSING = ".,;:!?)]}"
_MARK = re.compile("[“”„«»‹›\"‘’‚']")
_WORD = re.compile(r"\w")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n.*?^(?:---|\.\.\.)[^\S\n]*$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_QUOTED_LINE = re.compile(r" {0,3}>")
_QUOTE_MARKERS = re.compile(r" {0,3}(?:> ?)+")
# "> [!NOTE]" is how several Markdown dialects set a note of the author's own.
_CALLOUT = re.compile(r" {0,3}> ?\[!")
_ATTRIBUTION = re.compile(r"\s*(?:—|―|--)")
# What starts a new paragraph without a blank line: a heading, a list item, a table row.
_NEW_PARAGRAPH = re.compile(r"[^\S\n]*(?:#{1,6}[^\S\n]|[-*+•][^\S\n]|\d{1,3}[.)][^\S\n]|\|)")
_BACKTICKS = re.compile("`+")
# Values of HTML attributes, and titles of Markdown links.
_ATTRIBUTE = re.compile(r"""=\s?(?:"[^"]*"|'[^']*')|\]\([^()\s"]*\s(?:"[^"]*"|'[^']*')\)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A quotation with its span in the draft and the line it starts on, from 1.

    ``text`` is ``draft[start:end]``, for a block quote without the markers of its lines.
    """

    start: int
    end: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Quotations:
    """The quotations of a draft, in order, and the lines where a quotation is opened but not closed."""

    found: tuple[Quotation, ...]
    unpaired: tuple[int, ...]


def find_quotations(draft: str) -> Quotations:
    """Every quotation of a draft (plain text or Markdown) that holds a word."""
    line_ends = [match.start() for match in re.finditer("\n", draft)]
    found: list[Quotation] = []
    unpaired: list[int] = []
    for is_quoted, block in _blocks(draft):
        spans, lone = ([_quoted(draft, block)], []) if is_quoted else _paired(draft, block)
        for span in spans:
            text = _unmarked(draft[span.start : span.end]) if is_quoted else draft[span.start : span.end]
            if _WORD.search(text):
                line = bisect_left(line_ends, span.start) + 1
                found.append(Quotation(start=span.start, end=span.end, line=line, text=text))
        unpaired += [bisect_left(line_ends, at) + 1 for at in lone]
    return Quotations(tuple(found), tuple(dict.fromkeys(unpaired)))


def _blocks(draft: str) -> Iterator[tuple[bool, Span]]:
    """The paragraphs and block quotes of a draft, each with whether it is a block quote."""
    start: int | None = None
    was_quoted = False
    for line in _lines_without_code(draft):
        text = draft[line.start : line.end]
        is_quoted = bool(_QUOTED_LINE.match(text))
        ends = not text.strip() or is_quoted != was_quoted or (not is_quoted and bool(_NEW_PARAGRAPH.match(text)))
        if ends and start is not None:
            yield was_quoted, Span(start, line.start)
            start = None
        if start is None and text.strip():
            start, was_quoted = line.start, is_quoted
    if start is not None:
        yield was_quoted, Span(start, len(draft))


def _lines_without_code(draft: str) -> Iterator[Span]:
    """The lines outside of front matter and fenced code; what is left out counts as one blank line."""
    front = _FRONT_MATTER.match(draft)
    lines = [Span(*match.span()) for match in _LINE.finditer(draft, front.end() if front else 0)]
    closers = [_closing_fence(draft, line) for line in lines]
    longest = {character: _longest_from(closers, character) for character in "`~"}
    at = 0
    while at < len(lines):
        fence = _FENCE.match(draft, *lines[at])
        # A fence that is never closed is none: what follows is better searched than skipped.
        if fence and longest[fence[1][0]][at + 1] >= len(fence[1]):
            yield Span(lines[at].start, lines[at].start)
            at += 1
            while not closers[at].startswith(fence[1]):
                at += 1
        else:
            yield lines[at]
        at += 1


def _closing_fence(draft: str, line: Span) -> str:
    """The fence that a line consists of; empty if it is not one that can close."""
    match = _FENCE.match(draft, *line)
    return match[1] if match and not match[2].strip() else ""


def _longest_from(closers: list[str], character: str) -> list[int]:
    """The length of the longest fence of a character from each line on, and 0 for the end of the draft."""
    longest = [0]
    for fence in reversed(closers):
        longest.append(max(longest[-1], len(fence) if fence.startswith(character) else 0))
    return longest[::-1]


def _quoted(draft: str, block: Span) -> Span:
    """The words of a block quote: without its first marker, the attribution at its end, and marks around it all."""
    lines = [Span(*match.span()) for match in _LINE.finditer(draft, *block)]
    if _CALLOUT.match(draft, *block):
        return Span(block.start, block.start)
    contents = [Span(_after_markers(draft, line), line.end) for line in lines]
    contents = [line for line in contents if draft[line.start : line.end].strip()]
    if len(contents) > 1 and _ATTRIBUTION.match(draft, *contents[-1]):
        contents.pop()
    if not contents:
        return Span(block.start, block.start)
    span = _trim(draft, Span(contents[0].start, contents[-1].end))
    first, last = draft[span.start], draft[span.end - 1]
    inner = draft[span.start + 1 : span.end - 1]
    wrapped = first in _CLOSES.get(last, "") and first not in inner and last not in inner
    return _trim(draft, Span(span.start + 1, span.end - 1)) if wrapped else span


def _after_markers(draft: str, line: Span) -> int:
    markers = _QUOTE_MARKERS.match(draft, *line)
    return markers.end() if markers else line.start


def _unmarked(text: str) -> str:
    """A block quote's words without the markers of the lines after its first."""
    first, *others = text.split("\n")
    return "\n".join([first, *(_QUOTE_MARKERS.sub("", line, count=1) for line in others)])


def _trim(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    start = span.start + len(part) - len(part.lstrip())
    return Span(start, max(start, span.start + len(part.rstrip())))


def _paired(draft: str, block: Span) -> tuple[list[Span], list[int]]:
    """What stands between the outermost pairs of marks of a paragraph, and where opening marks have no partner."""
    # The paragraph by itself: the character before its first is none of its own.
    text = draft[block.start : block.end]
    pairs, lone = _pair(text, list(_marks(text)))
    spans: list[Span] = []
    end = 0
    for first, last in sorted(pairs):
        if first >= end:
            spans.append(_trim(draft, Span(block.start + first + 1, block.start + last)))
            end = last + 1
    inside = [range(span.start, span.end) for span in spans]
    open_at = [block.start + at for at in lone]
    return spans, [at for at in open_at if not _within(inside, at)]


def _within(ranges: list[range], at: int) -> bool:
    """Whether one of the sorted ranges holds a position."""
    index = bisect_left(ranges, at + 1, key=lambda each: each.start) - 1
    return index >= 0 and at in ranges[index]


def _marks(text: str) -> Iterator[int]:
    """Where quotation marks stand in a paragraph, outside of code and attributes."""
    hidden = sorted([*_code_spans(text), *(Span(*match.span()) for match in _ATTRIBUTE.finditer(text))])
    index = 0
    covered = 0
    for match in _MARK.finditer(text):
        while index < len(hidden) and hidden[index].start <= match.start():
            covered = max(covered, hidden[index].end)
            index += 1
        if match.start() >= covered:
            yield match.start()


def _code_spans(text: str) -> Iterator[Span]:
    """From each run of backticks to the next one of the same length."""
    runs = [Span(*match.span()) for match in _BACKTICKS.finditer(text)]
    next_same: dict[Span, Span] = {}
    seen: dict[int, Span] = {}
    for run in reversed(runs):
        length = run.end - run.start
        if length in seen:
            next_same[run] = seen[length]
        seen[length] = run
    end = 0
    for run in runs:
        if run.start >= end and run in next_same:
            end = next_same[run].end
            yield Span(run.start, end)


def _pair(text: str, marks: list[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """Pairs of opening and closing marks, and the opening ones (but for single marks) that have no partner."""
    pairs: list[tuple[int, int]] = []
    lone: list[int] = []
    stack: list[int] = []
    counts: Counter[str] = Counter()
    possessive = _possessive(text, marks)
    for at in marks:
        if at in possessive:
            continue
        role = _role(text, at, counts)
        if role == "open":
            stack.append(at)
            counts[text[at]] += 1
        elif role == "close" and _can_close(text, at, stack, counts):
            # What was opened inside the pair and not closed is passed over.
            while text[stack[-1]] not in _CLOSES[text[at]]:
                counts[text[stack[-1]]] -= 1
                lone.append(stack.pop())
            counts[text[stack[-1]]] -= 1
            pairs.append((stack.pop(), at))
    return pairs, [at for at in sorted([*lone, *stack]) if text[at] not in _SINGLE]


def _can_close(text: str, at: int, stack: list[int], counts: Counter[str]) -> bool:
    """Whether a closing mark has a partner; single marks, which may be apostrophes, do not reach across others."""
    openers = _CLOSES[text[at]]
    if text[at] in _SINGLE:
        return bool(stack) and text[stack[-1]] in openers
    return any(counts[opener] for opener in openers)


def _role(text: str, at: int, counts: Counter[str]) -> str:
    """Whether the mark opens, closes, or is an apostrophe (""); ``counts`` are the marks that are open."""
    mark = text[at]
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    goes_on = not after.isspace() and (after not in _CLOSING or text.startswith("..", at + 1))
    opens = not before.isalnum() and goes_on
    closes = not before.isspace() and before not in _OPENING and not after.isalnum()
    if mark in _SINGLE:
        opens = opens and not (mark == "'" and (counts["'"] or _SHORTENED.match(text, at)))
        return _role_of_single(mark, opens, closes, counts)
    if mark == "“":
        return "close" if counts["„"] and closes and not opens else "open"
    if mark in "”„":
        return "close" if mark == "”" else "open"
    if opens != closes:
        return "open" if opens else "close"
    # Spaces on both sides, or none, as in French and in Chinese.
    if mark == '"':
        return "close" if counts['"'] else "open"
    return "open" if mark in "«‹" else "close"


def _role_of_single(mark: str, opens: bool, closes: bool, counts: Counter[str]) -> str:
    if mark == "’" or (mark == "'" and counts["'"]):
        return "close" if closes else ""
    if mark == "‘" and counts["‚"] and closes and not opens:
        return "close"
    return "open" if opens else ""


def _possessive(text: str, marks: Iterable[int]) -> set[int]:
    """The marks like that of "the Communists’ aims": after an s, before a word, and one that can close is to come."""
    found: set[int] = set()
    closer_to_come = dict.fromkeys("’'", False)
    for at in sorted(marks, reverse=True):
        mark = text[at]
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if mark == "‘":
            closer_to_come["’"] = False
        elif mark == "'" and not before.isalnum() and before not in _CLOSING and after.strip():
            closer_to_come["'"] = False
        elif mark in closer_to_come and not after.isalnum():
            word_follows = after == " " and text[at + 2 : at + 3].islower()
            if closer_to_come[mark] and word_follows and before == "s":
                found.add(at)
            closer_to_come[mark] = True
    return found
