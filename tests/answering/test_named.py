"""A question that names a document is answered from it, and all others as ever."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.ask import ask
from askreport.answering.named import MAX_NAMED, most_surely, named_in, naming_words
from askreport.answering.retrieve import retrieve
from askreport.store import Store
from askreport.types import Document
from tests.tools.parts import document
from tests.tools.reports import questions, reports
from tests.tools.stores import ENCODER, Place

REPORTS = [
    replace(document(each.text, each.path), title=each.text.partition("\n")[0].removeprefix("# "), has_title=True)
    for each in reports()
]


@pytest.fixture(scope="module")
def store(place: Place) -> Store:
    return place.store(REPORTS)


def paths(store: Store, named: Sequence[str] | dict[str, float]) -> list[str]:
    return [store.document(each).path for each in named]


def test_the_company_and_the_year_together_name_one_report(store: Store) -> None:
    named = named_in(store, "What did Acme report for 2019?")
    assert paths(store, named)[0] == "acme/annual-report-2019.md"
    shares = list(named.values())
    assert shares[:2] == pytest.approx([1.0, (log(4) / (log(3) + log(4))) ** 2])
    # Borealis and Cobalt of 2019, and Acme of other years.
    assert len(named) == 6


def test_what_no_document_is_called_by_makes_it_less_sure(store: Store) -> None:
    sure = named_in(store, "What did Acme report for 2019?")
    less = named_in(store, "What did Acme report for 2019 about the 72nd Special Center?")
    assert list(less) == list(sure)
    assert max(less.values()) == pytest.approx(log(12) / (4 * log(12)))


@pytest.mark.parametrize(
    "question",
    ["What did it report?", "what is the revenue?", "What does the Annual Report say?", "Who is Smith?", "2022?", ""],
)
def test_a_question_that_names_no_document_or_all_of_them_names_none(store: Store, question: str) -> None:
    assert named_in(store, question) == {}


def test_only_documents_that_may_be_looked_in_are_named(store: Store) -> None:
    chosen = [each.id for each in REPORTS if "2018" in each.path]
    assert set(paths(store, named_in(store, "Acme in 2018", chosen))) == {
        f"{company}/annual-report-2018.md" for company in ("acme", "borealis", "cobalt")
    }


def test_a_library_of_one_document_names_none(place: Place) -> None:
    assert named_in(place.store(REPORTS[:1]), "What did Acme report for 2016?") == {}


def test_a_document_with_all_of_the_words_is_named_though_many_have_one_of_them(place: Place) -> None:
    many = [document(f"Box {n}.", f"acme/2019/report-{n:03}x.txt") for n in range(400)]
    store = place.store([*many, document("Box.", "acme/2018/special.txt"), document("Box.", "beta/2018/special2.txt")])
    named = named_in(store, "Acme SPECIAL 2018")
    assert paths(store, named)[0] == "acme/2018/special.txt"
    assert most_surely(named) == list(named)[:1]


def test_of_documents_that_are_named_equally_none_is_before_another(place: Place) -> None:
    many = [document(f"Box {n}.", f"acme/{n:03}x.txt") for n in range(MAX_NAMED + 1)]
    others = [document(f"Other {n}.", f"beta/{n:03}y.txt") for n in range(MAX_NAMED + 1)]
    named = named_in(place.store([*many, *others]), "Which boxes has Acme?")
    assert named == dict.fromkeys(sorted(each.id for each in many), 1.0)
    assert most_surely(named) == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What did Acme's CEO say in 2019?", {"acme", "ceo", "2019"}),
        ("What of FY2019?", {"fy2019", "2019"}),
        ("what did acme say", set()),
        ("The Who", set()),
        ("Ärzte 12", {"arzte", "12"}),
    ],
)
def test_words_with_a_capital_or_a_digit_may_name(question: str, words: set[str]) -> None:
    assert naming_words(question) == words


def test_a_passage_of_a_named_document_is_a_candidate_and_one_text_is_its_own(place: Place) -> None:
    others = [document("Profits rose much.", f"beta/{n}.txt") for n in range(60)]
    named = document("Profits rose much.", "acme/61.txt")
    store = place.store([*others, named])
    found = retrieve(store, "Did Acme profits rise much?", ENCODER.encode_question("profits rose much"), 5)
    assert found[0].stored.passage.document_id == named.id
    assert found[0].named == 1.0


def test_each_question_to_the_reports_is_answered_from_the_one_it_names(store: Store) -> None:
    asked = [each for each in questions() if "revenue" in each.question or "employ" in each.question]
    found = [ask(store, ENCODER, each.question).passages[0].document.path for each in asked]
    assert sum(path == each.path for path, each in zip(found, asked, strict=True)) >= 0.9 * len(asked)


@given(st.sampled_from(REPORTS), st.text(max_size=80))
def test_shares_are_from_0_to_1_best_first(store: Store, item: Document, text: str) -> None:
    shares = list(named_in(store, f"{item.title} {text}").values())
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)


@given(st.text())
def test_what_names_nothing_is_found_as_without_names(store: Store, question: str) -> None:
    if not named_in(store, question):
        vector = ENCODER.encode_question(question)
        assert all(each.named == 0 for each in retrieve(store, question, vector, 5))
