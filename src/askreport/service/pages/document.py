"""The pages of one document: as it is printed, with the quoted words marked on the page, or its text."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Annotated, Any, Literal, TypeAlias

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import State

from askreport.answering.describing import descriptions_of
from askreport.answering.places import noun_of
from askreport.boxes import BoxArray, boxes_of, line_runs, run_box
from askreport.changes.originals import open_original, read_document
from askreport.errors import AskReportError, DocumentNotFoundError, ParseError, QuestionError
from askreport.parse import ParserPool
from askreport.service.pages.marked_up import MarkedUp, is_markdown, listed_sources
from askreport.service.pages.originals import OriginalsOf
from askreport.service.pages.templating import templates
from askreport.service.shared.dependencies import LibraryOf, SettingsOf
from askreport.service.shared.downloads import DownloadOf
from askreport.store import Store
from askreport.text.links import link, page_at, page_of
from askreport.text.paragraphs import LONG_LINE
from askreport.types import Box, Document, Page, Source, Span

ZOOMS = (50, 75, 100, 150, 200, 300)
# Pixels a point at 100%, where a page of letter size is about 900 pixels wide on the screen.
_SCALE = 1.5
SCALES = (0.75, 1.125, 1.5, 2.25, 3.0, 4.5, 6.0)
MAX_HITS = 200
MAX_FIND = 200
MAX_CONTENTS = 500
_HIT_CONTEXT = 60
_PICTURE_BYTES = 64_000_000
# Bytes of a page that shows all of a text, for each character of that.
_PAGE_SHARE = 4
View: TypeAlias = Literal["page", "text"]
MarkOf: TypeAlias = Annotated[str, Query(pattern=r"^(\d{1,9}-\d{1,9})?$")]

document_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a document's text as the page shows it: text, a gap, a sentence, a heading line, or furniture.

    ``pages`` are the pages that begin within it.
    """

    kind: str
    span: Span
    text: str
    pages: tuple[Page, ...] = ()

    @property
    def anchor(self) -> str:
        """The element's id: the fragment of a link to this span (RFC 5147), so that a browser finds it by itself."""
        return f"char={self.span.start},{self.span.end}"


@dataclass(frozen=True, slots=True)
class TextRun:
    """Words on a page and their box: a line of the text layer, which can be selected. ``turn`` is in degrees."""

    text: str
    box: Box
    turn: int = 0

    @property
    def length(self) -> float:
        """How long the words are, along their direction, in points."""
        return self.box.bottom - self.box.top if self.turn else self.box.right - self.box.left

    @property
    def size(self) -> float:
        """The height of the letters' boxes, in points."""
        return self.box.right - self.box.left if self.turn else self.box.bottom - self.box.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A place where the words that were looked for stand, with what is around them."""

    span: Span
    page: int | None
    url: str
    before: str
    words: str
    after: str


class Pictures:
    """Drawn pages, the most recently used up to a number of bytes; any thread may use it."""

    def __init__(self, limit: int = _PICTURE_BYTES) -> None:
        self._limit = limit
        self._held = 0
        self._pictures: OrderedDict[tuple[str, int, float], bytes] = OrderedDict()
        self._using = threading.Lock()

    def get(self, key: tuple[str, int, float]) -> bytes | None:
        """A picture, or None if it must be drawn."""
        with self._using:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: tuple[str, int, float], picture: bytes) -> None:
        """Keeps a picture as long as there is room."""
        with self._using:
            self._held += len(picture) - len(self._pictures.pop(key, b""))
            self._pictures[key] = picture
            while self._held > self._limit:
                _, old = self._pictures.popitem(last=False)
                self._held -= len(old)


async def get_pictures(request: Request) -> Pictures:
    """The drawn pages of the application."""
    pictures: Pictures = request.app.state.pictures
    return pictures


PicturesOf = Annotated[Pictures, Depends(get_pictures)]


@document_pages.get("/documents/{document_id}")
def show_document(
    request: Request,
    document_id: str,
    library: LibraryOf,
    settings: SettingsOf,
    originals: OriginalsOf,
    download: DownloadOf,
    page: Annotated[int | None, Query(ge=1)] = None,
    mark: MarkOf = "",
    find: Annotated[str, Query(max_length=MAX_FIND)] = "",
    zoom: int = 100,
    view: View | None = None,
) -> Response:
    """One document at a page, with a span (``mark=start-end``) and the words that are looked for marked.

    A source with printed pages is shown as it is printed unless its text is asked for; other sources are text, where
    ``#char=start,end`` is marked and scrolled to.
    """

    def read(as_text: bool) -> tuple[Source, dict[str, Any]]:
        return read_document(
            library.backend,
            settings.index,
            document_id,
            lambda store: _shown(store, document_id, mark, find, page, as_text=as_text),
        )

    source, shown = read(as_text=view == "text")
    problem: AskReportError | None = None
    if "page" in shown:
        try:
            originals.check(shown["document"], source)
        except AskReportError as error:
            problem, (_, shown) = error, read(as_text=True)
    if "segments" in shown:
        # Each letter of the text, with what the page writes around it.
        download.weigh(_PAGE_SHARE * len(shown["document"].text))
    described = descriptions_of(library.backend.desk, [shown["document"]])[document_id]
    context = shown | {"document": library.titled(shown["document"]), "described": described}
    context |= {"zoom": min(ZOOMS, key=lambda level: abs(level - zoom)), "problem": problem}
    return templates.TemplateResponse(request, "page.html" if "page" in shown else "document.html", context)


@document_pages.get("/documents/{document_id}/pages/{number}.png")
async def show_picture(
    request: Request,
    document_id: str,
    number: int,
    library: LibraryOf,
    pictures: PicturesOf,
    download: DownloadOf,
    scale: float = _SCALE,
) -> Response:
    """A page as it is printed, drawn at about ``scale`` pixels a point."""
    document = await run_in_threadpool(library.read, lambda store: store.document(document_id))
    if not any(page.number == number and page.width for page in document.pages):
        raise DocumentNotFoundError(f"{document.path} has no printed page {number}")
    key = (document_id, number, min(SCALES, key=lambda known: abs(known - scale)))
    picture = pictures.get(key)
    if picture is None:
        # Whoever waits for a process that draws holds neither a thread nor the file.
        drawn = partial(_draw, request.app.state, document, number, key[2])
        picture = await to_thread.run_sync(drawn, limiter=request.app.state.painting)
        pictures.put(key, picture)
    download.weigh(len(picture))
    # The address names the bytes that were drawn, so that it never shows anything else.
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type="image/png", headers=headers)


def _draw(state: State, document: Document, number: int, scale: float) -> bytes:
    """A page's picture, drawn from the file as it was indexed."""
    original = open_original(state.library.backend, document.id, state.settings.corpus)
    painters: ParserPool = state.painters
    try:
        return painters.draw(original.read(), number, scale)
    except ParseError as error:
        raise QuestionError(f"page {number} of {document.path} cannot be drawn: {error.message}") from None


def marked_span(document: Document, mark: str) -> Span | None:
    """The span that an address names (``start-end``), if it lies within the text."""
    start, _, end = mark.partition("-")
    span = Span(int(start), int(end)) if mark else Span(0, 0)
    return span if span.start < span.end <= len(document.text) else None


def _contents(document: Document) -> list[tuple[int, str, str]]:
    """The headings as (level, words, address)."""
    return [
        (heading.level, heading.title, link(document, Span(heading.start, heading.end)))
        for heading in document.headings[:MAX_CONTENTS]
    ]


def search_text(document: Document, words: str) -> Iterator[Found]:
    """Every place where the words stand, whatever their case and the white space between them."""
    wanted = [re.escape(word) for word in words.split()]
    if not wanted:
        return
    text = document.text
    for match in re.finditer(r"\s+".join(wanted), text, re.IGNORECASE):
        span = Span(*match.span())
        before, after = text[max(0, span.start - _HIT_CONTEXT) : span.start], text[span.end : span.end + _HIT_CONTEXT]
        yield Found(
            span=span,
            page=page_at(document, span.start),
            url=link(document, span),
            before=before,
            words=match[0],
            after=after,
        )


def _shown(
    store: Store, document_id: str, mark: str, find: str, number: int | None, as_text: bool
) -> tuple[Source, dict[str, Any]]:
    """A document's file, and what is shown of it: a printed page where it has such, unless its text is wanted."""
    document = store.document(document_id)
    marked = marked_span(document, mark)
    hits = list(islice(search_text(document, find), MAX_HITS))
    is_printed = any(each.width for each in document.pages)
    if is_printed and not as_text:
        shown = _page_context(store, document, number, marked, hits)
    else:
        shown = {"segments": list(segments(document, store.sentences(document_id))), "marked_up": MarkedUp(document)}
    return store.source(document_id), shown | {
        "document": document,
        "marked": marked,
        "find": find,
        "hits": hits,
        "contents": _contents(document),
        "noun": noun_of(document.path),
        "printed": is_printed,
        "sources": list(listed_sources(document.metadata).values()),
        "is_markdown": is_markdown(document),
    }


def _page_context(
    store: Store, document: Document, number: int | None, marked: Span | None, hits: list[Found]
) -> dict[str, Any]:
    """What the page of a printed source shows beside what all documents show."""
    pages = document.pages
    at = next((page for page in pages if page.number == number), None)
    if at is None and marked:
        at = page_of(document, marked.start)
    page = at or pages[0]
    place = pages.index(page)
    found = [hit.span for hit in hits if hit.span.start < page.end and page.start < hit.span.end]
    # The marks, all places that were found on the page and its words ask for the same boxes.
    boxes_on = cache(store.boxes)
    boxes = boxes_of(document, boxes_on, marked) if marked else ()
    return {
        "page": page,
        "before": pages[place - 1].number if place else None,
        "after": pages[place + 1].number if place + 1 < len(pages) else None,
        "marks": [box for box in boxes if box.page == page.number],
        "mark_pages": sorted({box.page for box in boxes} - {page.number}),
        "found": [box for span in found for box in boxes_of(document, boxes_on, span) if box.page == page.number],
        "runs": list(text_layer(document, page, boxes_on(document.id, page.number))),
        "quote": document.text[marked.start : marked.end] if marked else "",
        "scales": scales,
        "zooms": ZOOMS,
    }


def scales(zoom: int) -> tuple[float, float]:
    """Pixels a point at a zoom, for screens with one and with two pixels where others have one."""
    wanted = (_SCALE * zoom / 100, 2 * _SCALE * zoom / 100)
    first, second = (min(SCALES, key=lambda known, aim=aim: abs(known - aim)) for aim in wanted)  # type: ignore[misc]
    return first, second


def text_layer(document: Document, page: Page, boxes: BoxArray | None) -> Iterator[TextRun]:
    """The words of a page where they are printed, in the order of the text, by the boxes of its characters."""
    if boxes is None:
        return
    text = document.text[page.start : page.end]
    for run in line_runs(boxes):
        characters = boxes[run]
        words = text[run[0] : run[-1] + 1]
        box = run_box(page, characters)
        tall = len(words) > 1 and box.bottom - box.top > box.right - box.left and len(words.split()[0]) > 1
        turn = (90 if characters[-1, 1] >= characters[0, 1] else -90) if tall else 0
        yield TextRun(words, box, turn)


def segments(document: Document, sentences: list[Span], within: Span | None = None) -> Iterator[Segment]:
    """The document's text, or the part ``within`` a span, cut into segments that together are all of it, in order."""
    position, end = within or Span(0, len(document.text))
    marked = [("sentence", span) for span in sentences]
    marked += [(f"heading h{heading.level}", Span(heading.start, heading.end)) for heading in document.headings]
    marked += [("furniture", span) for span in document.furniture]
    for kind, span in sorted((each for each in marked if each[1].end <= end), key=lambda item: item[1]):
        if span.start < position:
            continue
        if position < span.start:
            yield _between(document, Span(position, span.start))
        yield Segment(kind=kind, span=span, text=document.text[span.start : span.end], pages=_pages_in(document, span))
        position = span.end
    if position < end:
        yield _between(document, Span(position, end))


def _between(document: Document, span: Span) -> Segment:
    """What stands between two marked segments; white space that ends a paragraph is a gap.

    A single line break ends one only after a long line: in hard-wrapped text it may follow any sentence.
    """
    text = document.text
    piece = text[span.start : span.end]
    line_start = text.rfind("\n", 0, span.start) + 1
    ends_paragraph = piece.count("\n") > 1 or ("\n" in piece and span.start - line_start > LONG_LINE)
    kind = "gap" if ends_paragraph and not piece.strip() else "text"
    return Segment(kind=kind, span=span, text=piece, pages=_pages_in(document, span))


def _pages_in(document: Document, span: Span) -> tuple[Page, ...]:
    return tuple(page for page in document.pages if span.start <= page.start < span.end)
