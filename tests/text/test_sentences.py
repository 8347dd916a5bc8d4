"""Where sentences start: texts with known boundaries in ten languages, and the time that long lines take."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.text.chunk import MAX_SENTENCE_CHARS, chunk, split_sentences
from askreport.text.sentences import starts
from askreport.types import Document
from tests.tools.boundaries import LANGUAGES, MARK, f1, sequences
from tests.tools.timing import PROCESSOR, ratio

ENOUGH = 0.97


def document(text: str) -> Document:
    return Document(id="id", path="a.txt", title="A", text=text, sha256="")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_boundaries_are_found(language: str) -> None:
    assert f1(sequences(language), starts, language) >= ENOUGH


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_is_cut_by_the_rules_of_its_language(language: str) -> None:
    known = list(sequences(language))
    text = "\n\n".join(sequence.text for sequence in known)
    found = {start for start, _ in split_sentences(text)}
    at, missed, all_of = 0, 0, 0
    for sequence in known:
        missed += len({at + start for start in sequence.starts} - found)
        all_of += len(sequence.starts)
        at += len(sequence.text) + 2
    assert missed <= (1 - ENOUGH) * all_of


@pytest.mark.parametrize(
    "marked",
    [
        "Output fell.1 ‖Imports rose.",
        "Output fell.[1] ‖Imports rose.",
        "Output fell.[1][2] ‖Imports rose.",
        "Output fell. [1] ‖Imports rose.",
        "Output fell.¹ ‖Imports rose.",
        "Output fell.11 12 ‖Imports rose.",
        "Version v.2 Released is no note.",
        "2 | Okafor, C.; Lindqvist, D. | 2020",
        "It was 3.5 Times as much.",
        "See 29 U.S.C. 793 and 5 U.S.C. 8350 for it. ‖It holds.",
        "(1) one, (2) two, and (3) three. ‖MSAC also decides. ‖It reports.",
        "The program ended. ‖2. Offer best value. ‖It goes on.",
        "we met at noon. ‖nobody came. ‖it rained!",
        "Q. What is it? ‖A. It is this.",
        "Results were good. ‖• Reducing waste. ‖• Saving fuel.",
        "Use node.js here. ‖Visit www.a.gov/b.html today. ‖See it.",
        "They left (why?) and came back. ‖(Nobody knew.) ‖It rained.",
        "He said . . . that it was good. ‖It was.",
        "Contents . . . . . . . . . . . . . . . . . . . 12",
        "The table shows 4.62\t5.09\t5.01\t≥4.9",
        "မိုးရွာသည်။‖သူသွားသည်။",
        "គាត់មក។ ‖គាត់ទៅ។",
        "ሰላም ነው። ‖እንዴት ነህ?",
        "Նա եկավ։ ‖Նա գնաց։",
        "אין גשם. ‖יש שמש! ‖למה?",
        "그는 왔다. ‖그녀는 갔다. ‖왜?",
    ],
)
def test_sentences_start_where_they_are_marked(marked: str) -> None:
    pieces = marked.split(MARK)
    assert starts("".join(pieces), "en") == [sum(map(len, pieces[:count])) for count in range(len(pieces))]


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Sie kam am 12. Juni. Er ging.", "de", 2),
        ("Der 2. Vorsitzende sprach. Er ging.", "de", 2),
        ("There were 12. Mary left.", "en", 2),
        ("Πού είναι; Δεν ξέρω.", "el", 2),
        ("Zob. np. str. 12 i rys. 4.", "pl", 1),
        ("Hij woont bij dhr. Jansen. Dat is goed.", "nl", 2),
    ],
)
def test_the_language_decides(text: str, language: str, count: int) -> None:
    assert len(starts(text, language)) == count


@settings(deadline=None, max_examples=300)
@given(
    st.text(st.sampled_from("aB1 .!?…。」“”»()[]'\n؟।·-A\u0301"), max_size=60),
    st.sampled_from(["", "en", "de", "zh", "el"]),
)
def test_sentences_start_in_order_and_never_with_white_space(text: str, language: str) -> None:
    found = starts(text, language)
    assert found == sorted(set(found))
    assert found[0] == 0
    assert not [at for at in found[1:] if text[at].isspace()]


HOSTILE = {
    "letters": "x",
    "full stops": ".",
    "full stops with blanks": ". ",
    "marks": "?!",
    "closing brackets": ".)",
    "blanks": ". " + " " * 98,
    "notes": ".[1]",
    "short sentences": "A b. ",
    "Chinese": "他来。",
    "open quotations": "「他来。",
    "numbers": "1. ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_time_grows_with_the_length(piece: str) -> None:
    whole = piece * (400_000 // len(piece))
    quarter = whole[: len(whole) // 4]
    assert ratio(lambda: starts(whole, "en"), lambda: starts(quarter, "en"), 3, PROCESSOR, min) < 10


def test_a_long_line_without_a_place_to_cut_takes_no_longer_than_one_of_words() -> None:
    line = document("x" * 1_000_000)
    words = document("Ten words make one sentence of the usual length here. " * 18_000)
    assert ratio(lambda: chunk(line), lambda: chunk(words), 3, PROCESSOR, min) < 1


def test_what_is_left_when_time_is_up_is_cut_by_lengths() -> None:
    text = "One sentence. Another one. " * 200
    (passages, whole) = chunk(document(text), seconds=0), chunk(document(text))
    sentences = [text[start:end] for passage in passages for start, end in passage.sentences]
    assert max(map(len, sentences)) <= MAX_SENTENCE_CHARS
    assert len(set(sentences)) < len({span for passage in whole for span in passage.sentences})
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", "".join(dict.fromkeys(sentences))) or sentences
