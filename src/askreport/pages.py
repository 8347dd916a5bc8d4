"""The web pages: the question and its answer, the documents, and one document with the quote marked in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

from askreport.api import LibraryOf
from askreport.ask import MAX_QUESTION_CHARS, Library, ask
from askreport.errors import AskReportError
from askreport.store import DocumentSummary
from askreport.types import Document, Span

_PACKAGED = Path(__file__).parent / "web"
# In a checkout the templates and styles are in web/ at its top; the wheel carries them inside the package.
WEB = _PACKAGED if _PACKAGED.exists() else Path(__file__).parents[2] / "web"
MAX_EXAMPLES = 6
LONG_LINE = 120

# The HTTP status of each error of the project, for pages and API alike.
STATUS_OF = {
    "bad_request": 422,
    "bad_setting": 422,
    "document_not_found": 404,
    "index_busy": 409,
    "index_write_failed": 507,
    "corpus_unreadable": 503,
    "index_missing": 503,
    "index_mismatch": 503,
    "index_damaged": 503,
    "encoder_unavailable": 503,
}

_templates = Jinja2Templates(directory=WEB / "templates")
_templates.env.globals["max_question_chars"] = MAX_QUESTION_CHARS
pages_router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a document's text as the page shows it: text, a gap, a sentence, a heading line, or furniture."""

    kind: str
    span: Span
    text: str

    @property
    def anchor(self) -> str:
        """The element's id: the fragment of a link to this span (RFC 5147), so that a browser finds it by itself."""
        return f"char={self.span.start},{self.span.end}"


@pages_router.get("/")
def home(request: Request, library: LibraryOf, q: str = "") -> Response:
    """The question box and, with ``?q=``, the answer."""
    documents, problem = _documents(library)
    answer = None
    if q.strip() and problem is None:
        try:
            answer = ask(library.store, library.encoder, q)
        except AskReportError as error:
            problem = error
    titles = {document.id: document.title for document in documents}
    context = {
        "question": q[:MAX_QUESTION_CHARS],
        "answer": answer,
        "problem": problem,
        "documents": documents,
        "titles": titles,
        "examples": examples(documents),
    }
    return _templates.TemplateResponse(request, "home.html", context, _status(problem))


@pages_router.get("/documents")
def list_documents(request: Request, library: LibraryOf) -> Response:
    """All documents of the library."""
    documents, problem = _documents(library)
    context = {"documents": documents, "problem": problem}
    return _templates.TemplateResponse(request, "documents.html", context, _status(problem))


@pages_router.get("/documents/{document_id}")
def show_document(request: Request, document_id: str, library: LibraryOf) -> Response:
    """One document's canonical text; ``#char=start,end`` is marked and scrolled to."""
    store = library.store
    document = store.document(document_id)
    context = {"document": document, "segments": list(segments(document, store.sentences(document_id)))}
    return _templates.TemplateResponse(request, "document.html", context)


def error_page(request: Request, status: int, message: str, hint: str | None) -> Response:
    """An error as a page."""
    context = {"status": status, "message": message, "hint": hint}
    return _templates.TemplateResponse(request, "error.html", context, status)


def segments(document: Document, sentences: list[Span]) -> Iterator[Segment]:
    """The document's text cut into segments that together are the whole text, in order."""
    marked = [("sentence", span) for span in sentences]
    marked += [(f"heading h{heading.level}", Span(heading.start, heading.end)) for heading in document.headings]
    marked += [("furniture", span) for span in document.furniture]
    position = 0
    for kind, span in sorted(marked, key=lambda item: item[1]):
        if span.start < position:
            continue
        if position < span.start:
            yield _between(document.text, Span(position, span.start))
        yield Segment(kind, span, document.text[span.start : span.end])
        position = span.end
    if position < len(document.text):
        yield _between(document.text, Span(position, len(document.text)))


def _between(text: str, span: Span) -> Segment:
    """What stands between two marked segments; white space that ends a paragraph is a gap.

    A single line break ends one only after a long line: in hard-wrapped text it may follow any sentence.
    """
    piece = text[span.start : span.end]
    line_start = text.rfind("\n", 0, span.start) + 1
    ends_paragraph = piece.count("\n") > 1 or ("\n" in piece and span.start - line_start > LONG_LINE)
    return Segment("gap" if ends_paragraph and not piece.strip() else "text", span, piece)


def examples(documents: list[DocumentSummary]) -> list[str]:
    """Questions that documents suggest under ``questions`` in their front matter, one from each in turn."""
    suggested = [document.metadata.get("questions") for document in documents]
    lists = [[str(item) for item in items] for items in suggested if isinstance(items, list)]
    longest = max(map(len, lists), default=0)
    turns = (items[turn] for turn in range(longest) for items in lists if turn < len(items))
    return list(islice(turns, MAX_EXAMPLES))


def _documents(library: Library) -> tuple[list[DocumentSummary], AskReportError | None]:
    try:
        return library.store.documents(), None
    except AskReportError as error:
        return [], error


def _status(problem: AskReportError | None) -> int:
    return 200 if problem is None else STATUS_OF.get(problem.code, 500)
