"""What of a web page is not read as its text: what browsers do not show, what is struck out, the marks of notes."""

import re

from lxml import html as lxml_html

from askreport.parse.blocks import is_note_mark, raised

# What a browser does not show, and what stands around the main text on nearly every page.
_SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "head", "nav", "aside"}
    | {"button", "select", "textarea", "rt", "rp", "datalist"}
)
_STRUCK = frozenset({"del", "s", "strike"})
# A page that hides all of itself has a script that shows it once everything is there.
_WHOLE = frozenset({"html", "body"})
# The page's own stand around the main text; those of an article are part of it and often hold its title.
_PAGE_FURNITURE = frozenset({"header", "footer"})
# A button in one of these is what opens the text below it.
_LABELS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "legend")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.I)
_STRUCK_STYLE = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.I)
# Bounded, so that a sheet that is none costs no more than its length.
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,3000})\}")
_AT_RULE = re.compile(r"@[^{}@;]{0,300}\{(?:[^{}]{0,500}\{[^{}]{0,3000}\}){0,1000}[^{}]{0,500}\}")
_MAX_SHEET = 500_000
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_SELECTOR = re.compile(r"([a-zA-Z][\w-]*)?([.#])([\w-]+)")
_TAG_SELECTOR = re.compile(r"[a-zA-Z][\w-]*")
_NOTE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:fn|fnref|(?:foot|end)?-?note-?(?:ref|mark|link|anchor|call|number)?|(?:foot|end)notes?|noteref|reference"
    r"|citation|cite_?ref|superscript-ref|sdfootnoteanc|sdendnoteanc|fr)(?:$|[\s_-]|\d)",
    re.I,
)
_BACK_CLASS = re.compile(r"footnote-?back|back-?(?:link|ref)|reversefootnote|return-?link|sdfootnotesym", re.I)
_ARROWS = re.compile(r"[\s\ufe0e\ufe0f]*[↩↑⤴⏎↵⇑⬆^]+[\s\ufe0e\ufe0f]*")
# What exponents are usual after, also on a page with notes.
_IN_POWERS = re.compile(r"(?<![\d.,])(?:10|2)$|(?<![^\W\d_])(?:[kcdmn]?m|ft|in|mi|s|[a-zA-Z])$")
# Formulas are written twice: for eyes and for screen readers.
_TWICE = re.compile(r"(?:^|\s)katex-html(?:$|\s)")
_FOR_READERS = re.compile(r"mathml|katex")


class Shown:
    """Tells what of a page is not shown: by its elements, its attributes, and the plain rules of its style sheets."""

    def __init__(self, root: lxml_html.HtmlElement) -> None:
        tree = root.getroottree().getroot()
        self._opened = {
            name
            for attribute in ("aria-controls", "data-target", "data-bs-target")
            for value in tree.xpath(f"//@{attribute}")
            for name in str(value).replace("#", " ").split()
        }
        self._rules: dict[tuple[str, str, str], str] = {}
        for sheet in tree.iter("style"):
            self._add_rules(sheet.text or "")

    def _add_rules(self, sheet: str) -> None:
        """Keeps what a class, an id or an element is said to be, where a rule says it by nothing else."""
        if "display" not in sheet and "visibility" not in sheet and "line-through" not in sheet:
            return
        # What holds for print or for a narrow screen alone is passed over.
        for selectors, content in _RULE.findall(_AT_RULE.sub("", _COMMENT.sub("", sheet[:_MAX_SHEET]))):
            kind = "" if "@" in selectors else _kind_of(content)
            for selector in map(str.strip, selectors.split(",")) if kind else ():
                if found := _SELECTOR.fullmatch(selector):
                    self._rules[(found[1] or "").lower(), found[2], found[3]] = kind
                elif _TAG_SELECTOR.fullmatch(selector):
                    self._rules[selector.lower(), "", ""] = kind

    def is_hidden(self, element: lxml_html.HtmlElement) -> bool:
        """Whether an element and all that it holds is left out."""
        tag = element.tag
        if not isinstance(tag, str):
            return True
        if tag in _WHOLE:
            return False
        if tag in _SKIPPED:
            return tag != "button" or next(element.iterancestors(*_LABELS), None) is None
        if tag in _PAGE_FURNITURE:
            return next(element.iterancestors("main", "article"), None) is None
        return tag in _STRUCK or bool(element.attrib and self._says_hidden(element)) or (tag, "", "") in self._rules

    def kind(self, element: lxml_html.HtmlElement) -> str:
        """What people are told is left out: "struck-out passage", "hidden passage"; empty for what is no text."""
        if not isinstance(element.tag, str) or not element.text_content().strip():
            return ""
        if element.tag in _STRUCK:
            return "struck-out passage"
        if element.tag in _SKIPPED or element.tag in _PAGE_FURNITURE:
            return ""
        return "" if _TWICE.search(element.get("class") or "") else self._said(element)

    def _says_hidden(self, element: lxml_html.HtmlElement) -> bool:
        name = element.get("class") or ""
        if _TWICE.search(name):
            return True
        said = self._said(element)
        # What the reader opens with a click is part of the page, and formulas are read in their hidden form.
        return bool(said) and not (said == "hidden passage" and (self._opens(element) or _FOR_READERS.search(name)))

    def _opens(self, element: lxml_html.HtmlElement) -> bool:
        return (
            element.get("id") in self._opened
            or element.get("role") == "tabpanel"
            or element.get("hidden") == "until-found"
            or element.find(".//math") is not None
        )

    def _said(self, element: lxml_html.HtmlElement) -> str:
        kind = "hidden passage" if element.get("hidden") is not None else _kind_of(element.get("style") or "")
        if kind or not self._rules:
            return kind
        tag = str(element.tag)
        names = [(".", each) for each in (element.get("class") or "").split()]
        names += [("#", element.get("id") or ""), ("", "")]
        return next((kind for name in names for at in (tag, "") if (kind := self._rules.get((at, *name), ""))), "")


def _kind_of(style: str) -> str:
    if _NOT_SHOWN.search(style):
        return "hidden passage"
    return "struck-out passage" if _STRUCK_STYLE.search(style) else ""


class NoteMarks:
    """Tells the marks of notes from words and exponents: they would be read as part of the number before them."""

    def __init__(self, root: lxml_html.HtmlElement) -> None:
        # The notes themselves often begin with their raised number.
        self._own = {
            words
            for element in root.iter("sup")
            if (words := element.text_content().strip(" .[]()")).isdecimal() and _begins_block(element)
        }

    def is_mark(self, element: lxml_html.HtmlElement, before: str) -> bool:
        """Whether an element is the mark of a note, or the way back from one; ``before``: the words before it."""
        if element.tag == "a":
            return self._is_link(element, before)
        if element.tag != "sup":
            return False
        words = element.text_content().strip()
        if not words or _is_named(element):
            return True
        link = next(element.iter("a"), None)
        if link is not None and is_note_mark(words.split(",")[0]):
            return True
        if not before.strip():
            return False
        if words.strip(" .[]()") in self._own and not _IN_POWERS.search(before[-6:]):
            return True
        return not raised(before, words)

    def _is_link(self, element: lxml_html.HtmlElement, before: str) -> bool:
        words, name, href = element.text_content().strip(), _names(element), element.get("href") or ""
        if element.get("role") == "doc-backlink" or _BACK_CLASS.search(name):
            # Without words of its own it is only the way back.
            return len(words) <= 12
        if _ARROWS.fullmatch(words) and "#" in href:
            return True
        if _is_named(element):
            return True
        if not is_note_mark(words) or not href or not before.strip():
            return False
        if next(element.iter("sup"), None) is not None:
            return True
        # Without a blank before it, or in brackets, it is no part of the sentence.
        is_apart = before[-1].isspace()
        return "#" in href and not words.isalpha() and (not is_apart or words.startswith(("[", "(")))


def _names(element: lxml_html.HtmlElement) -> str:
    return " ".join(filter(None, (element.get("class"), element.get("rel"))))


def _is_named(element: lxml_html.HtmlElement) -> bool:
    """Whether the page says by a role, a type or a class that this is the mark of a note."""
    words = element.text_content().strip()
    if len(words) > 1 and words.isalpha():
        return False
    if element.get("role") == "doc-noteref" or "noteref" in (element.get("epub:type") or "").split():
        return True
    return bool(_NOTE_CLASS.search(element.get("class") or "")) and is_note_mark(words.split(",")[0])


def _begins_block(element: lxml_html.HtmlElement) -> bool:
    """Whether nothing stands before an element in its paragraph, item or cell."""
    at = element
    for _ in range(4):
        parent = at.getparent()
        if parent is None or (parent.text or "").strip() or at.getprevious() is not None:
            return False
        if parent.tag in ("p", "li", "div", "td", "dd"):
            return True
        at = parent
    return False
