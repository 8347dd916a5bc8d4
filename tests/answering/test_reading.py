"""The reader puts the sentence that answers first and says how sure it is."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.asked import Asked
from askreport.answering.considered import UNREAD, Considered
from askreport.answering.library import Library
from askreport.answering.reading import (
    BACKGROUND_HANDICAP,
    MAX_MARGIN,
    PART_LOGIT,
    RETRIEVAL,
    TYPICAL_COSINE,
    Reading,
    consider,
    is_background,
    judge,
    logistic,
    read,
)
from askreport.answering.retrieve import retrieve
from askreport.indexing.ingest import ingest
from askreport.models.scorer import Calibration, Judged, Window
from askreport.store import LocalStore
from askreport.types import Document, Span
from tests.tools import parts
from tests.tools.parts import PARSERS, HashingEncoder, document, folder, prose, publish, publish_by_words

ENCODER = HashingEncoder()

# What a first score of 1 is without a reader.
UNIT = RETRIEVAL.sentence[1]


def reading_of(store: LocalStore, question: str, limit: int = 12) -> Reading:
    vector = ENCODER.encode_question(question)
    return read(store, question, vector, retrieve(store, question, vector, limit))


def texts(store: LocalStore, reading: Reading) -> list[str]:
    """The sentences, best first."""
    return [store.document(item.document_id).text[item.span.start : item.span.end] for item in reading.sentences]


def background(item: Document) -> Document:
    return replace(item, metadata={"kind": "background note"})


def test_sentences_without_vectors_are_judged_as_if_typically_near(tmp_path: Path) -> None:
    store = publish_by_words(tmp_path, [document("The pact was signed in Oslo. It rained.")])
    found = reading_of(store, "Where was the pact signed?").sentences
    assert [each.considered.cosine for each in found] == [TYPICAL_COSINE] * 2
    assert found[0].considered.text == "The pact was signed in Oslo."


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_higher_score_never_means_less_confidence(one: float, other: float) -> None:
    low, high = sorted((logistic(one), logistic(other)))
    assert 0 <= low <= high <= 1
    assert (one <= other) == (logistic(one) <= logistic(other)) or logistic(one) == logistic(other)


@pytest.mark.parametrize("score", [-math.inf, -1e308, -1000.0])
def test_hopeless_scores_have_no_confidence_and_do_not_overflow(score: float) -> None:
    assert logistic(score) == pytest.approx(0)


def test_nothing_to_read_is_no_sentence_and_no_confidence(tmp_path: Path) -> None:
    reading = reading_of(publish(tmp_path, []), "Anything?")
    assert reading.sentences == ()
    assert reading.confidence == pytest.approx(0)


def test_the_sentence_with_the_questions_words_comes_first(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(1, 40)), document(prose(2, 40), "b.txt")])
    reading = reading_of(store, "What does Box 2-17 weigh?")
    assert texts(store, reading)[0].startswith("Box 2-17 ")


def test_sentences_are_in_order_each_text_once_and_slices_of_their_passages(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(1, 30)), document(prose(1, 30) + "\nEnd of it.", "b.txt")])
    reading = reading_of(store, "Which boxes are red?")
    ranks = [sentence.rank for sentence in reading.sentences]
    assert ranks == sorted(ranks, reverse=True)
    found = texts(store, reading)
    assert sorted(found) == sorted([*prose(1, 30).split("\n"), "End of it."])


def test_a_rare_word_of_the_question_counts_more_than_a_common_one(tmp_path: Path) -> None:
    lines = [f"The common word stands here as number {n}." for n in range(30)]
    store = publish(tmp_path, [document("\n".join([*lines, "A zeppelin flew."]))])
    assert texts(store, reading_of(store, "common zeppelin"))[0] == "A zeppelin flew."


def test_a_heading_over_the_sentence_counts(tmp_path: Path) -> None:
    text = "Zebras\nThey live in herds.\nCamels\nThey live in herds too."
    store = publish(tmp_path, [document(text, headings=["Zebras", "Camels"])])
    with_headings = scores_of(store, "zebras")
    plain = publish(tmp_path / "plain", [document("They live in herds.\nThey live in herds too.")])
    without = scores_of(plain, "zebras")
    gain = {words: with_headings[words] - without[words] for words in without}
    assert gain["They live in herds."] > gain["They live in herds too."]


def scores_of(store: LocalStore, question: str) -> dict[str, float]:
    """The score of each sentence, by its words."""
    reading = reading_of(store, question)
    return {words: item.score for words, item in zip(texts(store, reading), reading.sentences, strict=True)}


def test_a_background_document_is_quoted_after_a_primary_one_of_the_same_worth(tmp_path: Path) -> None:
    words = "The treaty was signed in the town hall of the old city of Minsk"
    primary = document(f"{words} in spring.", "primary.txt")
    note = background(document(f"{words} in that spring.", "note.txt"))
    store = publish(tmp_path, [note, primary])
    reading = reading_of(store, note.text)
    assert [item.document_id for item in reading.sentences] == [primary.id, note.id]
    first, second = reading.sentences
    assert second.score > first.score
    assert second.rank == pytest.approx(second.score - BACKGROUND_HANDICAP * UNIT)


def test_a_sentence_in_a_primary_and_a_background_document_is_the_primary_ones(tmp_path: Path) -> None:
    """Even where its surroundings in the note resemble the question more."""
    primary = document("The treaty was signed in Minsk.", "primary.txt")
    note = background(document("Minsk and its treaty follow here.\nThe treaty was signed in Minsk.", "note.txt"))
    store = publish(tmp_path, [note, primary])
    reading = reading_of(store, "Where follow the treaty signed in Minsk?")
    same = [item for item, text in zip(reading.sentences, texts(store, reading), strict=True) if text == primary.text]
    assert [item.document_id for item in same] == [primary.id]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("background note", True), ("Background", True), ("report", False), ("", False), (None, False), (["x"], False)],
)
def test_a_document_is_background_if_it_says_so(kind: object, expected: bool) -> None:
    assert is_background(replace(document("x"), metadata={"kind": kind})) is expected
    assert not is_background(document("x"))


def test_the_real_reader_is_surer_of_what_the_report_says_than_of_what_it_does_not(library: Library) -> None:
    sure, unsure = (
        read(library.store, q, v, retrieve(library.store, q, v, 12)).confidence
        for q in ("does the SVR spy on China?", "What is the recipe for borscht?")
        for v in [library.encoder.encode_question(q)]
    )
    assert sure > 0.7
    assert unsure < 0.1


def considered(rows: list[tuple[int, int, float]]) -> list[Considered]:
    """Sentences of some documents, each document's one after another, with these lengths and cosines."""
    at = dict.fromkeys(range(3), 0)
    found = []
    for number, length, cosine in rows:
        span = Span(at[number], at[number] + length)
        at[number] += length + 1
        found.append(parts.considered(str(number), span, "x" * length, cosine=cosine))
    return found


class LastWord:
    """A scorer for which a sentence answers that ends with the question's last word."""

    fingerprint = "last-word"
    calibration = Calibration((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, -5.0, -3.0, -2.0), 0.0)

    def __init__(self) -> None:
        self.windows: list[Window] = []

    def score(self, question: str, windows: Sequence[Window]) -> list[list[Judged]]:
        self.windows += windows
        last = question.split()[-1]
        return [[self._judged(text, last) for text in window.sentences] for window in windows]

    def _judged(self, text: str, last: str) -> Judged:
        at = text.find(last)
        return Judged(logit=4.0, answers=(Span(at, at + len(last)),)) if at >= 0 else Judged(logit=-4.0)


def test_the_scorer_orders_the_sentences(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("The ship came late.\nOn board was a zeppelin.\nIt rained.")])
    vector = ENCODER.encode_question("ship zeppelin")
    reading = read(store, "ship zeppelin", vector, retrieve(store, "ship zeppelin", vector, 12), LastWord())
    first = reading.sentences[0].considered
    assert texts(store, reading)[0] == first.text == "On board was a zeppelin."
    assert reading.confidence == pytest.approx(logistic(4.0))
    assert first.judged is not None
    assert [first.text[start:end] for start, end in first.judged.answers] == ["zeppelin"]


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        # No name and no date is asked for; the name stands next to the sentence, or nowhere; the date is lacking.
        ("did it have a zeppelin", 0.0),
        ("did Minsk have a zeppelin", 0.0),
        ("did Tarn have a zeppelin", -3.0),
        ("did Minsk or Tarn have a zeppelin", -1.5),
        ("when did it have a zeppelin", -2.0),
    ],
)
def test_names_and_dates_that_are_not_there_lower_the_confidence(tmp_path: Path, question: str, lacking: float) -> None:
    text = "They lived in Minsk.\nIt did have a zeppelin.\nIt rained or snowed.\nA man of Tarn came when it ended."
    store = publish(tmp_path, [document(text)])
    vector = ENCODER.encode_question(question)
    reading = read(store, question, vector, retrieve(store, question, vector, 12), LastWord())
    assert texts(store, reading)[0] == "It did have a zeppelin."
    assert reading.confidence == pytest.approx(logistic(4.0 + lacking))


def test_words_that_the_library_does_not_have_lower_the_confidence(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("The ship came late.\nOn board was a zeppelin.")])
    confidences = []
    for question in ("ship zeppelin", "unheardof zeppelin"):
        vector = ENCODER.encode_question(question)
        confidences.append(read(store, question, vector, retrieve(store, question, vector, 12), LastWord()).confidence)
    assert confidences[1] < confidences[0]


def test_the_further_the_best_sentence_is_ahead_the_likelier_it_is_right() -> None:
    leading = replace(RETRIEVAL, sentence=(0.0, 1.0, 0.0, 0.0), confidence=(0.0,) * 6, intercept=0.0, margin=0.5)

    def confidence(second: float) -> float:
        rows = [replace(each, text=str(n)) for n, each in enumerate(considered([(0, 9, 5.0), (1, 9, second)]))]
        return judge(rows, 0.0, leading).confidence

    assert confidence(5.0) == pytest.approx(0.5)
    assert confidence(4.0) == pytest.approx(logistic(0.5))
    assert confidence(1.0) == confidence(0.0) == pytest.approx(logistic(0.5 * MAX_MARGIN))


def test_what_the_scorer_did_not_read_comes_last(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(1, 80))])
    question = "Which Box is red, green or blue zeppelin"
    vector = ENCODER.encode_question(question)
    candidates = retrieve(store, question, vector, 12)
    found = consider(store, Asked.of(store, question, vector, candidates), candidates, LastWord())
    unread = [each for each in found if each.logit == UNREAD]
    assert unread
    assert len(unread) < len(found)
    ordered = judge(found, 0.0, LastWord.calibration).sentences
    flags = [sentence.score == UNREAD for sentence in ordered]
    assert any(flags)
    assert flags == sorted(flags)


def test_without_a_scorer_the_first_score_decides() -> None:
    found = considered([(0, 10, 0.5), (1, 10, 0.9)])
    reading = judge(found, 0.0, RETRIEVAL)
    assert [sentence.score for sentence in reading.sentences] == pytest.approx([found[1].first * UNIT])


def test_the_confidence_is_that_of_a_sentence_that_can_be_quoted() -> None:
    """The best sentence of a background document counts only if it is among the first."""
    rows = [replace(each, text=f"{n} {each.text}") for n, each in enumerate(considered([(0, 9, 0.3)] * 4))]
    rows[3] = replace(rows[3], cosine=0.35, handicap=BACKGROUND_HANDICAP)
    assert judge(rows, 0.0, RETRIEVAL).confidence == judge(rows[:3], 0.0, RETRIEVAL).confidence


def test_of_sentences_that_differ_in_a_code_the_one_with_the_questions_code_is_quoted(
    tmp_path: Path, library: Library
) -> None:
    lines = [
        f"Ship {n}-{m} left port {m} with {n * 100 + m} crates of salt on board." for n in range(9) for m in range(9)
    ]
    texts = ["\n".join(lines[start : start + 9]) for start in range(0, len(lines), 9)]
    ingest(
        [folder(tmp_path / "ships", {f"{n}.txt": text for n, text in enumerate(texts)})],
        tmp_path / "index",
        library.encoder,
        PARSERS,
    )
    ships = Library(tmp_path / "index", library.encoder, library.scorer)
    for n, m in ((1, 2), (2, 1), (7, 4), (8, 8)):
        answer = ships.ask(f"How many crates of salt did Ship {n}-{m} have on board?")
        assert answer.quotes[0].text.startswith(f"Ship {n}-{m} ")


def considered_by(store: LocalStore, question: str) -> dict[str, Considered]:
    """What is known of each sentence, by its words, where those with the question's last word answer."""
    vector = ENCODER.encode_question(question)
    candidates = retrieve(store, question, vector, 12)
    found = consider(store, Asked.of(store, question, vector, candidates), candidates, LastWord())
    return {each.text: each for each in found}


def test_a_lead_in_answers_as_well_as_its_items(tmp_path: Path) -> None:
    text = "The mill has these owners:\n\n- the town\n- Merkur Bank\n\nThe bank is old."
    found = considered_by(publish(tmp_path, [document(text)]), "Who owns the mill: Merkur")
    lead = found["The mill has these owners:"]
    assert lead.logit == found["Merkur Bank"].logit == 4.0
    assert lead.emphasis == found["Merkur Bank"].emphasis
    assert found["The bank is old."].logit == -4.0


def test_a_question_in_a_document_answers_as_well_as_its_answer(tmp_path: Path) -> None:
    text = "Who owns the depot?\n\nThe trust of the town of Sorel.\n\nIt is old."
    found = considered_by(publish(tmp_path, [document(text)]), "Who owns the depot: trust")
    assert found["Who owns the depot?"].logit == 4.0
    assert found["It is old."].logit == -4.0


@pytest.mark.parametrize("question", ["Who will show them the room?", "谁会带他们看机房？", "“Who shows the room?”"])
def test_a_question_that_nothing_answers_is_no_answer(tmp_path: Path, question: str) -> None:
    """Mails, minutes and interviews ask what the reader asks, in the same words."""
    store = publish(tmp_path, [document(f"The auditors come on Thursday.\n\n{question}")])
    found = texts(store, reading_of(store, question))
    assert found == ["The auditors come on Thursday."]


def test_a_row_has_the_words_of_its_header_if_it_has_one_of_the_questions(tmp_path: Path) -> None:
    text = "Year | Dust | Workers\n\n2017 | 12 | 905\n\n2018 | 9 | 880\n\nDust is bad."
    found = considered_by(publish(tmp_path, [document(text)]), "How much dust in 2018?")
    assert found["2018 | 9 | 880"].coverage > found["Dust is bad."].coverage > found["2017 | 12 | 905"].coverage
    assert found["2018 | 9 | 880"].before == "Year | Dust | Workers"
    assert found["2018 | 9 | 880"].is_row
    assert not found["Dust is bad."].is_row


def test_what_only_a_folder_says_is_known_and_tells_documents_apart(tmp_path: Path) -> None:
    ones = [document("The fund gave 12 grants.", "2019/a.txt"), document("The fund gave 19 grants.", "2020/a.txt")]
    store = publish(tmp_path, ones)
    question = "Which grants in 2019?"
    vector = ENCODER.encode_question(question)
    candidates = retrieve(store, question, vector, 12)
    assert "2019" not in Asked.of(store, question, vector, candidates).unknown
    found = considered_by(store, question)
    assert found["The fund gave 12 grants."].coverage > found["The fund gave 19 grants."].coverage


def test_the_part_that_a_question_names_by_its_number_comes_first(tmp_path: Path) -> None:
    text = "1. The lessee pays rent.\n\n2. No quay is sublet.\n\n3. Notice is given."
    reading = reading_of(publish(tmp_path, [document(text)]), "What does clause 2 say of the lessee?")
    assert reading.sentences[0].considered.text == "2. No quay is sublet."


def test_the_part_that_a_question_names_answers_whatever_its_words_are(tmp_path: Path) -> None:
    text = "1. The lessee pays rent.\n\n2. No quay is sublet.\n\n3. Notice is given."
    store = publish(tmp_path, [document(text)])
    confidences = []
    for question in ("What does clause 2 say?", "What do quays say?"):
        vector = ENCODER.encode_question(question)
        reading = read(store, question, vector, retrieve(store, question, vector, 12), LastWord())
        confidences += [
            each.probability for each in reading.sentences if each.considered.text == "2. No quay is sublet."
        ]
    assert confidences[0] == pytest.approx(logistic(PART_LOGIT))
    assert confidences[1] < 0.1


def test_a_table_is_about_what_its_caption_says(tmp_path: Path) -> None:
    table = "Year | Workers\n\n2017 | 905\n\n2018 | 880"
    text = f"Dust works\n\n{table}\n\nOther works\n\n{table.replace('5', '6')}"
    found = considered_by(publish(tmp_path, [document(text, headings=["Dust works", "Other works"])]), "Dust in 2017?")
    assert found["2017 | 905"].coverage == pytest.approx(1)
    assert found["2017 | 906"].coverage < 1


def test_an_answer_has_the_words_of_its_question_and_what_it_hangs_on_is_not_missing(tmp_path: Path) -> None:
    text = (
        "How long is a visa for Norland valid?\n\nNinety days.\n\nIt rained.\n\nThe fees at Wick are:\n\n- boats 12\n\n"
        "- ferries 90\n\n- cars 7\n\nThey last rose in days of peace."
    )
    found = considered_by(publish(tmp_path, [document(text)]), "How is a visa for Norland at Wick valid in days")
    assert found["Ninety days."].coverage > found["They last rose in days of peace."].coverage
    assert found["Ninety days."].missing == pytest.approx(1 / 2)
    assert found["They last rose in days of peace."].missing == pytest.approx(1 / 2)
    assert found["cars 7"].missing == pytest.approx(1)
