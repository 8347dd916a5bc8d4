"""Each question is of one kind, by its question word wherever that stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.evaluation.kinds import OTHER, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Does the SVR spy on China?", "yes/no"),
        ("Isn’t the SVR a civil agency?", "yes/no"),
        ("who sang it first", "who"),
        ("By whom was the Vasa built?", "who"),
        ("In which year did the Vasa sink?", "when"),
        ("When did it sink?", "when"),
        ("Where does the pine grow?", "where"),
        ("the vasa sank where", "where"),
        ("How many ships sank?", "how many"),
        ("What percentage of ships sank?", "how many"),
        ("In what country is Normandy?", "what"),
        ("How do ships sink?", "how"),
        ("Why do ships sink?", "why"),
        ("sanctions on Russian banks", "keywords"),
        ("The Vasa never sailed again.", "statement"),
        ("In welchem Jahr sank die Vasa?", OTHER),
        ("ヴァーサ号 沈没", OTHER),
        ("12-5", OTHER),
    ],
)
def test_the_kind_follows_from_the_question_word(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("lang", "kind"), [("de", OTHER), ("bem>en", OTHER), ("en", "yes/no"), ("en-GB", "yes/no"), ("en>de", "yes/no")]
)
def test_words_of_another_language_are_not_taken_for_english(lang: str, kind: str) -> None:
    assert kind_of("was die Vasa war", lang) == kind


@given(st.text())
def test_every_question_has_a_kind(question: str) -> None:
    assert kind_of(question)
