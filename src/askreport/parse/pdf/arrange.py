"""Printed lines of pages -> pieces of text in reading order: paragraphs, rows, headings, notes, running headers.

It joins a paragraph's lines, also across columns and pages. What stands between two halves of a sentence (notes at the
foot of a page, running headers) goes where no sentence is cut.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from askreport.parse.pdf.lines import IN_ROW, Line, PageLines, body_size, same_size
from askreport.parse.pdf.notes import notes_of
from askreport.parse.pdf.running import running_lines

# A line follows the one above within this many times the usual distance.
_LEADING = 1.3
# A line that begins nearer to the one before, in sizes, is in its word.
_TOUCHING = 0.12
# An initial's full stop does not end one.
_ENDS_SENTENCE = re.compile(r"(?:(?<!\b[A-Z])\.|[!?:;…。！？؟।])[\"'”’»)\]]*(?:\^?\d{1,3}(?:[,–-]\d{1,3})*)?$")
_BULLET = re.compile(r"[•‣▪●○◦■□–—\-*·➢✓☐☒]\s")
_NUMBER = re.compile(r"(?:\(?\d{1,3}(?:\.\d{1,3})*[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)])\s")
# Where a sentence ends within a line, surely enough to put something there: after a word, before a capital letter.
_END_WITHIN = re.compile(
    r"\b(?:[^\W\d_A-Z][^\W\d_]{2,}|it|up|us|in|on|to|is|so)[.!?][\"'”’»)\]]*(?:\^\d{1,3})?\s+(?=[A-ZÀ-ÖØ-Þ“\"«])"
)
_LABELLED = re.compile(
    r"(?:Figure|Fig\.|Table|Tab\.|Chart|Box|Source|Note|Chapter|Section|Appendix|Annex|Part|Abbildung|Tabelle|Tableau)\b",
    re.I,
)
# A paragraph that may go on overleaf with a capital letter or a digit has so many characters and words.
_MIN_PROSE, _MIN_WORDS = 30, 5
_MIN_FOLLOWING = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A line within the text: ``gap`` is what stands before it."""

    page: int
    line: Line
    gap: str
    furniture: bool = False


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """A page's lines by what they are: ``main`` with the gap before each, notes, and running headers and footers."""

    number: int
    main: list[tuple[str, Line]]
    notes: list[Line]
    running: list[Line]
    goes_on: bool = field(default=False)

    @property
    def begins_within(self) -> bool:
        """Whether its first line goes on with the page before."""
        return bool(self.main) and self.main[0][0] != "\n\n"


def arrange(pages: Sequence[PageLines]) -> list[Piece]:
    """All lines of all pages in the order of the text, each with the gap before it.

    A running header that only stands within a sentence is left out; it stands on other pages as well.
    """
    running = running_lines(pages)
    body = body_size([line for page in pages for line in page.lines if id(line) not in running])
    usual = _usual_distance(pages)
    sheets = [_sheet(page, running, body) for page in pages]
    _join(sheets, usual)
    return [piece for sheet in sheets for piece in _placed(sheet, usual)]


def _sheet(page: PageLines, running: set[int], body: float) -> _Sheet:
    own = [line for line in page.lines if id(line) not in running]
    notes = notes_of(own, body, page.extent)
    return _Sheet(
        number=page.number,
        main=[("\n\n", line) for line in own if id(line) not in notes],
        notes=[line for line in own if id(line) in notes],
        running=[line for line in page.lines if id(line) in running],
    )


def _join(sheets: Sequence[_Sheet], usual: float) -> None:
    """Finds the gap before each line, and which pages end within a sentence."""
    block: list[Line] = []
    before: _Sheet | None = None
    for sheet in sheets:
        for at, (_, line) in enumerate(sheet.main):
            gap = _gap(block, [each for _, each in sheet.main[at : at + 3]], usual, at > 0)
            sheet.main[at] = (gap, line)
            block = [line] if gap == "\n\n" else [*block, line]
            if at == 0 and before:
                before.goes_on = gap != "\n\n"
        if sheet.main:
            before = sheet
        elif sheet.notes or sheet.running:
            block = []


def _placed(sheet: _Sheet, usual: float) -> Iterator[Piece]:
    """A page's lines in order, the notes and running lines where they cut no sentence."""
    inserted: dict[int, list[Piece]] = {}
    if sheet.notes:
        at = _place(sheet, last=True)
        at = len(sheet.main) if at is None else at
        inserted.setdefault(at, []).extend(_noted(sheet, usual))
    if sheet.running:
        place = _place(sheet, last=False)
        if place is not None:
            inserted.setdefault(place, []).extend(_running(sheet))
    cut = False
    for at, (gap, line) in enumerate(sheet.main):
        yield from inserted.get(at, ())
        yield Piece(page=sheet.number, line=line, gap="\n\n" if cut or at in inserted else gap)
        cut = False
    yield from inserted.get(len(sheet.main), ())


def _place(sheet: _Sheet, last: bool) -> int | None:
    """Where in a page's main lines something may be put, or None; a line is cut at a sentence's end if it must be."""
    main = sheet.main
    within = [at for at in range(1, len(main)) if main[at][0] == "\n\n"]
    end = [] if sheet.goes_on else [len(main)]
    start = [] if sheet.begins_within else [0]
    choices = [*end, *reversed(within)] if last else [*within, *end, *start]
    if choices:
        return choices[0]
    numbers = range(len(main) - 1, -1, -1) if last else range(len(main))
    for at in numbers:
        line = main[at][1]
        ends = list(_END_WITHIN.finditer(line.text))
        if ends:
            middle = ends[-1 if last else 0].end()
            stop = len(line.text[:middle].rstrip())
            main[at : at + 1] = [
                (main[at][0], replace(line, text=line.text[:stop], boxes=line.boxes[:stop])),
                ("\n\n", replace(line, text=line.text[middle:], boxes=line.boxes[middle:])),
            ]
            return at + 1
    return start[0] if start else None


def _noted(sheet: _Sheet, usual: float) -> Iterator[Piece]:
    block: list[Line] = []
    for at, line in enumerate(sheet.notes):
        gap = _gap(block, sheet.notes[at : at + 3], usual, True)
        block = [line] if gap == "\n\n" else [*block, line]
        yield Piece(page=sheet.number, line=line, gap=gap)


def _running(sheet: _Sheet) -> Iterator[Piece]:
    for number, line in enumerate(sheet.running):
        yield Piece(page=sheet.number, line=line, gap="\n" if number else "\n\n", furniture=True)


def _usual_distance(pages: Sequence[PageLines]) -> float:
    """The usual distance from one line to the next within a paragraph, in sizes of its letters."""
    distances = [
        (after.bottom - before.bottom) / before.size
        for page in pages
        for before, after in zip(page.lines, page.lines[1:], strict=False)
        if same_size(before, after) and 0.7 < (after.bottom - before.bottom) / before.size < 2.5
    ]
    return median(distances) if distances else 1.2


def _gap(block: Sequence[Line], following: Sequence[Line], usual: float, same_page: bool) -> str:
    """What stands between a block and the line after it: a space or nothing within a paragraph, else a blank line."""
    if not block:
        return "\n\n"
    if same_page and (beside := _beside(block[-1], following[0])) is not None:
        return "" if beside < _TOUCHING else " "
    return " " if _continues(block, following, usual, same_page) else "\n\n"


def _beside(before: Line, line: Line) -> float | None:
    """How far right of the other a line begins, in sizes, if it goes on in the same row (a raised figure, a symbol)."""
    size = max(before.size, line.size)
    overlap = min(before.bottom, line.bottom) - max(before.top, line.top)
    distance = (line.left - before.right) / size
    in_row = overlap > 0.5 * min(before.size, line.size) and -0.3 < distance < IN_ROW
    return distance if in_row and not before.is_row and not line.is_row else None


def _continues(block: Sequence[Line], following: Sequence[Line], usual: float, same_page: bool) -> bool:
    """Whether a line goes on with the paragraph of the lines before it."""
    before, line = block[-1], following[0]
    if (
        before.is_row
        or line.is_row
        or line.is_note
        or line.is_aside
        or _BULLET.match(line.text)
        or not same_size(before, line)
    ):
        return False
    if before.bold != line.bold:
        return False
    ended = _ENDS_SENTENCE.search(before.text) is not None
    step = line.bottom - before.bottom
    if not same_page or step <= 0.3 * line.size:
        # The next column, which is right of this one, or page: only a sentence that is not at its end goes on there.
        elsewhere = not same_page or line.left > before.right - line.size
        return elsewhere and not ended and _goes_on(block, following, usual)
    if step > _LEADING * usual * line.size or min(before.right, line.right) <= max(before.left, line.left):
        return False
    starts_item = _NUMBER.match(line.text) is not None
    in_item = _BULLET.match(before.text) or _NUMBER.match(before.text)
    indented = line.left - before.left > 0.8 * line.size and not in_item
    ends_short = before.right < line.right - 6 * line.size
    return not (ended and (indented or ends_short or starts_item)) and not (ends_short and line.text[:1].isupper())


def _goes_on(block: Sequence[Line], following: Sequence[Line], usual: float) -> bool:
    """Whether a sentence that is not at its end goes on in another column or overleaf.

    With a small letter it does. With a capital letter, a digit, or in a script without small letters it does if prose
    stands on both sides.
    """
    before, line = block[-1], following[0]
    if line.text[:1].islower() or before.text.endswith(("-", "‐")):
        return True
    text = " ".join(each.text for each in block)
    if _NUMBER.match(line.text) or _LABELLED.match(text) or _LABELLED.match(line.text) or _BULLET.match(text):
        return False
    if not _is_prose(text):
        return False
    follows = line.text
    for above, below in pairwise(following):
        if not _continues([above], [below], usual, True):
            break
        follows += f" {below.text}"
    if before.text.rstrip().endswith(","):
        return True
    if before.text.split()[-1][:1].isupper() and before.right < 0.9 * max(each.right for each in block):
        return False
    return _is_cased(follows) and (len(follows) >= _MIN_FOLLOWING or _ENDS_SENTENCE.search(follows) is not None)


def _is_prose(text: str) -> bool:
    """Whether a text reads like sentences, not like a heading or a name: most of its words begin with small letters."""
    words = [word for word in text.split() if word[:1].isalpha()]
    small = sum(word[0].islower() for word in words)
    if not any(word[0].islower() or word[0].isupper() for word in words):
        return len(text) >= _MIN_PROSE
    return len(text) >= _MIN_PROSE and len(words) >= _MIN_WORDS and 2 * small >= len(words)


def _is_cased(text: str) -> bool:
    """Whether a text is more than names in capital letters; scripts without small letters always are."""
    words = [word for word in text.split() if word[:1].isalpha()]
    return any(word[0].islower() for word in words) or not any(word[0].isupper() for word in words)
