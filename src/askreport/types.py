"""The nouns of the project, as frozen dataclasses without behaviour.

Offsets count Unicode code points of a document's canonical text, from 0, the end excluded, so that
``document.text[start:end]`` is the thing itself. The classes from ``Quote`` down are also the answer's JSON: field
names and nesting are the public contract.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
HalfArray: TypeAlias = npt.NDArray[np.float16]
IntArray: TypeAlias = npt.NDArray[np.int64]
# A passage's unit vector, and its sentences' unit rows.
PassageVectors: TypeAlias = tuple[FloatArray, FloatArray]
OutcomeStatus: TypeAlias = Literal[
    "indexed", "duplicate", "no_text", "encrypted", "damaged", "too_large", "timed_out", "unsupported", "unreadable"
]
Status: TypeAlias = Literal["answered", "uncertain", "not_found"]
# What a slice of a document is to the quote that it belongs to.
Role: TypeAlias = Literal["before", "after", "header", "lead_in", "question", "heading"]
# Where an evaluation looks for each question (evaluate.py).
Scope: TypeAlias = Literal["auto", "library", "context", "title"]


class Span(NamedTuple):
    """A half-open range of code points in a document's canonical text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading: the span of its whole line, its level from 1, and its words."""

    start: int
    end: int
    level: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page (slide, sheet) of a paged source: its number from 1 and its span of the text.

    ``width`` and ``height`` are those of the page as it is displayed, in points; 0 where the source has no layout.
    ``ocr`` tells that its text was read from a picture. ``label`` is what the file itself calls the page
    ("iii", "101"), as its readers cite it; empty where that is not known.
    """

    number: int
    start: int
    end: int
    width: float = 0.0
    height: float = 0.0
    ocr: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One source as it is indexed and quoted.

    ``id`` is derived from the source's bytes, so that a moved file keeps it; ``sha256`` is that of the canonical
    text in UTF-8. ``has_title`` says whether the title is the document's own, not made from a file's name.
    ``furniture`` are spans that are part of the text but not of its prose (front matter). ``left_out`` tells people
    what could not be read of the source, or was not because it is struck out or hidden: "2 pictures". ``language`` is
    the text's (text/language.py), as the store has it; empty if it is not known.
    """

    id: str
    path: str
    title: str
    text: str
    sha256: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[Page, ...] = ()
    furniture: tuple[Span, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    has_title: bool = False
    left_out: tuple[str, ...] = ()
    # Made of the text, so that equal documents have the same.
    language: str = field(default="", compare=False)

    @property
    def context(self) -> str:
        """What stands before each passage when it is embedded and searched: what the document says it is about.

        A file's name is not part of it, so that renaming a file changes nothing that was computed.
        """
        return f"{self.title}\n" if self.has_title else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of whole sentences that is retrieved as one: a slice of its document, under one heading."""

    document_id: str
    start: int
    end: int
    heading: tuple[str, ...]
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SentenceCosines:
    """How near the sentences of passages are: ``numbers`` ascending, shape (n,), and how many sentences each has.

    ``cosines`` has those of the first passage's sentences, then those of the next, shape (sum of ``sizes``,). A
    sentence that two passages share is there twice.
    """

    numbers: IntArray
    sizes: IntArray
    cosines: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file: ``status`` for programs, ``reason`` for people.

    Of a file that was read, the reason lists what could not be read in it, or was not: "not read: 2 pictures".
    """

    path: str
    status: OutcomeStatus
    reason: str = ""
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a document was read from: where it was then, and the id of its bytes (digest.py)."""

    file: Path
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which documents to look in: an empty field leaves none out.

    ``documents`` (ids or paths) and ``folders`` name places: a document is in one of them. It also has one of the
    ``tags``, one of the ``kinds`` (endings without the dot) and one of the ``languages`` (ISO 639-1 codes), and a date
    from ``since`` to ``until``, both included (YYYY, YYYY-MM or YYYY-MM-DD).
    """

    documents: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


# No filter.
ALL = Filter()


@dataclass(frozen=True, slots=True)
class Reach:
    """How many documents were looked in, of how many in the library."""

    documents: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """The document a quote or passage is from."""

    id: str
    title: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on a page as it is displayed, in points (1/72 inch) from the page's top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where else the same words stand; ``page``, ``page_label`` and ``paragraph`` as of a quote."""

    document_id: str
    start: int
    end: int
    page: int | None = None
    page_label: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class TextPositionSelector:
    """W3C Web Annotation selector by offsets in the canonical text."""

    start: int
    end: int
    type: Literal["TextPositionSelector"] = "TextPositionSelector"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuoteSelector:
    """W3C Web Annotation selector by the words themselves and their surroundings."""

    exact: str
    prefix: str
    suffix: str
    type: Literal["TextQuoteSelector"] = "TextQuoteSelector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Words of a document: ``text`` is ``document.text[start:end]``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A verbatim slice of the same document without which a quote should not be read.

    ``role`` says what it is to the quote: the sentence before or after it (``before`` also of who speaks), its table's
    header, its list's lead-in, the question that it answers, or its heading.
    """

    role: Role
    text: str
    start: int
    end: int
    page: int | None
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim slice of a document that was checked against the stored text.

    ``score`` is the probability, 0 to 1, that it answers. ``ocr`` tells that the text itself was read from a picture
    by OCR, which makes mistakes. ``page_label`` is what the file itself calls the page, by which it is cited; empty if
    that is its number. ``paragraph`` is the paragraph's number, where the source has no pages. ``context`` is what the
    quote is to be read with, in the order of the text, and ``emphasis`` are the words within the quote that answer;
    each may be empty.
    """

    n: int
    text: str
    document: DocumentRef
    start: int
    end: int
    page: int | None
    boxes: tuple[Box, ...]
    heading: tuple[str, ...]
    score: float
    url: str
    selector: tuple[TextPositionSelector, TextQuoteSelector]
    also_at: tuple[Place, ...] = ()
    ocr: bool = False
    page_label: str = ""
    paragraph: int | None = None
    context: tuple[Context, ...] = ()
    emphasis: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A sentence that bears on a question: a verbatim slice of a document, checked against the stored text.

    ``n`` counts all mentions from 1. ``nearness`` is its cosine to the question and a little for the question's words
    in it. Its place, ``context`` and ``emphasis``, here the question's words, are as of a quote.
    """

    n: int
    text: str
    document: DocumentRef
    start: int
    end: int
    page: int | None
    heading: tuple[str, ...]
    nearness: float
    url: str
    page_label: str = ""
    paragraph: int | None = None
    context: tuple[Context, ...] = ()
    emphasis: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A document and how many of its sentences bear on a question."""

    document: DocumentRef
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that was found, with its scores: by retrieval and reading together, the cosine and BM25."""

    text: str
    document: DocumentRef
    start: int
    end: int
    page: int | None
    heading: tuple[str, ...]
    score: float
    dense: float
    lexical: float
    url: str
    page_label: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """The generation that answered: its number and when it was built (ISO 8601, UTC).

    ``embedded`` is the share of its passages that have vectors, from 0 to 1: the others are found by words alone.
    """

    generation: int
    built_at: str
    embedded: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseSentence:
    """A sentence of a language model, checked by program against the quotes that it cites, by their numbers.

    ``reason`` says why it is not supported; it is empty where it is.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What a language model made of the quotes, sentence by sentence, those that are not supported included.

    ``error`` says why it could not be asked, or not to the end. Without sentences and without an error, the model
    found that the quotes do not answer.
    """

    sentences: tuple[ProseSentence, ...]
    model: str
    took_ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Languages:
    """The language of a question, and those of all documents, the most common one first, by their ISO 639-1 codes."""

    question: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question: verified quotes, or a refusal, with the passages that were read.

    ``understood`` is the question as it was read, which differs from ``question`` where earlier ones were needed to
    understand it. ``differ`` tells that quotes from different documents answer it differently. ``languages`` is there
    only if nothing was found and no document is in the question's language. ``prose`` is there only if it was asked
    for and a language model is set. ``reach`` says how many documents were asked. ``overviews`` are documents whose
    overview answers instead, for a question about a whole document ("Summarise the report").
    """

    question: str
    status: Status
    confidence: float
    answer: str
    quotes: tuple[Quote, ...]
    passages: tuple[Hit, ...]
    index: IndexState
    took_ms: float
    understood: str
    differ: bool
    languages: Languages | None = None
    prose: Prose | None = None
    reach: Reach = Reach(0, 0)
    overviews: tuple[DocumentRef, ...] = ()
