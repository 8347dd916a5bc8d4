"""Presentations (.pptx): a slide is a page, its title a heading; tables and charts become rows."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.opc.package import Part
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import TextFrame

from askreport.parse.archive import damage_named, open_archive, read_xml, xml_copy
from askreport.parse.blocks import Block, assemble, cell, row
from askreport.types import Document

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)


def parse_pptx(data: bytes, path: str, title: str) -> Document:
    """A presentation; a slide's notes follow it.

    The title is that of the first slide which has one, else ``title``. Raises ParseError for what cannot be read.
    """
    with damage_named("presentation", PythonPptxError):
        slides = Presentation(xml_copy(open_archive(data, "ppt/"))).slides
        blocks = [block for number, slide in enumerate(slides, start=1) for block in _slide(slide, number)]
    return assemble(blocks, data, path, title)


def _slide(slide: Slide, page: int) -> Iterator[Block]:
    for shape in _shapes(slide.shapes):
        if isinstance(shape, GraphicFrame):
            yield from _graphic(shape, page)
        elif shape.has_text_frame:
            yield from _text(shape, page)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None:
        yield from (Block(words, page=page) for words in _paragraphs(notes))


def _shapes(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    """Shapes in the order of the file, those of groups in their place; no recursion, so that depth cannot break it."""
    stack = [iter(shapes)]
    while stack:
        shape = next(stack[-1], None)
        if shape is None:
            stack.pop()
        elif isinstance(shape, GroupShape):
            stack.append(iter(shape.shapes))
        else:
            yield shape


def _text(shape: BaseShape, page: int) -> Iterator[Block]:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    paragraphs = _paragraphs(shape.text_frame)  # type: ignore[attr-defined]
    if kind in _TITLES:
        yield Block(" ".join(paragraphs), 1, page)
    elif kind != PP_PLACEHOLDER.SLIDE_NUMBER:
        yield from (Block(words, page=page) for words in paragraphs)


def _paragraphs(frame: TextFrame) -> list[str]:
    found = [_words(paragraph._p) for paragraph in frame.paragraphs]
    return [words for words in found if words]


def _words(paragraph: etree._Element) -> str:
    """The text of a paragraph, with "^" before a raised number: 10⁶ is not 106."""
    words = ""
    for part in paragraph:
        text = part.findtext(f"{_A}t") or ""
        if part.tag == f"{_A}br":
            text = " "
        raised = part.find(f"{_A}rPr[@baseline]")
        if raised is not None and raised.get("baseline", "")[:1].isdecimal() and raised.get("baseline") != "0":
            text = text if text.strip().isalpha() or not text.strip() else f"^{text}"
        words += text
    return " ".join(words.split())


def _graphic(frame: GraphicFrame, page: int) -> Iterator[Block]:
    if frame.has_table:
        yield from _table(frame.table, page)
    elif frame.has_chart:
        yield from _chart(frame.chart.part, page)
    for diagram in frame._element.iter(_DIAGRAM):
        points = read_xml(frame.part.related_part(diagram.get(_DATA, "")).blob)
        yield from (Block(_words(each), page=page) for each in points.iter(f"{_A}p"))


def _table(table: Table, page: int) -> Iterator[Block]:
    for line in table.rows:
        cells = [each for each in line.cells if not each.is_spanned]
        yield row((" ".join(_paragraphs(each.text_frame)) for each in cells), page)


def _chart(part: Part, page: int) -> Iterator[Block]:
    """The chart's titles, then the data of each plot: a row of the series' names, and one for each category.

    python-pptx gives no data of many kinds of charts; the file has them all in the same way.
    """
    root = read_xml(part.blob)
    yield from (Block(_words(paragraph), page=page) for paragraph in root.iter(f"{_A}p"))
    for plot in root.iterfind(f"{_C}chart/{_C}plotArea/*"):
        series = plot.findall(f"{_C}ser")
        names = [" ".join(_points(each, "tx").values()) for each in series]
        values = [_points(each, "val", "yVal", "bubbleSize") for each in series]
        categories = {at: words for each in series for at, words in _points(each, "cat", "xVal").items()}
        yield row(["", *names], page)
        for at in sorted(categories.keys() | {at for each in values for at in each}):
            yield row([categories.get(at, ""), *(each.get(at, "") for each in values)], page)


def _points(series: etree._Element, *names: str) -> dict[int, str]:
    """What the file remembers of the cells that a part of a series refers to, by their place."""
    found: dict[int, str] = {}
    for name in names:
        for value in series.iterfind(f"{_C}{name}//{_C}v"):
            point = value.getparent()
            at = int(point.get("idx", "0")) if point is not None else 0
            found[at] = f"{found.get(at, '')} {_figure(value.text or '')}".strip()
    return found


def _figure(value: str) -> str:
    with suppress(ValueError):
        return cell(float(value))
    return value
