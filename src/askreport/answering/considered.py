"""A sentence of a candidate passage with what retrieval and the scorer know of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from askreport.errors import IndexDamagedError
from askreport.models.scorer import Judged
from askreport.types import Document, Span

# Chosen on squad2-dev and clapnq-dev, then report.dev (LOG.md has the table): the weights of the words in the sentence,
# and of those only in its neighbours, its headings or its document's title.
COVERAGE_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.1
# And of the question's codes in the sentence: "12-5" is two common numbers to a search by words, nothing to one by
# meaning, and everything to who asks.
CODE_WEIGHT = 0.5
# And, as a cosine, of a document that the question names for sure (named.py).
NAMED_WEIGHT = 0.1
# What counts as the logit of a sentence that the scorer did not read: it comes after all that were read.
UNREAD = -20.0
# A number, a name, or a word of some length in scripts that have spaces.
_SAYS = re.compile(r"\d|[^\W\d_]{4}|[^\x00-\u024f\W]|[A-Z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A sentence of a candidate with what retrieval and the scorer know of it.

    ``neighbours`` are the sentences before and after it in its passage, ``before`` the words of the first of them, if
    it has one; of a table's row (``is_row``) those of the header. ``is_part`` says that the question names it by its
    number. ``missing`` is the share of the question's names and numbers that neither it nor what stands around it has.
    ``unmet`` is 1 where a date or a number is asked for and it has none. ``named`` says how surely the question names
    its document, ``foreign`` that the question is in another language. ``judged`` is what the scorer says of it, if it
    has read it.
    """

    document_id: str
    span: Span
    heading: tuple[str, ...]
    text: str
    neighbours: tuple[Span, ...] = ()
    cosine: float
    coverage: float
    context: float
    codes: float
    missing: float
    unmet: float
    handicap: float
    named: float = 0.0
    foreign: bool = False
    title: str = ""
    before: str = ""
    is_row: bool = False
    is_part: bool = False
    judged: Judged | None = None

    @property
    def logit(self) -> float:
        """How strongly it answers, by the scorer."""
        return self.judged.logit if self.judged else UNREAD

    @property
    def emphasis(self) -> tuple[Span, ...]:
        """Its words that answer, by the scorer, as spans of the document; "in" or "the" alone say nothing.

        Those of a lead-in stand in what it leads to, behind it.
        """
        start, size = self.span.start, len(self.text)
        found = whole_words(self.text, self.judged.answers if self.judged else ())
        return tuple(Span(start + a, start + b) for a, b in found if b > size or _SAYS.search(self.text, a, b))

    @property
    def bonus(self) -> float:
        """What it gains, as a cosine, by standing in a document that the question names."""
        return NAMED_WEIGHT * self.named

    @property
    def first(self) -> float:
        """The score by which it is chosen to be read."""
        words = COVERAGE_WEIGHT * self.coverage + CONTEXT_WEIGHT * self.context
        return self.cosine + words + CODE_WEIGHT * self.codes + self.bonus


def whole_words(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans of a text, in order, each extended to whole words, those that then touch as one."""
    found: list[Span] = []
    for start, end in spans:
        while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
            start -= 1
        while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return found


def words_at(document: Document, span: Span) -> str:
    """The words of a span; IndexDamagedError if it is not inside the text: nothing is ever shown in its place."""
    if not 0 <= span.start < span.end <= len(document.text):
        raise IndexDamagedError(
            f"a sentence of {document.path} lies outside its text",
            "Run `askreport index` to rebuild the index.",
        )
    return document.text[span.start : span.end]
