"""PDF: the text in reading order with a box for each character, pages, headings, and OCR where a page is a picture."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import groupby, pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from askreport.errors import ParseError
from askreport.parse.described import pdf_description
from askreport.parse.options import Grant, Parsed, ParseOptions
from askreport.parse.pdf.flow import Outline, flow
from askreport.parse.pdf.lines import PageLines
from askreport.parse.pdf.ocr import OcrError, ocr_page
from askreport.parse.pdf.page import draw_page, png, read_page

# PDFium's error codes.
_PASSWORD = 4
_NO_ERROR = 0
# Stands in the trailer of every encrypted file, which is never compressed.
_ENCRYPTED = b"/Encrypt"
# A page with fewer drawn paths and no picture is blank; with more, the letters may be drawn.
_DRAWN_PATHS = 20
_OCR_DPI = 200
_OCR_PIXELS = 25_000_000
_OCR_SECONDS = 60.0
# More would take most of an hour and are rather a scanned archive than a report.
_MAX_OCR_PAGES = 1_000
_MAX_OUTLINE = 5_000
_MAX_LABEL = 40
_INFO = ("Title", "Author", "Keywords", "CreationDate")
_NEEDS_OCR = "needs OCR: {} without text; `askreport doctor` says how to install it"


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read of a file, and the numbers of the pages of which nothing was."""

    pages: list[PageLines] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    ocr_pages: int = 0
    ocr_failure: str = ""


def parse_pdf(data: bytes, path: str, title: str, options: ParseOptions, grant: Grant) -> Iterator[Parsed | ParseError]:
    """The document of a PDF; a ParseError for the pages that could not be read, if others could.

    Raises ParseError if there is no text in it, or it is damaged, encrypted or too large.
    """
    with opened(data, options.passwords) as pdf:
        if len(pdf) > options.max_pages:
            raise ParseError(f"the file has {len(pdf):,} pages; at most {options.max_pages:,} are read", "too_large")
        if pdf.get_formtype() != pdfium_c.FORMTYPE_NONE:
            pdf.init_forms()
        reading = _read(pdf, options, grant)
        outline = _outline(pdf)
        labels = _labels(pdf)
        info = {name: str(pdf.get_metadata_value(name) or "") for name in _INFO}
    if not any(page.lines for page in reading.pages):
        raise _without_text(reading)
    pages = [replace(page, label=labels.get(page.number, "")) for page in reading.pages]
    parsed = flow(pages=pages, outline=outline, own=info["Title"], data=data, path=path, title=title)
    yield replace(parsed, document=replace(parsed.document, metadata=pdf_description(data, info)))
    if reading.broken:
        yield ParseError(f"{_named(reading.broken)} cannot be read; the rest is indexed")
    if reading.pictures:
        yield ParseError(_picture_reason(reading), "no_text")


@contextmanager
def opened(data: bytes, passwords: Sequence[str]) -> Iterator[pdfium.PdfDocument]:
    """The PDF, opened with the first password that fits if it needs one; ParseError if it cannot be."""
    if not data:
        raise ParseError("the file is empty", "no_text")
    pdf = _open(data, passwords)
    try:
        if len(pdf) == 0:
            raise ParseError("the file is damaged: it has no pages")
        yield pdf
    finally:
        pdf.close()


def _open(data: bytes, passwords: Sequence[str]) -> pdfium.PdfDocument:
    for password in (None, *passwords):
        try:
            return pdfium.PdfDocument(data, password=password)
        except pdfium.PdfiumError as error:
            if error.err_code == _PASSWORD and _ENCRYPTED in data:
                continue
            # The last error is that of an earlier file if PDFium gives none of its own.
            if error.err_code in (_PASSWORD, _NO_ERROR):
                raise ParseError("the file is damaged: it has no pages") from None
            kind = "damaged" if b"%PDF-" in data[:1024] else "not a PDF, whatever its name says"
            raise ParseError(f"the file is {kind}: {error}") from None
    another = "another password than those that were tried" if passwords else "a password"
    raise ParseError(f"the file needs {another}", "encrypted")


def _read(pdf: pdfium.PdfDocument, options: ParseOptions, grant: Grant) -> _Reading:
    reading = _Reading()
    characters = 0
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
            lines = _read_page(page, number, options, grant, reading)
            page.close()
        except pdfium.PdfiumError:
            reading.broken.append(number)
            continue
        reading.pages.append(lines)
        characters += sum(len(line.text) for line in lines.lines)
        if characters > options.max_characters:
            raise ParseError(f"the text is longer than {options.max_characters:,} characters", "too_large")
    return reading


def _read_page(page: pdfium.PdfPage, number: int, options: ParseOptions, grant: Grant, reading: _Reading) -> PageLines:
    """The page's lines, by OCR if it is a picture without text."""
    lines = read_page(page, number)
    if lines.lines or not _is_picture(page):
        return lines
    reading.ocr_pages += 1
    if reading.ocr_pages > _MAX_OCR_PAGES:
        reading.ocr_failure = f"only {_MAX_OCR_PAGES:,} pages of a file are read by OCR"
    if not options.ocr_languages or reading.ocr_failure:
        reading.pictures.append(number)
        return lines
    grant(_OCR_SECONDS)
    image, scale = draw_page(page, _OCR_DPI / 72, _OCR_PIXELS)
    try:
        return ocr_page(image, number, scale, options.ocr_languages, _OCR_SECONDS)
    except OcrError as error:
        reading.ocr_failure = "" if error.only_this_page else str(error)
        reading.pictures.append(number)
        return lines


def _is_picture(page: pdfium.PdfPage) -> bool:
    paths = 0
    for item in page.get_objects(max_depth=3):
        if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            return True
        paths += item.type == pdfium_c.FPDF_PAGEOBJ_PATH
    return paths >= _DRAWN_PATHS


def _without_text(reading: _Reading) -> ParseError:
    if reading.pictures:
        return ParseError(_picture_reason(reading), "no_text")
    if reading.broken:
        return ParseError("the file is damaged: none of its pages can be read")
    return ParseError("the pages hold no text", "no_text")


def _picture_reason(reading: _Reading) -> str:
    pages = f"{_named(reading.pictures)} {'is a picture' if len(reading.pictures) == 1 else 'are pictures'}"
    return _NEEDS_OCR.format(pages) + (f" ({reading.ocr_failure})" if reading.ocr_failure else "")


def _named(numbers: Sequence[int]) -> str:
    """Page numbers as people write them: "page 3", "pages 1-4, 7"."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"page{'s' if len(numbers) > 1 else ''} {shown}"


def _labels(pdf: pdfium.PdfDocument) -> dict[int, str]:
    """What the file calls its pages, by their numbers; nothing of it where it calls them by their numbers alone."""
    found = {}
    for number in range(1, len(pdf) + 1):
        label = " ".join("".join(filter(str.isprintable, pdf.get_page_label(number - 1))).split())[:_MAX_LABEL]
        if label:
            found[number] = label
    return found if any(label != str(number) for number, label in found.items()) else {}


def _outline(pdf: pdfium.PdfDocument) -> list[Outline]:
    """The bookmarks in their order; one that leads nowhere or cannot be read is left out."""
    found: list[Outline] = []
    for entry in pdf.get_toc(max_depth=6):
        if len(found) >= _MAX_OUTLINE:
            break
        target = entry.get_dest()
        page = target.get_index() if target else None
        words = re.sub(r"\s+", " ", entry.get_title()).strip()
        if page is not None and words:
            found.append(Outline(words, entry.level + 1, page + 1))
    # Bookmarks out of the order of their pages are no table of contents.
    return found if all(one.page <= other.page for one, other in pairwise(found)) else []


def unlock(data: bytes, passwords: Sequence[str]) -> bytes:
    """The same PDF without a password; ParseError if it needs none, or none of these opens it."""
    try:
        _open(data, ()).close()
    except ParseError as error:
        if error.status != "encrypted":
            raise
    else:
        raise ParseError("the file needs no password")
    copy = BytesIO()
    with opened(data, passwords) as pdf:
        pdf.save(copy, flags=pdfium_c.FPDF_REMOVE_SECURITY)
    return copy.getvalue()


def draw(data: bytes, number: int, scale: float, passwords: Sequence[str]) -> bytes:
    """A page, from 1, as a PNG of ``scale`` pixels a point, or fewer where the page is huge; ParseError if not."""
    with opened(data, passwords) as pdf:
        if not 1 <= number <= len(pdf):
            raise ParseError(f"the file has no page {number}")
        try:
            image, _ = draw_page(pdf[number - 1], scale)
        except (pdfium.PdfiumError, ValueError, OSError) as error:
            raise ParseError(f"page {number} cannot be drawn: {error}") from None
        return png(image)
