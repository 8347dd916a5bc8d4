"""Asking: what comes back for good, bad and odd questions, from the newest generation, from many threads at once."""

import json
import random
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.answering.ask import MAX_QUESTION_CHARS, MAX_RESULTS, READ_PASSAGES, ask, search
from askreport.answering.library import Library
from askreport.answering.refusal import REFUSAL, REFUSAL_OF_SOME
from askreport.config import Settings
from askreport.errors import (
    AskReportError,
    DocumentNotFoundError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    QuestionError,
)
from askreport.indexing.ingest import ingest
from askreport.store import Integrity, LocalStore, Store
from askreport.store.folder import store as local
from askreport.types import Answer, Filter, Hit, Quote
from tests.conftest import REPORT
from tests.tools.parts import PARSERS, HashingEncoder, document, folder, kill, part, prose, publish, start_python

ENCODER = HashingEncoder()
SVR = "does the SVR spy on China?"

PUBLISH_ENDLESSLY = """
import sys
from pathlib import Path
from tests.tools.parts import document, publish
while True:
    publish(Path(sys.argv[1]), [document("A text.")])
"""


def asked(library: Library, question: str, k: int = 5, documents: Sequence[str] = ()) -> Answer:
    return library.ask(question, k, Filter(documents=tuple(documents)))


def report_id(library: Library) -> str:
    return next(item.id for item in library.store.documents() if item.path == REPORT.name)


# Good questions


def test_the_sentence_that_answers_is_quoted_first(library: Library) -> None:
    answer = asked(library, SVR)
    assert answer.status == "answered"
    assert "under agreement not to spy on the Chinese" in answer.quotes[0].text
    assert answer.quotes[0].document.path == REPORT.name
    assert answer.answer == "\n\n".join(quote.text for quote in answer.quotes)


def test_the_conclusion_that_the_report_repeats_is_one_quote_with_its_other_place(library: Library) -> None:
    question = "Is there a basis for the theory of a strategic alliance called fortress Eurasia?"
    quote, *others = asked(library, question).quotes
    text = library.store.document(report_id(library)).text
    assert "no substantial basis for the theory" in quote.text
    assert all("no substantial basis for the theory" not in other.text for other in others)
    spans = [(quote.start, quote.end), *((place.start, place.end) for place in quote.also_at)]
    assert len(spans) == 2
    assert len({text[start:end] for start, end in spans}) == 1
    assert {place.document_id for place in quote.also_at} == {quote.document.id}


@pytest.mark.parametrize("question", ["How do I reset my password?", "What is the capital of Brazil?"])
def test_what_the_documents_are_not_about_is_refused(library: Library, question: str) -> None:
    answer = asked(library, question)
    assert (answer.status, answer.answer, answer.quotes) == ("not_found", REFUSAL, ())
    assert answer.confidence < 0.5
    assert answer.passages


def test_the_same_question_gets_the_same_answer(library: Library) -> None:
    first, second = (ask(library.store, library.encoder, SVR, scorer=library.scorer) for _ in range(2))
    assert replace(first, took_ms=0) == replace(second, took_ms=0)


def test_a_question_asked_again_is_not_read_again_until_the_index_changes(tmp_path: Path) -> None:
    publish(tmp_path, [document("The pact was signed by nine states.", "a.txt")])
    library = Library(tmp_path, ENCODER)
    first, again = (asked(library, "Who signed the pact?") for _ in range(2))
    assert again.quotes is first.quotes
    assert asked(library, "Who signed the pact?", 1).quotes is not first.quotes
    publish(tmp_path, [document("The pact was signed by ten states.", "b.txt")])
    changed = asked(library, "Who signed the pact?")
    assert changed.index.generation == 2
    assert "nine" not in str(changed)


def test_another_reader_of_the_same_index_gives_the_same_answer(library: Library) -> None:
    other = Library(library.index, library.encoder, library.scorer)
    assert replace(asked(other, SVR), took_ms=0) == replace(asked(library, SVR), took_ms=0)


def test_white_space_around_and_in_a_question_does_not_matter(library: Library) -> None:
    answer = asked(library, " \n does the  SVR\tspy on\u00a0China? ")
    assert answer.question == SVR
    assert answer.quotes == asked(library, SVR).quotes


def test_an_answer_says_which_generation_gave_it_and_how_long_it_took(library: Library) -> None:
    answer = asked(library, SVR)
    assert answer.index == library.store.state
    assert answer.took_ms > 0


@pytest.mark.parametrize("k", [1, 5, MAX_RESULTS])
def test_at_most_k_passages_are_returned(library: Library, k: int) -> None:
    answer = asked(library, SVR, k)
    assert 1 <= len(answer.passages) <= k
    assert answer.quotes[0] == asked(library, SVR).quotes[0]


@pytest.mark.parametrize("question", [SVR, "What is unit 54777?", "What did Putin want from China?"])
def test_asking_for_fewer_passages_does_not_change_the_quotes(library: Library, question: str) -> None:
    assert asked(library, question, 1).quotes == asked(library, question, READ_PASSAGES).quotes


def test_a_search_returns_the_passages_of_the_answer_without_a_judgement(library: Library) -> None:
    found = search(library.store, library.encoder, SVR, k=5)
    assert {hit.text for hit in found.passages} & {hit.text for hit in asked(library, SVR, 5).passages}
    assert [hit.score for hit in found.passages] == sorted((hit.score for hit in found.passages), reverse=True)
    assert search(library.store, library.encoder, "How do I reset my password?").passages
    assert (found.question, found.index) == (SVR, library.store.state)


# Some documents only


def test_quotes_and_passages_are_from_the_documents_asked_for_only(library: Library) -> None:
    for item in library.store.documents():
        answer = asked(library, "What do the intelligence services of Russia and China do?", 50, [item.id])
        assert {hit.document.id for hit in answer.passages} == {item.id}
        assert {quote.document.id for quote in answer.quotes} <= {item.id}
    report = report_id(library)
    assert asked(library, SVR, documents=[report]).quotes[0] == asked(library, SVR).quotes[0]


def test_no_documents_are_no_answer(library: Library) -> None:
    answer = ask(library.store, library.encoder, SVR, documents=[])
    assert (answer.status, answer.passages) == ("not_found", ())
    assert answer.answer.startswith(REFUSAL_OF_SOME)


@pytest.mark.parametrize("documents", [["unknown"], [""], ["' OR 1=1 --"], ["unknown", "unknown"]])
def test_an_unknown_document_is_an_error(library: Library, documents: list[str]) -> None:
    with pytest.raises(DocumentNotFoundError) as caught:
        asked(library, SVR, documents=[report_id(library), *documents])
    assert caught.value.hint
    with pytest.raises(DocumentNotFoundError):
        search(library.store, library.encoder, SVR, documents=documents)


# Bad questions


@pytest.mark.parametrize("question", ["", " ", "\n\t \u00a0\u3000", "x" * 100_000, "why " * (MAX_QUESTION_CHARS // 3)])
def test_a_question_that_is_empty_or_too_long_is_an_error(library: Library, question: str) -> None:
    with pytest.raises(QuestionError):
        asked(library, question)
    with pytest.raises(QuestionError):
        search(library.store, library.encoder, question)


def test_the_longest_question_is_answered(library: Library) -> None:
    question = (SVR + " ") * 100
    assert asked(library, question[:MAX_QUESTION_CHARS]).passages
    assert asked(library, "x" * MAX_QUESTION_CHARS).status == "not_found"


@pytest.mark.parametrize("k", [0, -1, MAX_RESULTS + 1, 10**9])
def test_a_number_of_results_out_of_bounds_is_an_error(library: Library, k: int) -> None:
    with pytest.raises(QuestionError, match=str(MAX_RESULTS)):
        asked(library, SVR, k)
    with pytest.raises(QuestionError):
        search(library.store, library.encoder, SVR, k=k)


@pytest.mark.parametrize("question", ["\ud800", "What does \udce9 mean?"])
def test_half_a_character_is_an_error(library: Library, question: str) -> None:
    """Such a string comes from a command line in another encoding; it cannot be encoded."""
    with pytest.raises(QuestionError):
        asked(library, question)


@pytest.mark.parametrize(
    "question",
    [
        "?",
        "?!…—“”",
        "...",
        "🙂🙃👩‍👩‍👧‍👦",
        "中国和俄罗斯是盟友吗？",
        "Шпионит ли СВР за Китаем?",
        "هل تتجسس",
        "\0",
        "\x1b[31m",
        "a",
        "\u0301",
        "' OR 1=1; --",
        '"(NEAR/2 [x TO y]^3 text:*',
        "\u202eanihC",
        "%s{0}$(x)",
        "-1",
        "SELECT * FROM passages",
    ],
)
def test_an_odd_question_does_not_fail(library: Library, question: str) -> None:
    answer = asked(library, question)
    assert answer.status in ("answered", "uncertain", "not_found")
    assert 0 <= answer.confidence <= 1


@settings(deadline=None)
@given(st.text(min_size=1, max_size=50), st.integers(1, MAX_RESULTS))
def test_whatever_is_asked_is_answered_or_a_bad_question(library: Library, question: str, k: int) -> None:
    if not question.strip():
        return
    answer = asked(library, question, k)
    assert answer.question == " ".join(question.split())
    assert len(answer.passages) <= k
    assert (answer.status == "not_found") == (not answer.quotes)


# Generations


def test_an_index_that_is_not_there_yet_is_found_when_it_is(tmp_path: Path) -> None:
    library = Library(tmp_path, ENCODER)
    with pytest.raises(IndexMissingError):
        _ = library.store
    publish(tmp_path, [document("Words.")])
    assert library.store.state.generation == 1


def test_a_reader_of_the_old_generation_answers_while_the_library_hands_out_the_new_one(tmp_path: Path) -> None:
    publish(tmp_path, [document(prose(1, 20))])
    library = Library(tmp_path, ENCODER)
    old = library.store
    assert library.store is old
    before = replace(ask(old, ENCODER, "Which box is red?"), took_ms=0)
    for n in range(2, 5):
        publish(tmp_path, [document(prose(n, 20))])
        assert library.store.state.generation == n
        assert replace(ask(old, ENCODER, "Which box is red?"), took_ms=0) == before
        assert ask(library.store, ENCODER, "Which box is red?").quotes != before.quotes


def test_a_library_opens_what_the_settings_name(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    library = Library.open(settings)
    ingest(
        [folder(tmp_path / "corpus", {"a.txt": "The SVR does not spy on China."})],
        settings.index,
        library.encoder,
        PARSERS,
    )
    assert asked(library, SVR).status == "answered"


class Publisher(threading.Thread):
    """Publishes one new generation after another until it is told to stop."""

    def __init__(self, index: Path) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.generations = 0
        self._index = index

    def run(self) -> None:
        while not self.stop.is_set():
            self.generations = publish(self._index, [document(prose(self.generations % 7, 40))]).state.generation


def assert_slices(store: Store, answer: Answer) -> None:
    parts: list[Quote | Hit] = [*answer.quotes, *answer.passages]
    for each in parts:
        assert store.document(each.document.id).text[each.start : each.end] == each.text


def run_threads(count: int, work: "Worker") -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert work.errors == []


class Worker:
    """Asks random questions; collects what goes wrong."""

    def __init__(self, library: Library, questions: int, store: LocalStore | None = None) -> None:
        self.errors: list[Exception] = []
        self._library = library
        self._questions = questions
        self._store = store

    def __call__(self, seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(self._questions):
                store = self._store or self._library.store
                question = f"Which colour is Box {chance.randrange(7)}-{chance.randrange(40)}?"
                assert_slices(store, ask(store, ENCODER, question))
        except (AskReportError, AssertionError) as error:
            self.errors.append(error)


def test_many_threads_ask_one_store_while_new_generations_are_published(tmp_path: Path) -> None:
    store = publish(tmp_path, [document(prose(n, 40), f"{n}.txt") for n in range(7)])
    publisher = Publisher(tmp_path)
    publisher.start()
    run_threads(8, Worker(Library(tmp_path, ENCODER), 25, store))
    publisher.stop.set()
    publisher.join()
    assert publisher.generations > 1


def test_opening_never_meets_a_generation_half_removed_however_fast_new_ones_come(tmp_path: Path) -> None:
    """Two generations published while one is being opened remove it under the opener's hands."""
    publish(tmp_path, [document(prose(0, 1))])
    library = Library(tmp_path, ENCODER)
    publisher = start_python(PUBLISH_ENDLESSLY, tmp_path)
    errors: list[str] = []
    deadline = time.monotonic() + 4

    def reopen() -> None:
        last = 0
        while time.monotonic() < deadline:
            try:
                fresh, kept = Library(tmp_path, ENCODER).store, library.store
            except (AskReportError, OSError) as error:
                errors.append(str(error))
                continue
            if kept.state.generation < last or len(fresh.documents()) != 1:
                errors.append(f"generation {kept.state.generation} after {last}")
            last = kept.state.generation

    threads = [threading.Thread(target=reopen) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kill(publisher)
    assert errors == []
    assert library.store.state.generation > 3


def test_a_store_of_the_real_library_answers_threads_as_it_answers_one(library: Library) -> None:
    store = library.store
    questions = [SVR, "What is unit 54777?", "How do I reset my password?", "Is Russia a vassal of China?"]
    expected = {question: replace(asked(library, question), took_ms=0) for question in questions}
    wrong: list[str] = []

    def work(number: int) -> None:
        for question in questions[number % 4 :] + questions[: number % 4]:
            found = ask(store, library.encoder, question, scorer=library.scorer)
            if replace(found, took_ms=0) != expected[question]:
                wrong.append(question)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_index_made_anew_after_its_folder_was_emptied_is_noticed(tmp_path: Path) -> None:
    """It has the number of the generation that is open."""
    publish(tmp_path, [document("The secret informant is Ivan.")])
    library = Library(tmp_path, ENCODER)
    assert library.store.state.generation == 1
    shutil.rmtree(tmp_path)
    publish(tmp_path, [document("Potatoes are dug up in autumn.", "b.txt")])
    assert [each.path for each in library.store.documents()] == ["b.txt"]


def test_an_index_of_another_format_is_refused_with_the_command_that_rebuilds_it(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    manifest = tmp_path / "generation-000001" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 1}))
    with pytest.raises(IndexMismatchError) as caught:
        _ = Library(tmp_path, ENCODER).store
    assert "askreport index" in str(caught.value.hint)


def test_an_id_that_is_no_text_is_an_unknown_document(tmp_path: Path) -> None:
    publish(tmp_path, [document("A text.")])
    with pytest.raises(DocumentNotFoundError):
        asked(Library(tmp_path, ENCODER), "text", documents=["\ud800"])


def test_a_large_index_is_opened_at_once_and_not_handed_out_any_more_when_damage_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "CHECKED_AT_OPENING", 0)
    publish(tmp_path, [document(prose(1, 20))])
    whole = Library(tmp_path, ENCODER)
    assert isinstance(whole.store, LocalStore)
    assert not whole.store.is_checked
    file = part(tmp_path, 1, "passages.faiss")
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    library = Library(tmp_path, ENCODER)
    deadline = time.monotonic() + 20
    with pytest.raises(IndexDamagedError, match=r"passages\.faiss"):  # noqa: PT012
        while time.monotonic() < deadline:
            _ = library.store
            time.sleep(0.01)
    publish(tmp_path, [document(prose(1, 20))])
    assert library.store.state.generation == 2


def test_a_large_index_that_was_compared_once_is_not_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "CHECKED_AT_OPENING", 0)
    store = publish(tmp_path, [document(prose(1, 20))])
    integrity = Integrity()
    assert not LocalStore(tmp_path, 1, integrity).is_checked
    assert integrity.damaged(tmp_path, store.manifest) == []
    assert LocalStore(tmp_path, 1, integrity).is_checked


# Follow-up questions


def test_a_follow_up_is_answered_as_the_question_it_stands_for(library: Library) -> None:
    answer = library.ask("And the GRU?", history=[SVR])
    assert (answer.question, answer.understood) == ("And the GRU?", "does the GRU spy on China?")
    alone = library.ask("does the GRU spy on China?")
    assert answer.quotes == alone.quotes
    assert alone.understood == alone.question


def test_a_history_out_of_bounds_is_refused(library: Library) -> None:
    with pytest.raises(QuestionError, match="21 questions"):
        library.ask(SVR, history=[SVR] * 21)
    with pytest.raises(QuestionError, match="empty"):
        library.ask(SVR, history=[" "])


@pytest.mark.parametrize("question", ["asdf qwer zxcv", "?", "Quelle est la capitale du Brésil ?"])
def test_what_is_no_question_to_these_documents_is_refused(library: Library, question: str) -> None:
    assert library.ask(question).status == "not_found"


def test_a_near_miss_is_not_answered(library: Library) -> None:
    """The same words with another country or service: the documents do not say."""
    for question in ("Does the SVR spy on Japan?", "Who is the director of the Mossad?"):
        assert library.ask(question).status != "answered"
