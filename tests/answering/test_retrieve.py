"""Retrieval is the brute-force ranking by the fused score, each text once, from the documents asked for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.answering.retrieve import CANDIDATES, CLOSER, nearest_sentence, retrieve
from askreport.digest import text_digest
from askreport.errors import DocumentNotFoundError
from askreport.store import DENSE_SHARE, Candidate, LocalStore, StoredPassage, fuse
from askreport.types import Passage
from tests.tools.parts import HashingEncoder, document, prose, publish, publish_by_words

ENCODER = HashingEncoder()
WORDS = ["china", "russia", "cyber", "trade", "border", "agent", "pact", "gas"]

cosines = st.floats(-1, 1, width=32)
bm25 = st.floats(0, 50, width=32)
scores = st.dictionaries(st.integers(0, 20), cosines, max_size=15)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


def search(store: LocalStore, question: str, limit: int = 10, documents: list[str] | None = None) -> list[Candidate]:
    return retrieve(store, question, ENCODER.encode_question(question), limit, documents)


def text_of(store: LocalStore, candidate: Candidate) -> str:
    passage = candidate.stored.passage
    return store.document(passage.document_id).text[passage.start : passage.end]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return publish(tmp_path_factory.mktemp("retrieve"), [document(prose(n, 40), f"{n}.txt") for n in range(6)])


# Fusion


@given(scores, st.dictionaries(st.integers(0, 20), bm25))
def test_fused_scores_are_between_0_and_1_and_of_the_same_passages(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    lexical = {number: score for number, score in lexical.items() if number in dense}
    fused = fuse(dense, lexical)
    assert fused.keys() == dense.keys()
    assert all(0 <= score <= 1 + 1e-9 for score in fused.values())


@given(scores.filter(lambda dense: len(dense) > 1), st.data())
def test_a_passage_better_by_meaning_and_by_words_is_better_fused(dense: dict[int, float], data: st.DataObject) -> None:
    lexical = {number: data.draw(bm25) for number in dense}
    fused = fuse(dense, lexical)
    for one in dense:
        for other in dense:
            if dense[one] >= dense[other] and lexical[one] >= lexical[other]:
                assert fused[one] >= fused[other] - 1e-9


@given(scores)
def test_without_words_in_common_meaning_decides(dense: dict[int, float]) -> None:
    fused = fuse(dense, {})
    assert all((fused[a] > fused[b]) <= (dense[a] > dense[b]) for a in dense for b in dense)


def test_the_best_by_meaning_and_by_words_has_a_score_of_1() -> None:
    assert fuse({1: 0.5, 2: 0.1}, {1: 7.0})[1] == pytest.approx(1)
    assert fuse({1: 0.5, 2: 0.1}, {2: 7.0})[1] == pytest.approx(DENSE_SHARE)


def test_nothing_fuses_to_nothing_and_the_worst_scores_to_0() -> None:
    assert fuse({}, {}) == {}
    assert fuse({1: -1.0}, {}) == {1: 0.0}


# The whole


@settings(max_examples=30, deadline=None)
@given(st.lists(texts, min_size=1, max_size=12), texts, st.integers(1, 12))
def test_it_is_the_brute_force_ranking_without_duplicates(passages: list[str], question: str, limit: int) -> None:
    """Every passage is a candidate here; sentence vectors are kept in eight bits, which is what may differ."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        store = publish(Path(name), [document(text, f"{n}.txt") for n, text in enumerate(passages)])
        vector = ENCODER.encode_question(question)
        dense = {n: float(ENCODER.encode_question(text) @ vector) for n, text in enumerate(passages)}
        fused = fuse(dense, store.search_lexical(question, 100))
        best: dict[str, float] = {}
        for number, score in fused.items():
            best[passages[number]] = max(score, best.get(passages[number], 0.0))
        found = search(store, question, limit)
        assert len(found) == min(limit, len(best))
        assert [c.score for c in found] == pytest.approx(sorted(best.values(), reverse=True)[:limit], abs=3e-3)
        assert [best[text_of(store, c)] for c in found] == pytest.approx([c.score for c in found], abs=3e-3)


@given(st.text(min_size=1), st.integers(1, 60))
def test_candidates_are_in_order_each_text_once_and_no_more_than_the_limit(
    store: LocalStore, question: str, limit: int
) -> None:
    found = search(store, question, limit)
    assert len(found) == min(limit, store.manifest.counts.passages)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert len({text_of(store, c) for c in found}) == len(found)


@given(st.text(min_size=1))
def test_a_candidate_carries_its_own_cosine_and_bm25(store: LocalStore, question: str) -> None:
    vector = ENCODER.encode_question(question)
    lexical = store.search_lexical(question, CANDIDATES)
    for candidate in search(store, question):
        number = candidate.stored.number
        nearest = max(candidate.stored.sentence_vectors @ vector)
        assert candidate.dense == pytest.approx((store.cosines(vector, [number])[0] + nearest) / 2, abs=1e-6)
        assert candidate.lexical == pytest.approx(lexical.get(number, 0.0), rel=1e-6)
        assert text_digest(text_of(store, candidate)) == candidate.stored.digest


def test_the_same_text_in_many_documents_is_one_candidate_and_hides_no_other(tmp_path: Path) -> None:
    """A footer that stands in every document must not be all there is to find."""
    footers = [document("China and Russia signed the pact.", f"footer-{n}.txt") for n in range(40)]
    others = [document(f"The pact of {year} is about China.", f"{year}.txt") for year in range(1990, 1995)]
    store = publish(tmp_path, footers + others)
    found = [text_of(store, candidate) for candidate in search(store, "China Russia signed pact", 5)]
    assert len(found) == 5
    assert found[0] == footers[0].text
    assert set(found[1:]) < {item.text for item in others}


def test_a_long_passage_is_found_by_its_one_sentence_about_the_question(tmp_path: Path) -> None:
    long = document(
        "\n".join(["The pact was signed.", *(f"Box {n} is red and came by ship." for n in range(12))]), "l.txt"
    )
    short = document("A pact was never made by them that day.", "s.txt")
    store = publish(tmp_path, [long, short])
    vector = ENCODER.encode_question("The pact was signed.")
    own = store.cosines(vector, [0, 1])
    found = search(store, "The pact was signed.")
    assert store.document(found[0].stored.passage.document_id).path == "l.txt"
    assert own[0] < own[1] < found[0].dense


def test_a_passage_without_a_sentence_is_nearest_to_nothing() -> None:
    empty = StoredPassage(
        number=1,
        passage=Passage(document_id="d", start=0, end=1, heading=(), sentences=()),
        digest=b"",
        sentence_vectors=np.zeros((0, 32), np.float32),
    )
    assert nearest_sentence(empty, ENCODER.encode_question("pact")) == -1


def test_words_bring_what_has_no_vectors_beside_what_has(tmp_path: Path) -> None:
    base = publish(tmp_path, [document(prose(n, 30), f"{n}.txt") for n in range(4)]).manifest
    store = publish_by_words(tmp_path, [document("The pact was signed in Oslo.", "late.txt")], base)
    found = search(store, "Which pact was signed in Oslo?")
    assert store.document(found[0].stored.passage.document_id).path == "late.txt"
    assert (found[0].dense, found[0].stored.embedded) == (0, False)
    assert all(each.stored.embedded and each.dense for each in found[1:])


def test_texts_that_differ_in_case_and_space_only_are_one(tmp_path: Path) -> None:
    same = [document("China  and Russia.", "a.txt"), document("CHINA and\nRussia.", "b.txt")]
    assert len(search(publish(tmp_path, same), "China")) == 1


def test_a_passage_beyond_the_nearest_by_meaning_is_found_by_its_words(tmp_path: Path) -> None:
    near = [document("spy " * (n + 5), f"near-{n}.txt") for n in range(CANDIDATES + 20)]
    odd = document("Nabucco " + " ".join(f"word{n}" for n in range(60)), "odd.txt")
    store = publish(tmp_path, [*near, odd])
    vector = ENCODER.encode_question("spy spy spy spy Nabucco")
    assert len(near) not in store.search_dense(vector, CANDIDATES)
    found = {candidate.stored.number: candidate for candidate in search(store, "spy spy spy spy Nabucco", 200)}
    assert found[len(near)].lexical > 0
    own = store.cosines(vector, [len(near)])[0]
    assert found[len(near)].dense == pytest.approx((own + nearest_sentence(found[len(near)].stored, vector)) / 2)


def test_only_the_documents_asked_for_are_searched(store: LocalStore) -> None:
    chosen = [item.id for item in store.documents()][1:3]
    found = search(store, "Box 5-17 weighs", 50, chosen)
    assert {candidate.stored.passage.document_id for candidate in found} == set(chosen)
    assert search(store, "Box", 50, []) == []


def test_an_unknown_document_is_an_error(store: LocalStore) -> None:
    with pytest.raises(DocumentNotFoundError):
        search(store, "Box", 5, ["unknown"])


def test_the_same_question_gives_the_same_candidates(store: LocalStore) -> None:
    first, second = (search(store, "Which box is red?", 20) for _ in range(2))
    assert [(c.stored.number, c.score) for c in first] == [(c.stored.number, c.score) for c in second]


def test_equal_passages_are_taken_in_their_order_in_the_library(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("same words", f"{n}.txt") for n in range(5)])
    assert [candidate.stored.number for candidate in search(store, "same words")] == [0]


def test_the_real_library_is_ranked_as_by_brute_force(library: Library) -> None:
    store, question = library.store, "does the SVR spy on China?"
    vector = library.encoder.encode_question(question)
    numbers = range(store.manifest.counts.passages)
    assert len(numbers) < CANDIDATES
    dense = dict(zip(numbers, store.cosines(vector, numbers), strict=True))
    lexical = store.search_lexical(question, len(numbers))
    first = fuse(dense, lexical)
    near = sorted(first, key=lambda number: -first[number])[:CLOSER]
    closer = {each.number: (dense[each.number] + nearest_sentence(each, vector)) / 2 for each in store.passages(near)}
    fused = fuse(closer, {number: score for number, score in lexical.items() if number in closer})
    expected = sorted(fused, key=lambda number: -fused[number])[:12]
    found = retrieve(store, question, vector, 12)
    assert [candidate.stored.number for candidate in found] == expected
    assert np.allclose([candidate.score for candidate in found], [fused[number] for number in expected])
