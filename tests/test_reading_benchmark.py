"""The benchmark of the reader makes a library of a public set, and judges what any build answers by its words."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from askreport.evaluation.evaluate import Item, load_items
from askreport.types import Span
from benchmarks.reading import (
    DataSet,
    Judge,
    differences,
    judged,
    letters,
    line,
    of_training,
    sampled,
    summary,
    translated,
    write,
)

TEXT = "The Vasa sank in 1628. Nobody knew why. The Mary Rose sank, too; she was raised in 1982."
EXAMPLES: list[dict[str, Any]] = [
    {"id": "a", "question": "When did the Vasa sink?", "title": "Ships", "context": TEXT, "answerable": True,
     "evidence": [{"start": 17, "end": 21}], "label": None, "split": "dev", "lang": "en"},
    {"id": "b", "question": "Who sank the Vasa?", "title": "Ships", "context": TEXT, "answerable": False,
     "evidence": [], "label": None, "split": "dev", "lang": "en"},
    {"id": "c", "question": "What grows there?", "title": "", "context": "Pines.", "answerable": True,
     "evidence": [{"start": 0, "end": 5}], "label": None, "split": "train", "lang": "en", "kind": "of trees"},
]  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> DataSet:
    file = tmp_path / "examples.jsonl.gz"
    with gzip.open(file, "wt") as lines:
        lines.write("".join(json.dumps(each) + "\n" for each in EXAMPLES))
    return of_training(file, "dev")


def answer(row: str, *quotes: str, document: str = "c0", status: str = "answered") -> dict[str, Any]:
    read = [{"text": each, "document": document} for each in quotes]
    shown = read if status != "not_found" else []
    return {"id": row, "status": status, "confidence": 0.5, "quotes": shown, "read": read, "documents": ["c0"],
            "milliseconds": 1.0}  # fmt: skip


def test_each_context_is_one_document_and_only_the_split_is_asked(found: DataSet) -> None:
    assert {name: each["title"] for name, each in found.documents.items()} == {"c0": "Ships", "c1": ""}
    assert [each["_id"] for each in found.questions] == ["a", "b"]
    assert found.relevant == {"a": {"c0": 1}}


def test_a_sample_keeps_its_own_documents_and_fills_up_with_others(found: DataSet) -> None:
    assert len(sampled(found, 1, 100).questions) == 1
    assert list(sampled(found, 9, 1).documents) == ["c0"]
    assert list(sampled(found, 9, 2).documents) == ["c0", "c1"]
    assert sampled(found, 1, 1).questions == sampled(found, 2, 1).questions[:1]


def test_what_is_written_is_read_as_a_data_set(found: DataSet, tmp_path: Path) -> None:
    write(found, tmp_path / "set")
    first, second = load_items(tmp_path / "set")
    assert (first.evidence, first.relevant, first.lang) == ((("c0", Span(17, 21), ""),), {"c0": 1}, "en")
    assert (second.answerable, second.evidence) == (False, ())


@pytest.mark.parametrize(
    ("quote", "document", "is_right"),
    [
        ("The Vasa sank in 1628.", "c0", True),
        ("the  vasa\nSANK in **1628**", "c0", True),
        ("Nobody knew why.", "c0", False),
        ("The Vasa sank in 1628. Nobody knew why.", "c0", True),
        ("The Vasa sank in 1628. Nobody knew why.", "c1", True),
        # Few words may stand anywhere.
        ("in 1628", "c1", False),
        ("…", "c0", False),
    ],
)
def test_a_quote_answers_if_its_words_overlap_the_evidence(
    found: DataSet, tmp_path: Path, quote: str, document: str, is_right: bool
) -> None:
    write(found, tmp_path / "set")
    asked = load_items(tmp_path / "set")[0]
    assert Judge(found.documents).answers({"text": quote, "document": document}, asked) is is_right


def test_a_sentence_that_answers_is_known_without_its_place() -> None:
    item = Item(id="q", question="?", history=(), answerable=True, evidence=(("c0", None, "It sank ."),), relevant={},
                within=None)  # fmt: skip
    judge = Judge({})
    assert judge.answers({"text": "It sank.", "document": "c0"}, item)
    assert not judge.answers({"text": "It sank.", "document": "c1"}, item)


def test_every_letter_knows_where_it_stands() -> None:
    assert letters("Maß 5 – a") == ("mass5a", [0, 1, 2, 2, 4, 8])


def test_a_refusal_counts_by_what_it_read_and_as_wrong_where_quotes_count(found: DataSet, tmp_path: Path) -> None:
    write(found, tmp_path / "set")
    items = load_items(tmp_path / "set")
    answers = {"a": answer("a", "It sank in 1629.", "The Vasa sank in 1628."), "b": answer("b", status="not_found")}
    wrong = summary(judged(items, answers, found.documents), items)
    answers["a"] = answer("a", "The Vasa sank in 1628.", status="not_found")
    refused = summary(judged(items, answers, found.documents), items)
    assert [wrong["figures"][each] for each in ("first", "three", "quoted", "document")] == [0, 1, 0, 1]
    assert [refused["figures"][each] for each in ("first", "three", "quoted")] == [1, 1, 0]
    assert wrong["statuses"]["unanswerable"]["not_found"] == 1
    assert "first +1.000" in differences(refused, wrong)
    assert "1 gained, 0 lost of 2" in differences(refused, wrong)
    assert line("set", wrong).split()[:5] == ["set", "2", "0.000", "0.000", "1.000"]


def test_a_question_in_another_language_is_judged_as_the_one_it_translates() -> None:
    evidence = [{"doc": "a", "start": 0, "end": 4}]
    own = {"_id": "d1", "id": "d1", "text": "Who?", "question": "Who?", "evidence": evidence, "lang": "en"}
    found = translated(
        DataSet([own], {}, {"d1": {"a": 1}}),
        [{"id": "d1", "lang": "de", "question": "Wer?"}, {"id": "d1", "lang": "fr", "question": "Qui ?"}],
    )
    assert [(row["_id"], row["text"], row["lang"]) for row in found.questions] == [
        ("d1-de", "Wer?", "de"),
        ("d1-fr", "Qui ?", "fr"),
    ]
    assert all(row["evidence"] == evidence for row in found.questions)
    assert found.relevant == {"d1-de": {"a": 1}, "d1-fr": {"a": 1}}
