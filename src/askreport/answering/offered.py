"""Questions that an overview offers: made of a document's own words, each answered by the reader from that document."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from askreport.answering.ask import answer_from, investigate
from askreport.models.encoder import Encoder
from askreport.models.scorer import Scorer
from askreport.store import Store
from askreport.text.gist import DATE, Spoken
from askreport.text.questions import (
    plain_question_of,
    question_of_date,
    question_of_heading,
    question_of_name,
    questions_of,
    short_forms_of,
)
from askreport.types import Document, Quote, Span

# Questions that are put to the reader at most, each of which takes some 30 ms, and seconds after which none is.
MAX_TRIED = 60
MAX_SECONDS = 3.0
# A sentence of a document, and where it stands.
Sentence: TypeAlias = tuple[str, Span]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question to try: ``span`` is the sentence that it was made of, ``name`` what its answer must speak of."""

    question: str
    span: Span | None = None
    name: str = ""

    def is_met(self, answer: Quote) -> bool:
        """Whether an answer is one to this question; otherwise it answers something else."""
        overlaps = self.span is None or (answer.start < self.span.end and self.span.start < answer.end)
        return overlaps and self.name in " ".join(answer.text.split())


def offered(
    store: Store, encoder: Encoder, scorer: Scorer | None, document: Document, candidates: Iterable[Candidate]
) -> Iterator[tuple[str, Quote]]:
    """The questions that the reader answers from this document alone, each by another sentence, with that."""
    taken: set[int] = set()
    until = time.monotonic() + MAX_SECONDS
    for each in islice(_different(candidates), MAX_TRIED):
        if time.monotonic() > until:
            return
        findings = investigate(store, encoder, each.question, documents=[document.id], scorer=scorer)
        answer = answer_from(store, findings, 1, 0.0)
        if answer.status != "answered":
            continue
        first = answer.quotes[0]
        if first.start in taken or not each.is_met(first):
            continue
        taken.add(first.start)
        yield each.question, first


def ordered(
    document: Document, key: Sequence[Sentence], others: Sequence[Sentence], said: Sequence[Spoken]
) -> Iterator[Candidate]:
    """Questions to try, the best first: the document's own, those of its sentences, of its headings.

    ``key`` are its key sentences. ``said`` are the names and dates that it speaks of, about which is asked almost last.
    """
    suggested = document.metadata.get("questions")
    own = suggested if isinstance(suggested, list) else []
    yield from (Candidate(" ".join(str(each).split())[:300]) for each in own)
    for text, span in (*key, *others):
        yield from (Candidate(question, span) for question in questions_of(text))
    yield from (Candidate(plain_question_of(text), span) for text, span in key)
    for heading in document.headings:
        if heading.title != document.title:
            yield Candidate(question_of_heading(heading.title, document.text))
    for text, span in (*key, *others):
        yield from (Candidate(question, span) for question in short_forms_of(text))
    asked = [(each, _question_about(each.text)) for each in said]
    yield from (Candidate(question, name=each.text) for each, question in asked if each.count > 1)
    yield from (Candidate(plain_question_of(text), span) for text, span in others)
    yield from (Candidate(question, name=each.text) for each, question in asked)


def _different(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each question once; what no rule makes a question of is none."""
    tried = {""}
    for each in candidates:
        if each.question not in tried:
            tried.add(each.question)
            yield each


def _question_about(said: str) -> str:
    return question_of_date(said) if DATE.fullmatch(said) else question_of_name(said)
