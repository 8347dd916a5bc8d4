"""What a text speaks of: its dates, names and figures, each with where it first stands, and how often. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from askreport.text.mentions import FUNCTION_WORDS
from askreport.types import Span

# A longer text is looked through up to here.
MAX_CHARS = 2_000_000
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan\\.?|Feb\\.?|Mar\\.?|Apr\\.?|Jun\\.?|Jul\\.?|Aug\\.?|Sept?\\.?|Oct\\.?|Nov\\.?|Dec\\.?"
    "|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier|février|mars|avril|juin|juillet|août|septembre"
    "|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    "|diciembre|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
DATE = re.compile(
    rf"\b(?:\d{{1,2}}\.?\s+(?:de\s+)?(?:{_MONTH})\s+(?:de\s+)?{_YEAR}|(?:{_MONTH})\s+\d{{1,2}},?\s+{_YEAR}"
    rf"|(?:{_MONTH})\s+{_YEAR}|{_YEAR}-\d\d-\d\d|\d{{1,2}}\.\d{{1,2}}\.{_YEAR}|(?<![\d.,/$€£-]){_YEAR}(?![\d,.]\d|[%-]\d))\b"
)
_UNIT = (
    r"%|\s?per\s?cent\b|\spercent(?:age points)?\b"
    r"|(?:[\s-](?:thousand|million|billion|trillion|bn|mn|m|k))?"
    r"\s(?:people|men|women|soldiers|troops|employees|members|persons|inhabitants|dollars|euros|roubles|rubles|yuan|pounds"
    r"|tonnes?|tons|kilometres?|kilometers?|km|miles|metres?|meters?|hectares|barrels|kg|MW|GW|TWh|months|weeks|days"
    r"|hours|minutes|years)\b"
    r"|[\s-](?:thousand|million|billion|trillion)\b|\s?bn\b"
)
FIGURE = re.compile(
    rf"(?:(?:US|A|C|HK)?[$€£¥]\s?\d[\d,.]*\d?(?:[\s-](?:thousand|million|billion|trillion)|\s?bn|\s?m\b)?"
    rf"|(?<![\w.,])[−–-]?\d[\d,]*(?:\.\d+)?(?:{_UNIT}))"
)
_NAME_PART = r"[A-ZÀ-ÖØ-ÞА-ЯЁ][\w’'&-]*[\w]"
_NAME = re.compile(rf"{_NAME_PART}(?:\s+(?:(?:of|de|du|von|van|der|the)\s+){{0,2}}{_NAME_PART})*(?![$€£¥])")
_OPENING = re.compile(r"(?:^|[.!?:;•|>\n][\s\"“‘(*_\]\d.)-]*|[\"“‘(]\s*)$")
_NO_NAME = re.compile(
    rf"(?:{_MONTH}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Figure|Table|Page|Chapter)", re.I
)
# Of a country, and no name of somebody or something.
_ADJECTIVE = re.compile(r"\w+(?:ian|ese|ish|ern|ean)s?")
_GENITIVE = re.compile(r"[’']s?$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something that a text speaks of: its words, where they first stand, and how often they do."""

    text: str
    span: Span
    count: int


def dates(text: str, within: Iterable[Span], limit: int) -> list[Spoken]:
    """The dates that a text speaks of oftenest, in the order in which they first stand."""
    return _counted(text, within, lambda part: (match.span() for match in DATE.finditer(part)), limit)


def figures(text: str, within: Iterable[Span], limit: int) -> list[Spoken]:
    """The amounts with their units, the oftenest, in the order in which they first stand."""
    return _counted(text, within, lambda part: (match.span() for match in FIGURE.finditer(part)), limit)


def names(text: str, within: Iterable[Span], limit: int) -> list[Spoken]:
    """The names that a text speaks of oftenest, the oftenest first.

    A word with a capital at the beginning of a sentence is a name only if it is one elsewhere as well.
    """
    found = _counted(text, within, _names, 0)
    inner = {each.text for each in found}
    # "Putin" is said of who is called "Vladimir Putin" elsewhere: the longer name has both counts.
    longer = {
        each.text: next((o.text for o in found if o.text != each.text and o.text.endswith(f" {each.text}")), "")
        for each in found
    }
    counts = {each.text: each.count for each in found}
    for short, whole in longer.items():
        if whole in inner and len(short.split()) == 1:
            counts[whole] += counts.pop(short)
    kept = [Spoken(each.text, each.span, counts[each.text]) for each in found if each.text in counts]
    return sorted(kept, key=lambda each: (-each.count, each.span))[:limit]


def _names(part: str) -> Iterator[tuple[int, int]]:
    for match in _NAME.finditer(part):
        start, end = match.span()
        words = match[0].split()
        is_opening = _OPENING.search(part[max(0, start - 12) : start]) is not None
        if is_opening and words[0].casefold() in FUNCTION_WORDS:
            start += len(match[0]) - len(match[0].split(None, 1)[-1]) if len(words) > 1 else end - start
            is_opening = False
        if genitive := _GENITIVE.search(part[start:end]):
            end -= len(genitive[0])
        name = part[start:end]
        if len(name) < 2 or _NO_NAME.match(name) or _ADJECTIVE.fullmatch(name) or name.casefold() in FUNCTION_WORDS:
            continue
        is_acronym = name.isupper() and len(name) > 1
        if not is_opening or is_acronym or " " in name:
            yield start, end


def _counted(
    text: str, within: Iterable[Span], find: Callable[[str], Iterable[tuple[int, int]]], limit: int
) -> list[Spoken]:
    first: dict[str, Span] = {}
    counts: dict[str, int] = {}
    for span in within:
        if span.start > MAX_CHARS:
            break
        for start, end in find(text[span.start : span.end]):
            words = " ".join(text[span.start + start : span.start + end].split())
            first.setdefault(words, Span(span.start + start, span.start + end))
            counts[words] = counts.get(words, 0) + 1
    found = [Spoken(words, span, counts[words]) for words, span in first.items()]
    if not limit:
        return found
    best = sorted(found, key=lambda each: (-each.count, each.span))[:limit]
    return sorted(best, key=lambda each: each.span)
