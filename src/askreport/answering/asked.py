"""A question as sentences are compared with it: its words with their weights, its codes, its names and numbers."""

import re
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from askreport.answering.asked_for import Kind, kind_of
from askreport.answering.parts import part_words, parts_of
from askreport.answering.points import points_of
from askreport.store import Candidate, Store
from askreport.store.names import names_of
from askreport.text.language import languages_of
from askreport.text.mentions import FUNCTION_WORDS
from askreport.types import FloatArray

# A token with a digit that is more than a plain number of up to four: 54777, 12-5, A320, 10,000.
_TOKEN = re.compile(r"[^\W_]*\d(?:[\w.,/-]*\w)?")
_PLAIN_NUMBER = re.compile(r"\d{1,4}")
_WORD = re.compile(r"\w+")
# Verbs with which a question asks what documents say. A document need not use them.
_ASKING = frozenset(
    _WORD.findall(
        "say says said tell tells told mention mentions mentioned state states stated describe describes described "
        "explain explains explained read reads according"
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as sentences are compared with it.

    ``vector`` is its unit vector, ``idf`` weighs those of its terms that some passage has, ``forms`` are theirs in the
    library's languages, ``codes`` are its codes, ``parts`` the numbered parts that it names, ``points`` its names and
    numbers, ``kind`` is what it asks for, and ``languages`` are those that it may be in. ``in_names`` are its terms
    that no passage has, but a candidate's document is called by; ``unknown`` are those that nothing has, and
    ``unknown_share`` is their share of its words, by weight.
    """

    question: str
    vector: FloatArray
    idf: dict[str, float]
    forms: dict[str, frozenset[str]]
    codes: frozenset[str]
    parts: frozenset[str]
    points: frozenset[str]
    kind: Kind | None
    languages: tuple[str, ...]
    in_names: frozenset[str]
    unknown: frozenset[str]
    unknown_share: float

    @classmethod
    def of(
        cls,
        store: Store,
        question: str,
        vector: FloatArray,
        candidates: Sequence[Candidate],
        *,
        documents: Collection[str] | None = None,
    ) -> "Asked":
        """The question with this unit vector, its words weighed by the store, to be looked for in these passages.

        ``documents`` are those that are asked: what none of them has is unknown, whatever others say.
        """
        forms = store.forms(question)
        weights = store.idf({form for own in forms.values() for form in own})
        missing = frozenset(store.unknown(weights)) | _not_among(store, question, documents)
        names = _names(store, candidates) if missing else frozenset()
        absent = frozenset(term for term, own in forms.items() if own <= missing)
        strange = frozenset(term for term in absent if forms[term].isdisjoint(names))
        # A few pages may be without "how" and "did".
        unknown = strange - _function_terms(store, question)
        # What is known weighs less than what is not.
        idf = {term: min(weights[form] for form in own) for term, own in forms.items() if term not in strange - unknown}
        return cls(
            question=question,
            vector=vector,
            # Words that no sentence has tell none from another, and would only make the others count for less.
            idf={term: weight for term, weight in idf.items() if term not in unknown},
            forms={term: own for term, own in forms.items() if term not in unknown},
            codes=codes_in(question),
            parts=parts_of(question),
            points=points_of(question),
            kind=kind_of(question),
            languages=tuple(languages_of(question)),
            in_names=absent - strange,
            unknown=unknown,
            unknown_share=share(idf, unknown),
        )

    def among(self, terms: Collection[str]) -> set[str]:
        """Those of its terms that are, in one of their forms, among the terms of a text."""
        return {term for term, own in self.forms.items() if not own.isdisjoint(terms)}


def _function_terms(store: Store, question: str) -> Set[str]:
    """The terms of those words of a question that say nothing by themselves."""
    words = [word for word in _WORD.findall(question) if word.casefold() in FUNCTION_WORDS | _ASKING]
    return store.forms(" ".join((*words, part_words(question)))).keys()


def _not_among(store: Store, question: str, documents: Collection[str] | None) -> frozenset[str]:
    """The forms of those words of a question that none of some documents has; of no word if all are asked."""
    if documents is None:
        return frozenset()
    words = {word for word in _WORD.findall(question) if word.casefold() not in FUNCTION_WORDS}
    lacking = [word for word in words if not store.search_lexical(word, 1, documents)]
    return frozenset(form for word in lacking for own in store.forms(word).values() for form in own)


def _names(store: Store, candidates: Sequence[Candidate]) -> frozenset[str]:
    """The terms that the candidates' documents are called by: of a year, perhaps only the folder says which it is."""
    documents = dict.fromkeys(candidate.stored.passage.document_id for candidate in candidates)
    return frozenset(term for each in documents for term in store.terms(" ".join(names_of(store.document(each)))))


def codes_in(text: str) -> frozenset[str]:
    """The codes in a text, in lower case: tokens with a digit, but for plain numbers of up to four."""
    found = (match.group().lower() for match in _TOKEN.finditer(text))
    return frozenset(token for token in found if not _PLAIN_NUMBER.fullmatch(token))


def share(idf: dict[str, float], terms: Set[str]) -> float:
    """How much of the question's words, by weight, are among ``terms``."""
    return sum(idf[term] for term in terms) / (sum(idf.values()) or 1.0)
