"""What the page shows of an answer beside the answer itself: in words how sure it is, citations, what was asked before."""

import re
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from askreport.answer import ANSWERED_FROM
from askreport.ask import Library
from askreport.citing import Citation, cite
from askreport.config import Settings
from askreport.excerpt import Excerpt, excerpt_of
from askreport.templating import asking
from askreport.types import Answer, Quote, Span
from askreport.why import Why, why

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
    """What a refusal says was looked for: the question's words, each with whether any document has it.

    ``instead`` are questions with a word that no document has replaced by one that is spelled much like it: the new
    word and the address that asks.
    """

    words: tuple[tuple[str, bool], ...]
    instead: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of an answer beside the answer itself; ``citations`` are in the order of the quotes."""

    answer: Answer
    earlier: tuple[Earlier, ...]
    citations: tuple[Citation, ...]
    spoken: Mapping[str, Mapping[str, object]]
    place: Excerpt | None
    sought: Sought | None


def show(library: Library, settings: Settings, question: str, history: Sequence[str]) -> Shown:
    """The answer to a question, and what else the page shows of it; errors as for ``Library.ask``."""
    answer = library.ask(question, history=history)
    store = library.store
    first = answer.quotes[0] if answer.quotes else None
    named = {each.document.id for each in (*answer.quotes, *answer.passages)}
    return Shown(
        answer,
        tuple(_earlier(library, history, n) for n in range(len(history))),
        tuple(cite(quote, store.document(quote.document.id)) for quote in answer.quotes),
        {document_id: store.document(document_id).metadata for document_id in named},
        excerpt_of(store, settings, first.document.id, Span(first.start, first.end)) if first else None,
        None if first else sought(why(library, question, history=history), history),
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
        (suggestion, asking("/", re.sub(rf"\b{re.escape(word)}\b", suggestion, asked), before))
        for word, suggestions in unknown.items()
        for suggestion in suggestions
    )
    return Sought(tuple((word, word not in unknown) for word in ordered), tuple(instead))


def _earlier(library: Library, history: Sequence[str], n: int) -> Earlier:
    """The answer as it was given then, or is given again."""
    # In a context of its own: the log and the figures of the request are to have its own question only.
    quotes = Context().run(lambda: library.ask(history[n], history=history[:n])).quotes
    return Earlier(history[n], asking("/", history[n], history[:n]), quotes[0] if quotes else None)
