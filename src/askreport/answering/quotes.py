"""Candidates and a reading -> the answer: verified quotes, or a refusal."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from askreport.answering.considered import words_at
from askreport.answering.context import Standing, stand
from askreport.answering.reading import MAX_QUOTES, Reading, ScoredSentence
from askreport.boxes import boxes_of
from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError
from askreport.store import Candidate, Store
from askreport.text.links import label_at, link, page_at, page_of, reference
from askreport.text.paragraphs import paragraph_at
from askreport.types import (
    Context,
    Document,
    Hit,
    Place,
    Quote,
    Role,
    Slice,
    Span,
    Status,
    TextPositionSelector,
    TextQuoteSelector,
)

# Thresholds of the confidence (training/calibrate.py). Of what is above the first, a quote answers in 92 of 100, the
# first in 86. Below the second are 3 of 100 answers that would be right, and 83 of 100 questions to another library.
ANSWERED_FROM = 0.6
UNCERTAIN_FROM = 0.15
# A line that stands on every page of a library is cited this often at most.
MAX_PLACES = 20
# A further quote is shown if it is at least this share as likely right as the likeliest.
QUOTE_SHARE = 0.1
# The context of a TextQuoteSelector, in code points on each side.
CONTEXT = 32


def decide(confidence: float) -> Status:
    """The status that a confidence means."""
    if confidence >= ANSWERED_FROM:
        return "answered"
    return "uncertain" if confidence >= UNCERTAIN_FROM else "not_found"


def choose_quotes(store: Store, reading: Reading) -> tuple[Quote, ...]:
    """One to MAX_QUOTES quotes of the best sentences; none for an empty reading."""
    first = reading.sentences[:1]
    others = [each for each in reading.sentences[1:MAX_QUOTES] if each.probability >= QUOTE_SHARE * reading.confidence]
    # Beside a date that is asked for, what has none does not answer.
    chosen = [*first, *(each for each in others if each.considered.unmet <= first[0].considered.unmet)]
    standing = [(sentence, _standing(store, sentence)) for sentence in chosen]
    quoted = _apart(_with_header(standing))[:MAX_QUOTES]
    return tuple(cut_quote(store, n, *each) for n, each in enumerate(quoted, start=1))


def _standing(store: Store, sentence: ScoredSentence) -> Standing:
    """What to quote for a sentence; IndexDamagedError if it is not within its document."""
    document = store.document(sentence.document_id)
    words_at(document, sentence.span)
    return stand(document, store.sentences(document.id), sentence.span)


def _apart(standing: Sequence[tuple[ScoredSentence, Standing]]) -> list[tuple[ScoredSentence, Standing]]:
    """Those that are not within a better one, or beside it as its context."""
    kept: list[tuple[ScoredSentence, Standing]] = []
    for sentence, each in standing:
        if not any(
            _within(each.quote, other.quote) for better, other in kept if better.document_id == sentence.document_id
        ):
            kept.append((sentence, each))
    return kept


def _with_header(quoted: Sequence[tuple[ScoredSentence, Standing]]) -> list[tuple[ScoredSentence, Standing]]:
    """The quotes, behind a first one that is a table's row its header: programs may read nothing but quotes."""
    for sentence, standing in quoted[:1]:
        headers = [span for role, span in standing.context if role == "header"]
        return [(sentence, standing), *((sentence, Standing(span)) for span in headers), *quoted[1:]]
    return list(quoted)


def _within(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def cut_quote(store: Store, n: int, sentence: ScoredSentence, standing: Standing | None = None) -> Quote:
    """The sentence, or what stands for it, cut from the stored text, which the store has checked against its SHA-256.

    Raises IndexDamagedError if the span is not inside the text: a quote that fails is never shown.
    """
    span, context = (standing.quote, standing.context) if standing else (sentence.span, ())
    emphasis = (
        each for each in sorted(sentence.considered.emphasis) if span.start <= each.start < each.end <= span.end
    )
    return replace(
        quote_at(store, sentence.document_id, span, context, tuple(emphasis)),
        n=n,
        heading=sentence.heading,
        score=round(sentence.probability, 4),
    )


def quote_at(
    store: Store,
    document_id: str,
    span: Span,
    context: Sequence[tuple[Role, Span]] = (),
    emphasis: Sequence[Span] = (),
) -> Quote:
    """A span as a quote, cut from the stored text, without score and heading; errors as above."""
    document = store.document(document_id)
    start, end = span
    text = words_at(document, span)
    here = Place(document.id, start, end)
    position = TextPositionSelector(start, end)
    quotation = TextQuoteSelector(
        exact=text,
        prefix=document.text[max(0, start - CONTEXT) : start],
        suffix=document.text[end : end + CONTEXT],
    )
    page = page_of(document, start)
    return Quote(
        n=1,
        text=text,
        document=reference(document),
        start=start,
        end=end,
        page=page.number if page else None,
        boxes=boxes_of(document, store.boxes, span),
        heading=(),
        score=0.0,
        url=link(document, span),
        selector=(position, quotation),
        also_at=_also_at(store, text, here),
        ocr=page.ocr if page else False,
        page_label=page.label if page else "",
        paragraph=paragraph_at(document, start),
        context=tuple(_context(store, document, role, each) for role, each in context),
        emphasis=tuple(Slice(text=document.text[a:b], start=a, end=b) for a, b in emphasis if start <= a < b <= end),
    )


def _context(store: Store, document: Document, role: Role, span: Span) -> Context:
    return Context(
        role=role,
        text=words_at(document, span),
        start=span.start,
        end=span.end,
        page=page_at(document, span.start),
        boxes=boxes_of(document, store.boxes, span),
    )


def _also_at(store: Store, text: str, here: Place) -> tuple[Place, ...]:
    """The first MAX_PLACES other places of the same words, each checked against its own document's text."""
    others = [place for place in store.places(text) if place != here][:MAX_PLACES]
    return tuple(_located(store, place) for place in others if _has(store, place, text))


def _has(store: Store, place: Place, text: str) -> bool:
    with suppress(DocumentNotFoundError):
        words = store.document(place.document_id).text[place.start : place.end]
        return text_digest(words) == text_digest(text)
    return False


def _located(store: Store, place: Place) -> Place:
    document = store.document(place.document_id)
    page = page_of(document, place.start)
    return replace(
        place,
        page=page.number if page else None,
        page_label=page.label if page else "",
        paragraph=paragraph_at(document, place.start),
    )


def merge_hits(store: Store, candidates: Sequence[Candidate], limit: int) -> tuple[Hit, ...]:
    """The first ``limit`` candidates as hits; neighbours under one heading become one span with the best score."""
    groups: list[list[Candidate]] = []
    for candidate in candidates[:limit]:
        near = [group for group in groups if any(_touch(store, candidate, other) for other in group)]
        merged = [member for group in near for member in group] + [candidate]
        groups = [group for group in groups if group not in near] + [merged]
    groups.sort(key=lambda group: -max(member.score for member in group))
    return tuple(_hit(store, group) for group in groups)


def _touch(store: Store, one: Candidate, other: Candidate) -> bool:
    """Whether two passages are neighbours with no heading between their sentences."""
    first, second = sorted((one.stored, other.stored), key=lambda stored: stored.number)
    if first.number + 1 != second.number or first.passage.document_id != second.passage.document_id:
        return False
    headings = store.document(first.passage.document_id).headings
    between = range(first.passage.sentences[0].start + 1, second.passage.sentences[0].start + 1)
    return not any(heading.start in between for heading in headings)


def _hit(store: Store, group: list[Candidate]) -> Hit:
    best = max(group, key=lambda candidate: candidate.score)
    document = store.document(best.stored.passage.document_id)
    span = Span(
        min(member.stored.passage.start for member in group),
        max(member.stored.passage.end for member in group),
    )
    return Hit(
        text=document.text[span.start : span.end],
        document=reference(document),
        start=span.start,
        end=span.end,
        page=page_at(document, span.start),
        heading=best.stored.passage.heading,
        score=round(best.score, 4),
        dense=round(best.dense, 4),
        lexical=round(best.lexical, 4),
        url=link(document, span),
        page_label=label_at(document, span.start),
        paragraph=paragraph_at(document, span.start),
    )
