"""The XML of a Word document, settled for mammoth: what that would drop or glue together becomes plain runs of text.

Equations, text boxes, charts, automatic numbers, ruby and breaks are written out; what is struck out or hidden goes.
"""

import posixpath
import re
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from askreport.parse.archive import read_member, read_xml
from askreport.parse.blocks import Block, LeftOut
from askreport.parse.charts import chart_blocks, diagram_blocks
from askreport.parse.equations import equation_text
from askreport.parse.numbering import BULLET, Numbering, Styles, attribute, child_value

_STORY = re.compile(rb"<(?:\w+:)?(?:document|footnotes|endnotes)[\s>]")
_NUMBERING = re.compile(rb"<(?:\w+:)?numbering[\s>/]")
_HEAD = 4_000
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# What stays of a run whose words go: fields are counted by their marks.
_KEPT = frozenset({"rPr", "fldChar", "instrText"})
_OFF = frozenset({"0", "false", "off", "none"})
_BREAKS = {"cr": "br", "ptab": "tab"}
_FORMULA_PROGRAMS = ("Equation", "MathType", "AxMath")


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


class Settler:
    """Settles the members of one document, in any order; what it cannot read it adds to ``left_out``."""

    def __init__(self, archive: ZipFile, left_out: LeftOut) -> None:
        self._archive = archive
        self._left_out = left_out
        self._styles = Styles(self._member("word/styles.xml"))
        self._numbering = Numbering(self._member("word/numbering.xml"), self._styles)
        self._hiding: dict[str, str] = {}

    def _member(self, name: str) -> etree._Element | None:
        content = read_member(self._archive, name) if name in self._archive.NameToInfo else b""
        return read_xml(content) if content.strip() else None

    def settled(self, name: str, content: bytes) -> bytes:
        """The XML of a member as mammoth is to read it."""
        if not name.startswith("word/") or not name.endswith(".xml"):
            return content
        if name == "word/numbering.xml" and _NUMBERING.search(content[:_HEAD]):
            # The numbers stand in the text by now.
            root = read_xml(content)
            for child in list(root):
                root.remove(child)
            return etree.tostring(root)
        if not _STORY.search(content[:_HEAD]):
            return content
        root = read_xml(content)
        _drop_entities(root)
        _choose_alternatives(root)
        for element in list(root.iter()):
            self._settle(element, name)
        for paragraph in list(root.iter("{*}p")):
            self._number(paragraph)
        self._move_boxes(root, name)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    def _settle(self, element: etree._Element, name: str) -> None:
        kind = local(element)
        if kind == "r":
            self._hide(element)
        elif kind == "fldSimple":
            # mammoth leaves it out with the words that it shows (a caption's number, a reference).
            element.tag = element.tag.replace("fldSimple", "smartTag")
        elif kind == "oMath":
            _replace(element, [_run(element, equation_text(element))])
        elif kind == "ruby":
            base = element.find("{*}rubyBase")
            _replace(element, [] if base is None else list(base))
        elif kind == "br":
            for key in [key for key in element.attrib if str(key).endswith("}type")]:
                del element.attrib[key]
        elif kind in _BREAKS:
            element.tag = element.tag.replace(kind, _BREAKS[kind])
        else:
            self._count(element, kind)

    def _count(self, element: etree._Element, kind: str) -> None:
        if kind in ("blip", "imagedata"):
            self._left_out["picture"] += 1
        elif kind == "altChunk":
            self._left_out["embedded document"] += 1
        elif kind == "OLEObject":
            is_formula = element.get("ProgID", "").startswith(_FORMULA_PROGRAMS)
            self._left_out["equation" if is_formula else "embedded object"] += 1

    def _hide(self, run: etree._Element) -> None:
        """Empties a run that is struck out or hidden, as it says itself or by its style or the paragraph's."""
        kind = self._hidden_by(run.find("{*}rPr"), run)
        if not kind:
            return
        gone = [child for child in run if local(child) not in _KEPT]
        for child in gone:
            run.remove(child)
        before = run.getprevious()
        is_same = before is not None and before.get("askreport") == kind
        run.set("askreport", kind)
        if not is_same and any("".join(map(str, child.itertext())).strip() for child in gone):
            self._left_out[kind] += 1

    def _hidden_by(self, properties: etree._Element | None, run: etree._Element) -> str:
        for name, kind in (
            ("vanish", "hidden passage"),
            ("strike", "struck-out passage"),
            ("dstrike", "struck-out passage"),
        ):
            value = child_value(properties, name)
            if value is not None:
                if value not in _OFF:
                    return kind
                continue
            styles = [child_value(properties, "rStyle")]
            paragraph = run.getparent()
            if paragraph is not None and local(paragraph) == "p":
                styles.append(child_value(paragraph, "pPr", "pStyle"))
            if any(style and self._style_says(style, name) for style in styles):
                return kind
        return ""

    def _style_says(self, style: str, name: str) -> bool:
        key = f"{name} {style}"
        if key not in self._hiding:
            values = [child_value(element, "rPr", name) for _, element in self._styles.chain(style)]
            said = next((value for value in values if value is not None), "0")
            self._hiding[key] = "" if said in _OFF else name
        return bool(self._hiding[key])

    def _number(self, paragraph: etree._Element) -> None:
        """Writes a paragraph's automatic number before its words."""
        properties = paragraph.find("{*}pPr")
        mark = self._numbering.mark(properties)
        if properties is not None:
            for numbers in properties.findall("{*}numPr"):
                properties.remove(numbers)
        has_words = any((text.text or "").strip() for text in paragraph.iter("{*}t"))
        if mark and has_words and not (mark == BULLET and self._is_heading(properties)):
            paragraph.insert(0 if properties is None else 1, _run(paragraph, f"{mark} "))

    def _is_heading(self, properties: etree._Element | None) -> bool:
        names = (child_value(style, "name") or "" for _, style in self._styles.chain(child_value(properties, "pStyle")))
        return any(name.lower().startswith(("heading", "title")) for name in names)

    def _move_boxes(self, root: etree._Element, name: str) -> None:
        """Puts the paragraphs of text boxes, charts and diagrams after the paragraph that they hang on."""
        for paragraph in reversed(list(root.iter("{*}p"))):
            moved: list[etree._Element] = []
            for element in list(paragraph.iter("{*}txbxContent", "{*}chart", "{*}relIds")):
                if _paragraph_of(element) is not paragraph:
                    continue
                if local(element) == "txbxContent":
                    moved += list(element)
                    _remove(element)
                else:
                    moved += self._drawn(element, name)
            parent = paragraph.getparent()
            if moved and parent is not None:
                at = parent.index(paragraph) + 1
                parent[at:at] = moved

    def _drawn(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        """A chart's or a diagram's rows as paragraphs; it counts as not read if its part is not there."""
        is_chart = local(element) == "chart"
        reference = attribute(element, "id" if is_chart else "dm")
        content = self._related(name, reference)
        if not reference:
            return
        blocks = [] if not content else list(chart_blocks(content) if is_chart else diagram_blocks(content))
        if not blocks:
            self._left_out["chart" if is_chart else "diagram"] += 1
        yield from (_paragraph(element, block) for block in blocks)

    def _related(self, name: str, reference: str) -> bytes:
        folder, file = posixpath.split(name)
        relations = self._member(f"{folder}/_rels/{file}.rels")
        for each in () if relations is None else relations:
            if each.get("Id") == reference and each.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
                return read_member(self._archive, target) if target in self._archive.NameToInfo else b""
        return b""


def _drop_entities(root: etree._Element) -> None:
    """References to files and addresses, which are never fetched; mammoth would not know them."""
    for reference in list(root.iter(etree.Entity)):
        parent, before, tail = reference.getparent(), reference.getprevious(), reference.tail or ""
        if parent is None:
            continue
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
        parent.remove(reference)


def _choose_alternatives(root: etree._Element) -> None:
    """Of what is written for new programs and for old ones, takes the new if only that holds text as we read it."""
    for element in reversed(list(root.iter("{*}AlternateContent"))):
        choices, fallback = element.findall("{*}Choice"), element.find("{*}Fallback")
        readable = ("{*}txbxContent", "{*}oMath", "{*}chart", "{*}relIds")
        chosen = next((each for each in choices if next(each.iter(*readable), None) is not None), fallback)
        chosen = chosen if chosen is not None else next(iter(choices), None)
        _replace(element, [] if chosen is None else list(chosen))


def _replace(element: etree._Element, others: list[etree._Element]) -> None:
    """Puts others in an element's place. Word's elements have no text after them that counts."""
    parent = element.getparent()
    if parent is not None:
        at = parent.index(element)
        parent[at : at + 1] = others


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _paragraph_of(element: etree._Element) -> etree._Element | None:
    return next(element.iterancestors("{*}p"), None)


def _names(element: etree._Element) -> str:
    """The namespace of Word's own elements, in the document's spelling."""
    root = element.getroottree().getroot()
    return str(root.tag).rpartition("}")[0] + "}"


def _run(near: etree._Element, words: str) -> etree._Element:
    names = _names(near)
    run = etree.Element(f"{names}r")
    text = etree.SubElement(run, f"{names}t")
    text.text = words
    text.set(_SPACE, "preserve")
    return run


def _paragraph(near: etree._Element, block: Block) -> etree._Element:
    paragraph = etree.Element(f"{_names(near)}p")
    paragraph.append(_run(near, block.text))
    return paragraph
