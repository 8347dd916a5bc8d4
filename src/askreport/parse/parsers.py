"""The reader of each format. Only the child process imports them: they load slowly and meet hostile bytes."""

from collections.abc import Callable, Iterator

from askreport.errors import ParseError
from askreport.parse.collection import parse_collection
from askreport.parse.epub import parse_epub
from askreport.parse.html import parse_html
from askreport.parse.mail import parse_eml
from askreport.parse.markdown import parse_markdown
from askreport.parse.odf import parse_odf
from askreport.parse.options import Grant, Parsed, ParseOptions
from askreport.parse.pdf.reader import parse_pdf
from askreport.parse.rtf import parse_rtf
from askreport.parse.sheets import parse_csv, parse_xlsx
from askreport.parse.slides import parse_pptx
from askreport.parse.text import parse_text
from askreport.parse.word import parse_docx
from askreport.types import Document

SINGLE: dict[str, Callable[[bytes, str, str], Document]] = {
    ".txt": parse_text,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".html": parse_html,
    ".htm": parse_html,
    ".xhtml": parse_html,
    ".docx": parse_docx,
    ".pptx": parse_pptx,
    ".xlsx": parse_xlsx,
    ".csv": parse_csv,
    ".tsv": parse_csv,
    ".epub": parse_epub,
    ".odt": parse_odf,
    ".odp": parse_odf,
    ".ods": parse_odf,
    ".rtf": parse_rtf,
    ".eml": parse_eml,
}


def parse(data: bytes, ending: str, options: ParseOptions, grant: Grant) -> Iterator[Parsed | ParseError]:
    """The documents of a file's bytes, without path, untitled where they name no title; an error for each bad part.

    Raises ParseError when nothing of the file can be read.
    """
    if not data:
        raise ParseError("the file is empty", "no_text")
    for item in _items(data, ending, options, grant):
        if isinstance(item, Parsed):
            _check(item, options)
        yield item


def _items(data: bytes, ending: str, options: ParseOptions, grant: Grant) -> Iterator[Parsed | ParseError]:
    if ending == ".pdf":
        yield from parse_pdf(data, "", "", options, grant)
    elif ending == ".jsonl":
        for part in parse_collection(data, ""):
            yield Parsed(part) if isinstance(part, Document) else part
    else:
        yield Parsed(SINGLE[ending](data, "", ""))


def _check(parsed: Parsed, options: ParseOptions) -> None:
    document = parsed.document
    if len(document.text) > options.max_characters:
        raise ParseError(f"the text is longer than {options.max_characters:,} characters", "too_large")
    if len(document.pages) > options.max_pages:
        raise ParseError(
            f"the file has {len(document.pages):,} pages; at most {options.max_pages:,} are read", "too_large"
        )
