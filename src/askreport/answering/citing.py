"""A quote with its citation, to be pasted elsewhere: as plain text and as Markdown. Pure.

The words are the quote's and its context's, character for character; in Markdown they are the same words once it is
shown, and those that answer are bold. Beside a title that was made from a file's name stands the file. Citation styles
are the bibliography's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from askreport.answering.places import noun_of, where
from askreport.answering.runs import joined, runs
from askreport.bibliography.description import Description, describe
from askreport.bibliography.styles import Locator
from askreport.text.links import page_of
from askreport.text.paragraphs import paragraph_at
from askreport.types import Document, Quote

OCR = "text read by OCR"
# So many authors are named; of more, the first.
_MAX_AUTHORS = 3
# What Markdown would take for something else, and no more: "[1]" and "-" within words stay as they are, so that a
# program that looks for the words finds them.
_IN_LINE = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)|[`*~]|(?<![^\W_])_|_(?![^\W_])|\](?=\()|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_AT_START = re.compile(r"(?=#{1,6}(?:\s|$)|[-+](?:\s|$)|>|[-=|:][-=|:\s]*$|\[[^\]]*\]:)|(?<=\d)(?=[.)](?:\s|$))")
_NUMBER = re.compile(r"\d{1,9}[.)](?:\s|$)")
# Around words that will be bold, while Markdown is made of the others.
_OPEN, _CLOSE = "\ue000", "\ue001"
# Words on one line that begin and end with a letter or a digit, and what may not stand beside the marks.
_BOLD = re.compile(r"[^\W_](?:[^\n]*[^\W_])?")
_IN_WORD = re.compile(r"[\w*]")
_ANYWHERE = re.compile(r"[\\`*_\[\]<>&~|#]")


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with its citation, in two forms."""

    plain: str
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What is known of the source; ``is_named`` if the title is its own."""

    about: Description
    is_named: bool


def cite(
    quote: Quote, document: Document | None = None, base: str = "", description: Description | None = None
) -> Citation:
    """The quote with its citation; without the document, of the source only its title and file are known.

    ``base`` is the address of the service without a slash at the end: where the link in the Markdown leads.
    ``description`` is the document's if people have corrected it.
    """
    source = _source(quote, document, description)
    words = f"“{joined(quote)}”"
    return Citation(
        f"{words}\n{_listed(quote, source)}",
        f"{_bold(block_quote(_marked(quote)))}\n\n— {_linked(quote, source, base)}",
    )


def locator_of(quote: Quote) -> Locator:
    """Where a quote stands, for a citation: its page, slide or sheet, its paragraph where the source has none."""
    if quote.page:
        return Locator(noun_of(quote.document.path), str(quote.page_label or quote.page))
    return Locator("paragraph", str(quote.paragraph)) if quote.paragraph else Locator()


def locator_at(document: Document, position: int) -> Locator:
    """The same of a position in a document."""
    page = page_of(document, position)
    if page:
        return Locator(noun_of(document.path), page.label or str(page.number))
    return Locator("paragraph", str(paragraph_at(document, position)))


def _marked(quote: Quote) -> str:
    """The quote with its context, and marks around the words that answer, where Markdown can show them bold."""
    words = runs(quote)
    text = joined(quote)
    if _OPEN in text or _CLOSE in text:
        return text
    marked = ""
    for at, run in enumerate(words):
        before, after = marked[-1:], words[at + 1].gap + words[at + 1].text if at + 1 < len(words) else ""
        is_bold = (
            run.is_answer and _BOLD.fullmatch(run.text) and not _IN_WORD.fullmatch(before) and not _IN_WORD.match(after)
        )
        marked += f"{run.gap}{_OPEN}{run.text}{_CLOSE}" if is_bold else f"{run.gap}{run.text}"
    return marked


def _bold(markdown: str) -> str:
    return markdown.replace(_OPEN, "**").replace(_CLOSE, "**")


def block_quote(text: str) -> str:
    """A text as a block quote in Markdown, which shows the same words."""
    lines = (_line(line.strip()) for line in text.split("\n"))
    return "\n".join(f"> {line}".rstrip() for line in lines)


def inline(text: str) -> str:
    """A text as part of a line in Markdown, which shows the same words."""
    return _ANYWHERE.sub(r"\\\g<0>", " ".join(text.split()))


def _line(line: str) -> str:
    """A line that begins and holds nothing that Markdown would take for something else."""
    line = _IN_LINE.sub(r"\\\g<0>", line)
    number = _NUMBER.match(line)
    at = number.end() - len(number[0].lstrip("0123456789")) if number else 0
    return f"{line[:at]}\\{line[at:]}" if number or _AT_START.match(line) else line


def _source(quote: Quote, document: Document | None, description: Description | None) -> _Source:
    title = " ".join((document or quote.document).title.split())
    about = description or (describe(document) if document else Description(title=title))
    return _Source(about=about, is_named=bool(document and document.has_title) or about.title != title)


def _joined(names: tuple[str, ...]) -> str:
    if len(names) > _MAX_AUTHORS:
        return f"{names[0]} et al."
    *before, last = names
    comma = "," if len(before) > 1 else ""
    return f"{', '.join(before)}{comma} and {last}" if before else last


def _file(quote: Quote, source: _Source) -> str:
    """The file in brackets, if the title does not name the source by itself."""
    name = " ".join(quote.document.path.split())
    return "" if source.is_named or name == source.about.title else f" ({name})"


def _about(quote: Quote, source: _Source) -> Iterator[str]:
    """What comes after the title."""
    parts = (source.about.publisher, source.about.date, where(quote, quote.document.path), OCR if quote.ocr else "")
    return (part for part in parts if part)


def _listed(quote: Quote, source: _Source) -> str:
    authors = [_joined(source.about.authors)] if source.about.authors else []
    address = [source.about.url] if source.about.url else []
    return ", ".join([*authors, source.about.title + _file(quote, source), *_about(quote, source), *address])


def _linked(quote: Quote, source: _Source, base: str) -> str:
    """The same in Markdown, with a link to the quote's place in the service."""
    authors = [inline(_joined(source.about.authors))] if source.about.authors else []
    file = inline(_file(quote, source))
    title = f"[{inline(source.about.title)}]({base}{quote.url})" + (f" {file}" if file else "")
    address = [f"<{source.about.url}>"] if source.about.url else []
    return ", ".join([*authors, title, *map(inline, _about(quote, source)), *address])
