"""What is said to be behind an answer is what made it."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.answering.ask import Findings, investigate
from askreport.answering.asked import share
from askreport.answering.library import KEPT_SENTENCES, Library
from askreport.answering.reading import MAX_QUOTES
from askreport.answering.why import MAX_SENTENCES, MAX_SUGGESTED, explain, why
from askreport.errors import DocumentNotFoundError, QuestionError
from askreport.models.scorer import Judged, Scorer, Window
from askreport.store import Store
from askreport.text.mentions import FUNCTION_WORDS
from askreport.trace import traced
from askreport.types import Answer, Filter

SVR = "does the SVR spy on China?"
QUESTIONS = [
    SVR,
    "Who hacked Russian defence institutes?",
    "Is there a basis for the theory of a tightly knit strategic alliance?",
    "How do I reset my password?",
    "what did Putin get",
    "To be or not to be?",
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("reads", [True, False])
def test_its_sentences_are_those_of_the_answer_in_their_order(library: Library, question: str, reads: bool) -> None:
    asked = Library(library.index, library.encoder, library.scorer if reads else None)
    answer, found = asked.ask(question), why(asked, question)
    places = [(each.document_id, each.start, each.end, each.probability) for each in found.sentences]
    quoted = [(each.document.id, each.start, each.end, each.score) for each in answer.quotes]
    assert [place for place in places[:MAX_QUOTES] if place in quoted] == quoted
    assert max(each.probability for each in found.sentences[:MAX_QUOTES]) == answer.confidence
    assert len(found.sentences) == MAX_SENTENCES
    assert reads or {each.logit for each in found.sentences} == {None}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(QUESTIONS), st.lists(st.sampled_from(["SVR", "xyzzy", "the", "Chinese", "naïve"]), max_size=3))
def test_every_word_is_in_one_place_and_the_coverage_is_that_of_the_words(
    library: Library, question: str, more: list[str]
) -> None:
    store = library.store
    found = why(library, " ".join([question, *more]))
    idf = store.idf(set(store.terms(found.understood)))
    for term in store.unknown(idf):
        del idf[term]
    words = {word.casefold() for word in re.findall(r"\w+", found.understood)}
    telling = words - FUNCTION_WORDS - {"i", "my"}
    for each in found.sentences:
        assert store.document(each.document_id).text[each.start : each.end] == each.text
        placed = [word.casefold() for word in (*each.in_sentence, *each.around, *each.missing)]
        assert len(set(placed)) == len(placed)
        assert set(placed) == (telling or words)
        has = set(store.terms(each.text))
        assert all(set(store.terms(word)) & has for word in each.in_sentence)
        assert not any(set(store.terms(word)) & has for word in (*each.around, *each.missing))
        assert each.coverage == pytest.approx(share(idf, idf.keys() & has), abs=1e-4)


class Counting:
    """A scorer that counts the questions that it reads for."""

    def __init__(self, scorer: Scorer) -> None:
        self.fingerprint = scorer.fingerprint
        self.calibration = scorer.calibration
        self.windows: list[Window] = []
        self._scorer = scorer

    def score(self, question: str, windows: Sequence[Window]) -> list[list[Judged]]:
        self.windows += windows
        return self._scorer.score(question, windows)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_and_what_is_behind_it_are_of_one_reading(library: Library, question: str) -> None:
    assert library.scorer
    counting = Counting(library.scorer)
    asked = Library(library.index, library.encoder, counting)
    answer = asked.ask(question)
    read = list(counting.windows)
    assert read
    found = why(asked, question)
    assert counting.windows == read
    assert found.understood == answer.understood
    assert why(library, question) == found


def test_what_is_kept_of_a_reading_explains_as_much_as_all_of_it(library: Library) -> None:
    store = library.store
    whole = investigate(store, library.encoder, SVR, scorer=library.scorer)
    assert len(whole.reading.sentences) > MAX_SENTENCES
    assert explain(store, whole) == why(library, SVR)


def test_of_a_kept_reading_no_candidates_and_few_sentences_are_kept(library: Library) -> None:
    def kept(_store: Store, _answer: Answer, findings: Findings) -> tuple[int, int]:
        return len(findings.candidates), len(findings.reading.sentences)

    assert library.investigate(SVR, kept) == (0, KEPT_SENTENCES)


def test_what_is_explained_is_noted_as_a_question_without_an_answer(library: Library) -> None:
    with traced("1") as trace:
        why(library, SVR)
    assert (trace.questions, trace.answers) == ([SVR], [])


def test_words_around_a_sentence_are_told_from_its_own(library: Library) -> None:
    first = why(library, SVR).sentences[0]
    assert (first.in_sentence, first.around, first.missing) == (("SVR", "spy"), ("China",), ())
    assert first.logit is not None


def test_a_follow_up_is_explained_as_it_was_understood(library: Library) -> None:
    found = why(library, "And the GRU?", history=[SVR])
    assert (found.question, found.understood, found.acronyms) == ("And the GRU?", "does the GRU spy on China?", ())
    assert "GRU" in found.sentences[0].in_sentence


def test_acronyms_that_were_added_are_told(library: Library) -> None:
    found = why(library, "Does the foreign intelligence service spy on China?")
    assert found.acronyms == ("SVR",)
    assert "(SVR)" in found.understood
    assert why(library, "Does the (SVR) spy?").acronyms == ()


def test_unknown_words_are_told_with_what_may_have_been_meant(library: Library) -> None:
    found = why(library, "Does Naryshkn spy on Chiina with my xqzjw?").unknown
    assert [(each.word, each.suggestions) for each in found] == [
        ("Naryshkn", ("Naryshkin",)),
        ("Chiina", ("China",)),
        ("xqzjw", ()),
    ]
    assert not why(library, SVR).unknown


def test_of_many_unknown_words_only_the_first_are_looked_up(library: Library) -> None:
    found = why(library, " ".join(f"Chiina{'q' * n} Chinna{'q' * n}" for n in range(MAX_SUGGESTED))).unknown
    assert len(found) == 2 * MAX_SUGGESTED
    assert found[0].suggestions
    assert not any(each.suggestions for each in found[MAX_SUGGESTED:])


def test_the_same_is_refused_as_for_an_answer(library: Library) -> None:
    with pytest.raises(QuestionError):
        why(library, " ")
    with pytest.raises(QuestionError):
        why(library, SVR, history=["q"] * 21)
    with pytest.raises(DocumentNotFoundError):
        why(library, SVR, Filter(documents=("0" * 16,)))
