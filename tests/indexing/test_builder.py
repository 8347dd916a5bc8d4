"""Where much is new, its words are found before it is embedded, and what comes of it all is as if made in one go."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.answering.refusal import completing
from askreport.errors import AskReportError, DocumentNotFoundError, IndexMismatchError, ParseError
from askreport.indexing import builder
from askreport.indexing.ingest import CACHE, IngestReport, ingest, remove
from askreport.parse import Parsed, ParserPool
from askreport.store import LocalStore, latest_generation
from askreport.store.folder.outcomes import read_outcomes
from askreport.types import Answer, IndexState
from tests.tools.parts import PARSERS, HashingEncoder, folder, kill, prose, start_python

ENCODER = HashingEncoder()
DOCUMENTS = 24
# A fifth of all of them.
LITTLE = 9_000
QUESTION = "Which colour is Box 20-17 and what does it weigh?"

INGEST_SLOWLY = f"""
import sys
from pathlib import Path
from askreport.indexing import builder, embedding
from askreport.indexing.ingest import ingest
from tests.tools.parts import PARSERS, HashingEncoder

builder.MUCH, embedding.WINDOW = {LITTLE}, 8

def progress(stage, done, total):
    print(stage, done, flush=True)

ingest([Path(sys.argv[1])], Path(sys.argv[2]), HashingEncoder(seconds=0.005), PARSERS, progress=progress)
"""


class Counting(ParserPool):
    """Counts the files that are read."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.read = 0

    def parse(self, data: bytes, ending: str, wanted: threading.Event | None = None) -> list[Parsed | ParseError]:
        self.read += 1
        return super().parse(data, ending, wanted)


class Place:
    """A corpus folder of two dozen files beside an index folder."""

    def __init__(self, path: Path) -> None:
        self.corpus = folder(path / "corpus", {f"{n:02}.txt": prose(n, 30) for n in range(DOCUMENTS)})
        self.index = path / "index"

    def ingest(self, seconds: float = 0.0, words_first: bool = True) -> IngestReport:
        return ingest([self.corpus], self.index, HashingEncoder(seconds=seconds), PARSERS, words_first=words_first)

    @property
    def store(self) -> LocalStore:
        return LocalStore(self.index, latest_generation(self.index))

    def ask(self, question: str = QUESTION) -> Answer:
        answer = ask(self.store, ENCODER, question)
        return replace(answer, took_ms=0, index=IndexState(0, "", answer.index.embedded))

    def paths(self) -> list[str]:
        return [each.path for each in self.store.documents()]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(builder, "MUCH", LITTLE)
    return Place(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Place:
    """The same library, made in one go."""
    made = Place(tmp_path / "whole")
    assert made.ingest(words_first=False).generation == 1
    return made


def same(one: Place, other: Place) -> bool:
    """Whether all that is stored of the documents is the same, and what is said of them."""
    assert one.store.state.embedded == other.store.state.embedded == 1
    assert one.store.manifest.counts == other.store.manifest.counts
    assert one.store.manifest.languages == other.store.manifest.languages
    sums = [[each.checksum() for each in place.store.contents()] for place in (one, other)]
    questions = [QUESTION, *(f"What does Box {n}-3 weigh?" for n in range(DOCUMENTS))]
    said = [[_said(place.ask(question)) for question in questions] for place in (one, other)]
    return sums[0] == sums[1] and said[0] == said[1]


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.confidence, answer.quotes, answer.passages


def steps(place: Place, library: Library, running: threading.Thread) -> Iterator[Answer]:
    """Answers to the question, one after another as long as something runs; until there is an index none."""
    while running.is_alive():
        try:
            yield library.ask(QUESTION)
        except AskReportError:
            time.sleep(0.01)


# By words first


def test_a_question_is_answered_by_words_while_all_is_embedded(place: Place) -> None:
    running = threading.Thread(target=place.ingest, args=(0.02,))
    running.start()
    answers = list(steps(place, Library(place.index, ENCODER), running))
    running.join()
    shares = [answer.index.embedded for answer in answers]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert len(set(shares)) > 2
    by_words = [each for each in answers if each.index.embedded == 0 and each.reach.of == DOCUMENTS]
    assert by_words
    for answer in by_words:
        assert answer.quotes[0].document.path == "20.txt"
        assert "Box 20-17" in answer.quotes[0].text
    assert place.store.state.embedded == 1


def test_in_the_end_the_index_is_as_one_that_was_made_in_one_go(place: Place, whole: Place) -> None:
    report = place.ingest()
    assert (report.published, report.embedded, report.reused) == (True, report.counts.passages, 0)
    assert same(place, whole)
    # Words of a fifth, of as many, of the rest; and then fifths with their vectors.
    assert 5 < report.generation <= 9
    again = place.ingest()
    assert (again.published, again.generation) == (False, report.generation)


def test_little_that_is_new_is_published_once_and_with_its_vectors(place: Place) -> None:
    first = place.ingest().generation
    (place.corpus / "page.txt").write_text(prose(99, 30))
    report = place.ingest()
    assert (report.generation, report.published) == (first + 1, True)
    assert place.store.state.embedded == 1


def test_who_takes_back_what_fails_publishes_all_or_nothing(place: Place) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage == "embedding" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([place.corpus], place.index, ENCODER, PARSERS, progress=stop, words_first=False)
    assert not list(place.index.glob("generation-*"))


def test_what_has_vectors_keeps_them_when_it_is_moved_or_changed_among_much_that_is_new(place: Place) -> None:
    old = [place.corpus / name for name in ("00.txt", "01.txt")]
    new = [file for file in place.corpus.iterdir() if file not in old]
    for file in new:
        file.rename(file.with_suffix(".later"))
    place.ingest()
    for file in new:
        file.with_suffix(".later").rename(file)
    old[0].rename(place.corpus / "zz.txt")
    old[1].write_text(prose(1, 31))
    seen: set[tuple[str, ...]] = set()

    def look(stage: str, done: int, total: int) -> None:
        store = place.store
        vector = ENCODER.encode_question("Box")
        near = store.search_dense(vector, 10_000)
        with_vectors = {each.passage.document_id for each in store.passages(list(near))}
        paths = {each.path for each in store.documents() if each.id in with_vectors}
        seen.add(tuple(sorted(paths & {"00.txt", "zz.txt", "01.txt"})))

    ingest([place.corpus], place.index, ENCODER, PARSERS, progress=look)
    assert seen == {("00.txt", "01.txt"), ("01.txt", "zz.txt")}
    assert len(place.paths()) == DOCUMENTS


def test_where_another_encoder_embeds_all_anew_the_old_index_is_there_until_it_has(place: Place) -> None:
    first = place.ingest().generation
    other = HashingEncoder(fingerprint="another")
    seen = set()

    def look(stage: str, done: int, total: int) -> None:
        if stage != "writing":
            seen.add(latest_generation(place.index))

    ingest([place.corpus], place.index, other, PARSERS, progress=look)
    assert seen == {first}
    with pytest.raises(IndexMismatchError):
        Library(place.index, ENCODER).ask(QUESTION)
    assert Library(place.index, other).ask(QUESTION).index.embedded == 1


def test_a_compact_index_is_written_once(place: Place) -> None:
    report = ingest([place.corpus], place.index, ENCODER, PARSERS, compact=True)
    assert report.generation == 1
    assert len(place.store.manifest.segments) == 1


# A run that is cut short


def killed(place: Place, stage: str, times: int = 1) -> None:
    """A run that is killed where it tells of this stage, after a document of it was done, for so many times."""
    process = start_python(INGEST_SLOWLY, place.corpus, place.index)
    assert process.stdout
    for line in process.stdout:
        at, done = line.split()
        times -= at == stage and int(done) > 0
        if not times:
            break
    kill(process)


@pytest.mark.parametrize("times", [1, 4, 8])
def test_after_a_run_is_killed_the_next_embeds_what_lacks_vectors_and_reads_no_file(
    place: Place, whole: Place, times: int
) -> None:
    killed(place, "embedding", times)
    assert place.paths() == [f"{n:02}.txt" for n in range(DOCUMENTS)]
    assert place.store.state.embedded < 1
    assert place.ask().quotes[0].document.path == "20.txt"
    assert len(read_outcomes(place.index)) == DOCUMENTS
    with Counting() as parsers:
        report = ingest([place.corpus], place.index, ENCODER, parsers)
        assert parsers.read == 0
    assert report.embedded + report.reused == report.counts.passages
    assert (place.index / CACHE).exists()
    assert same(place, whole)


@pytest.mark.parametrize("times", [3, 9, 17])
def test_after_a_run_is_killed_while_it_reads_the_next_one_completes(place: Place, whole: Place, times: int) -> None:
    killed(place, "reading", times)
    place.ingest()
    assert same(place, whole)


def test_what_a_run_left_is_completed_with_what_is_new_since_then(place: Place) -> None:
    killed(place, "embedding")
    (place.corpus / "00.txt").unlink()
    (place.corpus / "01.txt").write_text("The ferry sails at noon.")
    (place.corpus / "02.txt").rename(place.corpus / "zz.txt")
    (place.corpus / "page.txt").write_text(prose(99, 3))
    place.ingest()
    assert place.store.state.embedded == 1
    assert place.paths() == ["01.txt", *(f"{n:02}.txt" for n in range(3, DOCUMENTS)), "page.txt", "zz.txt"]
    other = Place(place.index.with_name("other"))
    ingest([place.corpus], other.index, ENCODER, PARSERS, words_first=False)
    assert other.store.manifest.library == place.store.manifest.library


def test_an_upload_completes_what_a_run_left(place: Place, whole: Place) -> None:
    killed(place, "embedding")
    place.ingest(words_first=False)
    assert same(place, whole)


# Deletions


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.8])
def test_what_is_deleted_while_it_is_found_by_words_never_answers_again(place: Place, seconds: float) -> None:
    running = threading.Thread(target=place.ingest, args=(0.02,))
    running.start()
    library = Library(place.index, ENCODER)
    for answer in steps(place, library, running):
        if answer.reach.of == DOCUMENTS:
            break
    time.sleep(seconds)
    document = next(each for each in library.store.documents() if each.path == "20.txt")
    (place.corpus / "20.txt").unlink()
    remove(place.index, document.id, ["20.txt"], ENCODER, 10)
    after = list(steps(place, library, running))
    assert after
    for answer in [*after, library.ask(QUESTION)]:
        assert "20.txt" not in {hit.document.path for hit in answer.passages}
        assert "20.txt" not in {quote.document.path for quote in answer.quotes}
    assert place.store.state.embedded == 1
    assert len(place.paths()) == DOCUMENTS - 1
    with pytest.raises(DocumentNotFoundError):
        library.store.document(document.id)


def test_without_an_index_beside_it_a_document_that_is_by_words_alone_is_taken_out_of_the_newest(place: Place) -> None:
    killed(place, "embedding")
    before = place.store
    document = next(each for each in before.documents() if each.path == "20.txt")
    remove(place.index, document.id, ["20.txt"], ENCODER, 10)
    assert place.store.state.embedded <= before.state.embedded + 0.1
    assert "20.txt" not in place.paths()
    assert before.document(document.id).path == "20.txt"


# What is said of it


def test_a_refusal_says_how_much_is_embedded(place: Place) -> None:
    killed(place, "embedding")
    answer = place.ask("Who was the mayor of Reykjavik?")
    assert answer.status == "not_found"
    assert answer.answer.endswith(completing(place.store.state))
    percent = int(100 * answer.index.embedded)
    assert f"{percent}% of the passages are found by meaning as well as by words." in answer.answer
    place.ingest()
    assert "passages" not in place.ask("Who was the mayor of Reykjavik?").answer
