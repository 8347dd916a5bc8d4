"""The question path: question -> Answer. Reads as the table of contents of what happens to a question."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from askreport.acronyms import with_acronyms
from askreport.answer import REFUSAL, choose_quotes, decide, merge_hits
from askreport.chunk import CHUNKING
from askreport.config import Settings
from askreport.conflict import differ
from askreport.embed import Encoder, load_encoder
from askreport.errors import IndexDamagedError, IndexMismatchError, QuestionError
from askreport.followup import MAX_HISTORY, understood
from askreport.reader import Reading, read, reorder
from askreport.retrieve import Candidate, retrieve, text_of
from askreport.scorer import Scorer, load_scorer
from askreport.store import (
    FORMAT,
    Integrity,
    LocalStore,
    Manifest,
    Store,
    changed,
    generation_folder,
    latest_generation,
    publication,
    read_manifest,
)
from askreport.trace import note_answer, note_question, stage
from askreport.types import Answer, FloatArray, Hit, IndexState

MAX_QUESTION_CHARS = 2_000
# Answers that are kept to be given again, of about ten thousand characters each.
KEPT_ANSWERS = 1_000
MAX_RESULTS = 50
# How many passages the reader reads sentence by sentence.
READ_PASSAGES = 12


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
    """An index folder, the encoder that searches it and the scorer that reads it; hands out the newest generation.

    An index too large to be compared with its checksums before it is opened is compared in a thread meanwhile; once
    that finds damage, the index is not handed out any more.
    """

    def __init__(self, index: Path, encoder: Encoder, scorer: Scorer | None = None) -> None:
        self.index = index
        self.encoder = encoder
        self.scorer = scorer
        self.integrity = Integrity()
        self._in_use: tuple[LocalStore, Callable[..., Answer]] | None = None
        self._opened: tuple[int, ...] = ()
        self._damaged: dict[tuple[int, ...], list[Path]] = {}
        self._unchecked: tuple[tuple[int, ...], Manifest] | None = None
        self._is_checking = False
        self._opening = threading.Lock()

    @classmethod
    def open(cls, settings: Settings) -> "Library":
        """The library the settings name; an index need not be there yet."""
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        return cls(settings.index, encoder, load_scorer(settings.reader, settings.threads))

    def ask(
        self, question: str, k: int = 5, documents: Sequence[str] | None = None, history: Sequence[str] = ()
    ) -> Answer:
        """Answers from the newest generation; errors as in ``investigate``, and those of ``store``.

        What was asked lately is answered as it was as long as the index is the same: nothing in it changes.
        """
        started = time.perf_counter()
        note_question(question)
        _, answer_to = self._current()
        answer = answer_to(question, k, None if documents is None else tuple(documents), history=tuple(history))
        note_answer(answer.status)
        return replace(answer, took_ms=_milliseconds_since(started))

    def search(self, question: str, k: int = 10, documents: Sequence[str] | None = None) -> SearchResult:
        """The nearest passages of the newest generation; errors as for ``ask``."""
        note_question(question)
        return search(self.store, self.encoder, question, k, documents)

    @property
    def store(self) -> LocalStore:
        """The newest published generation, opened if it is not the one already open.

        Raises IndexMissingError, IndexDamagedError, or IndexMismatchError.
        """
        return self._current()[0]

    def _current(self) -> tuple[LocalStore, Callable[..., Answer]]:
        """The newest generation, and what answers from it or gives an answer again."""
        with self._opening:
            newest = self._newest()
            while self._in_use is None or self._opened != newest:
                try:
                    store = self._open(newest)
                    answer = partial(ask, store, self.encoder, scorer=self.scorer)
                    self._in_use, self._opened = (store, lru_cache(KEPT_ANSWERS)(answer)), newest
                except IndexDamagedError:
                    # Or not damaged, but replaced by newer ones and removed while it was being opened.
                    if newest == self._newest():
                        raise
                    newest = self._newest()
            if newest in self._damaged:
                raise changed(self._damaged[newest])
            return self._in_use

    def _newest(self) -> tuple[int, ...]:
        return publication(self.index, latest_generation(self.index))

    def _open(self, newest: tuple[int, ...]) -> LocalStore:
        manifest = read_manifest(self.index, newest[0])
        made_with = (manifest.encoder, manifest.chunking, f"format {manifest.format}")
        in_use = (self.encoder.fingerprint, CHUNKING, f"format {FORMAT}")
        if made_with != in_use:
            raise IndexMismatchError(
                f"the index in {self.index} was made with {', '.join(made_with)}, not with {', '.join(in_use)}",
                "Run `askreport index` to rebuild it, or set ASKREPORT_MODEL to the model it was made with.",
            )
        store = LocalStore(self.index, newest[0], self.integrity)
        if not store.is_checked:
            self._unchecked = (newest, manifest)
            if not self._is_checking:
                self._is_checking = True
                threading.Thread(target=self._check_all, name="checksums", daemon=True).start()
        return store

    def _check_all(self) -> None:
        """Compares one generation after another, until none was opened meanwhile."""
        while True:
            with self._opening:
                unchecked, self._unchecked = self._unchecked, None
                if unchecked is None:
                    self._is_checking = False
                    return
            self._check(*unchecked)

    def _check(self, newest: tuple[int, ...], manifest: Manifest) -> None:
        try:
            damaged = self.integrity.damaged(self.index, manifest)
        except OSError:
            # It cannot be read; which is as it should be if it was replaced and removed meanwhile.
            is_newest = publication(self.index, manifest.generation) == newest
            damaged = [generation_folder(self.index, manifest.generation)] if is_newest else []
        if damaged:
            self._damaged[newest] = damaged


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
