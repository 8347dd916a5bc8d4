"""HTML: the main text in reading order, block by block, with its headings."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from askreport.errors import ParseError
from askreport.parse.blocks import CELL, Block, LeftOut, assemble, raised, soft_lines
from askreport.parse.decode import decode
from askreport.parse.described import page_description
from askreport.parse.equations import equation_text
from askreport.parse.marks import NoteMarks, Shown
from askreport.parse.numerals import numeral
from askreport.types import Document

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I)
_SPACES = re.compile(r"\s+")
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "li", "dt", "dd", "tr", "table", "ul", "ol", "dl", "blockquote", "pre"}
    | {"figure", "figcaption", "address", "details", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"body", "caption", "dialog", "fieldset", "legend", "header", "footer", "xmp", "listing", "plaintext", "center"}
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_CELLS = frozenset({"td", "th"})
_PRE = frozenset({"pre", "xmp", "listing", "plaintext"})
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.I)
_BOLD = frozenset({"b", "strong"})
_LISTS = frozenset({"ul", "ol", "menu"})
_KINDS = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_EMBEDDED = {"canvas": "drawing", "embed": "embedded object", "object": "embedded object", "svg": "drawing"}
# <main> or <article> is the main text when it holds at least this share of the page's words.
_MAIN_SHARE = 0.3
# A line break in a paragraph, and one that ends it.
_LAST = 60
_MARKS = frozenset({"a", "sup"})
_INLINE = frozenset({"br", "img", *_BOLD})
_BREAK, _END = "\ue000", "\ue001"
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
# A longer label is not written once more in each row that it spans, nor is one row written more often.
_MAX_LABEL, _MAX_SPAN = 100, 1_000


def parse_html(data: bytes, path: str, title: str) -> Document:
    """An HTML page as a Document whose canonical text is its main text, one blank line between blocks.

    The title is that of the page, else its first heading, else ``title``. Raises ParseError for a page without text.
    """
    root = html_tree(page_text(data))
    settle_tables(root)
    left_out = LeftOut()
    blocks = html_blocks(_main(root), left_out)
    own = root.findtext("head/title") or ""
    return assemble(blocks, data, path, title, own, metadata=page_description(root), left_out=left_out)


def page_text(data: bytes) -> str:
    """The source of a page, in the encoding that it declares if it is not UTF-8. Raises ParseError as decode() does."""
    declared = _CHARSET.search(data[:1024])
    return decode(data, declared[1].decode() if declared else None)


def html_tree(page: str) -> lxml_html.HtmlElement:
    """The elements of a page. Raises ParseError if it is empty or nested without end."""
    # Without huge_tree the parser drops what is nested more than 256 deep, as unclosed tags easily are.
    parser = lxml_html.HTMLParser(huge_tree=True)
    try:
        root = lxml_html.document_fromstring(_XML_DECLARATION.sub("", page), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise ParseError(f"the page cannot be read as HTML: {error}") from None
    fatal = parser.error_log.filter_from_fatals()
    if fatal:
        raise ParseError(f"the page cannot be read as HTML: {fatal[0].message}")
    return root


def settle_tables(root: lxml_html.HtmlElement) -> None:
    """Makes a row with several filled cells one block even if they hold paragraphs, and other cells blocks.

    A cell with a heading or a table in it is layout, not data: its row is not one block either. A cell that spans
    rows stands in each of them; one that spans columns is followed by empty ones.
    """
    for table in list(root.iter("table")):
        _spread_spans(table)
    for line in list(root.iter("tr")):
        cells = [cell for cell in line if cell.tag in _CELLS]
        while cells and not cells[-1].text_content().strip():
            cells.pop().drop_tree()
        filled = sum(bool(cell.text_content().strip()) for cell in cells)
        is_data = filled > 1 and next(line.iterdescendants("tr", *_HEADINGS), None) is None
        for cell in cells:
            if is_data:
                _unblock(cell)
            else:
                cell.tag = "div"


def _spread_spans(table: lxml_html.HtmlElement) -> None:
    """Writes the label of a cell that spans rows in each, and empty cells where one spans columns."""
    # For each column, the label of the cell above that reaches down to this row, and for how many rows more.
    reaching: dict[int, tuple[str, int]] = {}
    for line in table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"):
        cells = [cell for cell in line if cell.tag in _CELLS]
        if not reaching and not any(cell.get("rowspan") or cell.get("colspan") for cell in cells):
            continue
        above, reaching, column = reaching, {}, 0
        for cell in [*cells, None]:
            while column in above:
                label, rows = above[column]
                reaching |= {column: (label, rows - 1)} if rows > 1 else {}
                _insert_cell(line, cell, label)
                column += 1
            if cell is not None:
                column = _place(line, cell, column, reaching)
        for at in [at for at in above if at >= column and above[at][1] > 1]:
            reaching[at] = (above[at][0], above[at][1] - 1)


def _place(
    line: lxml_html.HtmlElement, cell: lxml_html.HtmlElement, column: int, reaching: dict[int, tuple[str, int]]
) -> int:
    """Puts empty cells after one that spans columns, and notes what reaches down; the column after it."""
    rows, columns = _span(cell, "rowspan"), _span(cell, "colspan")
    words = " ".join(cell.text_content().split()) if rows > 1 else ""
    label = words if len(words) <= _MAX_LABEL else ""
    following = cell.getnext()
    for at in range(columns):
        if rows > 1:
            reaching[column + at] = (label if at == 0 else "", rows - 1)
        if at:
            _insert_cell(line, following, "")
    return column + columns


def _insert_cell(line: lxml_html.HtmlElement, before: lxml_html.HtmlElement | None, words: str) -> None:
    new = lxml_html.Element("td")
    new.text = words
    line.insert(len(line) if before is None else line.index(before), new)


def _span(cell: lxml_html.HtmlElement, name: str) -> int:
    value = str(cell.get(name) or "").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 8 else 1


def _unblock(cell: lxml_html.HtmlElement) -> None:
    for element in cell.iterdescendants(*_BLOCKS, "br"):
        element.tag = "span"
        element.text = f" {element.text or ''}"
        element.tail = f" {element.tail or ''}"


def _main(root: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    whole = len(root.text_content())
    for name in ("main", "article"):
        found = root.findall(f".//{name}")
        if len(found) == 1 and len(found[0].text_content()) >= _MAIN_SHARE * whole:
            return found[0]
    return root


def html_blocks(root: lxml_html.HtmlElement, left_out: LeftOut | None = None) -> Iterator[Block]:
    """The blocks below an element in the order of the page; no recursion, so that depth cannot break it."""
    page = _Page(root, LeftOut() if left_out is None else left_out)
    for event, element, text in page.walk():
        name = str(element.tag)
        if event != "text" and name in _BLOCKS:
            yield from page.flush()
            page.enter(element) if event == "start" else page.leave(element)
        elif event == "start" and name in _INLINE:
            page.inline(element)
        elif event == "end" and name in _CELLS:
            page.say(CELL if element.getnext() is not None else "")
        page.add(element, text, event)
    yield from page.flush()


class _Page:
    """What is known at a place of the page while its blocks are made."""

    def __init__(self, root: lxml_html.HtmlElement, left_out: LeftOut) -> None:
        self.root = root
        self.left_out = left_out
        self._parts: list[str] = []
        # The last words of them: one long text would be copied for each.
        self._last = ""
        self.tag = "body"
        # The mark of a list's item, until its first words come.
        self.mark = ""
        self._pre: lxml_html.HtmlElement | None = None
        self._lists: list[_List] = []
        # Whether the line has words that are not bold: a bold line of its own is no part of the next one's sentence.
        self._plain = False
        self._bold: lxml_html.HtmlElement | None = None
        self._shown = Shown(root)
        self._notes = NoteMarks(root)

    def say(self, words: str) -> None:
        """Adds words to the line."""
        self._parts.append(words)
        self._last = (self._last + words)[-_LAST:]

    def enter(self, element: lxml_html.HtmlElement) -> None:
        """A block begins."""
        name = str(element.tag)
        self.tag = name
        if self._pre is None and (name in _PRE or _KEEPS_LINES.search(element.get("style") or "")):
            self._pre = element
        if name in _LISTS:
            self._lists.append(_List(element))
        elif name == "li":
            self.mark = self._lists[-1].next_mark(element) if self._lists else "• "

    def leave(self, element: lxml_html.HtmlElement) -> None:
        """A block ends."""
        self.tag = "body"
        if element is self._pre:
            self._pre = None
        if self._lists and element is self._lists[-1].element:
            self._lists.pop()
        if element.tag == "li":
            self.mark = ""

    def inline(self, element: lxml_html.HtmlElement) -> None:
        """Something begins within a line."""
        name = element.tag
        if name == "br":
            self.say("\n" if self._pre is not None else _BREAK if self._plain else _END)
            self._plain = False
        elif name in _BOLD and self._bold is None:
            self._bold = element
        elif name == "img":
            self._picture(element)

    def _picture(self, element: lxml_html.HtmlElement) -> None:
        """A picture of an equation is read by its other text; any other that is more than decoration is not read."""
        words = (element.get("alt") or "").strip()
        if words and re.search(r"math|tex\b|equation", element.get("class") or "", re.I):
            self.say(f" {words} ")
            self._plain = True
        elif words:
            self.left_out["picture"] += 1

    def add(self, element: lxml_html.HtmlElement, text: str, event: str) -> None:
        """Words of the line; a raised number gets its sign."""
        if event == "end" and element is self._bold:
            self._bold = None
        if event == "start" and element.tag == "sup":
            self.say(self._raised(element))
        if not text:
            return
        # Spaces between two elements make no line plain.
        if not self._plain and self._bold is None and not text.isspace():
            self._plain = True
        self._parts.append(text)
        self._last = (self._last + text)[-_LAST:]

    def _raised(self, element: lxml_html.HtmlElement) -> str:
        words = element.text_content()
        shown = raised(self._last.replace(_BREAK, "\n").replace(_END, "\n"), words)
        return "^" if shown.startswith("^") and not words.startswith("^") else ""

    def walk(self) -> Iterator[tuple[str, lxml_html.HtmlElement, str]]:
        """Each element's start and end, and the text after it; what is not shown is passed over."""
        skipped: lxml_html.HtmlElement | None = None
        for event, element in etree.iterwalk(self.root, events=("start", "end", "comment", "pi")):
            if skipped is None and event == "start":
                if element is not self.root and self._is_skipped(element):
                    skipped = element
                else:
                    yield "start", element, element.text or ""
                continue
            if skipped is element and event == "end":
                skipped = None
            elif skipped is not None:
                continue
            elif event == "end":
                yield "end", element, ""
            if element is not self.root and event != "start":
                yield "text", element, element.tail or ""

    def _is_skipped(self, element: lxml_html.HtmlElement) -> bool:
        if element.tag == "math":
            self.say(f" {equation_text(element)} ")
            self._plain = True
            return True
        if element.tag in _MARKS and self._notes.is_mark(element, self._last):
            return True
        if not self._shown.is_hidden(element):
            return False
        kind = self._shown.kind(element) or _EMBEDDED.get(str(element.tag), "")
        if kind and (kind != "drawing" or element.text_content().strip()):
            self.left_out[kind] += 1
        return True

    def flush(self) -> Iterator[Block]:
        """The block, or blocks, of the words that have gathered."""
        text, self._parts, self._last, self._plain, self._bold = "".join(self._parts), [], "", False, None
        if not text or text.isspace():
            return
        if self.tag in _HEADINGS:
            words = _SPACES.sub(" ", text.replace(_BREAK, " ").replace(_END, " ")).strip()
            if words:
                yield Block(f"{'' if self.mark == '• ' else self.mark}{words}", int(self.tag[1]))
                self.mark = ""
            return
        for words in self._paragraphs(text):
            yield Block(f"{self.mark}{words}")
            self.mark = ""

    def _paragraphs(self, text: str) -> list[str]:
        if self._pre is not None:
            parts = _BLANK_LINES.split(text.replace(_BREAK, "\n").replace(_END, "\n\n"))
        elif _BREAK in text or _END in text:
            lines = soft_lines(text.replace(_END, f"{_BREAK}{_BREAK}").split(_BREAK))
            parts = lines.split("\n\n")
        else:
            parts = [_SPACES.sub(" ", text)]
        return [words for words in (part.strip() for part in parts) if words]


class _List:
    """A list while its items are read: their marks, as a browser shows them."""

    def __init__(self, element: lxml_html.HtmlElement) -> None:
        self.element = element
        self._kind = _KINDS.get(element.get("type") or "", "decimal")
        style = (element.get("style") or "").lower()
        named = re.search(r"list-style(?:-type)?\s*:[^;]*?\b((?:lower|upper)-(?:alpha|roman|latin)|none)", style)
        if named:
            self._kind = named[1].replace("latin", "alpha")
        self._step = 1
        self._number = _integer(element.get("start"), 1)
        if element.get("reversed") is not None:
            self._step = -1
            self._number = _integer(element.get("start"), sum(child.tag == "li" for child in element))

    def next_mark(self, item: lxml_html.HtmlElement) -> str:
        """The mark of the next item."""
        if self._kind == "none":
            return ""
        if self.element.tag != "ol":
            return "• "
        number = _integer(item.get("value"), self._number)
        self._number = number + self._step
        return f"{numeral(number, self._kind)}. "


def _integer(value: str | None, usual: int) -> int:
    text = (value or "").strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else usual
