"""The question path: question -> Answer. Reads as the table of contents of what happens to a question."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from askreport.answering.acronyms import with_acronyms
from askreport.answering.conflict import differ
from askreport.answering.followup import MAX_HISTORY, understood
from askreport.answering.quotes import REFUSAL, choose_quotes, decide, merge_hits
from askreport.answering.reading import Reading, read, reorder
from askreport.answering.retrieve import Candidate, retrieve, text_of
from askreport.config import Settings
from askreport.errors import QuestionError, StoreError
from askreport.models.encoder import Encoder, load_encoder
from askreport.models.scorer import Scorer, load_scorer
from askreport.store import Backend, FolderBackend, MadeWith, Recent, Store, open_backend
from askreport.text.chunk import CHUNKING
from askreport.trace import note_answer, note_question, stage
from askreport.types import Answer, FloatArray, Hit, IndexState

MAX_QUESTION_CHARS = 2_000
# Answers that are kept to be given again, of about ten thousand characters each.
KEPT_ANSWERS = 1_000
MAX_RESULTS = 50
# How many passages the reader reads sentence by sentence.
READ_PASSAGES = 12
# Seconds before each retry when PostgreSQL failed: another node answers at once, a new primary soon.
TRIED_AGAIN_AFTER = (0.0, 0.1, 0.5, 1.5)
# Seconds after which there is no further retry: if no node answers, the client gets the error.
TRIED_FOR = 2.0
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The passages nearest to a question, without a judgement of whether they answer it."""

    question: str
    passages: tuple[Hit, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a question before anything is said: how it was understood, the candidates, and the reading."""

    question: str
    understood: str
    candidates: list[Candidate]
    reading: Reading


@dataclass(frozen=True, slots=True)
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
) -> Findings:
    """Finds and reads what may answer a question, which ``history``, earlier questions, may be needed to understand.

    Raises QuestionError for a question that is empty or too long, and for a ``k`` or a history out of bounds.
    """
    found = find(store, encoder, question, k, documents, history)
    with stage("read"):
        reading = read(store, found.understood, found.vector, found.candidates, scorer)
    return Findings(found.question, found.understood, reorder(found.candidates, reading), reading)


def find(
    store: Store,
    encoder: Encoder,
    question: str,
    k: int = 5,
    documents: Sequence[str] | None = None,
    history: Sequence[str] = (),
) -> Found:
    """What is to be read for a question; errors as in ``investigate``."""
    question = _checked(question, k)
    if len(history) > MAX_HISTORY:
        raise QuestionError(f"the history has {len(history)} questions; at most {MAX_HISTORY} are read")
    with stage("retrieve"):
        before = [_checked(each, k) for each in history]
        resolved = understood(question, before, encoder.encode_question)[:MAX_QUESTION_CHARS]
        vector = encoder.encode_question(resolved)
        candidates = retrieve(store, resolved, vector, max(k, READ_PASSAGES), documents)
        full = with_acronyms(store, resolved, (text_of(store, each.stored.passage) for each in candidates))
        if full != resolved:
            vector = encoder.encode_question(full)
            candidates = retrieve(store, full, vector, max(k, READ_PASSAGES), documents)
    return Found(question, resolved, full, vector, candidates)


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
    status = decide(findings.reading.confidence)
    with stage("quote"):
        quotes = choose_quotes(store, findings.reading) if status != "not_found" else ()
        passages = merge_hits(store, findings.candidates, k)
        sources_differ = differ(store, findings.understood, quotes)
    return Answer(
        findings.question,
        status,
        round(findings.reading.confidence, 4),
        "\n\n".join(quote.text for quote in quotes) or REFUSAL,
        quotes,
        passages,
        store.state,
        _milliseconds_since(started),
        findings.understood,
        sources_differ,
    )


def search(
    store: Store, encoder: Encoder, question: str, k: int = 10, documents: Sequence[str] | None = None
) -> SearchResult:
    """The ``k`` passages nearest to a question (neighbours merged); errors as in ``investigate``."""
    started = time.perf_counter()
    question = _checked(question, k)
    with stage("retrieve"):
        candidates = retrieve(store, question, encoder.encode_question(question), k, documents)
    return SearchResult(question, merge_hits(store, candidates, k), store.state, _milliseconds_since(started))


class Library:
    """Where a library stands, the encoder that searches it and the scorer that reads it.

    ``index`` is the folder it is in; of a library that stands elsewhere (``backend``), the folder for what can be lost.
    """

    def __init__(
        self, index: Path, encoder: Encoder, scorer: Scorer | None = None, backend: Backend | None = None
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.scorer = scorer
        self.backend = backend or FolderBackend(index, made_with(encoder))
        self._answers: Recent[tuple[Hashable, ...], Answer] = Recent(KEPT_ANSWERS)

    @classmethod
    def open(cls, settings: Settings) -> "Library":
        """The library the settings name; an index need not be there yet."""
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        backend = backend_of(settings, made_with(encoder))
        return cls(settings.index, encoder, load_scorer(settings.reader, settings.threads), backend)

    def ask(
        self, question: str, k: int = 5, documents: Sequence[str] | None = None, history: Sequence[str] = ()
    ) -> Answer:
        """Answers from the newest state; errors as in ``investigate``, and those of ``store``.

        What was asked lately is answered as it was as long as the library is the same.
        """
        started = time.perf_counter()
        note_question(question)
        chosen = None if documents is None else tuple(documents)

        def answer_from(store: Store) -> Answer:
            return ask(store, self.encoder, question, k, chosen, scorer=self.scorer, history=history)

        def answer_of(version: Hashable, store: Store) -> Answer:
            return self._answers.get((version, question, k, chosen, *history), lambda: answer_from(store))

        answer = self._read(answer_of)
        note_answer(answer.status)
        return replace(answer, took_ms=_milliseconds_since(started))

    def search(self, question: str, k: int = 10, documents: Sequence[str] | None = None) -> SearchResult:
        """The nearest passages of the newest state; errors as for ``ask``."""
        note_question(question)
        return self.read(lambda store: search(store, self.encoder, question, k, documents))

    @property
    def store(self) -> Store:
        """The library as it is now; what needs several calls to agree with each other goes through ``read``.

        Raises IndexMissingError, IndexDamagedError, IndexMismatchError, or StoreError.
        """
        return self.backend.store

    def read(self, work: Callable[[Store], _Result]) -> _Result:
        """What ``work`` makes of one state of the library; retried if PostgreSQL fails meanwhile.

        ``work`` reads nothing but that state: taking a second connection while holding one can deadlock the pool.
        """
        return read_from(self.backend, work)

    def _read(self, work: Callable[[Hashable, Store], _Result]) -> _Result:
        return _read_from(self.backend, work)


def backend_of(settings: Settings, made_with: MadeWith | None = None) -> Backend:
    """Where the settings' library stands, whatever it was made with unless that is said."""
    return open_backend(settings.store.get_secret_value(), settings.index, made_with, settings.originals)


def read_from(backend: Backend, work: Callable[[Store], _Result]) -> _Result:
    """``Library.read`` for those who need no encoder."""
    return _read_from(backend, lambda _, store: work(store))


def _read_from(backend: Backend, work: Callable[[Hashable, Store], _Result]) -> _Result:
    started = time.monotonic()
    for pause in TRIED_AGAIN_AFTER:
        try:
            with backend.reading() as (version, store):
                return work(version, store)
        except StoreError as error:
            if error.retry_after is None or time.monotonic() - started > TRIED_FOR:
                raise
            time.sleep(pause)
    with backend.reading() as (version, store):
        return work(version, store)


def made_with(encoder: Encoder) -> MadeWith:
    """What a library of this encoder is made with."""
    return MadeWith(encoder.fingerprint, encoder.dimension, CHUNKING)


def _checked(question: str, k: int) -> str:
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


def _milliseconds_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
