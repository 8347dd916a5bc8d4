"""Lines that name something and say nothing: headings, lines of a table of contents, captions, labels, page headers.

None of them is an answer by itself. One that makes a full statement may be ("Figure 3: Sales fell by 12% in 2019.").
Pure.
"""

import re
from bisect import bisect_right
from itertools import pairwise

from askreport.text.tables import header_above, is_header
from askreport.types import Document, Span

# Dots that lead to a page number, or a gap in front of it.
_LEADERS = re.compile(r"(?:\.[ \t]?){4,}|…{2,}|_{4,}|(?:·[ \t]?){4,}")
_ENDS_IN_LEADERS = re.compile(rf"(?:{_LEADERS.pattern})\s*(?:\d{{1,4}}|[ivxlc]{{1,7}})?\s*$", re.I)
_ENDS_IN_PAGE = re.compile(r"[^\W\d_].*?[\s|](\d{1,4})\s*\|?$")
# 3.2 Results, A.1 Tables, Chapter 4: …
_CHAPTERS = (
    "chapter|section|part|appendix|annex|volume|kapitel|abschnitt|teil|anhang|chapitre|partie|annexe|capítulo"
    "|sección|parte"
    "|anexo|capitolo|sezione|hoofdstuk|deel|bijlage|глава|раздел|часть|приложение|kapitola|oddíl|část|příloha|rozdział"
)
_NUMBERED = re.compile(
    rf"(?:\d{{1,2}}(?:\.\d{{1,3}}){{1,4}}\.?(?=\s)|(?-i:[A-Z])\.\d{{1,2}}(?=\s)|(?:{_CHAPTERS})\s+(?:\d{{1,3}}"
    rf"|(?-i:[IVXLC]{{1,6}}|[A-Z]))\b[.:]?)(?:\s+(?=[^\W\d_])|$)",
    re.I,
)
_SECTION = re.compile(rf"(?:\d{{1,2}}(?:\.\d{{1,3}})*\.?\s|{_NUMBERED.pattern})", re.I)
_CONTENTS = re.compile(
    r"(?:table of )?contents|list of (?:figures|tables|illustrations|abbreviations)|index|inhalt(?:sverzeichnis)?"
    r"|(?:table des mati[eè]res|sommaire)|[ií]ndice|sommario|содержание|оглавление|obsah|spis treści|目录|目次|目錄"
    r"|المحتويات",
    re.I,
)
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|tab\.|chart|graph|exhibit|box|plate|photo(?:graph)?|map|scheme|diagram|image|picture"
    r"|listing"
    r"|illustration|abbildung|abb\.|tabelle|bild|grafik|karte|tableau|graphique|carte|figura|tabla|cuadro|gráfico"
    r"|mapa|tabella"
    r"|grafico|рис(?:унок|\.)|табл(?:ица|\.)|диаграмма|obr(?:ázek|\.)|tabulka|tab\.|graf|rysunek|rys\.|wykres|图|圖|表"
    r"|図|شكل|جدول)"
    r"\s*(?:[A-Z]?\d{1,3}(?:[.\-–]\d{1,3})*[a-z]?|(?-i:[IVXLC]{1,6}|[A-Z]))\b\s*(?P<mark>[.:)–—|-]|$)?\s*",
    re.I,
)
_PAGE_HEADER = re.compile(
    r"(?:page|p\.|seite|s\.|página|pagina|str(?:ana|ona|\.)|стр(?:аница|\.)|pág\.)\s*\d{1,5}(?:\s*(?:of|/|von|de|sur"
    r"|van|z|из)\s*\d{1,5})?"
    r"|[-–—]\s*\d{1,5}\s*[-–—]|\d{1,5}\s*(?:/|of)\s*\d{1,5}",
    re.I,
)
_LABEL_END = (":", "：")
_MAX_LABEL_WORDS = 4
_MAX_TITLE_WORDS = 12
_MIN_STATEMENT_WORDS = 4
_WORD = re.compile(r"\w+(?:[-’'.]\w+)*")
_MARKS = " \t*_#>|`“”\"'"
_ENDS_SENTENCE = (".", "!", "?", "。", "！", "？", "؟", "।", "…")
# Words that make a statement of a caption or a title: a verb in a form that can be nothing else, in large languages.
_FINITE = (
    "is are was were has have had will would can could may might must shall should does did do isn't wasn't doesn't"
    " didn't cannot rose fell grew increased decreased declined dropped doubled tripled halved remained became reached"
    " exceeded shows showed took gave went came began ended won lost said says means remains includes contains"
    " accounts accounted consists died lives works needs"
    # German, French, Spanish, Italian, Portuguese, Dutch
    " ist sind war waren wird werden wurde wurden hat haben hatte stieg sank fiel beträgt betrug liegt est sont était"
    " étaient sera seront ont avait furent fut augmente diminue es son fue fueron era eran será tiene tienen aumentó"
    " cayó è sono fu furono erano ha hanno é são foi foram tem têm werd heeft hebben"
    # Russian, Czech, Polish
    " был была было были будет является составляет составил вырос упал je jsou byl byla bylo byli byly bude má mají"
    " vzrostl klesl jest są był była było były będzie mają"
)
_VERBS = frozenset(_FINITE.split())
_NOT_BEFORE_VERB = "of the a an and or to by for with in on as from"
_NOT_VERB_AFTER = frozenset(_NOT_BEFORE_VERB.split())
_SPACELESS = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def is_label(document: Document, span: Span) -> bool:
    """Whether a sentence of a document is only a heading, a line of contents, a caption, a label or a page header."""
    text = document.text
    words = text[span.start : span.end].strip(_MARKS)
    if not words:
        return False
    if _LEADERS.search(words):
        return _ENDS_IN_LEADERS.search(words) is not None
    line = line_around(text, span)
    return (
        (_is_heading(document, span) and not says_something(words))
        or _PAGE_HEADER.fullmatch(words) is not None
        or _is_caption(text, span, line)
        or is_header(text, span)
        or (line == span and _is_lone_label(document, span, words))
        or (
            # First what costs nothing: few sentences end in a digit.
            words.rstrip()[-1:].isdigit()
            and _ENDS_IN_PAGE.search(words) is not None
            and _is_contents(document, line)
            # Years and amounts that count up stand below a header.
            and header_above(text, span) is None
        )
    )


def says_something(words: str) -> bool:
    """Whether a heading or a caption is a statement: some words, of which one is a verb that is nothing else."""
    if _SPACELESS.search(words):
        return words.endswith(_ENDS_SENTENCE)
    found = [word.casefold() for word in _WORD.findall(words)]
    return len(found) >= _MIN_STATEMENT_WORDS and any(
        word in _VERBS and before not in _NOT_VERB_AFTER for before, word in pairwise(found)
    )


def line_around(text: str, span: Span) -> Span:
    """The line, or lines, that a span is on, without white space and marks of lists and quotations at their ends."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", max(span.end - 1, span.start))
    end = len(text) if end < 0 else end
    while start < span.start and (text[start] in _MARKS or text[start] in "-+•‣▪"):
        start += 1
    while end > span.end and text[end - 1] in _MARKS:
        end -= 1
    return Span(start, end)


def _is_heading(document: Document, span: Span) -> bool:
    at = bisect_right(document.headings, span.start, key=lambda heading: heading.start) - 1
    return at >= 0 and span.end <= document.headings[at].end


def _is_caption(text: str, span: Span, line: Span) -> bool:
    """Whether it is the name of a figure or table, or part of a caption's first words, and states nothing."""
    words = text[line.start : line.end].strip(_MARKS)
    mark = _CAPTION.match(words)
    if mark is None or (mark["mark"] is None and words.endswith(_ENDS_SENTENCE)):
        return False
    named = words[mark.end() :]
    own = text[span.start : span.end].strip(_MARKS)
    if _CAPTION.fullmatch(own):
        return True
    # "Figure 3. Overview of the system. Sales fell by 12%.": the last sentence speaks for itself.
    title = own[_CAPTION.match(own).end() :] if own.startswith(words[: mark.end()].strip()) else own  # type: ignore[union-attr]
    is_first = named.startswith(title[:40]) if title else True
    return is_first and not says_something(title)


def _is_lone_label(document: Document, span: Span, words: str) -> bool:
    """Whether a line names what others stand under: "Source:", "3.2 Results", "RESULTS AND DISCUSSION", the title."""
    count = len(words.split())
    if words.endswith(_LABEL_END):
        return count <= _MAX_LABEL_WORDS and not _goes_on(document, span)
    if (
        count > _MAX_TITLE_WORDS
        or words.endswith(_ENDS_SENTENCE)
        or says_something(words)
        or not _goes_on(document, span)
    ):
        return False
    letters = [each for each in words if each.isalpha()]
    is_loud = count > 1 and "|" not in words and len(letters) > count and all(each.isupper() for each in letters)
    is_title = (
        document.has_title
        and " ".join(words.split()) == document.title
        and not document.text[: span.start].strip(_MARKS + "\n")
    )
    return is_title or is_loud or _NUMBERED.match(words) is not None or _CONTENTS.fullmatch(words) is not None


def _goes_on(document: Document, span: Span) -> bool:
    """Whether more text follows before the next heading."""
    at = bisect_right(document.headings, span.end, key=lambda heading: heading.start)
    end = document.headings[at].start if at < len(document.headings) else len(document.text)
    return re.search(r"\w", document.text[span.end : min(end, span.end + 1_000)]) is not None


def _is_contents(document: Document, line: Span) -> bool:
    """Whether a line that ends in a number is one of a table of contents: so do its neighbours, and they count up."""
    text = document.text
    own = [each for each in text[line.start : line.end].split("\n") if each.strip(_MARKS)]
    around = [*_lines(text, line, -1), *own, *_lines(text, line, 1)]
    # What stands before the first and after the last of them is something else.
    shown = own if len(own) > 1 else [each for each in around if _ENDS_IN_PAGE.search(each.strip(_MARKS))]
    pages = [int(found[1]) for each in shown if (found := _ENDS_IN_PAGE.search(each.strip(_MARKS)))]
    if len(pages) < max(len(shown), 2) or sorted(pages) != pages:
        return False
    numbered = sum(_SECTION.match(each.strip(_MARKS)) is not None for each in shown)
    # Cells of a table and values of a list end in numbers, too.
    return numbered == len(shown) or _is_under_contents(text, line)


def _lines(text: str, line: Span, step: int) -> list[str]:
    """The nearest line before (-1) or after (1) that is not empty, as a list."""
    part = text[max(0, line.start - 400) : line.start] if step < 0 else text[line.end : line.end + 400]
    found = [each for each in part.split("\n") if each.strip(_MARKS + "-+•")]
    return found[-1:] if step < 0 else found[:1]


def _is_under_contents(text: str, line: Span) -> bool:
    """Whether lines that end in numbers go back from here to one that says "Contents"."""
    for each in reversed(text[max(0, line.start - 6_000) : line.start].split("\n")):
        words = each.strip(_MARKS + "-+•")
        if _CONTENTS.fullmatch(words):
            return True
        if words and not (_ENDS_IN_PAGE.search(words) or _LEADERS.search(words)):
            return False
    return False
