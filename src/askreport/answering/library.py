"""A library to ask: its index, the encoder that searches it, the scorer that reads it, and its latest answers."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from askreport.answering.ask import Findings, SearchResult, answer_from, investigate, milliseconds_since, search
from askreport.answering.overview import Overview, overview
from askreport.config import Settings
from askreport.errors import StoreError
from askreport.models.encoder import Encoder, load_encoder
from askreport.models.readers import load_scorer
from askreport.models.scorer import Scorer
from askreport.store import Backend, FolderBackend, MadeWith, Recent, Store, open_backend
from askreport.text.chunk import CHUNKING
from askreport.trace import note_answer, note_question
from askreport.types import Answer

# Answers that are kept to be given again, of about ten thousand characters each.
KEPT_ANSWERS = 1_000
# Overviews that are kept, of some ten thousand characters each.
KEPT_OVERVIEWS = 100
# Sentences that are kept with each answer to explain it; all that were read would take more memory than the answer.
KEPT_SENTENCES = 5
# Seconds before a question is asked again of PostgreSQL after a failure: another node answers, or a new leader soon.
TRIED_AGAIN_AFTER = (0.0, 0.1, 0.5, 1.5)
# Seconds after which it is not asked again: where no node answers, whoever asks is to hear so.
TRIED_FOR = 2.0
_Result = TypeVar("_Result")


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
        self._overviews: Recent[tuple[Hashable, str], Overview] = Recent(KEPT_OVERVIEWS)
        self._answers: Recent[tuple[Hashable, ...], tuple[Answer, Findings]] = Recent(KEPT_ANSWERS)

    @classmethod
    def open(cls, settings: Settings) -> "Library":
        """The library the settings name; an index need not be there yet."""
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        backend = backend_of(settings, made_with(encoder))
        return cls(settings.index, encoder, load_scorer(settings.reader, settings.cache, settings.threads), backend)

    def ask(
        self, question: str, k: int = 5, documents: Sequence[str] | None = None, history: Sequence[str] = ()
    ) -> Answer:
        """Answers from the newest state; errors as in ``investigate``, and those of ``store``.

        What was asked lately is answered as it was as long as the library is the same.
        """
        answer = self.investigate(question, lambda _store, answer, _findings: answer, k, documents, history=history)
        note_answer(answer.status)
        return answer

    def investigate(
        self,
        question: str,
        view: Callable[[Store, Answer, Findings], _Result],
        k: int = 5,
        documents: Sequence[str] | None = None,
        *,
        history: Sequence[str] = (),
    ) -> _Result:
        """What ``view`` makes of an answer and of the findings it was made from, all of one state of the library.

        Errors as for ``ask``. ``view`` gets the store as well, and reads nothing but that, as for ``read``. What was
        asked lately is neither searched nor read again as long as the library is the same: its findings are kept
        beside its answer. Findings are kept, and given to ``view``, as their best KEPT_SENTENCES sentences.
        """
        started = time.perf_counter()
        note_question(question)
        chosen = None if documents is None else tuple(documents)

        def found_in(store: Store) -> tuple[Answer, Findings]:
            findings = investigate(store, self.encoder, question, k, chosen, scorer=self.scorer, history=history)
            return answer_from(store, findings, k, started, chosen), findings.best(KEPT_SENTENCES)

        def viewed(version: Hashable, store: Store) -> _Result:
            key = (version, question, k, chosen, *history)
            answer, findings = self._answers.get(key, lambda: found_in(store))
            return view(store, replace(answer, took_ms=milliseconds_since(started)), findings)

        return self._read(viewed)

    def overview(self, document_id: str) -> Overview:
        """What is in a document; DocumentNotFoundError. It is made once for each state of the library."""

        def made(version: Hashable, store: Store) -> Overview:
            make = partial(overview, store, self.encoder, self.scorer, document_id)
            return self._overviews.get((version, document_id), make)

        return self._read(made)

    def search(self, question: str, k: int = 10, documents: Sequence[str] | None = None) -> SearchResult:
        """The nearest passages of the newest state; errors as for ``ask``."""
        note_question(question)
        return self.read(lambda store: search(store, self.encoder, question, k=k, documents=documents))

    @property
    def store(self) -> Store:
        """The library as it is now; what needs several calls to agree with each other goes through ``read``.

        Raises IndexMissingError, IndexDamagedError, IndexMismatchError, or StoreError.
        """
        return self.backend.store

    def read(self, work: Callable[[Store], _Result]) -> _Result:
        """What ``work`` makes of one state of the library; it is done again if PostgreSQL failed on the way.

        ``work`` reads nothing but that state: whoever holds a connection and waits for another may wait for himself.
        """
        return read_from(self.backend, work)

    def _read(self, work: Callable[[Hashable, Store], _Result]) -> _Result:
        return _read_from(self.backend, work)


def backend_of(settings: Settings, made_with: MadeWith | None = None) -> Backend:
    """Where the settings' library stands, whatever it was made with unless that is said.

    Only this reads the setting ``store``; all others ask the backend.
    """
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
