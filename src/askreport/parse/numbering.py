"""The automatic numbers of a Word document's paragraphs, which stand in no text: "2.", "(a)", "Article IV"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from askreport.parse.numerals import numeral

_KINDS = {
    "lowerLetter": "lower-alpha",
    "upperLetter": "upper-alpha",
    "lowerRoman": "lower-roman",
    "upperRoman": "upper-roman",
    "decimalZero": "decimalZero",
    "ordinal": "ordinal",
}
_PLACE = re.compile("%([1-9])")
_MOST_LEVELS = 9
# Styles that are based on one another without end are a trick.
_MAX_STYLES = 20
BULLET = "•"


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restarts: bool = True
    in_digits: bool = False
    style: str = ""


@dataclass(slots=True)
class _List:
    """A list's levels and where each has got to; several of a document's lists may go on from one another."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


def child_value(element: etree._Element | None, *names: str) -> str | None:
    """The value of the element at the end of a path below another: the one ``val`` that Word's properties have."""
    for name in names:
        element = None if element is None else element.find(f"{{*}}{name}")
    if element is None:
        return None
    return next((str(value) for key, value in element.attrib.items() if _local(key) == "val"), "")


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by its name without a namespace; empty if there is none."""
    return next((str(value) for key, value in element.attrib.items() if _local(key) == name), "")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


class Styles:
    """What a document's styles say of the paragraphs and words that have them, those they are based on included."""

    def __init__(self, root: etree._Element | None) -> None:
        styles = () if root is None else root.iterfind("{*}style")
        self._styles = {attribute(style, "styleId"): style for style in styles}

    def chain(self, name: str | None) -> Iterator[tuple[str, etree._Element]]:
        """The style and those that it is based on, from the nearest on."""
        for _ in range(_MAX_STYLES):
            style = self._styles.get(name or "")
            if style is None or name is None:
                return
            yield name, style
            name = child_value(style, "basedOn")


class Numbering:
    """Counts the numbered paragraphs of a document, which must be asked for in their order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._of: dict[str, str] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        if root is not None:
            self._read(root)

    def _read(self, root: etree._Element) -> None:
        for each in root.iterfind("{*}abstractNum"):
            levels = {_integer(attribute(level, "ilvl"), 0): _level(level) for level in each.iterfind("{*}lvl")}
            self._lists[attribute(each, "abstractNumId")] = _List(levels)
        for each in root.iterfind("{*}num"):
            name, abstract = attribute(each, "numId"), child_value(each, "abstractNumId") or ""
            overrides = list(each.iterfind("{*}lvlOverride"))
            own = {_integer(attribute(one, "ilvl"), 0): one.find("{*}lvl") for one in overrides}
            replaced = {at: _level(level) for at, level in own.items() if level is not None}
            if replaced and abstract in self._lists:
                # A list with levels of its own counts for itself.
                self._lists[f"num {name}"] = _List({**self._lists[abstract].levels, **replaced})
                abstract = f"num {name}"
            self._of[name] = abstract
            starts = [(attribute(one, "ilvl"), child_value(one, "startOverride")) for one in overrides]
            self._overrides[name] = {_integer(at, 0): _integer(value, 1) for at, value in starts if value is not None}

    def mark(self, properties: etree._Element | None) -> str:
        """The mark of a paragraph with these properties: its number or a bullet; empty if it has none."""
        found = self._place(properties)
        if found is None:
            return ""
        name, at = found
        numbered = self._lists[self._of[name]]
        level = numbered.levels.get(at)
        if level is None:
            return ""
        counts = numbered.counts
        overrides = self._overrides[name]
        if at in overrides:
            # It starts anew where this list begins, not at each of its items.
            counts[at] = overrides.pop(at) - 1
        counts[at] = counts[at] + 1 if at in counts else level.start
        for above in range(at):
            if above in numbered.levels:
                counts.setdefault(above, numbered.levels[above].start)
        for deeper in [deeper for deeper in counts if deeper > at and numbered.levels[deeper].restarts]:
            del counts[deeper]
        return _shown(numbered, at)

    def _place(self, properties: etree._Element | None) -> tuple[str, int] | None:
        """The list and the level of a paragraph, as it says itself or by its style."""
        name, at = child_value(properties, "numPr", "numId"), child_value(properties, "numPr", "ilvl")
        if name is None:
            for style_name, style in self._styles.chain(child_value(properties, "pStyle")):
                name = child_value(style, "pPr", "numPr", "numId")
                if name is not None:
                    at = at if at is not None else self._level_of(name, style_name)
                    at = at if at is not None else child_value(style, "pPr", "numPr", "ilvl")
                    break
        if name is None or self._of.get(name) not in self._lists:
            return None
        return name, min(_integer(at, 0), _MOST_LEVELS)

    def _level_of(self, name: str, style: str) -> str | None:
        levels = self._lists[self._of[name]].levels if self._of.get(name) in self._lists else {}
        return next((str(at) for at, level in levels.items() if level.style == style), None)


def _level(level: etree._Element) -> _Level:
    return _Level(
        start=_integer(child_value(level, "start"), 1),
        kind=child_value(level, "numFmt") or "decimal",
        text=child_value(level, "lvlText") or "",
        restarts=child_value(level, "lvlRestart") != "0",
        in_digits=child_value(level, "isLgl") not in (None, "0", "false"),
        style=child_value(level, "pStyle") or "",
    )


def _shown(numbered: _List, at: int) -> str:
    level = numbered.levels[at]
    if level.kind == "bullet":
        return BULLET if level.text.strip() else ""
    if level.kind == "none":
        return _PLACE.sub("", level.text).strip()

    def number(place: re.Match[str]) -> str:
        other = int(place[1]) - 1
        if other not in numbered.counts or other not in numbered.levels:
            return ""
        kind = "decimal" if level.in_digits else numbered.levels[other].kind
        return numeral(numbered.counts[other], _KINDS.get(kind, "decimal"))

    return _PLACE.sub(number, level.text).strip()


def _integer(text: str | None, usual: int) -> int:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,9}", text) else usual
