"""OpenDocument (.odt, .odp, .ods): text, slides and sheets, all from the one file that holds the content."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from zipfile import ZipFile

from lxml import etree

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, open_archive, read_member, read_xml
from askreport.parse.blocks import Block, LeftOut, assemble, raised, row, soft_lines
from askreport.parse.described import opendocument_description
from askreport.parse.equations import equation_text, is_equation
from askreport.parse.numerals import numeral
from askreport.types import Document

_CONTENT = "content.xml"
_STYLES = "styles.xml"
_MANIFEST = "META-INF/manifest.xml"
_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT, _TABLE, _DRAW, _PRESENTATION, _STYLE = (
    f"{{{_NAMES}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "presentation", "style")
)
_HREF = "{http://www.w3.org/1999/xlink}href"
_SPACES = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "\n"}
# Comments, deleted text, and the number of a note, which would be read as part of the word before it.
_LEFT_OUT = frozenset(
    {f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation", f"{_TEXT}ruby-text"}
)
_ROW_GROUPS = frozenset({f"{_TABLE}table-header-rows", f"{_TABLE}table-rows", f"{_TABLE}table-row-group"})
_KINDS = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
# A longer label is not written once more in each row that it spans.
_MAX_LABEL = 100
# A cell that is said to be there a thousand times is written so often.
_MAX_REPEATED = 20


def parse_odf(data: bytes, path: str, title: str) -> Document:
    """A text, presentation or spreadsheet; notes and text boxes follow the paragraph that they belong to.

    The title is the first heading (of a spreadsheet none), else ``title``. Raises ParseError for what cannot be read.
    """
    archive = open_archive(data, _CONTENT)
    left_out = LeftOut()
    with damage_named("document"):
        _refuse_encrypted(archive)
        root = read_xml(read_member(archive, _CONTENT))
        styles = _Styles(root)
        if _STYLES in archive.NameToInfo and archive.NameToInfo[_STYLES].file_size:
            styles.add(read_xml(read_member(archive, _STYLES)))
        _mark_titles(root, styles)
        reader = _Reader(archive, styles, left_out)
        sheets = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
        blocks = list(reader.pages(root) if sheets is None else reader.sheets(sheets))
    metadata = opendocument_description(archive)
    own = "" if sheets is None else None
    return assemble(blocks, data, path, title, own, metadata=metadata, left_out=left_out)


def _refuse_encrypted(archive: ZipFile) -> None:
    if _MANIFEST in archive.NameToInfo and b"encryption-data" in read_member(archive, _MANIFEST):
        raise ParseError("the document is password-protected; save it without a password", "encrypted")


class _Styles:
    """What the styles of a document say: which are raised, struck out or hidden, and how lists are numbered."""

    def __init__(self, root: etree._Element) -> None:
        self.titles = {"Title"}
        self.raised: set[str] = set()
        self.left_out: dict[str, str] = {}
        self.lists: dict[str, dict[int, etree._Element]] = {}
        self.add(root)

    def add(self, root: etree._Element) -> None:
        """Adds the styles of one of the document's files."""
        for style in root.iter(f"{_STYLE}style"):
            name = style.get(f"{_STYLE}name", "")
            if style.get(f"{_STYLE}parent-style-name") == "Title":
                self.titles.add(name)
            kind = self.left_out.get(style.get(f"{_STYLE}parent-style-name", ""), "")
            for properties in style:
                if properties.get(f"{_STYLE}text-position", "").startswith("super"):
                    self.raised.add(name)
                kind = _left_out_by(properties) or kind
            if kind:
                self.left_out[name] = kind
        for style in root.iter(f"{_TEXT}list-style", f"{_TEXT}outline-style"):
            levels = {int(level.get(f"{_TEXT}level", "1")): level for level in style if isinstance(level.tag, str)}
            self.lists[style.get(f"{_STYLE}name", "")] = levels


def _left_out_by(properties: etree._Element) -> str:
    """What people are told of text with these properties; empty if it is shown."""
    if properties.get(f"{_TEXT}display") == "none" or properties.get(f"{_TABLE}display") == "false":
        return "hidden passage"
    if properties.get(f"{_PRESENTATION}visibility") == "hidden":
        return "hidden slide"
    line = properties.get(f"{_STYLE}text-line-through-style") or properties.get(f"{_STYLE}text-line-through-type")
    return "struck-out passage" if line not in (None, "none") else ""


def _mark_titles(root: etree._Element, styles: _Styles) -> None:
    """Makes headings of what has the style of a title."""
    for paragraph in root.iter(f"{_TEXT}p"):
        if paragraph.get(f"{_TEXT}style-name") in styles.titles:
            paragraph.tag = f"{_TEXT}h"


@dataclass(slots=True)
class _List:
    """A list's levels and the numbers that they have got to."""

    levels: dict[int, etree._Element] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)

    def mark(self, level: int, start: str | None) -> str:
        """The mark of the next item of a level."""
        about = self.levels.get(level)
        if about is None:
            return "• "
        if not about.tag.endswith("list-level-style-number") and about.tag != f"{_TEXT}outline-level-style":
            return "• "
        self.counts = {at: count for at, count in self.counts.items() if at <= level}
        first = int(start or about.get(f"{_TEXT}start-value") or "1")
        self.counts[level] = first if start or level not in self.counts else self.counts[level] + 1
        shown = range(level - int(about.get(f"{_TEXT}display-levels", "1")) + 1, level + 1)
        numbers = [self._number(at) for at in shown if at in self.counts]
        if not about.get(f"{_STYLE}num-format"):
            return ""
        text = ".".join(numbers)
        return f"{about.get(f'{_STYLE}num-prefix', '')}{text}{about.get(f'{_STYLE}num-suffix', '')} "

    def _number(self, level: int) -> str:
        about = self.levels.get(level)
        kind = "1" if about is None else about.get(f"{_STYLE}num-format", "1")
        return numeral(self.counts[level], _KINDS.get(kind, "decimal"))


class _Reader:
    """Reads a document's content; what it cannot read, or is struck out or hidden, it adds to ``left_out``."""

    def __init__(self, archive: ZipFile, styles: _Styles, left_out: LeftOut) -> None:
        self._archive = archive
        self._styles = styles
        self._left_out = left_out
        # The lists with a name go on where they ended.
        self._lists: dict[str, _List] = {}
        self._headings = _List(self._outline())
        # The mark of a list's item, until its first paragraph comes.
        self._mark = ""

    def _outline(self) -> dict[int, etree._Element]:
        return self._styles.lists.get("Outline") or self._styles.lists.get("") or {}

    def pages(self, root: etree._Element) -> Iterator[Block]:
        """The blocks of a presentation's slides, or of a text."""
        slides = root.findall(f"{_OFFICE}body/{_OFFICE}presentation/{_DRAW}page")
        for number, slide in enumerate(slides, start=1):
            if self._is_left_out(slide.get(f"{_DRAW}style-name"), slide):
                continue
            yield from self._blocks(slide, number)
        for text in root.iterfind(f"{_OFFICE}body/{_OFFICE}text"):
            yield from self._blocks(text, 0)

    def sheets(self, sheets: etree._Element) -> Iterator[Block]:
        """The blocks of a spreadsheet."""
        for number, sheet in enumerate(sheets.iterfind(f"{_TABLE}table"), start=1):
            if self._styles.left_out.get(sheet.get(f"{_TABLE}style-name", "")):
                self._left_out["hidden sheet"] += any(str(each).strip() for each in sheet.itertext())
                continue
            filled = [block for block in self._table(sheet, number) if block.text.strip()]
            if filled:
                yield Block(sheet.get(f"{_TABLE}name", ""), 1, number)
                yield from filled

    def _is_left_out(self, style: str | None, element: etree._Element) -> bool:
        """Whether a style strikes out or hides an element; it is counted if it holds words."""
        kind = self._styles.left_out.get(style or "")
        if kind and any(str(each).strip() for each in element.itertext()):
            self._left_out[kind] += 1
        return bool(kind)

    def _blocks(self, element: etree._Element, page: int, lists: tuple[_List, int] | None = None) -> Iterator[Block]:
        """The blocks below an element; lxml reads no more than 256 levels, and so the recursion ends."""
        for child in element:
            if child.tag in _LEFT_OUT or not isinstance(child.tag, str):
                continue
            if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                yield from self._paragraph(child, page)
            elif child.tag == f"{_TABLE}table":
                yield from self._table(child, page)
            elif child.tag == f"{_TEXT}list":
                yield from self._list(child, page, lists)
            elif child.tag.startswith(_DRAW) and child.tag.endswith(("}object", "}object-ole", "}image", "}plugin")):
                yield from self._object(child, page)
            elif child.get(f"{_PRESENTATION}class") == "title":
                yield Block(" ".join(" ".join(block.text for block in self._blocks(child, page)).split()), 1, page)
            elif child.tag != f"{_TEXT}section" or child.get(f"{_TEXT}display") != "none":
                yield from self._blocks(child, page, lists)
            else:
                self._left_out["hidden passage"] += 1

    def _list(self, element: etree._Element, page: int, lists: tuple[_List, int] | None) -> Iterator[Block]:
        name = element.get(f"{_TEXT}style-name")
        if lists is not None:
            current, level = lists[0], lists[1] + 1
            if name and name in self._styles.lists:
                current = _List(self._styles.lists[name], current.counts)
        else:
            level = 1
            goes_on = element.get(f"{_TEXT}continue-numbering") == "true" or element.get(f"{_TEXT}continue-list")
            before = self._lists.get(name or "") if goes_on else None
            current = before or _List(self._styles.lists.get(name or "", {}))
            self._lists[name or ""] = current
        for item in element:
            if item.tag == f"{_TEXT}list-item":
                is_sublist = len(item) > 0 and item[0].tag == f"{_TEXT}list"
                self._mark = "" if is_sublist else current.mark(level, item.get(f"{_TEXT}start-value"))
            if isinstance(item.tag, str):
                yield from self._blocks(item, page, (current, level))
            self._mark = ""

    def _object(self, element: etree._Element, page: int) -> Iterator[Block]:
        """An equation in one line; a chart by its table; anything else is not read."""
        root = self._own_content(element)
        equation = next((each for each in element.iter() if is_equation(each)), None)
        if root is not None and equation is None and is_equation(root):
            equation = root
        if equation is not None:
            yield Block(equation_text(equation), page=page)
            return
        chart = None if root is None else root.find(f"{_OFFICE}body/{_OFFICE}chart")
        if chart is not None:
            yield from self._blocks(chart, page)
        elif element.tag == f"{_DRAW}image":
            # What stands beside an object is its picture.
            siblings = element.getparent()
            self._left_out["picture"] += siblings is None or siblings.find(f"{_DRAW}object") is None
        else:
            self._left_out["embedded object"] += 1

    def _own_content(self, element: etree._Element) -> etree._Element | None:
        """The content of an embedded object that has a file of its own in the archive."""
        folder = posixpath.normpath(element.get(_HREF, "")) if element.tag == f"{_DRAW}object" else ""
        name = f"{folder}/{_CONTENT}"
        return read_xml(read_member(self._archive, name)) if folder and name in self._archive.NameToInfo else None

    def _paragraph(self, element: etree._Element, page: int) -> Iterator[Block]:
        mark, self._mark = self._mark, ""
        if self._is_left_out(element.get(f"{_TEXT}style-name"), element):
            return
        inner: list[etree._Element] = []
        words = soft_lines(self._words(element, inner, "").split("\n"))
        level = int(element.get(f"{_TEXT}outline-level", "1")) if element.tag == f"{_TEXT}h" else 0
        if level:
            words = " ".join(words.split())
            is_numbered = element.get(f"{_TEXT}outline-level") and element.get(f"{_TEXT}is-list-header") != "true"
            own = self._headings.mark(level, None) if words and is_numbered and self._headings.levels else ""
            mark = "" if mark == "• " else mark or own.replace("• ", "")
        yield Block(f"{mark}{words}" if words else "", level, page)
        for each in inner:
            yield from self._blocks(each, page)

    def _words(self, element: etree._Element, inner: list[etree._Element], before: str) -> str:
        """The text of a paragraph; what stands in it but is no part of its sentence is added to ``inner``."""
        words = before + (element.text or "").replace("\n", " ")
        for child in element:
            tag = str(child.tag)
            if tag in _SPACES:
                words += _SPACES[tag]
            elif tag.startswith(_DRAW) and (equation := self._equation(child)) is not None:
                words += equation_text(equation)
            elif tag == f"{_TEXT}note" or tag.startswith(_DRAW):
                inner.append(child)
            elif isinstance(child.tag, str) and tag not in _LEFT_OUT:
                words = self._inline(child, inner, words)
            words += (child.tail or "").replace("\n", " ")
        return words

    def _inline(self, element: etree._Element, inner: list[etree._Element], words: str) -> str:
        style = element.get(f"{_TEXT}style-name")
        if self._is_left_out(style, element) or self._is_hidden_field(element):
            return words
        if style in self._styles.raised:
            return words + raised(words, self._words(element, inner, ""))
        return self._words(element, inner, words)

    def _is_hidden_field(self, element: etree._Element) -> bool:
        is_hidden = element.tag in (f"{_TEXT}hidden-text", f"{_TEXT}hidden-paragraph")
        self._left_out["hidden passage"] += is_hidden and bool("".join(map(str, element.itertext())).strip())
        return is_hidden

    def _equation(self, frame: etree._Element) -> etree._Element | None:
        """The equation that a frame in a sentence holds."""
        for each in frame.iter(f"{_DRAW}object"):
            found = next((math for math in each.iter() if is_equation(math)), None)
            root = self._own_content(each) if found is None else found
            return root if root is not None and is_equation(root) else None
        return None

    def _table(self, table: etree._Element, page: int) -> Iterator[Block]:
        """A row with one filled cell is that cell's blocks: such tables are often layout.

        A cell that spans rows stands in each of them, one that spans columns is followed by empty ones.
        """
        labels: dict[int, tuple[str, int]] = {}
        for line in _rows(table):
            if line.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                self._left_out["hidden row"] += any(str(each).strip() for each in line.itertext())
                continue
            cells: list[list[Block]] = []
            own = 0
            for element in line.iterfind("*"):
                if element.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    continue
                repeated = min(int(element.get(f"{_TABLE}number-columns-repeated", "1")), _MAX_REPEATED)
                if element.tag == f"{_TABLE}covered-table-cell":
                    first = len(cells)
                    cells += [_covered(labels, first + at, page) for at in range(repeated)]
                    continue
                blocks = [block for block in self._blocks(element, page) if block.text]
                own += bool(blocks)
                spanned = int(element.get(f"{_TABLE}number-rows-spanned", "1")) - 1
                label = " ".join(block.text for block in blocks)
                if spanned > 0:
                    labels[len(cells)] = (label if len(label) <= _MAX_LABEL else "", spanned)
                cells += [blocks] * repeated
            filled = [blocks for blocks in cells if blocks]
            if len(filled) == 1 and own == 1:
                yield from filled[0]
            else:
                yield row((" ".join(block.text for block in blocks) for blocks in cells), page)


def _covered(labels: dict[int, tuple[str, int]], column: int, page: int) -> list[Block]:
    """The label of the cell above that reaches down to a covered one, once for each row that it spans."""
    label, rows = labels.pop(column, ("", 0))
    if rows > 1:
        labels[column] = (label, rows - 1)
    return [Block(label, page=page)] if label and rows else []


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)
