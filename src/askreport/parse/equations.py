"""Equations (MathML of web pages and OpenDocument, OMML of Word and PowerPoint) -> one line of text: "Q = 3.4"."""

import re

from lxml import etree

# Deeper ones lose their structure, never their words.
_MAX_DEPTH = 60
_SPACED = re.compile(r"\s*([=<>≤≥≈≠≡∼→⇒∈±+−×·⋅]|:=)\s*")
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile(r"[\w.,′%°∞]*|\(.*\)")
_LEFT_OUT = frozenset(
    {"annotation", "annotation-xml", "mphantom", "none", "mprescripts", "del", "delText", "instrText"}
)
# Its element names, and those of Office: what is written below or above, and what stands under a root.
_SCRIPTS = {"msub": "_", "msup": "^", "sSub": "_", "sSup": "^", "munder": "_", "mover": "^"}
_BOTH = frozenset({"msubsup", "sSubSup", "munderover"})
_FENCED = {"d": ("(", ")", "|"), "mfenced": ("(", ")", ", ")}


def is_equation(element: etree._Element) -> bool:
    """Whether an element is the root of an equation."""
    return isinstance(element.tag, str) and _name(element) in ("math", "oMath")


def equation_text(element: etree._Element) -> str:
    """An equation in one line; what is no part of what is shown (its source, its comments) is left out."""
    return _SPACES.sub(" ", _SPACED.sub(_spaced, _linear(element, 0))).strip()


def _spaced(sign: re.Match[str]) -> str:
    """A sign with its blanks; one that begins a term ("-3", "(+2") has none."""
    before = sign.string[: sign.start()].rstrip()
    if sign[1] in "+−±" and (not before or before[-1] in "([{=<>,^_/"):
        return sign[1]
    return f" {sign[1]} "


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _children(element: etree._Element) -> list[etree._Element]:
    """The children that are written: no properties, no comments."""
    written = [each for each in element if isinstance(each.tag, str)]
    return [each for each in written if not _name(each).endswith("Pr") and _name(each) not in _LEFT_OUT]


def _linear(element: etree._Element, depth: int) -> str:
    name, children = _name(element), _children(element)
    if depth > _MAX_DEPTH:
        return "".join(map(str, element.itertext()))
    if not children:
        return " " if name in ("mspace", "tab", "br") else _own_text(element, name)
    parts = [_linear(each, depth + 1) for each in children]
    if name in _SCRIPTS and len(parts) == 2:
        return parts[0] + _script(_SCRIPTS[name], parts[1])
    if name in _BOTH and len(parts) == 3:
        return parts[0] + _script("_", parts[1]) + _script("^", parts[2])
    if name in ("mfrac", "f") and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    return _structured(element, name, parts)


def _own_text(element: etree._Element, name: str) -> str:
    """A leaf's words; "-" as an operator is a minus sign."""
    text = element.text or ""
    return "−" if name == "mo" and text.strip() == "-" else text.strip() if name in ("mi", "mn", "mo") else text


def _structured(element: etree._Element, name: str, parts: list[str]) -> str:
    """What has more to it than its parts in a row: roots, brackets, sums, tables."""
    if name in ("msqrt", "mroot", "rad"):
        base = parts[-1] if name == "rad" else parts[0] if name == "mroot" else "".join(parts)
        degree = parts[0] if name == "rad" and len(parts) == 2 else parts[1] if name == "mroot" else ""
        return f"√{f'[{degree}]' if degree.strip() else ''}({base})"
    if name in _FENCED:
        first, last, between = _FENCED[name]
        begin = _property(element, "begChr", element.get("open", first))
        end = _property(element, "endChr", element.get("close", last))
        return f"{begin}{_property(element, 'sepChr', between).join(parts)}{end}"
    if name == "nary":
        sub, sup, *terms = parts if len(parts) > 2 else ["", "", *parts]
        limits = (_script("_", sub) if sub else "") + (_script("^", sup) if sup else "")
        return f"{_property(element, 'chr', '∫')}{limits} {''.join(terms)}"
    if name in ("mtable", "m", "eqArr"):
        return "; ".join(parts) if name == "eqArr" else f"[{'; '.join(parts)}]"
    if name in ("mtr", "mlabeledtr", "mr"):
        return ", ".join(parts)
    if name in ("limLow", "limUpp") and len(parts) == 2:
        return parts[0] + _script("_" if name == "limLow" else "^", parts[1])
    return (" " if name == "func" else "").join(parts)


def _property(element: etree._Element, name: str, usual: str) -> str:
    """A sign that the properties of an Office element name; ``usual`` if they name none."""
    for each in element.iterfind(f"./*/{{*}}{name}"):
        return next((str(value) for key, value in each.attrib.items() if str(key).rpartition("}")[2] == "val"), "")
    return usual


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _script(sign: str, text: str) -> str:
    return f"{sign}{_grouped(text)}" if text.strip() else ""
