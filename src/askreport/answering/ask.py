"""The question path: question -> Answer. Reads as the table of contents of what happens to a question."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from askreport.answering.acronyms import with_acronyms
from askreport.answering.conflict import differ
from askreport.answering.followup import MAX_HISTORY, understood
from askreport.answering.quotes import choose_quotes, decide, merge_hits
from askreport.answering.reading import Reading, read, reorder
from askreport.answering.refusal import other_language, refusal
from askreport.answering.retrieve import retrieve, text_of
from askreport.answering.runs import joined
from askreport.answering.whole import WHOLE, asks_for_whole, whole_documents
from askreport.errors import QuestionError
from askreport.models.encoder import Encoder
from askreport.models.scorer import Scorer
from askreport.store import Candidate, Store
from askreport.trace import stage
from askreport.types import Answer, DocumentRef, FloatArray, Hit, IndexState, Reach

MAX_QUESTION_CHARS = 2_000
MAX_RESULTS = 50
# How many passages the reader reads sentence by sentence.
READ_PASSAGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The passages nearest to a question, without a judgement of whether they answer it."""

    question: str
    passages: tuple[Hit, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a question before anything is said: how it was understood, the candidates, and the reading.

    ``resolved`` is the question with what it takes from those before it, ``understood`` the same with acronyms.
    """

    question: str
    resolved: str
    understood: str
    candidates: list[Candidate]
    reading: Reading

    def best(self, sentences: int) -> "Findings":
        """The same with so many sentences at most and without candidates, whose vectors take most of the memory."""
        return replace(self, candidates=[], reading=replace(self.reading, sentences=self.reading.sentences[:sentences]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The passages to read for a question: ``resolved`` from the questions before it, ``understood`` with acronyms.

    ``vector`` is the unit vector of what was understood.
    """

    question: str
    resolved: str
    understood: str
    vector: FloatArray
    candidates: list[Candidate]


def investigate(
    store: Store,
    encoder: Encoder,
    question: str,
    k: int = 5,
    documents: Sequence[str] | None = None,
    *,
    scorer: Scorer | None = None,
    history: Sequence[str] = (),
    languages: Sequence[str] | None = None,
) -> Findings:
    """Finds and reads what may answer a question, which ``history``, earlier questions, may be needed to understand.

    ``documents`` are those to look in, ``languages`` theirs, if these are not all.

    Raises QuestionError for a question that is empty or too long, and for a ``k`` or a history out of bounds.
    """
    found = find(store, encoder, question, k, documents, history=history, languages=languages)
    with stage("read"):
        reading = read(store, found.understood, found.vector, found.candidates, scorer, documents=documents)
    return Findings(
        question=found.question,
        resolved=found.resolved,
        understood=found.understood,
        candidates=reorder(found.candidates, reading),
        reading=reading,
    )


def find(
    store: Store,
    encoder: Encoder,
    question: str,
    k: int = 5,
    documents: Sequence[str] | None = None,
    *,
    history: Sequence[str] = (),
    languages: Sequence[str] | None = None,
) -> Found:
    """What is to be read for a question; errors as in ``investigate``."""
    question = checked(question, k)
    if len(history) > MAX_HISTORY:
        raise QuestionError(f"the history has {len(history)} questions; at most {MAX_HISTORY} are read")
    with stage("retrieve"):
        before = [checked(each, k) for each in history]
        resolved = understood(question, before, encoder.encode_question)[:MAX_QUESTION_CHARS]
        vector = encoder.encode_question(resolved)
        candidates = retrieve(store, resolved, vector, max(k, READ_PASSAGES), documents, languages=languages)
        full = with_acronyms(store, resolved, (text_of(store, each.stored.passage) for each in candidates))
        if full != resolved:
            vector = encoder.encode_question(full)
            candidates = retrieve(store, full, vector, max(k, READ_PASSAGES), documents, languages=languages)
    return Found(question=question, resolved=resolved, understood=full, vector=vector, candidates=candidates)


def ask(
    store: Store,
    encoder: Encoder,
    question: str,
    k: int = 5,
    documents: Sequence[str] | None = None,
    *,
    scorer: Scorer | None = None,
    history: Sequence[str] = (),
) -> Answer:
    """Answers a question from the store, optionally from some documents only, with at most ``k`` passages.

    Errors as in ``investigate``.
    """
    started = time.perf_counter()
    findings = investigate(store, encoder, question, k, documents, scorer=scorer, history=history)
    return answer_from(store, findings, k, started, documents)


def answer_from(
    store: Store,
    findings: Findings,
    k: int,
    started: float,
    documents: Sequence[str] | None = None,
    *,
    languages: Sequence[str] | None = None,
) -> Answer:
    """What is said of the findings, with at most ``k`` passages; ``started`` is by ``time.perf_counter``.

    ``documents`` are those that were asked, of all unless they are given, and ``languages`` are theirs.
    """
    total = store.manifest.counts.documents
    looked_in = Reach(total if documents is None else len(set(documents)), total)
    if asks_for_whole(findings.resolved) and (whole := whole_documents(store, findings.resolved, documents)):
        return _of_whole(store, findings, whole, started, looked_in)
    status = decide(findings.reading.confidence)
    with stage("quote"):
        quotes = choose_quotes(store, findings.reading) if status != "not_found" else ()
        passages = merge_hits(store, findings.candidates, k)
        sources_differ = differ(store, findings.understood, quotes)
    foreign = other_language(store, findings.question, languages) if status == "not_found" else None
    return Answer(
        question=findings.question,
        status=status,
        confidence=round(findings.reading.confidence, 4),
        answer="\n\n".join(map(joined, quotes)) or refusal(foreign, looked_in, store.state),
        quotes=quotes,
        passages=passages,
        index=store.state,
        took_ms=milliseconds_since(started),
        understood=findings.understood,
        differ=sources_differ,
        languages=foreign,
        reach=looked_in,
    )


def _of_whole(
    store: Store, findings: Findings, documents: tuple[DocumentRef, ...], started: float, reach: Reach
) -> Answer:
    """That a question is about a whole document, which no quote answers, and which documents it may be about."""
    return Answer(
        question=findings.question,
        status="not_found",
        confidence=round(findings.reading.confidence, 4),
        answer=WHOLE,
        quotes=(),
        passages=(),
        index=store.state,
        took_ms=milliseconds_since(started),
        understood=findings.understood,
        differ=False,
        overviews=documents,
        reach=reach,
    )


def search(
    store: Store, encoder: Encoder, question: str, *, k: int = 10, documents: Sequence[str] | None = None
) -> SearchResult:
    """The ``k`` passages nearest to a question (neighbours merged); errors as in ``investigate``."""
    started = time.perf_counter()
    question = checked(question, k)
    with stage("retrieve"):
        candidates = retrieve(store, question, encoder.encode_question(question), k, documents)
    return SearchResult(
        question=question,
        passages=merge_hits(store, candidates, k),
        index=store.state,
        took_ms=milliseconds_since(started),
    )


def checked(question: str, k: int = 1) -> str:
    """The question with its white space made even; QuestionError if it cannot be asked."""
    question = " ".join(question.split())
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("the question holds bytes that are not valid UTF-8", "Type or paste it anew.")
    if not question:
        raise QuestionError("the question is empty", "Ask in a sentence or in a few words.")
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"the question has {len(question):,} characters; at most {MAX_QUESTION_CHARS:,} are read",
            "Ask the question itself, without the text it is about.",
        )
    if not 1 <= k <= MAX_RESULTS:
        raise QuestionError(f"k is {k}; it must be from 1 to {MAX_RESULTS}")
    return question


def milliseconds_since(started: float) -> float:
    """How long ago a moment of ``time.perf_counter`` is."""
    return round(1000 * (time.perf_counter() - started), 2)
