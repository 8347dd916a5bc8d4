"""Every sentence that bears on a question is found, in its place, and nothing else is."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.answering import mentions as module
from askreport.answering.library import Library
from askreport.answering.mentions import BEARS, MAX_AT_ONCE, Part, Subject, bearing
from askreport.errors import DocumentNotFoundError, QuestionError
from askreport.models.encoder import Encoder
from askreport.store import Store
from askreport.text.labels import is_label
from askreport.types import Document, Filter
from tests.tools.parts import HashingEncoder, document, publish
from tests.tools.stores import ENCODER, Maker, Place, in_folder, in_postgres

WORDS = st.sampled_from(["ferry", "ferries", "Texel", "tide", "keeper", "nine", "goats", "the", "of", "sails"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=7).map(lambda words: " ".join(words).capitalize() + ".")
TEXTS = st.lists(SENTENCES, min_size=1, max_size=12).map(" ".join)
LIBRARIES = st.lists(TEXTS, min_size=1, max_size=4, unique=True)


Key: TypeAlias = tuple[str, int, int]


def expected(store: Store, subject: Subject, documents: list[Document]) -> tuple[set[Key], set[Key]]:
    """The sentences that bear on a subject, each compared by itself, and those that are on the edge."""
    found: set[Key] = set()
    edge: set[Key] = set()
    for each in documents:
        stored = store.document(each.id)
        for span in store.sentences(each.id):
            words = subject.share(store.terms(stored.text[span.start : span.end], stored.language))
            cosine = float(ENCODER.encode_question(stored.text[span.start : span.end]) @ subject.vector)
            if is_label(stored, span):
                continue
            # The stored vectors are rounded.
            if words < 0.999 and abs(cosine + 0.2 * words - BEARS) <= 0.01:
                edge.add((each.id, *span))
            elif words >= 0.999 or cosine + 0.2 * words >= BEARS:
                found.add((each.id, *span))
    return found, edge


@pytest.fixture(scope="module", params=["folder", "database"])
def make(request: pytest.FixtureRequest) -> Maker:
    if request.param == "folder":
        return in_folder
    return in_postgres(request.getfixturevalue("engine"), request.getfixturevalue("_vectors"))


@pytest.fixture
def own_place(make: Maker) -> Iterator[Place]:
    place = Place(make)
    yield place
    place.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIBRARIES, st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_the_sentences_are_those_that_bear_on_it_one_by_one(own_place: Place, texts: list[str], question: str) -> None:
    documents = [document(text, f"{n}.txt") for n, text in enumerate(texts)]
    store = own_place.store(documents)
    subject = Subject.of(store, ENCODER, question)
    found = {(each.document.id, *each.span) for each in bearing(store, subject)}
    sure, edge = expected(store, subject, documents)
    assert sure <= found <= sure | edge
    own_place.close()


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Two documents that speak of ferries in several sentences, and one that does not."""
    north = "Ferries sail from Texel.\n\nNobody counts gulls here.\n\nA ferry carries two hundred cars."
    south = "The ferry of the south is slow.\n\nIts ferry is old."
    other = "The keeper kept nine goats."
    index = tmp_path_factory.mktemp("ferries")
    publish(index, [document(north, "north/a.txt"), document(south, "south/b.txt"), document(other, "south/c.txt")])
    return Library(index, HashingEncoder())


def texts(library: Library, question: str, within: Filter = Filter(), **part: object) -> list[str]:  # noqa: B008
    return [each.text for each in library.mentions(question, within, part=Part(**part)).mentions]  # type: ignore[arg-type]


def test_all_forms_of_a_word_are_found_by_document_in_the_order_of_the_text(ferries: Library) -> None:
    found = ferries.mentions("What do the documents say about ferries?")
    assert found.subject == "ferries"
    assert found.total == len(found.mentions) == 4
    assert {each.document.path: each.mentions for each in found.documents} == {"north/a.txt": 2, "south/b.txt": 2}
    by_document = [each.document.id for each in found.mentions]
    assert by_document == sorted(by_document, key=by_document.index)
    starts = [(each.document.id, each.start) for each in found.mentions]
    assert all(one[1] < other[1] for one, other in pairwise(starts) if one[0] == other[0])
    assert [each.n for each in found.mentions] == [1, 2, 3, 4]


def test_a_mention_is_a_slice_with_its_place_its_words_and_its_context(ferries: Library) -> None:
    found = {each.text: each for each in ferries.mentions("ferry").mentions}
    for text, each in found.items():
        stored = ferries.store.document(each.document.id)
        assert stored.text[each.start : each.end] == text
        assert each.url == f"/documents/{stored.id}#char={each.start},{each.end}"
        for start, end, words in [(one.start, one.end, one.text) for one in each.context] + [
            (one.start, one.end, one.text) for one in each.emphasis
        ]:
            assert stored.text[start:end] == words
    assert [each.text for each in found["Ferries sail from Texel."].emphasis] == ["Ferries"]
    assert [each.text for each in found["Its ferry is old."].context] == ["The ferry of the south is slow."]


def test_parts_follow_each_other_and_count_all(ferries: Library) -> None:
    whole = texts(ferries, "ferry")
    parts = [texts(ferries, "ferry", limit=1, offset=at) for at in range(5)]
    assert [each for part in parts for each in part] == whole
    assert ferries.mentions("ferry", part=Part(limit=1)).total == len(whole)
    with pytest.raises(QuestionError):
        ferries.mentions("ferry", part=Part(limit=MAX_AT_ONCE + 1))


def test_they_are_filtered_by_documents_words_and_nearness(ferries: Library) -> None:
    assert set(texts(ferries, "ferry", Filter(folders=("south",)))) == {
        "The ferry of the south is slow.",
        "Its ferry is old.",
    }
    assert texts(ferries, "ferry", words="CARS hundred") == ["A ferry carries two hundred cars."]
    nearness = sorted(each.nearness for each in ferries.mentions("ferry").mentions)
    assert len(texts(ferries, "ferry", least=nearness[-1])) == 1
    assert ferries.mentions("ferry", Filter(folders=("south",))).reach.documents == 2
    with pytest.raises(DocumentNotFoundError):
        ferries.mentions("ferry", Filter(documents=("none",)))


def test_a_subject_of_far_too_many_sentences_is_refused(ferries: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LIKELY", 4)
    with pytest.raises(QuestionError, match="sentences may bear"):
        Library(ferries.index, ferries.encoder).mentions("ferries")
    assert Library(ferries.index, ferries.encoder).mentions("ferries", Filter(folders=("north",))).total


def test_nothing_bears_on_what_no_document_knows(tmp_path: Path) -> None:
    publish(tmp_path, [])
    assert Library(tmp_path, HashingEncoder()).mentions("ferry").total == 0


def test_a_follow_up_is_understood_by_the_questions_before_it(library: Library) -> None:
    found = library.mentions("And the GRU?", history=["does the SVR spy on China?"])
    assert found.understood == "does the GRU spy on China?"
    assert found.total


def test_the_corpus_says_much_about_what_it_is_about_and_all_of_it_is_found(library: Library, encoder: Encoder) -> None:
    assert library.encoder is encoder
    found = library.mentions("What do the documents say about Unit 54777?", part=Part(limit=200))
    said = {each.text for each in found.mentions}
    literal = 0
    for each in library.store.documents():
        stored = library.store.document(each.id)
        for span in library.store.sentences(each.id):
            words = stored.text[span.start : span.end]
            if "Unit 54777" in words and not is_label(stored, span):
                literal += 1
                assert words in said
    assert literal > 5
    assert found.total < sum(len(library.store.sentences(each.id)) for each in library.store.documents()) / 3
