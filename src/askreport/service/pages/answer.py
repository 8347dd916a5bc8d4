"""What the page shows of an answer beside it: how sure it is, in words, citations, and what was asked before."""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from askreport.answering.ask import Findings
from askreport.answering.citing import Citation, cite
from askreport.answering.describing import descriptions_of
from askreport.answering.library import Library
from askreport.answering.quotes import ANSWERED_FROM
from askreport.answering.refusal import listed
from askreport.answering.runs import joined
from askreport.answering.why import Why, explain
from askreport.errors import StoreError
from askreport.service.pages.excerpt import Excerpt, checked, excerpt_in
from askreport.service.pages.marked_up import ListedSource, named_sources
from askreport.service.pages.originals import Originals
from askreport.service.pages.templating import asking
from askreport.store import Store
from askreport.text.links import reference
from askreport.trace import note_answer, traced
from askreport.types import ALL, Answer, Document, DocumentRef, Filter, Languages, Quote, Span

# How often a conversation is asked, if each time the library changes before its last question is answered.
_TRIES = 3
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
    with that one instead, and with the likeliest ones instead of all other such words. ``corrected`` is the question
    with the likeliest ones, and its address, if it has several such words.
    """

    words: tuple[tuple[str, bool], ...]
    instead: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    corrected: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows of an answer beside the answer itself.

    ``follows`` says whether the questions before were needed to understand it. ``sources`` are in the order of the
    quotes: those that each quote names by a number that its document lists. ``metadata`` is that of each document
    shown, by its id; ``documents_shown`` and ``named`` are also of documents with the same words, ``named`` by the
    titles that people have corrected. ``documents`` is how many the library has. ``place`` is that of the first quote.
    ``sought`` is there unless the question is answered, ``languages`` (the documents' and the question's) if they are
    the likely reason.
    """

    answer: Answer
    follows: bool
    earlier: tuple[Earlier, ...]
    documents_shown: Mapping[str, Document]
    sources: tuple[list[ListedSource], ...]
    metadata: Mapping[str, Mapping[str, Any]]
    named: Mapping[str, DocumentRef]
    documents: int
    place: Excerpt | None
    sought: Sought | None
    languages: tuple[str, str] | None
    citations: tuple[Citation, ...] = ()


def show(
    library: Library, originals: Originals, question: str, history: Sequence[str], base: str, within: Filter = ALL
) -> Shown:
    """The answer to a question, and what else the page shows of it; errors as for ``Library.ask``.

    All of it is of one state of the library. ``base`` is the address of the service without a slash at the end, for
    links that are pasted elsewhere.
    """
    for attempt in range(_TRIES):
        # Of the request's log and figures only the first try at the question itself is a part.
        with traced(""):
            earlier = [library.ask(each, within=within, history=history[:n]) for n, each in enumerate(history)]
        with traced("") if attempt else nullcontext():
            view = partial(_shown, earlier=earlier, history=history, within=within)
            shown = library.investigate(question, view, within=within, history=history)
        if all(each.index == shown.answer.index for each in earlier):
            break
    note_answer(shown.answer.status)
    return replace(
        shown,
        place=shown.place and library.titled(checked(shown.place, library, originals)),
        named={each.id: each for each in library.titled(list(shown.named.values()))},
        citations=_citations(library, shown, base),
    )


def _citations(library: Library, shown: Shown, base: str) -> tuple[Citation, ...]:
    """The quotes with their citations, in their order."""
    cited = {quote.document.id: shown.documents_shown[quote.document.id] for quote in shown.answer.quotes}
    try:
        described = descriptions_of(library.backend.desk, cited.values())
    except StoreError:
        # While the primary is gone, replicas answer: then the files themselves are believed.
        described = {}
    return tuple(
        cite(quote, cited[quote.document.id], base, described.get(quote.document.id)) for quote in shown.answer.quotes
    )


def sureness(probability: float) -> str:
    """The key of the words for a probability."""
    return next(key for bound, key in SURENESS if probability >= bound)


def sought(found: Why, history: Sequence[str] = (), within: Filter = ALL) -> Sought:
    """What was looked for, of what is known of an answer."""
    unknown = {each.word: each.suggestions for each in found.unknown}
    words = {word for each in found.sentences[:1] for word in (*each.in_sentence, *each.around, *each.missing)}
    ordered = sorted(words | unknown.keys(), key=lambda word: found.understood.find(word))
    # Of a question that was understood by those before it, the words may stand in those.
    asked, before = (found.question, history) if found.question == found.understood else (found.understood, ())
    likeliest = {word: others[0] for word, others in unknown.items() if others}

    def address(changed: Mapping[str, str]) -> str:
        return asking("/", _replaced(asked, changed), before, within)

    instead = (
        (word, tuple((other, address(likeliest | {word: other})) for other in others))
        for word, others in unknown.items()
        if others
    )
    several = len(likeliest) > 1
    return Sought(
        tuple((word, word not in unknown) for word in ordered),
        tuple(instead),
        (_replaced(asked, likeliest), address(likeliest)) if several else None,
    )


def _replaced(question: str, words: Mapping[str, str]) -> str:
    """The question with other words in place of these."""
    pattern = "|".join(re.escape(word) for word in words)
    return re.sub(rf"\b(?:{pattern})\b", lambda found: words[found[0]], question)


def _earlier(history: Sequence[str], n: int, quote: Quote | None, within: Filter) -> Earlier:
    return Earlier(history[n], asking("/", history[n], history[:n], within), quote)


def _named(languages: Languages) -> tuple[str, str]:
    return listed(languages.documents), listed([languages.question])


def _shown(
    store: Store,
    answer: Answer,
    findings: Findings,
    *,
    earlier: Sequence[Answer],
    history: Sequence[str],
    within: Filter,
) -> Shown:
    """What the page shows. Of an earlier answer that is from another state of the library, no quote is shown."""
    first = [each.quotes[0] if each.quotes and each.index == answer.index else None for each in earlier]
    quotes = (*answer.quotes, *(each for each in first if each))
    named = {each.document.id for each in quotes} | {each.document.id for each in answer.passages}
    same = {place.document_id for quote in answer.quotes for place in quote.also_at}
    documents = {each: store.document(each) for each in named | same}
    best = answer.quotes[0] if answer.quotes else None
    return Shown(
        answer=answer,
        follows=bool(earlier) and findings.resolved != findings.question,
        earlier=tuple(_earlier(history, n, quote, within) for n, quote in enumerate(first)),
        documents_shown=documents,
        sources=tuple(named_sources(joined(quote), documents[quote.document.id].metadata) for quote in answer.quotes),
        metadata={document_id: documents[document_id].metadata for document_id in named},
        named={document_id: reference(document) for document_id, document in documents.items()},
        documents=store.manifest.counts.documents,
        place=excerpt_in(store, best.document.id, Span(best.start, best.end)) if best else None,
        sought=None if answer.status == "answered" else sought(explain(store, findings), history, within),
        languages=_named(answer.languages) if answer.languages else None,
    )
