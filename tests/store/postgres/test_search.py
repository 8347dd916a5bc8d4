"""The statements find what they should whatever the planner makes of them, and however common the words are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from askreport.store.postgres import search as postgres_search
from askreport.store.postgres.search import variants
from tests.tools.stores import Place, in_postgres

PASSAGES = [("a", f"china {'trade ' * (n % 3)}{'border ' * (n % 5 == 0)}word{n}") for n in range(40)]


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    return Place(in_postgres(request.getfixturevalue("engine"), request.getfixturevalue("_vectors")))


@pytest.mark.parametrize("looked_up", [0, 10, 30, 60])
def test_common_terms_count_although_only_the_rare_ones_are_looked_up_everywhere(
    place: Place, monkeypatch: pytest.MonkeyPatch, looked_up: int
) -> None:
    store, _ = place.of_passages(PASSAGES)
    everything = store.search_lexical("china trade border word5", 40)
    monkeypatch.setattr(postgres_search, "LOOKED_UP", looked_up)
    # The rarest of the terms, and of those that have it the ones that the common terms favour.
    found = store.search_lexical("china trade border word5", 5)
    if looked_up >= 10:
        assert found == pytest.approx(dict(list(everything.items())[:5]))
    else:
        assert found == pytest.approx({number: everything[number] for number in found})
        assert len(found) == 1
    place.close()


def test_a_question_of_common_words_alone_is_answered(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store, every = place.of_passages(PASSAGES)
    monkeypatch.setattr(postgres_search, "LOOKED_UP", 0)
    assert set(store.search_lexical("china", 100)) == set(every)
    place.close()


@given(st.text("abcdeé", min_size=5, max_size=8), st.text("abcdeé", min_size=5, max_size=8))
def test_variants_are_all_that_one_mistake_makes_of_a_term(term: str, other: str) -> None:
    assert (other in variants(term)) is (OSA.distance(term, other) == 1 and set(other) <= set(term) | set("abcde"))


def test_a_short_term_has_no_variants() -> None:
    assert variants("coat") == set()


def test_the_graph_is_left_to_exact_searches_alone() -> None:
    assert "+ 0" in postgres_search.dense_search(384, exact=True, filtered=False)
    assert "+ 0" not in postgres_search.dense_search(384, exact=False, filtered=False)
