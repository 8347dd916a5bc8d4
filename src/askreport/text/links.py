"""Where in a document something stands, as answers and pages name it."""

from askreport.types import Document, DocumentRef, Page, Span


def reference(document: Document) -> DocumentRef:
    """The document as answers name it."""
    return DocumentRef(id=document.id, title=document.title, path=document.path, sha256=document.sha256)


def page_at(document: Document, position: int) -> int | None:
    """The number of the page a position is on, if the source has pages."""
    page = page_of(document, position)
    return page.number if page else None


def label_at(document: Document, position: int) -> str:
    """What the file itself calls the page a position is on; empty if that is its number, or the source has no pages."""
    page = page_of(document, position)
    return page.label if page else ""


def page_of(document: Document, position: int) -> Page | None:
    """The page a position is on, if the source has pages."""
    return next((page for page in document.pages if page.start <= position < page.end), None)


def link(document: Document, span: Span) -> str:
    """The address that opens a document at a span, with an RFC 5147 character range.

    Where the source has pages to show, the page and the span are also in the query: the server marks the words on the
    page's picture, and never sees what stands after the number sign.
    """
    page = page_of(document, span.start)
    query = f"?page={page.number}&mark={span.start}-{span.end}" if page and page.width else ""
    return f"/documents/{document.id}{query}#char={span.start},{span.end}"
