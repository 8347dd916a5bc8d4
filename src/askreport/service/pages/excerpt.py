"""A quote's place, to be read beside the answer: the printed page with the words marked, or the text around them."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from askreport.answering.library import Library
from askreport.answering.places import noun_of
from askreport.boxes import boxes_of
from askreport.errors import AskReportError, QuestionError
from askreport.service.pages.document import MarkOf, Segment, marked_span, segments
from askreport.service.pages.marked_up import MarkedUp, Piece, in_runs, is_markdown
from askreport.service.pages.originals import Originals, OriginalsOf
from askreport.service.pages.templating import templates
from askreport.service.shared.dependencies import LibraryOf
from askreport.store import Store
from askreport.text.links import link, page_of
from askreport.types import Box, Document, Page, Source, Span

# Code points of a text on each side of what is marked, and how many more so that a paragraph is whole.
CONTEXT = 900
MAX_MARKED = 5_000

excerpt_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The part of a document around a span: a printed ``page`` with ``boxes``, or ``parts`` of the text.

    A part is a segment and its pieces, in runs that are marked or not. ``more`` are other pages with marked words.
    """

    document: Document
    source: Source
    marked: Span
    url: str
    noun: str
    page: Page | None
    boxes: tuple[Box, ...] = ()
    more: tuple[int, ...] = ()
    parts: tuple[tuple[Segment, tuple[tuple[bool, tuple[Piece, ...]], ...]], ...] = ()
    is_cut: tuple[bool, bool] = (False, False)

    @property
    def is_markdown(self) -> bool:
        """Whether marks of Markdown are hidden."""
        return is_markdown(self.document)


@excerpt_pages.get("/documents/{document_id}/excerpt")
def show_excerpt(
    request: Request, document_id: str, library: LibraryOf, originals: OriginalsOf, mark: MarkOf
) -> Response:
    """The place of a span, as part of a page."""

    def found_in(store: Store) -> Excerpt:
        marked = marked_span(store.document(document_id), mark)
        if marked is None:
            raise QuestionError(f"{mark or 'nothing'} is not a span of the document", "Give mark=start-end.")
        return excerpt_in(store, document_id, marked)

    excerpt = library.titled(checked(library.read(found_in), library, originals))
    return templates.TemplateResponse(request, "excerpt.html", {"excerpt": excerpt})


def excerpt_in(store: Store, document_id: str, marked: Span, as_text: bool = False) -> Excerpt:
    """The place of a span: as it is printed where the source has pages, unless it is wanted as text."""
    document = store.document(document_id)
    page = page_of(document, marked.start)
    excerpt = Excerpt(
        document=document,
        source=store.source(document_id),
        marked=marked,
        url=link(document, marked),
        noun=noun_of(document.path),
        page=page,
    )
    if page and page.width and not as_text:
        boxes = boxes_of(document, store.boxes, marked)
        here = tuple(box for box in boxes if box.page == page.number)
        return replace(excerpt, boxes=here, more=tuple(sorted({box.page for box in boxes} - {page.number})))
    shown = _around(document.text, marked)
    marked_up = MarkedUp(document)
    parts = tuple(
        (segment, tuple(in_runs(marked_up.pieces(segment.span), segment.span.start, marked)))
        for segment in segments(document, store.sentences(document_id), shown)
    )
    return replace(excerpt, parts=parts, is_cut=(shown.start > 0, shown.end < len(document.text)))


def checked(excerpt: Excerpt, library: Library, originals: Originals) -> Excerpt:
    """The excerpt, as text if it is of a printed page whose file is no longer the one that was indexed."""
    if excerpt.parts:
        return excerpt
    try:
        originals.check(excerpt.document, excerpt.source)
    except AskReportError:
        return library.read(lambda store: excerpt_in(store, excerpt.document.id, excerpt.marked, as_text=True))
    return excerpt


def _around(text: str, marked: Span) -> Span:
    """The span and what is around it: whole paragraphs where they are not too long, else whole words."""
    start = max(0, marked.start - CONTEXT)
    end = min(len(text), min(marked.end, marked.start + MAX_MARKED) + CONTEXT)
    return Span(_beginning(text, start), _ending(text, end))


def _beginning(text: str, position: int) -> int:
    """Where the paragraph begins that the position is in, or not too far before it the word."""
    first = max(0, position - CONTEXT)
    line, space = text.rfind("\n", first, position) + 1, text.rfind(" ", first, position) + 1
    return line or (first and (space or position))


def _ending(text: str, position: int) -> int:
    """Where the paragraph ends that the position is in, or not too far after it the word."""
    last = min(len(text), position + CONTEXT)
    line, space = text.find("\n", position, last), text.find(" ", position, last)
    if line >= 0 or last == len(text):
        return line if line >= 0 else last
    return space if space >= 0 else position
