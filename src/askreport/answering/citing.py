"""A quote with its citation, to be pasted elsewhere: as plain text, as Markdown, and as a note in Chicago style. Pure.

The words are the quote's and its context's, character for character; in Markdown they are the same words once it is
shown, and those that answer are bold. Of the source
only what it says of itself is cited: a title that was made from a file's name is not put in quotation marks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from askreport.answering.runs import joined, runs
from askreport.types import Document, Quote

OCR = "text read by OCR"
# Where a document says these things of itself (front matter, the fields of a collection), the first that is there.
_AUTHORS = ("author", "authors", "creator")
_PUBLISHERS = ("publisher", "site")
_DATES = ("date", "published", "year")
# So many authors are named; of more, the first.
_MAX_AUTHORS = 3
_PAGES = {".pptx": "slide", ".odp": "slide", ".xlsx": "sheet", ".ods": "sheet"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ISO_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
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
    """A quote with its citation, in three forms."""

    plain: str
    markdown: str
    chicago: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What is known of the source, each empty if it is not; ``is_named`` if the title is its own."""

    authors: tuple[str, ...]
    title: str
    is_named: bool
    publisher: str
    date: str
    address: str


def cite(quote: Quote, document: Document | None = None, base: str = "") -> Citation:
    """The quote with its citation; without the document, of the source only its title and file are known.

    ``base`` is the address of the service without a slash at the end: where the link in the Markdown leads.
    """
    source = _source(quote, document)
    words = f"“{joined(quote)}”"
    return Citation(
        f"{words}\n{_listed(quote, source)}",
        f"{_bold(block_quote(_marked(quote)))}\n\n— {_linked(quote, source, base)}",
        f"{words} {_note(quote, source)}",
    )


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


def _source(quote: Quote, document: Document | None) -> _Source:
    metadata = document.metadata if document else {}
    address = _text(metadata.get("url"))
    return _Source(
        authors=_names(metadata),
        title=" ".join(quote.document.title.split()),
        is_named=bool(document and document.has_title),
        publisher=_first(metadata, _PUBLISHERS),
        date=_first(metadata, _DATES),
        address=address if _ADDRESS.fullmatch(address) else "",
    )


def _names(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    found = next((metadata[key] for key in _AUTHORS if metadata.get(key)), ())
    names = found if isinstance(found, list) else [found]
    return tuple(name for each in names if (name := _text(each.get("name") if isinstance(each, dict) else each)))


def _first(metadata: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _text(metadata.get(key)))), "")


def _text(value: object) -> str:
    """A text or number on one line; nothing for what is neither."""
    return " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _joined(names: tuple[str, ...]) -> str:
    if len(names) > _MAX_AUTHORS:
        return f"{names[0]} et al."
    *before, last = names
    comma = "," if len(before) > 1 else ""
    return f"{', '.join(before)}{comma} and {last}" if before else last


def _place(quote: Quote) -> str:
    """The page, slide or sheet, or the characters where the source has no pages."""
    noun = next((noun for ending, noun in _PAGES.items() if quote.document.path.lower().endswith(ending)), "page")
    return f"{noun} {quote.page_label or quote.page}" if quote.page else f"characters {quote.start}–{quote.end}"


def _file(quote: Quote, source: _Source) -> str:
    """The file in brackets, if the title does not name the source by itself."""
    name = " ".join(quote.document.path.split())
    return "" if source.is_named or name == source.title else f" ({name})"


def _about(quote: Quote, source: _Source) -> Iterator[str]:
    """What comes after the title."""
    parts = (source.publisher, source.date, _place(quote), OCR if quote.ocr else "")
    return (part for part in parts if part)


def _listed(quote: Quote, source: _Source) -> str:
    authors = [_joined(source.authors)] if source.authors else []
    address = [source.address] if source.address else []
    return ", ".join([*authors, source.title + _file(quote, source), *_about(quote, source), *address])


def _linked(quote: Quote, source: _Source, base: str) -> str:
    """The same in Markdown, with a link to the quote's place in the service."""
    authors = [inline(_joined(source.authors))] if source.authors else []
    file = inline(_file(quote, source))
    title = f"[{inline(source.title)}]({base}{quote.url})" + (f" {file}" if file else "")
    address = [f"<{source.address}>"] if source.address else []
    return ", ".join([*authors, title, *map(inline, _about(quote, source)), *address])


def _note(quote: Quote, source: _Source) -> str:
    """A note as the Chicago Manual of Style has it: the author, the title in quotation marks, then the facts."""
    title = source.title + _file(quote, source)
    if source.is_named:
        # A title's own mark stands in the comma's place.
        title = f"“{title}”" if title.endswith(("?", "!")) else f"“{title},”"
    place = str(quote.page_label or quote.page) if _place(quote).startswith("page") else _place(quote)
    parts = (source.publisher, _written(source.date), place, OCR if quote.ocr else "", source.address)
    head = f"{_joined(source.authors)}, {title}" if source.authors else title
    joint = " " if source.is_named else ", "
    return f"{head}{joint}{', '.join(part for part in parts if part)}."


def _written(date: str) -> str:
    """An ISO date as it is written in English; any other as it is."""
    match = _ISO_DATE.fullmatch(date)
    if match is None or match[2] is None:
        return date
    month = _MONTHS[int(match[2]) - 1]
    return f"{month} {int(match[3])}, {match[1]}" if match[3] else f"{month} {match[1]}"
