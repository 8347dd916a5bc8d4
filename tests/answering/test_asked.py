"""A question's words are known or not, and its codes are told from numbers."""

from pathlib import Path

import pytest

from askreport.answering.asked import Asked, codes_in
from askreport.answering.retrieve import retrieve
from tests.tools.parts import HashingEncoder, document, publish

ENCODER = HashingEncoder()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("What is unit 54777?", {"54777"}),
        ("Ship 12-5 left port 5 in 1998 with 10,000 crates.", {"12-5", "10,000"}),
        ("The A320neo and the T-72, by §4.2 (b).", {"a320neo", "4.2"}),
        ("In 2024 there were 3 of them.", set()),
        ("None at all.", set()),
    ],
)
def test_codes_are_what_is_more_than_a_plain_number(text: str, codes: set[str]) -> None:
    assert codes_in(text) == codes


def test_words_that_say_nothing_are_not_unknown(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("The ferry sails at noon.")])
    question = "How does it say the zeppelin of clause 2 sails?"
    vector = ENCODER.encode_question(question)
    asked = Asked.of(store, question, vector, retrieve(store, question, vector, 12))
    assert asked.unknown == {"zeppelin", "2"}


def test_what_only_other_documents_have_is_unknown_to_those_that_are_asked(tmp_path: Path) -> None:
    ones = [document("The ferry sails at noon.", "a.txt"), document("The zeppelin sails at noon.", "b.txt")]
    store = publish(tmp_path, ones)
    question = "When does the zeppelin sail?"
    vector = ENCODER.encode_question(question)
    for documents, unknown in ((None, set()), ([ones[0].id], {"zeppelin"}), ([ones[1].id], set())):
        candidates = retrieve(store, question, vector, 12, documents)
        assert Asked.of(store, question, vector, candidates, documents=documents).unknown == unknown
