"""What is behind an answer: how the question was read, and what of it was found in each sentence, and how.

Computed when somebody asks for it: the same steps as for the answer, with what is forgotten there kept.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from askreport.answering.ask import Found, find
from askreport.answering.library import Library
from askreport.answering.reading import RETRIEVAL, UNREAD, Considered, ScoredSentence, consider, judge, share
from askreport.answering.retrieve import Candidate
from askreport.answering.spelling import suggestions
from askreport.models.scorer import Calibration
from askreport.store import Store
from askreport.text.mentions import FUNCTION_WORDS
from askreport.trace import note_question, stage

MAX_SENTENCES = 5
# Of so many unknown words others are suggested, which takes some milliseconds each.
MAX_SUGGESTED = 8
# Who asks says nothing of what is asked about.
_EMPTY = FUNCTION_WORDS | {"i", "me", "my", "mine", "myself", "us", "ours"}
_WORD = re.compile(r"\w+")
_ACRONYM = re.compile(r"\((\w+)\)")


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of the question that no document has, and words of the documents that are spelled much like it."""

    word: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentenceWhy:
    """A sentence that was considered, and what speaks for it.

    The question's words stand in it, or only around it (next to it, in its headings or its document's title), or are
    missing: then it was found by its meaning. ``cosine`` is how near its meaning is, from -1 to 1, ``coverage`` the
    share it has of the question's words that any document has, rare ones weighing more; ``logit`` is what the reader
    says, null for a sentence that it has not read; ``probability`` is that of being right about it as an answer.
    """

    document_id: str
    start: int
    end: int
    text: str
    in_sentence: tuple[str, ...]
    around: tuple[str, ...]
    missing: tuple[str, ...]
    cosine: float
    coverage: float
    logit: float | None
    probability: float


@dataclass(frozen=True, slots=True)
class Why:
    """What is behind the answer to a question: how it was understood, and the sentences, best first.

    ``acronyms`` are those that the documents have for names in the question, which were added to it. Words are the
    understood question's own, as typed, without those that say nothing by themselves.
    """

    question: str
    understood: str
    acronyms: tuple[str, ...]
    unknown: tuple[UnknownWord, ...]
    sentences: tuple[SentenceWhy, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question's words with their terms, and the weight of each term."""

    words: dict[str, frozenset[str]]
    idf: dict[str, float]

    def among(self, terms: Set[str]) -> tuple[str, ...]:
        """The words of which one of the terms is."""
        return tuple(word for word, own in self.words.items() if own & terms)


def why(
    library: Library, question: str, documents: Sequence[str] | None = None, history: Sequence[str] = (), k: int = 5
) -> Why:
    """What is behind the answer that ``Library.ask`` gives for the same; errors as there."""
    note_question(question)
    return library.read(lambda store: _why(store, library, question, documents, history, k))


def _why(
    store: Store, library: Library, question: str, documents: Sequence[str] | None, history: Sequence[str], k: int
) -> Why:
    scorer = library.scorer
    found = find(store, library.encoder, question, k, documents, history)
    asked = _Asked(_words(store, found.understood), store.idf(set(store.terms(found.understood))))
    with stage("read"):
        considered = consider(store, found.understood, asked.idf, found.vector, found.candidates, scorer)
    strange = store.unknown(asked.idf)
    calibration, unknown = scorer.calibration if scorer else RETRIEVAL, share(asked.idf, strange)
    reading = judge(considered, unknown, calibration)
    known = list(zip(considered, _surroundings(store, found.candidates), strict=True))
    sentences = (_match(known, each, unknown, calibration) for each in reading.sentences[:MAX_SENTENCES])
    return Why(
        found.question,
        found.understood,
        _acronyms(found),
        tuple(_unknown(store, asked.among(strange))),
        tuple(
            _explained(store, asked, each, around, sentence.probability)
            for (each, around), sentence in zip(sentences, reading.sentences, strict=False)
        ),
    )


def _words(store: Store, question: str) -> dict[str, frozenset[str]]:
    """The words of a question that say something, each once whatever its case, with their terms."""
    first: dict[str, str] = {}
    for word in _WORD.findall(question):
        first.setdefault(word.casefold(), word)
    telling = {folded: word for folded, word in first.items() if folded not in _EMPTY}
    return {word: frozenset(store.terms(word)) for word in (telling or first).values()}


def _unknown(store: Store, words: Sequence[str]) -> Iterator[UnknownWord]:
    for number, word in enumerate(words):
        yield UnknownWord(word, suggestions(store, word) if number < MAX_SUGGESTED else ())


def _acronyms(found: Found) -> tuple[str, ...]:
    before = set(_ACRONYM.findall(found.resolved))
    return tuple(each for each in _ACRONYM.findall(found.understood) if each not in before)


def _surroundings(store: Store, candidates: Iterable[Candidate]) -> list[str]:
    """What stands around each sentence of the candidates, as the reader counts it: neighbours, headings, title."""
    found = []
    for passage in (candidate.stored.passage for candidate in candidates):
        document = store.document(passage.document_id)
        texts = [document.text[start:end] for start, end in passage.sentences]
        above = (document.title, *passage.heading)
        found += [" ".join((*above, *texts[max(i - 1, 0) : i], *texts[i + 1 : i + 2])) for i in range(len(texts))]
    return found


def _match(
    known: Iterable[tuple[Considered, str]], sentence: ScoredSentence, unknown: float, calibration: Calibration
) -> tuple[Considered, str]:
    """What a sentence of the reading was made from; of passages that overlap, each has its own view of a sentence."""
    return next(
        (each, around)
        for each, around in known
        if each.span == sentence.span and judge([each], unknown, calibration).sentences == (sentence,)
    )


def _explained(store: Store, asked: _Asked, each: Considered, around: str, probability: float) -> SentenceWhy:
    inside = asked.among(set(store.terms(each.text)))
    near = tuple(word for word in asked.among(set(store.terms(around))) if word not in inside)
    missing = tuple(word for word in asked.words if word not in inside + near)
    logit = None if each.logit == UNREAD else round(each.logit, 4)
    return SentenceWhy(
        each.document_id,
        *each.span,
        each.text,
        inside,
        near,
        missing,
        round(each.cosine, 4),
        round(each.coverage, 4),
        logit,
        round(probability, 4),
    )
