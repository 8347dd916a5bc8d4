"""What holds for a library wherever it stands: every test runs on a folder and on a database."""

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from askreport.answering.ask import ask
from askreport.errors import AskReportError, DocumentNotFoundError, IndexMissingError
from askreport.store import DENSE_SHARE, MANY_NAMED, MadeWith, Mix, Store, open_backend
from askreport.store.fusion import search
from askreport.text.chunk import chunk
from askreport.text.language import language_of
from askreport.types import Document, FloatArray
from askreport.types import Place as Found
from tests.tools.parts import bm25, document, prose
from tests.tools.stores import ENCODER, Maker, Place, in_folder, in_postgres, numbers

DOCUMENTS = [document(prose(n, 40), f"{n}.txt") for n in range(6)]
QUESTION = "Which boxes are red?"
WORDS = ["china", "russia", "cyber", "trade", "border", "agent"]


@pytest.fixture(scope="module", params=["folder", "database"])
def make(request: pytest.FixtureRequest) -> Maker:
    return in_folder if request.param == "folder" else databases(request)


def databases(request: pytest.FixtureRequest) -> Maker:
    return in_postgres(request.getfixturevalue("engine"), request.getfixturevalue("_vectors"))


@pytest.fixture
def place(make: Maker) -> Iterator[Place]:
    place = Place(make)
    yield place
    place.close()


@pytest.fixture(scope="module")
def store(make: Maker) -> Iterator[Store]:
    place = Place(make)
    yield place.store(DOCUMENTS)
    place.close()


def matrix(documents: list[Document]) -> FloatArray:
    """The vectors of all passages, in order."""
    texts = [item.text[passage.start : passage.end] for item in documents for passage in chunk(item)]
    return np.array([ENCODER.encode_question(text) for text in texts])


@given(st.text(min_size=1), st.integers(1, 40))
def test_the_dense_search_is_brute_force(store: Store, question: str, limit: int) -> None:
    vector = ENCODER.encode_question(question)
    scores = matrix(DOCUMENTS) @ vector
    found = store.search_dense(vector, limit)
    assert len(found) == min(limit, len(scores))
    expected = dict(zip(numbers(store), scores, strict=True))
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-3)
    assert list(found.values()) == pytest.approx(sorted(scores, reverse=True)[:limit], abs=1e-3)


@given(st.text(min_size=1), st.sets(st.sampled_from(range(len(DOCUMENTS)))))
def test_the_dense_search_in_some_documents_is_brute_force_over_their_passages(
    store: Store, question: str, chosen: set[int]
) -> None:
    vector = ENCODER.encode_question(question)
    ids = [DOCUMENTS[n].id for n in chosen]
    found = store.search_dense(vector, 1000, ids)
    every = numbers(store)
    expected = dict(zip(every, matrix(DOCUMENTS) @ vector, strict=True))
    owners = dict(zip(every, [item.id for item in DOCUMENTS for _ in chunk(item)], strict=True))
    assert set(found) == {number for number, owner in owners.items() if owner in ids}
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-3)


def test_the_lexical_search_names_the_passages_with_the_word(store: Store) -> None:
    found = store.search_lexical("3-17", 100)
    best = store.passages(list(found)[:1])[0].passage
    assert "Box 3-17 " in store.document(best.document_id).text[best.start : best.end]
    only = store.search_lexical("3-17", 100, [DOCUMENTS[0].id])
    assert only
    assert {stored.passage.document_id for stored in store.passages(list(only))} == {DOCUMENTS[0].id}


def test_cosines_are_those_of_the_dense_search_in_the_order_asked_for(store: Store) -> None:
    vector = ENCODER.encode_question(QUESTION)
    found = store.search_dense(vector, 5)
    numbers = list(found)[::-1]
    assert store.cosines(vector, numbers) == pytest.approx([found[number] for number in numbers], abs=1e-6)
    assert store.cosines(vector, []) == []


def test_passages_come_in_the_order_asked_for(store: Store) -> None:
    every = numbers(store)
    wanted = [every[4], every[0], every[2]]
    assert [stored.number for stored in store.passages(wanted)] == wanted
    assert store.passages([]) == []


def test_sentence_vectors_are_those_of_the_passages_sentences(store: Store) -> None:
    for stored in store.passages(numbers(store)):
        text = store.document(stored.passage.document_id).text
        vectors = np.array([ENCODER.encode_question(text[a:b]) for a, b in stored.passage.sentences])
        assert stored.sentence_vectors.shape == vectors.shape
        assert np.sum(stored.sentence_vectors * vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_the_cosine_of_every_sentence_is_known(store: Store) -> None:
    vector = ENCODER.encode_question(QUESTION)
    for documents in (None, [DOCUMENTS[0].id, DOCUMENTS[4].id], [DOCUMENTS[2].id], []):
        found = store.sentence_cosines(vector, documents)
        stored = [
            each
            for each in store.passages(numbers(store))
            if documents is None or each.passage.document_id in documents
        ]
        assert found.numbers.tolist() == [each.number for each in stored]
        assert found.sizes.tolist() == [len(each.passage.sentences) for each in stored]
        expected = [cosine for each in stored for cosine in (each.sentence_vectors @ vector).tolist()]
        assert found.cosines.tolist() == pytest.approx(expected, abs=1e-5)
    with pytest.raises(DocumentNotFoundError):
        store.sentence_cosines(vector, ["none"])


def test_several_documents_are_read_at_once(store: Store) -> None:
    ids = [DOCUMENTS[3].id, DOCUMENTS[1].id]
    assert store.texts(ids) == {each: store.document(each) for each in ids}
    assert store.texts([]) == {}
    with pytest.raises(DocumentNotFoundError):
        store.texts([*ids, "none"])


def test_the_sentences_of_many_passages_are_compared_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = ENCODER.encode_question(QUESTION)
    whole = store.sentence_cosines(vector)
    for module in ("folder.segment", "postgres.store"):
        monkeypatch.setattr(f"askreport.store.{module}._AT_A_TIME", 2)
    found = store.sentence_cosines(vector)
    assert found.numbers.tolist() == whole.numbers.tolist()
    assert found.cosines.tolist() == pytest.approx(whole.cosines.tolist(), abs=1e-6)


def test_the_passages_that_have_a_term_are_known(store: Store) -> None:
    stored = store.passages(numbers(store))
    texts = {item.id: item for item in DOCUMENTS}
    terms = [*sorted(set(store.terms(DOCUMENTS[0].text)))[:8], "nobodyhasthis"]
    found = store.having(terms)
    for term in terms:
        expected = []
        for each in stored:
            item = texts[each.passage.document_id]
            words = item.context + item.text[each.passage.start : each.passage.end]
            expected += [each.number] if term in store.terms(words, language_of(item.text)) else []
        assert found.get(term, np.zeros(0)).tolist() == expected, term
    assert "nobodyhasthis" not in found
    assert any(len(each) for each in found.values())


def test_a_search_in_many_documents_leaves_all_others_out(place: Place) -> None:
    documents = [document(f"The boxes of ship {n} are red and heavy.", f"{n}.txt") for n in range(420)]
    store = place.store(documents)
    chosen = tuple(item.id for item in documents[:350])
    for limit in (5, 400):
        few = store.search_lexical(QUESTION, limit, list(chosen))
        assert {store.passages([number])[0].passage.document_id for number in few} <= set(chosen)
        assert len(few) == min(limit, len(chosen))
    one_by_one: dict[int, float] = {}
    for start in range(0, len(chosen), 100):
        one_by_one |= store.search_lexical(QUESTION, 400, chosen[start : start + 100])
    assert store.search_lexical(QUESTION, 400, chosen) == pytest.approx(one_by_one)
    assert len(store.search_dense(ENCODER.encode_question(QUESTION), 1_000, chosen)) == len(chosen)
    with pytest.raises(DocumentNotFoundError):
        store.search_dense(ENCODER.encode_question(QUESTION), 5, (*chosen, "none"))


def test_documents_are_listed_by_path(store: Store) -> None:
    listed = store.documents()
    assert [item.path for item in listed] == sorted(item.path for item in DOCUMENTS)
    for summary, item in zip(listed, DOCUMENTS, strict=True):
        assert (summary.id, summary.title, summary.sha256) == (item.id, item.title, item.sha256)
        assert (summary.characters, summary.passages) == (len(item.text), len(chunk(item)))
        assert summary.language == language_of(item.text)


def test_places_are_the_same_words_but_for_case_and_space(place: Place) -> None:
    one = document("The sky is blue. Grass is green.\n\nTHE SKY\tis  Blue.", "one.txt")
    two = document("Nobody knows that the sky is blue. The sky\nis BLUE.", "two.txt")
    places = place.store([one, two]).places("the Sky is\n\nblue.")
    texts = {one.id: one.text, two.id: two.text}
    words = sorted(texts[each.document_id][each.start : each.end] for each in places)
    assert words == ["THE SKY\tis  Blue.", "The sky\nis BLUE.", "The sky is blue."]
    assert Found(one.id, 0, 16) in places


@pytest.mark.parametrize("use", ["document", "dense", "empty index"])
def test_an_unknown_document_is_an_error_with_advice(place: Place, store: Store, use: str) -> None:
    uses: dict[str, Callable[[], object]] = {
        "document": lambda: store.document("unknown"),
        "dense": lambda: store.search_dense(ENCODER.encode_question("x"), 5, [DOCUMENTS[0].id, "unknown"]),
        "empty index": lambda: place.store([]).search_dense(ENCODER.encode_question("x"), 5, ["unknown"]),
    }
    with pytest.raises(DocumentNotFoundError, match="unknown") as caught:
        uses[use]()
    assert caught.value.hint


@pytest.mark.parametrize("documents", [DOCUMENTS[:1], []])
def test_an_id_that_is_no_text_is_not_found_in_words_that_can_be_sent(place: Place, documents: list[Document]) -> None:
    with pytest.raises(DocumentNotFoundError) as caught:
        place.store(documents).document("\ud800")
    assert r"\ud800" in caught.value.message
    assert caught.value.message.encode()


def test_the_vocabulary_counts_the_passages_of_each_term(place: Place) -> None:
    store = place.store([document("Boxes and a box.", "a.txt"), document("A boxer.", "b.txt")])
    assert store.vocabulary("box") == {"box": 1, "boxer": 1}
    assert store.vocabulary("zz") == {}


def test_the_manifest_counts_the_documents_in_each_language(place: Place) -> None:
    store = place.store(
        [
            document("Der Bericht ist von der Regierung und nicht von uns.", "de.txt"),
            document("The report is by the government and not by us.", "en.txt"),
            document("It is what the others said of the report.", "en2.txt"),
            document("12 | 13", "table.txt"),
            document("俄罗斯情报机构", "zh.txt"),
        ]
    )
    assert list(store.manifest.languages.items()) == [("en", 2), ("", 1), ("de", 1), ("zh", 1)]
    languages = {each.path: store.document(each.id).language for each in store.documents()}
    assert languages == {"de.txt": "de", "en.txt": "en", "en2.txt": "en", "table.txt": "", "zh.txt": "zh"}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("das Haus", "de.txt"),
        ("kleine Häuser", "de.txt"),
        ("negotiation", "en.txt"),
        ("情报机构在哪里", "zh.txt"),
        ("службой", "ru.txt"),
    ],
)
def test_words_are_found_by_the_rules_of_their_documents_language(place: Place, question: str, found: str) -> None:
    store = place.store(
        [
            document("Die Häuser sind von der Regierung und nicht von uns.", "de.txt"),
            document("The negotiations were by the government and not by us.", "en.txt"),
            document("俄罗斯情报机构", "zh.txt"),
            document("Это была служба, о которой и не знали.", "ru.txt"),
        ]
    )
    best = store.passages(list(store.search_lexical(question, 1)))
    assert [store.document(each.passage.document_id).path for each in best] == [found]


def test_documents_are_named_by_their_titles_folders_files_and_front_matter(place: Place) -> None:
    acme = replace(document("One.", "reports/acme/FY2019.md"), title="Acmé: annual report", has_title=True)
    beta = replace(document("Two.", "reports/beta/2018.md"), title="2018", metadata={"company": "Beta", "year": 2018})
    store = place.store([acme, beta])
    assert store.named(["acme", "2019", "fy2019", "annual"]) == {
        each: {acme.id} for each in ("acme", "2019", "fy2019", "annual")
    }
    assert store.named(["beta", "reports", "gamma"]) == {"beta": {beta.id}, "reports": {acme.id, beta.id}}
    assert store.named(["beta", "reports"], [acme.id]) == {"reports": {acme.id}}
    assert (store.named([]), store.named(["beta"], [])) == ({}, {})


def test_of_a_name_that_many_documents_have_only_those_asked_about_are_told(place: Place) -> None:
    documents = [document(f"Box {n}.", f"reports/{n}.txt") for n in range(MANY_NAMED + 1)]
    store = place.store(documents)
    assert store.named(["reports", "7"]) == {"7": {documents[7].id}}
    assert store.named(["reports"], [documents[7].id]) == {"reports": {documents[7].id}}


def test_an_empty_library_finds_nothing(place: Place) -> None:
    store = place.store([])
    vector = ENCODER.encode_question("x")
    assert (store.search_dense(vector, 5), store.search_lexical("x", 5)) == ({}, {})
    assert (store.documents(), store.places("x"), store.sentences("x")) == ([], [], [])


def test_many_threads_read_one_store_without_mixing_their_rows(store: Store) -> None:
    wrong: list[object] = []
    every = numbers(store)

    def read(seed: int) -> None:
        chance = Random(seed)
        for _ in range(100):
            item, number = chance.choice(DOCUMENTS), chance.choice(every)
            try:
                sentence = item.text.partition("\n")[0]
                right = (
                    store.places(sentence) == [Found(item.id, 0, len(sentence))]
                    and store.passages([number])[0].number == number
                    and store.sentences(item.id)[0] == (0, len(sentence))
                )
            except AskReportError as error:
                wrong.append(error)
            else:
                wrong.extend([] if right else [item.id])

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join), min_size=1, max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
)
def test_lexical_scores_are_those_of_the_formula(place: Place, passages: list[str], question: str) -> None:
    store, every = place.of_passages([("a", text) for text in passages])
    found = store.search_lexical(question, 100)
    expected = {every[at]: score for at, score in bm25(passages, question).items()}
    assert found == pytest.approx(expected, rel=1e-4)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    place.close()


def test_a_filter_leaves_scores_as_they_are_and_other_documents_out(place: Place) -> None:
    store, (first, _, third) = place.of_passages([("a", "china trade"), ("b", "china"), ("c", "china border agent")])
    everywhere = store.search_lexical("china trade", 10)
    only = store.search_lexical("china trade", 10, ["a", "c"])
    assert only == pytest.approx({first: everywhere[first], third: everywhere[third]})
    assert store.search_lexical("china", 10, ["unknown"]) == {}
    assert store.search_lexical("china", 10, []) == {}


@pytest.mark.parametrize("question", ["", "   ", "?!", "🙂🙃", '"(*:~^[', "unheard", "a\0b"])
def test_a_question_without_a_known_word_finds_nothing_by_words(place: Place, question: str) -> None:
    store, _ = place.of_passages([("a", "china")])
    assert store.search_lexical(question, 10) == {}


@pytest.mark.parametrize("typed", ["espoinage", "espionag3", "espionagee", "espinage", "ëspinage"])
def test_a_mistyped_word_is_found_by_the_one_it_was_meant_to_be(place: Place, typed: str) -> None:
    store, (_, second) = place.of_passages([("a", "trade by sea"), ("a", "espionage by land")])
    assert store.search_lexical(typed, 10) == {second: 5.0}


def test_idf_is_the_formula_and_highest_for_an_unknown_term(place: Place) -> None:
    store, _ = place.of_passages([("a", "china trade"), ("a", "china"), ("b", "russia")])
    idf = store.idf({"china", "trade", "unheard"})
    assert idf["china"] == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert idf["china"] < idf["trade"] < idf["unheard"]
    assert store.unknown(["china", "unheard"]) == {"unheard"}


@given(st.text(min_size=1), st.integers(1, 30), st.none() | st.sets(st.sampled_from(range(6)), min_size=1))
def test_the_fused_search_is_made_of_the_two_searches(
    store: Store, question: str, limit: int, chosen: set[int] | None
) -> None:
    vector, mix = ENCODER.encode_question(question), Mix(10, DENSE_SHARE)
    documents = None if chosen is None else [DOCUMENTS[n].id for n in chosen]
    found = store.search(question, vector, mix=mix, limit=limit, documents=documents)
    expected = search(store, question, vector, mix=mix, limit=limit, documents=documents)
    assert [each.stored.number for each in found] == [each.stored.number for each in expected]
    assert [each.dense for each in found] == pytest.approx([each.dense for each in expected], abs=1e-6)
    assert [each.lexical for each in found] == pytest.approx([each.lexical for each in expected], rel=1e-5)


def test_of_passages_with_one_text_the_fused_search_gives_one(place: Place) -> None:
    store, every = place.of_passages([("a", "china trade"), ("b", "China  trade"), ("c", "border agent")])
    vector = ENCODER.encode_question("china trade")
    found = store.search("china trade", vector, mix=Mix(10, DENSE_SHARE), limit=10)
    assert [each.stored.number for each in found] == [every[0], every[2]]


def test_a_document_comes_back_as_it_was_added(place: Place) -> None:
    item = document("# Ä \t title\n\nOne sentence 🙂. Another\\n.", "folder/ü\t.md", ["Ä \t title"])
    store = place.store([item])
    assert store.document(item.id) == item
    assert store.document(item.id).language == language_of(item.text)
    stored = [each.passage for each in store.passages(numbers(store))]
    assert stored == chunk(item)
    assert store.sentences(item.id) == sorted({span for each in stored for span in each.sentences})


def test_the_manifest_counts_what_is_there(store: Store) -> None:
    counts = store.manifest.counts
    assert (counts.documents, counts.passages) == (6, sum(len(chunk(item)) for item in DOCUMENTS))
    assert counts.sentences == sum(len(store.sentences(item.id)) for item in DOCUMENTS)
    assert store.manifest.encoder == ENCODER.fingerprint
    assert store.state.generation == 1


def test_nothing_is_missing_but_told(place: Place) -> None:
    backend = place.backend(DOCUMENTS[:1])
    with backend.reading() as (version, first), backend.reading() as (again, _):
        assert version == again
        assert ask(first, ENCODER, QUESTION).index == first.state
    backend.close()


def test_a_place_with_nothing_in_it_is_no_library(tmp_path: Path, database: str) -> None:
    for address in ("", database):
        with pytest.raises(IndexMissingError) as caught:
            _ = open_backend(address, tmp_path, MadeWith("encoder", 3, "chunking")).store
        assert caught.value.hint


@example([("a", "a"), ("a", " ")], "a")
@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.text("abcdefg ", min_size=1)), min_size=1, max_size=8),
    st.lists(st.text("abcdefg", min_size=1, max_size=9), max_size=4).map(" ".join),
)
def test_both_say_the_same(both: tuple[Place, Place], passages: list[tuple[str, str]], question: str) -> None:
    (one, own), (two, others) = (each.of_passages(passages) for each in both)
    named = dict(zip(others, own, strict=True))
    found = {named[number]: score for number, score in two.search_lexical(question, 50).items()}
    assert found == pytest.approx(one.search_lexical(question, 50), rel=1e-5)
    vector = ENCODER.encode_question(question)
    near = {named[number]: score for number, score in two.search_dense(vector, 50).items()}
    assert near == pytest.approx(one.search_dense(vector, 50), abs=1e-5)
    assert two.vocabulary("a") == one.vocabulary("a")
    for each in both:
        each.close()


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest) -> tuple[Place, Place]:
    return Place(in_folder), Place(databases(request))
