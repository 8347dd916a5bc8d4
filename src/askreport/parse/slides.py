"""Presentations (.pptx): a slide is a page, its title a heading; tables and charts become rows."""

from collections.abc import Iterable, Iterator

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.shapes.picture import Picture
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import TextFrame

from askreport.parse.archive import damage_named, open_archive, read_xml, xml_copy
from askreport.parse.blocks import Block, LeftOut, assemble, raised, row, soft_lines
from askreport.parse.charts import chart_blocks, diagram_blocks
from askreport.parse.described import office_description
from askreport.parse.equations import equation_text, is_equation
from askreport.parse.numerals import numeral
from askreport.types import Document

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_ALTERNATIVES = b"AlternateContent"
# A longer label is not written once more in each row that it spans.
_MAX_LABEL = 100
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)


def parse_pptx(data: bytes, path: str, title: str) -> Document:
    """A presentation without its hidden slides; a slide's notes follow it.

    The title is that of the first slide which has one, else ``title``. Raises ParseError for what cannot be read.
    """
    left_out = LeftOut()
    with damage_named("presentation", PythonPptxError):
        archive = open_archive(data, "ppt/")
        slides = Presentation(xml_copy(archive, _chosen)).slides
        reader = _Reader(left_out)
        blocks = [block for number, slide in enumerate(slides, start=1) for block in reader.slide(slide, number)]
    return assemble(blocks, data, path, title, metadata=office_description(archive), left_out=left_out)


def _chosen(name: str, content: bytes) -> bytes:
    """A part in which what is written for new programs and for old ones is what the new ones show.

    python-pptx passes over both.
    """
    if not name.startswith("ppt/") or _ALTERNATIVES not in content:
        return content
    root = read_xml(content)
    for element in reversed(list(root.iter("{*}AlternateContent"))):
        parent = element.getparent()
        chosen = element.find("{*}Choice")
        chosen = element.find("{*}Fallback") if chosen is None else chosen
        if parent is not None:
            at = parent.index(element)
            parent[at : at + 1] = [] if chosen is None else list(chosen)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


class _Reader:
    """Reads slides; what it cannot read, or is struck out or hidden, it adds to ``left_out``."""

    def __init__(self, left_out: LeftOut) -> None:
        self._left_out = left_out

    def slide(self, slide: Slide, page: int) -> Iterator[Block]:
        """The blocks of a slide."""
        if slide._element.get("show") in ("0", "false"):
            self._left_out["hidden slide"] += 1
            return
        for shape in _shapes(slide.shapes):
            if isinstance(shape, GraphicFrame):
                yield from self._graphic(shape, page)
            elif shape.has_text_frame:
                yield from self._text(shape, page)
            elif isinstance(shape, Picture):
                self._left_out["picture"] += 1
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None:
            yield from (Block(words, page=page) for words in self._paragraphs(notes))

    def _text(self, shape: BaseShape, page: int) -> Iterator[Block]:
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        paragraphs = self._paragraphs(shape.text_frame)  # type: ignore[attr-defined]
        if kind in _TITLES:
            yield Block(" ".join(" ".join(paragraphs).split()), 1, page)
        elif kind != PP_PLACEHOLDER.SLIDE_NUMBER:
            yield from (Block(words, page=page) for words in paragraphs)

    def _paragraphs(self, frame: TextFrame) -> list[str]:
        numbers = _Numbers()
        found = [(self._words(paragraph._p), paragraph._p) for paragraph in frame.paragraphs]
        return [f"{numbers.mark(paragraph)}{words}" for words, paragraph in found if words]

    def _words(self, paragraph: etree._Element) -> str:
        """The text of a paragraph, with "^" before a raised number: 10⁶ is not 106."""
        words = ""
        for part in paragraph:
            properties = part.find(f"{_A}rPr")
            text = part.findtext(f"{_A}t") or ""
            if part.tag == f"{_A}br":
                text = "\n"
            elif equation := next((each for each in part.iter() if is_equation(each)), None):
                text = equation_text(equation)
            elif properties is not None and text:
                if properties.get("strike", "noStrike") != "noStrike":
                    self._left_out["struck-out passage"] += 1
                    continue
                baseline = properties.get("baseline", "")
                if baseline[:1].isdecimal() and baseline not in ("0", "0%"):
                    text = raised(words, text)
            words += text
        return soft_lines(words.split("\n"))

    def _graphic(self, frame: GraphicFrame, page: int) -> Iterator[Block]:
        if frame.has_table:
            yield from self._table(frame.table, page)
        elif frame.has_chart:
            blocks = list(chart_blocks(frame.chart.part.blob, page))
            self._left_out["chart"] += not blocks
            yield from blocks
        elif frame._element.find(".//{*}oleObj") is not None:
            self._left_out["embedded object"] += 1
        elif frame._element.find(f".//{_DIAGRAM}") is None:
            self._left_out["drawing"] += 1
        for diagram in frame._element.iter(_DIAGRAM):
            yield from diagram_blocks(frame.part.related_part(diagram.get(_DATA, "")).blob, page)

    def _table(self, table: Table, page: int) -> Iterator[Block]:
        """The rows; a cell that spans rows stands in each of them, one that spans columns is followed by empty ones."""
        labels: dict[int, str] = {}
        for line in table.rows:
            words: list[str] = []
            for column, each in enumerate(line.cells):
                tc = each._tc
                if not each.is_spanned:
                    text = " ".join(self._paragraphs(each.text_frame))
                    labels[column] = text if len(text) <= _MAX_LABEL else ""
                    words.append(text)
                else:
                    words.append(labels.get(column, "") if tc.vMerge and not tc.hMerge else "")
            yield row(words, page)


class _Numbers:
    """The automatic numbers of a text's paragraphs; each level counts for itself, until one above it goes on."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[str, int]] = {}

    def mark(self, paragraph: etree._Element) -> str:
        """What stands before the words of the next paragraph."""
        properties = paragraph.find(f"{_A}pPr")
        level = int(properties.get("lvl", "0")) if properties is not None else 0
        self._counts = {at: count for at, count in self._counts.items() if at <= level}
        numbered = None if properties is None else properties.find(f"{_A}buAutoNum")
        if numbered is None:
            self._counts.pop(level, None)
            marked = properties is not None and properties.find(f"{_A}buChar") is not None
            return "• " if marked else ""
        kind = numbered.get("type", "arabicPeriod")
        before, count = self._counts.get(level, ("", 0))
        count = count + 1 if before == kind else int(numbered.get("startAt", "1"))
        self._counts[level] = (kind, count)
        return f"{_shown(kind, count)} "


def _shown(kind: str, count: int) -> str:
    """A number in the form that its kind names: "alphaLcParenBoth" is (a)."""
    shape = "alpha" if kind.startswith("alpha") else "roman" if kind.startswith("roman") else ""
    case = "lower" if "Lc" in kind else "upper"
    text = numeral(count, f"{case}-{shape}" if shape else "decimal")
    if kind.endswith("ParenBoth"):
        return f"({text})"
    return f"{text})" if kind.endswith("ParenR") else f"{text}." if kind.endswith("Period") else text


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
