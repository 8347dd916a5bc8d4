"""(question, documents) -> every sentence that bears on the question, by document, in the order of its text.

Nothing is left out for being the hundredth: each sentence of the documents is compared. It bears on the question if
its cosine, and a little for the question's words in it, reach ``BEARS``, or if it has all of the question's words that
say something. LOG.md has the measurement.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from askreport.answering.ask import Found, milliseconds_since
from askreport.answering.asked import share
from askreport.answering.considered import words_at
from askreport.answering.context import stand
from askreport.answering.subject import subject_of
from askreport.boxes import boxes_of
from askreport.errors import QuestionError
from askreport.models.encoder import Encoder
from askreport.store import Store
from askreport.text.labels import is_label
from askreport.text.links import label_at, link, page_at, reference
from askreport.text.mentions import FUNCTION_WORDS
from askreport.text.paragraphs import Paragraphs
from askreport.types import (
    Context,
    Document,
    DocumentRef,
    FloatArray,
    IndexState,
    Mention,
    Mentioned,
    Reach,
    SentenceCosines,
    Slice,
    Span,
)

# On questions of clapnq-dev, of the sentences that answer 78 of 100 reach this, and of the sentences of other
# documents 2 of 1,000.
BEARS = 0.3
# What having all of the question's words adds to a sentence's cosine.
WORDS_WEIGHT = 0.2
MAX_AT_ONCE = 200
# So many sentences are looked at word by word; nobody reads a list that long.
MAX_LIKELY = 50_000
# Passages that are read at a time, with their documents.
_READ = 100
# All of a question's words, but for the rounding of their weights.
_ALL = 0.999
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Bearing:
    """A sentence that bears on a question: where it stands, under which headings, and how near it is."""

    document: DocumentRef
    span: Span
    heading: tuple[str, ...]
    nearness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What sentences are compared with: the subject in words, its unit vector, and its terms with weights and forms."""

    words: str
    vector: FloatArray
    idf: Mapping[str, float]
    forms: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, store: Store, encoder: Encoder, question: str) -> "Subject":
        """What a question is about; a word counts if it says something and some passage has it."""
        words = subject_of(question)
        forms = store.forms(words)
        weights = store.idf({form for own in forms.values() for form in own})
        missing = store.unknown(weights)
        empty = store.forms(" ".join(word for word in _WORD.findall(words) if word.casefold() in FUNCTION_WORDS))
        telling = {term for term, own in forms.items() if not own <= missing}
        telling = telling - empty.keys() or telling
        return cls(
            words=words,
            vector=encoder.encode_question(words),
            idf={term: min(weights[form] for form in forms[term]) for term in telling},
            forms={term: forms[term] for term in telling},
        )

    def share(self, terms: Sequence[str]) -> float:
        """How much of its words, by weight, are among the terms of a text."""
        there = set(terms)
        return share(dict(self.idf), {term for term, own in self.forms.items() if not own.isdisjoint(there)})


@dataclass(frozen=True, slots=True)
class Part:
    """Which of the mentions are wanted: those that have some words and are near enough, a part of them."""

    words: str = ""
    least: float = BEARS
    limit: int = 50
    offset: int = 0


FIRST = Part()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The sentences that bear on a question: how many there are, in which documents, and a part of them.

    ``subject`` is what of the question they were compared with. ``documents`` are in the order of the mentions: those
    with the nearest sentences first.
    """

    question: str
    understood: str
    subject: str
    total: int
    documents: tuple[Mentioned, ...]
    mentions: tuple[Mention, ...]
    reach: Reach
    index: IndexState
    took_ms: float

    @classmethod
    def of(
        cls,
        store: Store,
        found: Found,
        subject: Subject,
        sentences: Sequence[Bearing],
        *,
        part: Part,
        reach: Reach,
        started: float,
    ) -> "Mentions":
        """A part of the sentences, cut from the stored text; QuestionError for more than MAX_AT_ONCE at once."""
        if not 0 <= part.limit <= MAX_AT_ONCE:
            raise QuestionError(f"limit is {part.limit}; it must be from 0 to {MAX_AT_ONCE}")
        near = [each for each in sentences if each.nearness >= part.least or part.least <= BEARS]
        fitting = having_words(store, near, part.words)
        shown = fitting[part.offset : part.offset + part.limit]
        return cls(
            question=found.question,
            understood=found.understood,
            subject=subject.words,
            total=len(fitting),
            documents=counted(fitting),
            mentions=cut(store, subject, shown, part.offset + 1),
            reach=reach,
            index=store.state,
            took_ms=milliseconds_since(started),
        )


def bearing(store: Store, subject: Subject, documents: Sequence[str] | None = None) -> list[Bearing]:
    """All sentences that bear on a subject, of all documents or of some; by document, in the order of the text.

    Raises QuestionError for a subject that far too many sentences are about.
    """
    near = store.sentence_cosines(subject.vector, documents)
    likely = _likely(store, subject, near)
    if (count := int(likely.sum())) > MAX_LIKELY:
        raise QuestionError(
            f"{count:,} sentences may bear on it; at most {MAX_LIKELY:,} are listed",
            "Ask for something narrower, or in some documents only.",
        )
    found: dict[tuple[str, int], Bearing] = {}
    for each in _verified(store, subject, near, likely):
        # Two passages may share a sentence.
        found.setdefault((each.document.id, each.span.start), each)
    best: dict[str, float] = {}
    for each in found.values():
        best[each.document.id] = max(each.nearness, best.get(each.document.id, -1.0))
    return sorted(found.values(), key=lambda each: (-best[each.document.id], each.document.path, each.span))


def having_words(store: Store, found: Sequence[Bearing], words: str) -> list[Bearing]:
    """Those of the sentences that have each of some words, as they are typed but for case."""
    wanted = words.casefold().split()

    def fits(each: Bearing) -> bool:
        text = words_at(store.document(each.document.id), each.span).casefold()
        return all(word in text for word in wanted)

    return [each for each in found if fits(each)] if wanted else list(found)


def counted(found: Sequence[Bearing]) -> tuple[Mentioned, ...]:
    """The documents of the sentences, in their order, with how many each has."""
    return tuple(Mentioned(document, count) for document, count in Counter(each.document for each in found).items())


def cut(store: Store, subject: Subject, found: Sequence[Bearing], first: int) -> tuple[Mention, ...]:
    """The sentences as mentions, numbered from ``first``."""
    own = {each: _Own.of(store, each) for each in {one.document.id for one in found}}
    return tuple(_mention(store, subject, each, own[each.document.id], n) for n, each in enumerate(found, start=first))


def _likely(store: Store, subject: Subject, near: SentenceCosines) -> npt.NDArray[np.bool_]:
    """For each sentence whether it may bear on the subject: its passage has the words that it would need."""
    has = np.zeros(len(near.numbers), np.float64)
    total = sum(subject.idf.values()) or 1.0
    passages = store.having({form for own in subject.forms.values() for form in own})
    for term, own in subject.forms.items():
        own_passages = [passages[form] for form in own if form in passages]
        if own_passages:
            has[np.isin(near.numbers, np.concatenate(own_passages))] += subject.idf[term] / total
    most = np.repeat(has, near.sizes)
    likely: npt.NDArray[np.bool_] = (near.cosines + WORDS_WEIGHT * most >= BEARS) | (most >= _ALL)
    return likely


def _verified(
    store: Store, subject: Subject, near: SentenceCosines, likely: npt.NDArray[np.bool_]
) -> Iterator[Bearing]:
    """The likely sentences that do bear on the subject."""
    ends = np.cumsum(near.sizes)
    starts = ends - near.sizes
    passages = np.unique(np.searchsorted(ends, np.flatnonzero(likely), side="right"))
    for first in range(0, len(passages), _READ):
        some = passages[first : first + _READ]
        stored = store.passages(near.numbers[some].tolist())
        texts = store.texts({each.passage.document_id for each in stored})
        for at, each in zip(some, stored, strict=True):
            passage, document = each.passage, texts[each.passage.document_id]
            spans = zip(passage.sentences, range(starts[at], ends[at]), strict=True)
            for span, position in ((span, position) for span, position in spans if likely[position]):
                words = subject.share(store.terms(words_at(document, span), document.language))
                nearness = float(near.cosines[position]) + WORDS_WEIGHT * words
                if (nearness >= BEARS or words >= _ALL) and not is_label(document, span):
                    yield Bearing(reference(document), span, passage.heading, nearness)


@dataclass(frozen=True, slots=True)
class _Own:
    """A document with what each of its mentions needs."""

    document: Document
    sentences: Sequence[Span]
    paragraphs: Paragraphs

    @classmethod
    def of(cls, store: Store, document_id: str) -> "_Own":
        document = store.document(document_id)
        return cls(document, store.sentences(document_id), Paragraphs(document))


def _mention(store: Store, subject: Subject, each: Bearing, own: _Own, n: int) -> Mention:
    document = own.document
    span = each.span
    return Mention(
        n=n,
        text=words_at(document, span),
        document=each.document,
        start=span.start,
        end=span.end,
        page=page_at(document, span.start),
        heading=each.heading,
        nearness=round(each.nearness, 4),
        url=link(document, span),
        page_label=label_at(document, span.start),
        paragraph=own.paragraphs.at(span.start),
        context=tuple(_context(store, document, own.sentences, span)),
        emphasis=tuple(_emphasis(store, subject, document, span)),
    )


def _context(store: Store, document: Document, sentences: Sequence[Span], span: Span) -> Iterator[Context]:
    """What a sentence is to be read with; of a question its answer, of a lead-in its list."""
    standing = stand(document, sentences, span)
    around = list(standing.context)
    if standing.quote != span:
        rest = Span(max(span.end, standing.quote.start), standing.quote.end)
        around = [("after", rest), *((role, other) for role, other in around if other.end <= span.start)]
    for role, other in sorted(around, key=lambda pair: pair[1]):
        text = document.text[other.start : other.end]
        start, end = other.end - len(text.lstrip()), other.start + len(text.rstrip())
        if start < end:
            yield Context(
                role=role,
                text=document.text[start:end],
                start=start,
                end=end,
                page=page_at(document, start),
                boxes=boxes_of(document, store.boxes, Span(start, end)),
            )


def _emphasis(store: Store, subject: Subject, document: Document, span: Span) -> Iterator[Slice]:
    """The words of a sentence that are the subject's."""
    forms = frozenset().union(*subject.forms.values())
    for word in _WORD.finditer(document.text, span.start, span.end):
        if not forms.isdisjoint(store.terms(word.group(), document.language)):
            yield Slice(text=word.group(), start=word.start(), end=word.end())
