"""Charts and diagrams of Office files: their titles, and their data as rows of a table."""

from collections.abc import Iterator

from lxml import etree

from askreport.parse.archive import read_xml
from askreport.parse.blocks import Block, raised, row
from askreport.parse.numbers import shown

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def chart_blocks(content: bytes, page: int = 0) -> Iterator[Block]:
    """The chart's titles, then the data of each plot: a row of the series' names, and one for each category."""
    root = read_xml(content)
    for paragraph in root.iter(f"{_A}p"):
        yield Block(_words(paragraph), page=page)
    for plot in root.iterfind(f"{_C}chart/{_C}plotArea/*"):
        series = plot.findall(f"{_C}ser")
        names = [" ".join(_points(each, "tx").values()) for each in series]
        values = [_points(each, "val", "yVal", "bubbleSize") for each in series]
        categories = {at: words for each in series for at, words in _points(each, "cat", "xVal").items()}
        yield row(["", *names], page)
        for at in sorted(categories.keys() | {at for each in values for at in each}):
            yield row([categories.get(at, ""), *(each.get(at, "") for each in values)], page)


def diagram_blocks(content: bytes, page: int = 0) -> Iterator[Block]:
    """The words of a diagram (SmartArt)."""
    for paragraph in read_xml(content).iter(f"{_A}p"):
        yield Block(_words(paragraph), page=page)


def _words(paragraph: etree._Element) -> str:
    """A paragraph's words, with "^" before a raised number."""
    words = ""
    for part in paragraph:
        text = " " if part.tag == f"{_A}br" else part.findtext(f"{_A}t") or ""
        properties = part.find(f"{_A}rPr")
        baseline = "" if properties is None else properties.get("baseline", "")
        words += raised(words, text) if baseline[:1].isdecimal() and baseline not in ("0", "0%") else text
    return " ".join(words.split())


def _points(series: etree._Element, *names: str) -> dict[int, str]:
    """What the file remembers of the cells that a part of a series refers to, by their place, as the chart shows it."""
    labels = series.find(f"{_C}dLbls/{_C}numFmt")
    # Labels have a format of their own unless they are linked to the cells.
    own = "" if labels is None or labels.get("sourceLinked") in ("1", "true") else labels.get("formatCode", "")
    found: dict[int, str] = {}
    for name in names:
        for cache in dict.fromkeys(series.iterfind(f"{_C}{name}//{_C}pt/..")):
            code = (own if name in ("val", "yVal") else "") or cache.findtext(f"{_C}formatCode") or ""
            for point in cache.iterfind(f"{_C}pt"):
                at = int(point.get("idx", "0"))
                words = shown(point.findtext(f"{_C}v") or "", point.get("formatCode") or code)
                found[at] = f"{found.get(at, '')} {words}".strip()
        for value in series.iterfind(f"{_C}{name}/{_C}v"):
            found.setdefault(0, value.text or "")
    return found
