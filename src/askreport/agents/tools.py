"""What agents can do with a library: ask, search, read and list, as tools with schemas of what goes in and out.

``search`` and ``fetch`` have the shape that chat clients with connectors expect. A passage is read by the id that
``search`` gives it, "document:start-end"; a document by its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from askreport.agents.filters import FilterFields
from askreport.answering.as_text import cited
from askreport.answering.ask import MAX_RESULTS
from askreport.answering.followup import MAX_HISTORY
from askreport.answering.library import Library
from askreport.answering.mentions import MAX_AT_ONCE, Part
from askreport.answering.titles import Titles
from askreport.errors import QuestionError
from askreport.store import Store
from askreport.types import Answer, Document, Hit, Languages, Mention, Quote, Role, Span, Status

# The characters of a document that are read at a time; some thousand words, which every model can take.
MAX_CHARACTERS = 20_000
MAX_LISTED = 200
# Read before a passage, so that its beginning is understood.
_BEFORE = 1_000
_PASSAGE = re.compile(r"(?P<document>[^:]+):(?P<start>\d{1,12})-(?P<end>\d{1,12})")
_TEXT_ENDINGS = (".txt", ".md", ".markdown")

# The store, a document's id, and the address of a place in it as quotes have it -> an address for others.
Address: TypeAlias = Callable[[Store, str, str], str]


class Arguments(BaseModel):
    """What a tool is given; an argument it does not have is an error."""

    model_config = ConfigDict(extra="forbid")


class AskArguments(Arguments, FilterFields):
    """The question, where to look, and what was asked before."""

    question: str = Field(description="The question, as a sentence.")
    history: list[str] = Field([], max_length=MAX_HISTORY, description="The questions before it, oldest first.")


class SearchArguments(Arguments, FilterFields):
    """What to look for, and where."""

    query: str = Field(description="A question or some words.")
    limit: int = Field(10, ge=1, le=MAX_RESULTS, description="How many passages.")


class MentionsArguments(Arguments, FilterFields):
    """The subject, where to look, and which part of the list."""

    query: str = Field(description="A question, or the subject in a few words.")
    start: int = Field(0, ge=0, description="How many sentences to leave out.")
    limit: int = Field(50, ge=1, le=MAX_AT_ONCE, description="How many sentences.")


class FetchArguments(Arguments):
    """What to read."""

    id: str = Field(description="The id of a search result or of a document.")
    start: int | None = Field(None, ge=0, description="First character of the document's text to read.")
    end: int | None = Field(None, ge=1, description=f"Where to stop, at most {MAX_CHARACTERS} characters on.")


class ListArguments(Arguments):
    """Which part of the list."""

    start: int = Field(0, ge=0, description="How many documents to leave out.")
    limit: int = Field(50, ge=1, le=MAX_LISTED, description="How many documents.")


class CitedSlice(BaseModel):
    """Words of the document's text, from ``start`` to ``end``."""

    text: str
    start: int
    end: int


class CitedContext(CitedSlice):
    """Words that a quote is to be repeated with; ``role`` is what they are to it."""

    role: Role


class CitedQuote(BaseModel):
    """The source's own words; ``start`` and ``end`` count the characters of the document's text.

    ``context`` is what the quote must be read with, in the order of the text; ``emphasis`` are its words that answer.
    """

    n: int
    text: str
    document: str
    title: str
    url: str
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    context: list[CitedContext]
    emphasis: list[CitedSlice]


class AskResult(BaseModel):
    """Verified quotes, or none if ``status`` is "not_found"; ``confidence`` that they answer is from 0 to 1."""

    question: str
    understood: str
    status: Status
    confidence: float
    differ: bool
    languages: Languages | None
    quotes: list[CitedQuote]


class SearchItem(BaseModel):
    """A passage: an id to fetch it by, its document's title, an address to cite, and its words."""

    id: str
    title: str
    url: str
    text: str


class SearchItems(BaseModel):
    """Passages, the nearest first; near is not yet an answer."""

    results: list[SearchItem]


class ListedMention(BaseModel):
    """A sentence that bears on the subject, word for word, with what it is to be read with."""

    n: int
    text: str
    document: str
    title: str
    url: str
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    context: list[CitedContext]


class MentionList(BaseModel):
    """A part of all sentences on a subject, by document; ``next`` is the start of the one after it, if there is one."""

    subject: str
    mentions: list[ListedMention]
    total: int
    documents: int
    next: int | None


class Fetched(BaseModel):
    """A part of a document's text; ``metadata`` says which: document, start, end, and how many characters it has."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any]


class ListedDocument(BaseModel):
    """A document without its text."""

    id: str
    title: str
    url: str
    path: str
    characters: int
    pages: int


class DocumentList(BaseModel):
    """A part of the list; ``next`` is the start of the one after it, if there is one."""

    documents: list[ListedDocument]
    total: int
    next: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gives: a value by its schema, and what a reader is shown."""

    value: BaseModel
    text: str


def ask_tool(library: Library, address: Address, given: AskArguments) -> Result:
    """Answers a question; errors as in ``ask.investigate``."""
    answer = library.ask(given.question, 5, given.filter(), given.history)
    addresses = library.read(
        lambda store: {each.n: address(store, each.document.id, each.url) for each in answer.quotes}
    )

    def address_of(quote: Quote) -> str:
        return addresses[quote.n]

    return Result(_ask_result(answer, address_of), cited(answer, address_of).text)


def _ask_result(answer: Answer, address_of: Callable[[Quote], str]) -> AskResult:
    quotes = [
        CitedQuote(
            n=quote.n,
            text=quote.text,
            document=quote.document.id,
            title=quote.document.title,
            url=address_of(quote),
            start=quote.start,
            end=quote.end,
            page=quote.page,
            page_label=quote.page_label,
            paragraph=quote.paragraph,
            context=[
                CitedContext(text=each.text, start=each.start, end=each.end, role=each.role) for each in quote.context
            ],
            emphasis=[CitedSlice(text=each.text, start=each.start, end=each.end) for each in quote.emphasis],
        )
        for quote in answer.quotes
    ]
    return AskResult(
        question=answer.question,
        understood=answer.understood,
        status=answer.status,
        confidence=answer.confidence,
        differ=answer.differ,
        languages=answer.languages,
        quotes=quotes,
    )


def search_tool(library: Library, address: Address, given: SearchArguments) -> Result:
    """Finds the nearest passages; errors as in ``ask.search``."""
    found = library.search(given.query, given.limit, given.filter())
    return as_json(
        library.read(lambda store: SearchItems(results=[_item(store, address, hit) for hit in found.passages]))
    )


def mentions_tool(library: Library, address: Address, given: MentionsArguments) -> Result:
    """Lists every sentence that bears on a subject; errors as in ``Library.mentions``."""
    found = library.mentions(given.query, given.filter(), part=Part(limit=given.limit, offset=given.start))
    mentions = library.read(lambda store: [_listed_mention(store, address, each) for each in found.mentions])
    stop = given.start + len(mentions)
    return as_json(
        MentionList(
            subject=found.subject,
            mentions=mentions,
            total=found.total,
            documents=len(found.documents),
            next=stop if mentions and stop < found.total else None,
        )
    )


def _listed_mention(store: Store, address: Address, mention: Mention) -> ListedMention:
    return ListedMention(
        n=mention.n,
        text=mention.text,
        document=mention.document.id,
        title=mention.document.title,
        url=address(store, mention.document.id, mention.url),
        start=mention.start,
        end=mention.end,
        page=mention.page,
        page_label=mention.page_label,
        paragraph=mention.paragraph,
        context=[
            CitedContext(text=each.text, start=each.start, end=each.end, role=each.role) for each in mention.context
        ],
    )


def _item(store: Store, address: Address, hit: Hit) -> SearchItem:
    identity = f"{hit.document.id}:{hit.start}-{hit.end}"
    return SearchItem(
        id=identity, title=hit.document.title, url=address(store, hit.document.id, hit.url), text=hit.text
    )


def fetch_tool(library: Library, address: Address, given: FetchArguments) -> Result:
    """Reads a document from its beginning, a passage with what is around it, or the range that is asked for.

    Raises DocumentNotFoundError, and QuestionError for a range that is not one of the text.
    """
    titles = library.descriptions.titles
    return as_json(library.read(lambda store: _fetched(store, address, titles, given)))


def _fetched(store: Store, address: Address, titles: Titles, given: FetchArguments) -> Fetched:
    passage = _PASSAGE.fullmatch(given.id)
    document = store.document(passage["document"] if passage else given.id)
    about = Span(int(passage["start"]), int(passage["end"])) if passage else Span(0, 0)
    start, end = _range(document, about, given)
    metadata = {
        "document": document.id,
        "path": document.path,
        "start": start,
        "end": end,
        "characters": len(document.text),
        "sha256": document.sha256,
        **({"passage_start": about.start, "passage_end": about.end} if passage else {}),
        **({"source": document.metadata} if document.metadata else {}),
    }
    url = address(store, document.id, f"/documents/{document.id}#char={start},{end}")
    text = document.text[start:end]
    return Fetched(id=given.id, title=titles.of(document), text=text, url=url, metadata=metadata)


def _range(document: Document, about: Span, given: FetchArguments) -> Span:
    length = len(document.text)
    start = max(0, about.start - _BEFORE) if given.start is None else given.start
    end = min(length, start + MAX_CHARACTERS, *([] if given.end is None else [given.end]))
    if start > length or end < start:
        raise QuestionError(
            f"there are no characters {start} to {given.end if given.end is not None else end} in this document",
            f"Its text has {length} characters, from 0 to {length}.",
        )
    return Span(start, end)


def list_tool(library: Library, address: Address, given: ListArguments) -> Result:
    """Lists the documents by path."""
    titles = library.descriptions.titles
    return as_json(library.read(lambda store: _listed(store, address, titles, given)))


def _listed(store: Store, address: Address, titles: Titles, given: ListArguments) -> DocumentList:
    documents = titles.put(store.documents())
    stop = given.start + given.limit
    listed = [
        ListedDocument(
            id=each.id,
            title=each.title,
            url=address(store, each.id, f"/documents/{each.id}"),
            path=each.path,
            characters=each.characters,
            pages=each.pages,
        )
        for each in documents[given.start : stop]
    ]
    return DocumentList(documents=listed, total=len(documents), next=stop if stop < len(documents) else None)


def file_address(store: Store, document_id: str, path: str) -> str:
    """The address of a place in the file a document was read from, for those who have no service to open it by.

    The files of a library in PostgreSQL have no such address; there it is that of the page on any of its services.
    """
    file = store.source(document_id).file
    if not file.is_absolute():
        return path
    if page := re.search(r"[?&]page=(\d+)", path):
        return f"{file.as_uri()}#page={page[1]}"
    # Only of a plain text the characters are those of the file (RFC 5147).
    fragment = path.partition("#")[2] if file.suffix.lower() in _TEXT_ENDINGS else ""
    return f"{file.as_uri()}#{fragment}" if fragment else file.as_uri()


def as_json(value: BaseModel) -> Result:
    """A result whose text is the same as JSON."""
    # Clients that know nothing of structured results read the same as JSON.
    return Result(value, value.model_dump_json())
