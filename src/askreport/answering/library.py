"""A library to ask: its index, the encoder that searches it, the scorer that reads it, and its latest answers."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from askreport.answering.ask import (
    Findings,
    Found,
    SearchResult,
    answer_from,
    find,
    investigate,
    milliseconds_since,
    search,
)
from askreport.answering.descriptions import Descriptions, FromDesk
from askreport.answering.filters import Catalogue, Chosen
from askreport.answering.mentions import FIRST, Bearing, Mentions, Part, Subject, bearing
from askreport.answering.overview import Overview, overview
from askreport.config import Settings
from askreport.errors import StoreError
from askreport.models.encoder import Encoder, load_encoder
from askreport.models.readers import load_scorer
from askreport.models.scorer import Scorer
from askreport.store import Backend, FolderBackend, MadeWith, Recent, Store, open_backend
from askreport.text.chunk import CHUNKING
from askreport.trace import note_answer, note_question
from askreport.types import ALL, Answer, Filter, FloatArray, Reach

# Answers that are kept to be given again, of about ten thousand characters each.
KEPT_ANSWERS = 1_000
# Overviews that are kept, of some ten thousand characters each.
KEPT_OVERVIEWS = 100
# Sentences that are kept with each answer to explain it; all that were read would take more memory than the answer.
KEPT_SENTENCES = 5
# Questions whose vectors are kept, and questions of which all mentions are, so that they can be paged through.
KEPT_VECTORS = 200
KEPT_MENTIONS = 8
# States of the library of which the catalogue is kept, and filters with the documents that they leave.
KEPT_CATALOGUES = 2
KEPT_CHOICES = 100
# Seconds before a question is asked again of PostgreSQL after a failure: another node answers, or a new leader soon.
TRIED_AGAIN_AFTER = (0.0, 0.1, 0.5, 1.5)
# Seconds after which it is not asked again: where no node answers, whoever asks is to hear so.
TRIED_FOR = 2.0
_Result = TypeVar("_Result")


class _Remembering:
    """An encoder that remembers the questions it was asked lately: a comparison asks each of many documents."""

    def __init__(self, encoder: Encoder) -> None:
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.encode_passages = encoder.encode_passages
        self._encoder = encoder
        self._vectors: Recent[str, FloatArray] = Recent(KEPT_VECTORS)

    def encode_question(self, question: str) -> FloatArray:
        """The unit vector of a question."""
        return self._vectors.get(question, lambda: self._encoder.encode_question(question))


class Library:
    """Where a library stands, the encoder that searches it and the scorer that reads it.

    ``index`` is the folder it is in; of a library that stands elsewhere (``backend``), the folder for what can be lost.
    ``descriptions`` knows the documents' titles, tags and dates: what files say and people have corrected, unless
    another source is given. Whatever is told of documents has their corrected titles.
    """

    def __init__(
        self,
        index: Path,
        encoder: Encoder,
        scorer: Scorer | None = None,
        backend: Backend | None = None,
        descriptions: Descriptions | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self._questions = _Remembering(encoder)
        self.scorer = scorer
        self.backend = backend or FolderBackend(index, made_with(encoder))
        self.descriptions: Descriptions = descriptions or FromDesk(self.backend.desk)
        self._overviews: Recent[tuple[Hashable, str], Overview] = Recent(KEPT_OVERVIEWS)
        self._answers: Recent[tuple[Hashable, ...], tuple[Answer, Findings]] = Recent(KEPT_ANSWERS)
        self._mentions: Recent[tuple[Hashable, ...], tuple[Found, Subject, list[Bearing]]] = Recent(KEPT_MENTIONS)
        self._catalogues: Recent[Hashable, Catalogue] = Recent(KEPT_CATALOGUES)
        self._chosen: Recent[tuple[Hashable, ...], Chosen | None] = Recent(KEPT_CHOICES)

    @classmethod
    def open(cls, settings: Settings) -> "Library":
        """The library the settings name; an index need not be there yet."""
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        backend = backend_of(settings, made_with(encoder))
        return cls(settings.index, encoder, load_scorer(settings.reader, settings.cache, settings.threads), backend)

    def ask(self, question: str, k: int = 5, within: Filter = ALL, history: Sequence[str] = ()) -> Answer:
        """Answers from the newest state; errors as in ``investigate`` and ``Catalogue.choose``, and those of ``store``.

        What was asked lately is answered as it was as long as the library is the same.
        """
        answer = self.investigate(question, lambda _store, answer, _findings: answer, k, within, history=history)
        note_answer(answer.status)
        return answer

    def investigate(
        self,
        question: str,
        view: Callable[[Store, Answer, Findings], _Result],
        k: int = 5,
        within: Filter = ALL,
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
        edition, titles = self._edition(within), self.descriptions.titles

        def found_in(store: Store, chosen: Chosen | None) -> tuple[Answer, Findings]:
            documents, languages = (chosen.documents, chosen.languages) if chosen else (None, None)
            findings = investigate(
                store,
                self._questions,
                question,
                k,
                documents,
                scorer=self.scorer,
                history=history,
                languages=languages,
            )
            answer = answer_from(store, findings, k, started, documents, languages=languages)
            return answer, findings.best(KEPT_SENTENCES)

        def viewed(version: Hashable, store: Store) -> _Result:
            state = (version, edition)
            chosen = self._choose(state, store, within)
            key = (*state, question, k, within, *history)
            answer, findings = self._answers.get(key, lambda: found_in(store, chosen))
            return view(store, titles.put(replace(answer, took_ms=milliseconds_since(started))), findings)

        return self._read(viewed)

    def overview(self, document_id: str) -> Overview:
        """What is in a document; DocumentNotFoundError. It is made once for each state of the library."""

        def made(version: Hashable, store: Store) -> Overview:
            make = partial(overview, store, self.encoder, self.scorer, document_id)
            return self._overviews.get((version, document_id), make)

        return self.titled(self._read(made))

    def search(self, question: str, k: int = 10, within: Filter = ALL) -> SearchResult:
        """The nearest passages of the newest state; errors as for ``ask``."""
        note_question(question)

        def found_in(store: Store, chosen: Chosen | None) -> SearchResult:
            return search(store, self._questions, question, k=k, documents=chosen.documents if chosen else None)

        return self.titled(self.read_chosen(within, found_in))

    def mentions(
        self, question: str, within: Filter = ALL, history: Sequence[str] = (), *, part: Part = FIRST
    ) -> Mentions:
        """The sentences that bear on a question, of all documents or of those that ``within`` leaves, a part of them.

        Errors as for ``ask``. What was asked lately is not looked for again as long as the library is the same.
        """
        started = time.perf_counter()
        note_question(question)
        edition = self._edition(within)

        def found_in(store: Store, documents: Sequence[str] | None) -> tuple[Found, Subject, list[Bearing]]:
            found = find(store, self._questions, question, documents=documents, history=history)
            subject = Subject.of(store, self._questions, found.understood)
            return replace(found, candidates=[]), subject, bearing(store, subject, documents)

        def viewed(version: Hashable, store: Store) -> Mentions:
            state = (version, edition)
            chosen = self._choose(state, store, within)
            documents = chosen.documents if chosen else None
            key = (*state, question, within, *history)
            found, subject, sentences = self._mentions.get(key, lambda: found_in(store, documents))
            total = store.manifest.counts.documents
            return Mentions.of(
                store,
                found,
                subject,
                sentences,
                part=part,
                reach=Reach(total if documents is None else len(documents), total),
                started=started,
            )

        return self.titled(self._read(viewed))

    def titled(self, value: _Result) -> _Result:
        """The same value with the titles that people have corrected; not within ``read``, as it takes a connection."""
        return self.descriptions.titles.put(value)

    def read_chosen(self, within: Filter, work: Callable[[Store, Chosen | None], _Result]) -> _Result:
        """What ``work`` makes of one state and of the documents that a filter leaves there, None if it leaves all.

        As for ``read``; errors as in ``Catalogue.choose``.
        """
        edition = self._edition(within)

        def chosen_from(version: Hashable, store: Store) -> _Result:
            state = (version, edition)
            return work(store, self._choose(state, store, within))

        return self._read(chosen_from)

    def read_catalogue(self, work: Callable[[Store, Catalogue], _Result]) -> _Result:
        """What ``work`` makes of one state and of the catalogue of its documents; as for ``read``."""
        edition = self.descriptions.version
        return self._read(lambda version, store: work(store, self._catalogue((version, edition), store)))

    def _edition(self, within: Filter) -> Hashable:
        """The state of what people have corrected, where that decides; asked for while no connection is held."""
        return self.descriptions.version if within != ALL else None

    def _choose(self, state: tuple[Hashable, ...], store: Store, within: Filter) -> Chosen | None:
        if within == ALL:
            return None
        return self._chosen.get((*state, within), lambda: self._catalogue(state, store).choose(within))

    def _catalogue(self, state: tuple[Hashable, ...], store: Store) -> Catalogue:
        return self._catalogues.get(state, lambda: Catalogue(store.documents(), self.descriptions))

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
