"""An evaluation asks what a data set asks and measures what comes back."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from askreport.answering.library import Library
from askreport.errors import DatasetError
from askreport.evaluation.evaluate import SCOPES, Evaluation, evaluate, load_items, name_of, summary, without_nan
from askreport.evaluation.results import UNSAID
from askreport.indexing.ingest import ingest
from askreport.types import Scope
from tests.tools.parts import PARSERS, HashingEncoder

CORPUS = [
    {"_id": "d1", "title": "Ships", "text": "The Vasa sank in 1628. It lay in the mud for long."},
    {"_id": "d2", "title": "Ships", "text": "The Mary Rose sank in 1545. She was raised in 1982."},
    {"_id": "d3", "title": "Trees", "text": "The oldest pine grows in California. Nobody may see it."},
]
QUERIES: list[dict[str, Any]] = [
    {"_id": "q1", "text": "the Vasa sank in 1628.", "answerable": True, "context": "d1", "evidence": [
        {"doc": "d1", "start": 0, "end": 22, "text": "The Vasa sank in 1628."}]},
    {"_id": "q2", "text": "oldest pine grows", "answerable": True, "answer_sentences": ["pine grows in California"]},
    {"_id": "q3", "text": "recipe for borscht", "answerable": False, "context_ids": ["d3", "gone"]},
    {"_id": "q4", "text": "the Mary Rose sank", "context": "d2"},
]  # fmt: skip


def data_set(folder: Path, queries: Sequence[Mapping[str, Any]] = QUERIES, qrels: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("corpus.jsonl", CORPUS), ("queries.jsonl", queries)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\nq4\td1\t1\nq4\td2\t0\n"
    (folder / "qrels.tsv").write_text(text if qrels is None else qrels)
    return folder


def run(tmp_path: Path, scope: Scope = "auto", queries: Sequence[Mapping[str, Any]] = QUERIES) -> Evaluation:
    folder = data_set(tmp_path / "set", queries)
    encoder = HashingEncoder(dimension=512)
    ingest([folder / "corpus.jsonl"], tmp_path / "index", encoder, PARSERS)
    return evaluate(Library(tmp_path / "index", encoder), load_items(folder, scope), "set", scope)


def test_each_question_is_judged_by_its_evidence(tmp_path: Path) -> None:
    found = run(tmp_path)
    by_id = {each.id: each for each in found.results}
    assert (by_id["q1"].rank, by_id["q1"].first) == (1, "The Vasa sank in 1628.")
    assert (by_id["q2"].rank, by_id["q2"].place) == (1, "corpus.jsonl#d3")
    assert (by_id["q3"].rank, by_id["q3"].is_right) == (0, False)
    assert by_id["q4"].is_right is None
    assert found.figures["first"] == found.figures["three"] == 1
    assert found.figures["AUROC"] == 1
    assert (found.documents, len(found.results), found.reader) == (3, 4, "none")


def test_documents_are_ranked_against_their_judgements(tmp_path: Path) -> None:
    found = run(tmp_path)
    by_id = {each.id: each.ranking for each in found.results}
    assert by_id["q1"]["nDCG@10"] == by_id["q2"]["MRR"] == 1
    # The Vasa is found as well, behind the Mary Rose, which was graded 0.
    assert by_id["q4"]["MRR"] == pytest.approx(1 / 2)
    assert by_id["q3"] == {}
    assert found.figures["recall@5"] == 1


def test_the_status_table_counts_every_question_once(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert set(found.statuses) == {"answerable", "unanswerable", "unknown"}
    assert sum(sum(row.values()) for row in found.statuses.values()) == len(QUERIES)
    assert found.figures["median ms"] <= found.figures["p95 ms"]
    assert found.curve[-1].coverage == 1
    assert sum(each.count for each in found.bins) == 3


def test_figures_are_also_given_by_language_and_by_kind_of_question(tmp_path: Path) -> None:
    languages = [{**row, "lang": lang} for row, lang in zip(QUERIES, ("en", "sv", "en", None), strict=True)]
    languages[1]["kind"] = "of trees"
    found = run(tmp_path, queries=languages)
    assert {name: part.questions for name, part in found.languages.items()} == {"en": 2, UNSAID: 1, "sv": 1}
    assert list(found.kinds) == ["keywords", "of trees", "statement"]
    english = found.languages["en"]
    assert (english.figures["first"], english.figures["AUROC"]) == (1, 1)
    assert set(english.statuses) == {"answerable", "unanswerable"}
    assert found.kinds["of trees"].figures["first"] == 1
    assert json.loads(json.dumps(summary(found, "now")))["languages"]["sv"]["figures"]["AUROC"] is None


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("auto", {"q1": None, "q3": ("d3", "gone")}),
        ("library", {"q1": None, "q3": None}),
        ("context", {"q1": ("d1",), "q3": ("d3", "gone")}),
        ("title", {"q1": ("d1", "d2"), "q3": ("d3", "gone")}),
    ],
)
def test_the_scope_says_where_a_question_is_looked_for(
    tmp_path: Path, scope: Scope, expected: dict[str, tuple[str, ...] | None]
) -> None:
    assert scope in SCOPES
    items = {item.id: item.within for item in load_items(data_set(tmp_path / "set"), scope)}
    assert {name: items[name] for name in expected} == expected


def test_within_its_context_a_question_sees_nothing_else(tmp_path: Path) -> None:
    asked = {"_id": "q", "text": "the Vasa sank in", "answerable": True, "context": "d3"}
    (result,) = run(tmp_path, "context", [asked]).results
    assert result.place == "corpus.jsonl#d3"


def test_a_follow_up_is_asked_after_its_history_and_a_rewritten_one_alone(tmp_path: Path) -> None:
    rows = [
        {"_id": "a", "text": "and the Vasa?", "last_turn": "and the Vasa?", "history": ["when did the Mary Rose sink"]},
        {"_id": "b", "text": "When did the Vasa sink?", "last_turn": "and the Vasa?", "history": ["…"]},
    ]
    items = load_items(data_set(tmp_path / "set", rows))
    assert [item.history for item in items] == [("when did the Mary Rose sink",), ()]


def test_what_a_data_set_does_not_tell_is_no_figure(tmp_path: Path) -> None:
    found = run(tmp_path, queries=[{"text": "anything"}])
    assert math.isnan(found.figures["AUROC"])
    assert math.isnan(found.figures["first"])
    assert without_nan(found.figures)["AUROC"] is None


def test_the_worst_failures_are_confident_ones_first(tmp_path: Path) -> None:
    wrong = [
        {"_id": str(n), "text": words, "answerable": False}
        for n, words in enumerate(["Vasa", "The Vasa sank in 1628."])
    ]
    found = run(tmp_path, queries=wrong)
    confidences = [each.confidence for each in found.worst]
    assert confidences == sorted(confidences, reverse=True)
    assert all(each.status != "not_found" for each in found.worst)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("queries.jsonl", "{}\n", "question 1 has no 'text'"),
        ("queries.jsonl", "[1]\n", "line 1 of .* is not an object"),
        ("queries.jsonl", '{"text": "x"\n', "line 1 of .* is not JSON"),
        ("qrels.tsv", "q1 d1 1\n", "line 1 of .* is not question, document and grade"),
    ],
)
def test_a_data_set_that_is_not_as_it_should_be_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    folder = data_set(tmp_path / "set")
    (folder / name).write_text(text)
    with pytest.raises(DatasetError, match=message):
        load_items(folder)


def test_a_folder_without_questions_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"queries\.jsonl"):
        load_items(tmp_path)


def test_names_are_ids_in_a_collection_and_files_elsewhere() -> None:
    assert name_of("corpus.jsonl#d1") == "d1"
    assert name_of("corpus.jsonl#reports/a.pdf#1-2") == "reports/a.pdf#1-2"
    assert name_of("folder/report #1.txt") == "folder/report #1.txt"
