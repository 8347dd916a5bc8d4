"""What is trained on: labels follow from the evidence, and nothing that figures are taken from takes part."""

import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from askreport.evaluation.evaluate import rows
from askreport.types import Span
from tests.conftest import SHARED, shared
from training import examples
from training.examples import CAPS, FOLDS, HELD_OUT, Example, fold_of, pairs, public, public_rows, squad
from training.written import WRITTEN, is_held_out, passages, written_rows

# Sets that published figures are taken from.
FIGURES = {
    *("clapnq-dev", "nomiracl-en", "pubmedqa", "xquad-cross-to-en", "stici-longdoc"),
    *("timeqa", "tatqa", "qed-nq", "multispanqa", "covidqa-en"),
}
CONTEXT = "The ship left. It came late in 1628. Nobody saw the year 1628 again. It rained."


def kept(text: str, *, held_out: bool = False) -> str:
    """The text with so many line breaks at its end that it is trained on, or held out."""
    while is_held_out(text) != held_out:
        text += "\n"
    return text


def row(**changes: Any) -> dict[str, Any]:
    """A question of a public set, which the second sentence answers with its year."""
    start = CONTEXT.index("1628")
    answered = {
        "question": "When did it come?",
        "title": "Ships_of_Norway_-LRB-old-RRB-",
        "context": kept(CONTEXT),
        "answerable": True,
        "evidence": [{"start": start, "end": start + 4}],
        "answer": "1628",
        "label": None,
    }
    return answered | changes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shared data sets of the test's own."""
    monkeypatch.setattr(examples, "SHARED", tmp_path)
    return tmp_path


def write_public(folder: Path, asked: list[dict[str, Any]], name: str = "selqa") -> None:
    place = folder / "train" / name
    place.mkdir(parents=True)
    with gzip.open(place / "examples.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(each) + "\n" for each in asked)


def write_rows(path: Path, items: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in items))


def example_of(folder: Path, **changes: Any) -> Example | None:
    write_public(folder, [row(**changes)])
    return next(public("selqa", random.Random(1)), None)


def test_the_evidence_labels_its_sentence_and_another_with_the_answers_words_is_left_open(folder: Path) -> None:
    found = example_of(folder)
    assert found is not None
    assert found.sentences == tuple(re.findall(r"[A-Z][^.]+\.", CONTEXT))
    assert found.labels == (0, 1, -1, 0)
    ((number, (span,)),) = found.answers.items()
    assert (number, found.sentences[number][span.start : span.end]) == (1, "1628")
    assert (found.title, found.verdict) == ("Ships of Norway", -1)


def test_evidence_over_several_sentences_labels_each_and_is_cut_at_their_ends(folder: Path) -> None:
    found = example_of(folder, evidence=[{"start": 4, "end": 22}], answer=None)
    assert found is not None
    assert found.labels == (1, 1, 0, 0)
    assert found.answers == {0: (Span(4, 14),), 1: (Span(0, 7),)}


def test_long_evidence_are_sentences_in_which_no_words_are_known_to_answer(folder: Path) -> None:
    context = kept(f"It rained. The ship {'came very late ' * 9}. It left.")
    end = context.index(" It left")
    found = example_of(folder, context=context, evidence=[{"start": 11, "end": end}], answer=None)
    assert found is not None
    assert found.labels == (0, 1, 0)
    assert found.answers == {}


def test_yes_and_no_are_verdicts_and_their_evidence_no_words_that_answer(folder: Path) -> None:
    write_public(folder, [row(label=label) for label in ("yes", "no", "maybe", None)])
    found = {each.verdict: bool(each.answers) for each in public("selqa", random.Random(1))}
    assert found == {1: False, 0: False, -1: True}


def test_a_question_that_nothing_answers_has_no_sentence_left_open(folder: Path) -> None:
    found = example_of(folder, answerable=False, evidence=[])
    assert found is not None
    assert found.labels == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"answerable": False},
        {"evidence": []},
        {"context": kept("。 …")},
        {"evidence_groups": [[0], [1], [2], [3]]},
        {"evidence": [{"start": 14, "end": 15}]},
    ],
)
def test_a_question_whose_evidence_is_in_doubt_is_left_out(folder: Path, changes: dict[str, Any]) -> None:
    assert example_of(folder, **changes) is None


def test_a_set_has_no_more_questions_than_its_cap_and_none_of_a_held_out_context(folder: Path) -> None:
    asked = [row(context=f"{CONTEXT} {n} ships sank.", question=f"{n}?") for n in range(1, 600)]
    write_public(folder, asked, "amqa-am")
    trained, left = public_rows("amqa-am"), public_rows("amqa-am", held_out=True)
    assert {each["question"] for each in trained} | {each["question"] for each in left} == {
        each["question"] for each in asked
    }
    assert 0 < len(left) < len(trained) / 4
    found = {each.question for each in public("amqa-am", random.Random(1))}
    assert len(found) == CAPS["amqa-am"]
    assert not found & {each["question"] for each in left}


def test_of_squad_the_held_out_articles_are_left_out(folder: Path) -> None:
    titles = [f"Ship {n}" for n in range(40)]
    corpus = [{"_id": title, "title": title, "text": CONTEXT} for title in titles]
    place = [{"start": 15, "end": 19}]
    asked = [
        {"text": title, "context": title, "evidence": [{"doc": title, **place[0]}], "answers": ["late"]}
        for title in titles
    ]
    write_rows(folder / "eval" / "squad2-dev" / "corpus.jsonl", corpus)
    write_rows(folder / "eval" / "squad2-dev" / "queries.jsonl", asked)
    found = {each.title for each in squad()}
    assert found == {title for title in titles if fold_of(title, FOLDS) != HELD_OUT}
    assert 20 < len(found) < 40


def test_sets_that_figures_are_taken_from_are_not_trained_on() -> None:
    assert not CAPS.keys() & FIGURES


def test_no_public_question_is_one_that_figures_are_taken_from() -> None:
    shared("train/selqa")
    trained = {normal(each["question"]) for name in CAPS for each in public_rows(name)}
    for name in sorted(FIGURES):
        queries = SHARED / "eval" / name / "queries.jsonl"
        asked = rows(queries) if queries.exists() else []
        assert not trained & {normal(each["text"]) for each in asked}, name


def normal(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def test_pairs_have_what_does_not_answer_and_most_what_does_and_the_probe_is_not_among_them() -> None:
    made = list(pairs())
    assert all(set(each.labels) <= {0, 1} and 0 in each.labels for each in made)
    assert sum(1 in each.labels for each in made) > 0.8 * len(made)
    probe = rows(WRITTEN / "probe.jsonl")
    assert len(probe) > 200
    trained = {sentence for each in made for sentence in each.sentences}
    assert not trained & {row[side] for row in probe for side in ("right", "wrong")}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    shared("eval/mtrag-clapnq/corpus.jsonl")
    return passages()


def test_every_written_question_names_a_passage_and_places_inside_it(texts: dict[str, str]) -> None:
    asked = written_rows()
    # A passage of a report whose text is read otherwise by now is left out.
    assert len(texts) > 0.75 * len({each["passage"] for each in asked})
    for each in (each for each in asked if each["passage"] in texts):
        assert bool(each["evidence"]) == (each["kind"] != "none")
        for start, end in each["evidence"]:
            assert 0 <= start < end <= len(texts[each["passage"]])
            assert texts[each["passage"]][start:end].strip()


def test_no_passage_that_is_held_out_is_trained_on(texts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    some = dict(list(texts.items())[::25])
    monkeypatch.setattr(examples, "passages", lambda: some)
    trained, left = ({each.sentences for each in examples.written(held_out=each)} for each in (False, True))
    assert trained
    assert left
    assert not trained & left
    assert len(left) == sum(map(is_held_out, some))
