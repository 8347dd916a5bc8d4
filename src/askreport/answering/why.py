"""What is behind an answer: how the question was read, and what of it was found in each sentence, and how.

Computed when somebody asks for it, from what the library kept of the reading that made the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias

from askreport.answering.ask import Findings
from askreport.answering.considered import UNREAD, Considered
from askreport.answering.library import KEPT_SENTENCES, Library
from askreport.answering.reading import ScoredSentence
from askreport.answering.spelling import suggestions
from askreport.store import Store
from askreport.text.mentions import FUNCTION_WORDS
from askreport.types import ALL, Filter

MAX_SENTENCES = KEPT_SENTENCES
# Of so many unknown words others are suggested, which takes some milliseconds each.
MAX_SUGGESTED = 8
# Who asks says nothing of what is asked about.
_EMPTY = FUNCTION_WORDS | {"i", "me", "my", "mine", "myself", "us", "ours"}
_WORD = re.compile(r"\w+")
_ACRONYM = re.compile(r"\((\w+)\)")
# The words of a question with their terms.
Words: TypeAlias = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of the question that no document has, and words of the documents that are spelled much like it."""

    word: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceWhy:
    """A sentence that was considered, and what speaks for it.

    Each word of the question stands in it, or only around it (next to it, in its headings or its document's title), or
    is missing. ``cosine`` says how near its meaning is, from -1 to 1. ``coverage`` is its share of the question's words
    that any document has; rare words weigh more. ``logit`` is the reader's score, null if it has not read the sentence.
    ``probability`` is that the sentence answers.
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


def why(library: Library, question: str, within: Filter = ALL, history: Sequence[str] = (), k: int = 5) -> Why:
    """What is behind the answer that ``Library.ask`` gives for the same; errors as there."""
    return library.investigate(
        question, lambda store, _answer, findings: explain(store, findings), k, within, history=history
    )


def explain(store: Store, findings: Findings) -> Why:
    """What is behind an answer, from what it was made from and the store that it was found in."""
    words = _words(store, findings.understood)
    return Why(
        question=findings.question,
        understood=findings.understood,
        acronyms=_acronyms(findings),
        unknown=tuple(_unknown(store, _among(words, findings.reading.unknown))),
        sentences=tuple(_explained(store, words, each) for each in findings.reading.sentences[:MAX_SENTENCES]),
    )


def _words(store: Store, question: str) -> Words:
    """The words of a question that say something, each once whatever its case, with their terms."""
    first: dict[str, str] = {}
    for word in _WORD.findall(question):
        first.setdefault(word.casefold(), word)
    telling = {folded: word for folded, word in first.items() if folded not in _EMPTY}
    return {word: frozenset().union(*store.forms(word).values()) for word in (telling or first).values()}


def _unknown(store: Store, words: Sequence[str]) -> Iterator[UnknownWord]:
    for number, word in enumerate(words):
        yield UnknownWord(word, suggestions(store, word) if number < MAX_SUGGESTED else ())


def _acronyms(findings: Findings) -> tuple[str, ...]:
    before = set(_ACRONYM.findall(findings.resolved))
    return tuple(each for each in _ACRONYM.findall(findings.understood) if each not in before)


def _among(words: Words, terms: Set[str]) -> tuple[str, ...]:
    """The words of which one of the terms is."""
    return tuple(word for word, own in words.items() if own & terms)


def _explained(store: Store, words: Words, sentence: ScoredSentence) -> SentenceWhy:
    each = sentence.considered
    language = store.document(each.document_id).language
    inside = _among(words, set(store.terms(each.text, language)))
    around = set(store.terms(_around(store, each), language))
    near = tuple(word for word in _among(words, around) if word not in inside)
    return SentenceWhy(
        document_id=each.document_id,
        start=each.span.start,
        end=each.span.end,
        text=each.text,
        in_sentence=inside,
        around=near,
        missing=tuple(word for word in words if word not in inside + near),
        cosine=round(each.cosine, 4),
        coverage=round(each.coverage, 4),
        logit=None if each.logit == UNREAD else round(each.logit, 4),
        probability=round(sentence.probability, 4),
    )


def _around(store: Store, each: Considered) -> str:
    """What stands around a sentence, as the reader counts it: its neighbours, its headings, its document's title."""
    document = store.document(each.document_id)
    neighbours = (document.text[start:end] for start, end in each.neighbours)
    return " ".join((document.title, *each.heading, *neighbours))
