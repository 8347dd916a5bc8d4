"""Who asks in another language than the documents' is told so where nothing is found."""

import pytest

from askreport.answering.ask import ask
from askreport.answering.refusal import MAX_NAMED, REFUSAL, listed, other_language, refusal
from askreport.store import Store
from askreport.types import Languages
from tests.tools.parts import document
from tests.tools.stores import ENCODER, Place

ENGLISH = document("The report is by the government, and none of us has read it yet.", "en.txt")
FRENCH = document("Le rapport est du gouvernement et il ne dit pas où sont les autres.", "fr.txt")
GERMAN = "Was ist der Bericht und wo wird er gelesen?"


@pytest.fixture(scope="module")
def store(place: Place) -> Store:
    return place.store([ENGLISH, FRENCH, document("It is what they said of the others.", "en2.txt")])


def test_the_languages_of_question_and_documents_are_said(store: Store) -> None:
    assert other_language(store, GERMAN) == Languages("de", ("en", "fr"))
    answer = ask(store, ENCODER, GERMAN)
    assert (answer.status, answer.languages) == ("not_found", Languages("de", ("en", "fr")))
    assert answer.answer == f"{REFUSAL} They are in English and French; the question is in German."


@pytest.mark.parametrize(
    "question", ["Where is the report, and who has read it?", "Où est le rapport et qui est-il?", "GRU"]
)
def test_nothing_is_said_of_a_question_in_their_language_or_in_none(store: Store, question: str) -> None:
    assert other_language(store, question) is None


def test_nothing_is_said_where_the_documents_languages_are_unknown_or_much_the_same(place: Place) -> None:
    assert other_language(place.store([document("12 | 13", "a.txt")]), GERMAN) is None
    assert other_language(place.store([]), GERMAN) is None
    danish = place.store([document("Det er ikke kun den rapport, der blev læst af dem efter valget.", "da.txt")])
    assert danish.manifest.languages == {"da": 1}
    assert other_language(danish, "Hvem er det og hvor er den i dag?") is None


def test_an_answer_has_no_languages(place: Place) -> None:
    store = place.store([document("Was ist der Bericht und wo wird er gelesen.", "de.txt"), ENGLISH])
    assert ask(store, ENCODER, "The report is by the government").languages is None


def test_languages_are_listed_as_in_a_sentence() -> None:
    assert listed(["en"]) == "English"
    assert listed(["en", "de", "fr"]) == "English, German and French"
    codes = ["en", "de", "fr", "it", "es", "pt", "nl"]
    assert listed(codes[: MAX_NAMED + 1]) == "English, German, French, Italian, Spanish and another language"
    assert listed(codes).endswith("Spanish and 2 other languages")


def test_a_refusal_without_languages_is_as_ever() -> None:
    assert refusal(None) == REFUSAL
