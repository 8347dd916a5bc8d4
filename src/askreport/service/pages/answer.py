"""What the page shows of an answer beside it: how sure it is, in words, citations, and what was asked before."""

import re
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from askreport.answering.citing import Citation, cite
from askreport.answering.library import Library
from askreport.answering.quotes import ANSWERED_FROM
from askreport.answering.why import Why, ask_why
from askreport.config import Settings
from askreport.service.pages.excerpt import Excerpt, excerpt_of
from askreport.service.pages.templating import asking
from askreport.types import Answer, Quote, Span

# A probability in words: the key of the text, from which probability on.
SURENESS = ((0.9, "very"), (ANSWERED_FROM, "likely"), (0.4, "maybe"), (0.0, "hardly"))


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question asked before, and the first quote of its answer, if it had one."""

    question: str
    url: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What was looked for, and not surely found: the question's words, each with whether any document has it.

    ``instead`` has each word that no document has, with words that are spelled much like it, and the address that asks
    with that one instead.
    """

    words: tuple[tuple[str, bool], ...]
    instead: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of an answer beside the answer itself.

    ``citations`` are in the order of the quotes, ``metadata`` is that of each document shown, by its id; ``place`` is
    that of the first quote, ``sought`` is there unless it is answered.
    """

    answer: Answer
    earlier: tuple[Earlier, ...]
    citations: tuple[Citation, ...]
    metadata: Mapping[str, Mapping[str, Any]]
    place: Excerpt | None
    sought: Sought | None


def show(library: Library, settings: Settings, question: str, history: Sequence[str], base: str) -> Shown:
    """The answer to a question, and what else the page shows of it; errors as for ``Library.ask``.

    ``base`` is the address of the service without a slash at the end, for links that are pasted elsewhere.
    """
    answer, behind = ask_why(library, question, history)
    earlier = tuple(_earlier(library, history, n) for n in range(len(history)))
    first = answer.quotes[0] if answer.quotes else None
    quotes = (*answer.quotes, *(each.quote for each in earlier if each.quote))
    named = {each.document.id for each in quotes} | {each.document.id for each in answer.passages}
    documents = library.read(lambda store: {each: store.document(each) for each in named})
    return Shown(
        answer,
        earlier,
        tuple(cite(quote, documents[quote.document.id], base) for quote in answer.quotes),
        {document_id: document.metadata for document_id, document in documents.items()},
        excerpt_of(library, settings, first.document.id, Span(first.start, first.end)) if first else None,
        sought(behind, history) if behind else None,
    )


def sureness(probability: float) -> str:
    """The key of the words for a probability."""
    return next(key for bound, key in SURENESS if probability >= bound)


def sought(found: Why, history: Sequence[str] = ()) -> Sought:
    """What was looked for, of what is known of an answer."""
    unknown = {each.word: each.suggestions for each in found.unknown}
    words = {word for each in found.sentences[:1] for word in (*each.in_sentence, *each.around, *each.missing)}
    ordered = sorted(words | unknown.keys(), key=lambda word: found.understood.find(word))
    # Of a question that was understood by those before it, the words may stand in those.
    asked, before = (found.question, history) if found.question == found.understood else (found.understood, ())
    instead = (
        (word, tuple((other, asking("/", re.sub(rf"\b{re.escape(word)}\b", other, asked), before)) for other in others))
        for word, others in unknown.items()
        if others
    )
    return Sought(tuple((word, word not in unknown) for word in ordered), tuple(instead))


def _earlier(library: Library, history: Sequence[str], n: int) -> Earlier:
    """The answer as it was given then, or is given again."""
    # In a context of its own: the log and the figures of the request are to have its own question only.
    quotes = Context().run(lambda: library.ask(history[n], history=history[:n])).quotes
    return Earlier(history[n], asking("/", history[n], history[:n]), quotes[0] if quotes else None)
