"""Running headers and footers: what repeats at the top or bottom of the pages, and the pages' numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from askreport.parse.pdf.lines import Line, PageLines

# A line that stands in this share of the page's height at its top or bottom may be a running header or footer.
_MARGIN = 0.15
# Of so many pages at most one may lack it before a repeated line counts as running.
_RUNNING_PAGES = 3
_SAME_HEIGHT = 0.012
_DIGITS = re.compile(r"\d+|\b[ivxlc]{1,7}\b", re.I)
_FOLIO = re.compile(r"(?:^|\s)(\d{1,4})$|^(\d{1,4})(?=\s)")


def running_lines(pages: Sequence[PageLines]) -> set[int]:
    """The identities of the lines that are running headers and footers."""
    edges = [(page, (_top_lines(page), _bottom_lines(page))) for page in pages]
    seen: Counter[tuple[str, int]] = Counter()
    folios: Counter[tuple[int, int]] = Counter()
    for page, sides in edges:
        seen.update({key for side in sides for line in side for key in _places(page, line)})
        folios.update({key for side in sides for line in side for key in _folios(page, line)})
    needed = min(_RUNNING_PAGES, max(2, len(pages)))
    running: set[int] = set()
    for page, sides in edges:
        for side in sides:
            for line in side:
                repeats = max(seen[key] for key in _places(page, line))
                counts_on = max((folios[key] for key in _folios(page, line)), default=0)
                if repeats < needed and counts_on < _RUNNING_PAGES:
                    break  # What stands within a line that is not running is not running either.
                running.add(id(line))
    return running


def _top_lines(page: PageLines) -> list[Line]:
    lines = [line for line in page.lines if line.bottom < _MARGIN * page.extent]
    return sorted(lines, key=lambda line: line.top)


def _bottom_lines(page: PageLines) -> list[Line]:
    lines = [line for line in page.lines if line.top > (1 - _MARGIN) * page.extent]
    return sorted(lines, key=lambda line: -line.bottom)


def _places(page: PageLines, line: Line) -> tuple[tuple[str, int], tuple[str, int]]:
    """The line without its numbers, at its height: at two grids, so that no border runs through a place."""
    words = _DIGITS.sub("#", line.text.casefold()).strip()
    height = line.bottom / (page.extent or 1.0) / (2 * _SAME_HEIGHT)
    return (words, int(height)), (words, -1 - int(height + 0.5))


def _folios(page: PageLines, line: Line) -> Iterator[tuple[int, int]]:
    """What is the same for lines at one height whose number counts the pages, whatever else they say."""
    found = _FOLIO.search(line.text)
    if found and len(line.text) < 100:
        number = int(found[1] or found[2])
        for place in {height for _, height in _places(page, line)}:
            yield number - page.number, place
