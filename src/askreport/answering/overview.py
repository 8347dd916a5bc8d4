"""What is in a document: its outline, key sentences, conclusions, what it speaks of, and questions that it answers.

Nothing is written anew: sentences are slices of the document with their places, and a question is offered only if the
reader answers it from this document. Key sentences are those nearest to the middle of all, apart from each other.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from askreport.answering.ask import milliseconds_since
from askreport.answering.offered import offered, ordered
from askreport.models.encoder import Encoder
from askreport.models.scorer import Scorer
from askreport.store import Store
from askreport.text.anaphora import hangs
from askreport.text.gist import Spoken, dates, figures, names
from askreport.text.labels import is_label
from askreport.text.links import label_at, link, page_at, reference
from askreport.text.paragraphs import Paragraphs
from askreport.text.tables import is_row
from askreport.types import Document, DocumentRef, FloatArray, IndexState, Quote, Span

MAX_KEY_SENTENCES = 6
MAX_CONCLUSIONS = 4
MAX_SPOKEN = 12
MAX_QUESTIONS = 3
MAX_OUTLINE = 200
# Passages of a long document that are looked at: the nearest to its title.
MAX_PASSAGES = 300
_MIN_CHARS, _MAX_CHARS = 45, 400
# Sentences that are shown of the end of a document that names no conclusions.
_LAST = 2
# How much nearer to the middle the first sentences of a document and of its sections are taken to be.
_FIRST, _FIRST_OF_SECTION = 0.05, 0.02
# What being like a sentence that was chosen already costs.
_ALIKE = 0.6
_MOST_OF_SECTION = 2
_CONCLUDING = re.compile(
    r"\b(?:conclusions?|concluding|summary|findings|outlook|recommendations?|takeaways?|in short|fazit"
    r"|schluss\w*|zusammenfassung|ergebnisse|conclusions?|résumé|recommandations|conclusi[oó]n(?:es)?|resumen|выводы"
    r"|заключение|závěr\w*|souhrn|conclusioni|sintesi|wnioski|podsumowanie)\b",
    re.I,
)
_CONCLUDES = re.compile(
    r"(?:in conclusion|to conclude|in sum(?:mary)?|to sum(?: it)? up|overall|all in all|in short|on balance|ultimately"
    r"|we conclude|(?:this|the) (?:report|paper|study|article|review) (?:concludes|finds|found|shows|argues)"
    r"|(?:our|the) (?:main |key )?(?:finding|conclusion|result)s?\b)",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Words of the document: ``text`` is ``document.text[start:end]``, under these headings; its place as a quote's."""

    text: str
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    heading: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of the outline: its level from 1, its words, and its place."""

    level: int
    title: str
    page: int | None
    page_label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A date, name or figure that the document speaks of: how often, and where first."""

    text: str
    count: int
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """A question that the document answers, with the quote that does; ``score`` as a quote's."""

    question: str
    answer: Extract
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is in a document. Any part may be empty where the document has nothing of it.

    ``concludes`` says whether the document itself calls ``conclusions`` so; otherwise they are its last sentences.
    """

    document: DocumentRef
    characters: int
    pages: int
    outline: tuple[Section, ...]
    key_sentences: tuple[Extract, ...]
    conclusions: tuple[Extract, ...]
    concludes: bool
    dates: tuple[Detail, ...]
    names: tuple[Detail, ...]
    figures: tuple[Detail, ...]
    questions: tuple[Answerable, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that may stand for its document, with its place among the sections, and its unit vector."""

    span: Span
    text: str
    heading: tuple[str, ...]
    section: int
    is_first: bool
    vector: FloatArray


def overview(store: Store, encoder: Encoder, scorer: Scorer | None, document_id: str) -> Overview:
    """What is in a document; DocumentNotFoundError."""
    started = time.perf_counter()
    document = store.document(document_id)
    paragraphs = Paragraphs(document)
    spans = store.sentences(document_id)
    prose = [span for span in spans if not is_label(document, span)]
    sentences = _sentences(store, encoder, document)
    key = _chosen(sentences)
    concluding = _conclusions(document, sentences)
    days, named = dates(document.text, prose, MAX_SPOKEN), names(document.text, prose, MAX_SPOKEN)
    candidates = ordered(document, _plain(key), _plain(sentences), [*named, *days])
    answered = offered(store, encoder, scorer, document, candidates)
    return Overview(
        document=reference(document),
        characters=len(document.text),
        pages=len(document.pages),
        outline=tuple(_outline(document)),
        key_sentences=tuple(_extract(document, paragraphs, each) for each in key),
        conclusions=tuple(_extract(document, paragraphs, each) for each in concluding or sentences[-_LAST:]),
        concludes=bool(concluding),
        dates=tuple(_details(document, paragraphs, days)),
        names=tuple(_details(document, paragraphs, named)),
        figures=tuple(_details(document, paragraphs, figures(document.text, prose, MAX_SPOKEN))),
        questions=tuple(_answerable(*each) for each in islice(answered, MAX_QUESTIONS)),
        index=store.state,
        took_ms=milliseconds_since(started),
    )


def _outline(document: Document) -> Iterator[Section]:
    for heading in document.headings[:MAX_OUTLINE]:
        if heading.title:
            yield Section(
                level=heading.level,
                title=heading.title,
                page=page_at(document, heading.start),
                page_label=label_at(document, heading.start),
                url=link(document, Span(heading.start, heading.end)),
            )


def _extract(document: Document, paragraphs: Paragraphs, sentence: _Sentence) -> Extract:
    return Extract(
        text=sentence.text,
        start=sentence.span.start,
        end=sentence.span.end,
        page=page_at(document, sentence.span.start),
        page_label=label_at(document, sentence.span.start),
        paragraph=paragraphs.at(sentence.span.start),
        heading=sentence.heading,
        url=link(document, sentence.span),
    )


def _answerable(question: str, quote: Quote) -> Answerable:
    place = Extract(
        text=quote.text,
        start=quote.start,
        end=quote.end,
        page=quote.page,
        page_label=quote.page_label,
        paragraph=quote.paragraph,
        heading=quote.heading,
        url=quote.url,
    )
    return Answerable(question=question, answer=place, score=quote.score)


def _plain(sentences: Sequence[_Sentence]) -> list[tuple[str, Span]]:
    return [(each.text, each.span) for each in sentences]


def _details(document: Document, paragraphs: Paragraphs, spoken: Sequence[Spoken]) -> Iterator[Detail]:
    for each in spoken:
        start, end = each.span
        yield Detail(
            text=each.text,
            count=each.count,
            start=start,
            end=end,
            page=page_at(document, start),
            page_label=label_at(document, start),
            paragraph=paragraphs.at(start),
            url=link(document, each.span),
        )


# Key sentences


def _sentences(store: Store, encoder: Encoder, document: Document) -> list[_Sentence]:
    """The sentences that can stand by themselves, in the order of the text."""
    near = store.search_dense(encoder.encode_question(document.title), MAX_PASSAGES, [document.id])
    found: dict[Span, _Sentence] = {}
    seen: set[tuple[str, ...]] = set()
    for stored in sorted(store.passages(list(near)), key=lambda each: each.passage.start):
        passage = stored.passage
        for span, vector in zip(passage.sentences, stored.sentence_vectors, strict=True):
            text = document.text[span.start : span.end]
            if span in found or not _stands_alone(document, span, text):
                continue
            found[span] = _Sentence(
                span=span,
                text=text,
                heading=passage.heading,
                section=sum(heading.start <= span.start for heading in document.headings),
                is_first=passage.heading not in seen,
                vector=vector,
            )
            seen.add(passage.heading)
    return list(found.values())


def _stands_alone(document: Document, span: Span, text: str) -> bool:
    is_sentence = _MIN_CHARS <= len(text) <= _MAX_CHARS and "\n\n" not in text and not text.endswith((":", "?"))
    if not is_sentence or is_row(text) or is_label(document, span):
        return False
    around = document.text[max(0, span.start - 300) : span.end + 300]
    return not hangs(text, around)


def _chosen(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """The sentences nearest to the middle of all, apart from each other, in the order of the text."""
    if not sentences:
        return []
    vectors = np.stack([each.vector for each in sentences]).astype(np.float32)
    middle = vectors.mean(axis=0)
    bonus = [_FIRST * (n == 0) + _FIRST_OF_SECTION * each.is_first for n, each in enumerate(sentences)]
    worth = vectors @ (middle / max(float(np.linalg.norm(middle)), 1e-9)) + np.array(bonus, dtype=np.float32)
    most = MAX_KEY_SENTENCES if len({each.section for each in sentences}) < 3 else _MOST_OF_SECTION
    chosen: list[int] = []
    for _ in range(min(MAX_KEY_SENTENCES, len(sentences))):
        sections = [sentences[n].section for n in chosen]
        alike = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(sentences), dtype=np.float32)
        left = [n for n, each in enumerate(sentences) if n not in chosen and sections.count(each.section) < most]
        if not left:
            break
        chosen.append(max(left, key=lambda n: float(worth[n] - _ALIKE * alike[n])))
    return [sentences[n] for n in sorted(chosen)]


def _conclusions(document: Document, sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """What the document says it concludes: under a heading that says so, or in words that do."""
    under = [each for each in sentences if any(_CONCLUDING.search(title) for title in _sections(document, each))]
    if under:
        return under[:MAX_CONCLUSIONS]
    return [each for each in sentences if _CONCLUDES.match(each.text)][-MAX_CONCLUSIONS:]


def _sections(document: Document, sentence: _Sentence) -> list[str]:
    """The headings above a sentence, but for the document's title."""
    return [title for title in sentence.heading if title != document.title]
