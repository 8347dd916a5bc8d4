"""The index holds exactly the documents there are, embeds nothing twice, and survives whatever happens to a run."""

import json
import os
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.errors import (
    AskReportError,
    DocumentNotFoundError,
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    StoppedError,
)
from askreport.indexing.embedding import WINDOW
from askreport.indexing.ingest import IngestReport, ingest
from askreport.models.encoder import Encoder
from askreport.store import Integrity, LocalStore, latest_generation, writer_lock
from askreport.store.folder.files import seal
from askreport.store.folder.generations import generation_folder
from askreport.store.folder.outcomes import OUTCOMES, read_outcomes
from askreport.text.chunk import chunk
from askreport.types import FloatArray, IndexState, Outcome, Span
from tests.conftest import CORPUS, REPORT
from tests.tools.parts import PARSERS, HashingEncoder, document, folder, kill, part, prose, run_python, start_python

ENCODER = HashingEncoder()
QUESTION = "Which boxes are red?"
# What stands beside the generations and the embedding cache.
BESIDE = {".writer.lock", "files.sqlite", "outcomes.json"}

INGEST_SLOWLY = """
import sys
from pathlib import Path
from askreport.indexing.ingest import ingest
from tests.tools.parts import PARSERS, HashingEncoder

def progress(stage, done, total):
    print(stage, done, flush=True)

ingest([Path(sys.argv[1])], Path(sys.argv[2]), HashingEncoder(seconds=0.002), PARSERS, progress=progress)
"""

INGEST_WITH_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
from askreport.errors import IndexWriteError
from askreport.indexing.ingest import ingest
from tests.tools.parts import PARSERS, HashingEncoder

corpus, index, dimension = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for limit in map(int, sys.argv[4:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        print(ingest([corpus], index, HashingEncoder(dimension), PARSERS).generation)
    except IndexWriteError as error:
        print(error.code, "ASKREPORT_INDEX" in error.hint)
"""


class FailingEncoder(HashingEncoder):
    """An encoder that breaks at its work."""

    def encode_passages(self, texts: object, sentences: object) -> list[tuple[FloatArray, FloatArray]]:
        raise ValueError("the model is broken")


class Place:
    """A corpus folder beside an index folder."""

    def __init__(self, path: Path) -> None:
        self.corpus = folder(path / "corpus", {f"{n}.txt": prose(n, 40) for n in range(4)})
        self.index = path / "index"

    def ingest(self, encoder: Encoder = ENCODER) -> IngestReport:
        return ingest([self.corpus], self.index, encoder, PARSERS)

    @property
    def library(self) -> Library:
        return Library(self.index, ENCODER)

    def paths(self) -> list[str]:
        return [item.path for item in self.library.store.documents()]

    def names(self) -> set[str]:
        return {entry.name for entry in self.index.iterdir()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def statuses(outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {outcome.path: outcome.status for outcome in outcomes}


# What is in the index


def test_every_file_is_read_and_named_by_its_path_below_the_folder(place: Place) -> None:
    folder(place.corpus, {"below/deep/x.md": "# Title\n\nWords.", "below/y.txt": "More words.", ".hidden.txt": "No."})
    folder(place.corpus / ".hidden", {"z.txt": "No."})
    report = place.ingest()
    expected = ["0.txt", "1.txt", "2.txt", "3.txt", "below/deep/x.md", "below/y.txt"]
    assert [outcome.path for outcome in report.outcomes] == expected
    assert {outcome.status for outcome in report.outcomes} == {"indexed"}
    assert place.paths() == expected
    assert report.counts.documents == 6
    assert report.published


def test_a_file_may_be_named_instead_of_a_folder(place: Place) -> None:
    ingest([place.corpus / "0.txt", place.corpus / "1.txt"], place.index, ENCODER, PARSERS)
    assert place.paths() == ["0.txt", "1.txt"]


def test_an_index_holds_the_passages_of_its_documents(place: Place) -> None:
    report = place.ingest()
    store = place.library.store
    expected = [passage for item in store.documents() for passage in chunk(store.document(item.id))]
    assert report.counts.passages == len(expected) == report.embedded
    assert [stored.passage for stored in store.passages(range(len(expected)))] == expected


def test_an_empty_folder_makes_an_empty_index_that_finds_nothing(tmp_path: Path) -> None:
    report = ingest([folder(tmp_path / "corpus", {})], tmp_path / "index", ENCODER, PARSERS)
    assert (report.published, report.counts.documents, report.outcomes) == (True, 0, ())
    answer = ask(Library(tmp_path / "index", ENCODER).store, ENCODER, QUESTION)
    assert (answer.status, answer.quotes, answer.passages) == ("not_found", (), ())


def test_progress_goes_through_the_stages_and_reaches_the_end_of_each(place: Place) -> None:
    calls: list[tuple[str, int, int]] = []
    report = ingest([place.corpus], place.index, ENCODER, PARSERS, progress=lambda *call: calls.append(call))
    stages = ["reading", "embedding", "writing"]
    assert sorted(calls, key=lambda call: (stages.index(call[0]), call[1])) == calls
    last = {stage: (done, total) for stage, done, total in calls}
    assert list(last) == stages
    assert all(done == total for done, total in last.values())
    assert last["reading"][1] == 4
    assert last["embedding"][1] == sum(len(file.read_text()) for file in place.corpus.iterdir())
    assert report.published


# Bad files


def test_a_bad_file_is_an_outcome_and_the_others_are_indexed(place: Place) -> None:
    folder(
        place.corpus, {"empty.txt": "", "blank.txt": " \n\t", "sheet.xls": "x", "none": "x", "large.txt": "x" * 20_000}
    )
    (place.corpus / "broken.txt").write_bytes(bytes(range(256)) * 20)
    (place.corpus / "gone.txt").symlink_to("nowhere.txt")
    (place.corpus / "lines.jsonl").write_text('{"_id": "1", "text": "Good."}\nbad\n')
    report = ingest([place.corpus], place.index, ENCODER, PARSERS, max_file_mb=0.01)
    expected = {
        "blank.txt": "no_text",
        "broken.txt": "damaged",
        "empty.txt": "no_text",
        "gone.txt": "unreadable",
        "large.txt": "too_large",
        "none": "unsupported",
        "sheet.xls": "unsupported",
    }
    found = statuses(report.outcomes)
    assert {path: status for path, status in found.items() if path in expected} == expected
    assert [outcome.status for outcome in report.outcomes if outcome.path == "lines.jsonl"] == ["indexed", "damaged"]
    assert all(outcome.reason for outcome in report.outcomes if outcome.status != "indexed")
    assert place.paths() == ["0.txt", "1.txt", "2.txt", "3.txt", "lines.jsonl#1"]


def test_a_name_that_is_no_text_is_an_outcome(place: Place) -> None:
    """Names on disk are bytes; one from an old system may be no valid UTF-8."""
    Path(os.fsdecode(os.fsencode(place.corpus) + b"/caf\xe9.txt")).write_text("Coffee is served.")
    report = place.ingest()
    assert [outcome.status for outcome in report.outcomes].count("indexed") == 4
    assert [outcome.path for outcome in report.outcomes if outcome.status == "unreadable"] == ["caf?.txt"]
    assert json.dumps([outcome.path for outcome in report.outcomes]).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_odd_characters_in_a_text_are_indexed(place: Place, encoding: str) -> None:
    (place.corpus / "odd.txt").write_bytes("Élan und “Größe” – das ist Kühnheit für alle.".encode(encoding))
    place.ingest()
    assert "odd.txt" in place.paths()


def test_a_link_to_itself_is_an_outcome(place: Place) -> None:
    (place.corpus / "loop").symlink_to("loop")
    (place.corpus / "loop.txt").symlink_to("loop.txt")
    report = place.ingest()
    assert statuses(report.outcomes)["loop.txt"] == "unreadable"
    assert statuses(report.outcomes)["loop"] in ("unreadable", "unsupported")
    assert report.counts.documents == 4


def test_links_back_to_the_folder_do_not_make_the_walk_endless(place: Place) -> None:
    """Two of them would be two to the power of forty paths before the system refuses to follow further."""
    for name in ("again", "and-again"):
        (place.corpus / name).symlink_to(place.corpus)
    report = place.ingest()
    assert [outcome.path for outcome in report.outcomes] == ["0.txt", "1.txt", "2.txt", "3.txt"]


def test_a_link_to_a_folder_elsewhere_is_followed(place: Place, tmp_path: Path) -> None:
    folder(tmp_path / "elsewhere", {"x.txt": "Words from elsewhere."})
    (place.corpus / "link").symlink_to(tmp_path / "elsewhere")
    place.ingest()
    assert "link/x.txt" in place.paths()


def test_a_path_too_long_for_the_system_is_an_outcome(place: Place) -> None:
    here = os.open(place.corpus, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=here)
        below = os.open("x" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    report = place.ingest()
    assert len(report.outcomes) == 5
    assert report.outcomes[4].status != "indexed"
    assert place.paths() == ["0.txt", "1.txt", "2.txt", "3.txt"]


# What changed


def test_an_unchanged_corpus_publishes_and_embeds_nothing(place: Place) -> None:
    first, encoder = place.ingest(), HashingEncoder()
    again = place.ingest(encoder)
    assert (again.published, again.generation, again.counts) == (False, first.generation, first.counts)
    assert (again.embedded, encoder.encoded) == (0, [])
    assert again.outcomes == first.outcomes
    assert latest_generation(place.index) == 1


def test_touching_a_file_changes_nothing(place: Place) -> None:
    place.ingest()
    os.utime(place.corpus / "0.txt", (1, 1))
    assert not place.ingest().published


def test_of_a_changed_file_only_the_changed_passages_are_embedded(place: Place) -> None:
    first = place.ingest()
    file = place.corpus / "2.txt"
    file.write_text(file.read_text().replace("Box 2-20 is", "Box 2-20 was"))
    encoder = HashingEncoder()
    second = place.ingest(encoder)
    assert second.published
    assert 1 <= second.embedded <= 2
    assert second.reused == first.counts.passages - second.embedded
    assert all("Box 2-20 was" in text for text in encoder.encoded)
    assert len(encoder.encoded) == second.embedded


def test_an_index_that_grew_answers_as_the_one_made_afresh(place: Place, tmp_path: Path) -> None:
    place.ingest()
    (place.corpus / "0.txt").write_text(prose(9, 10))
    (place.corpus / "1.txt").unlink()
    (place.corpus / "2.txt").rename(place.corpus / "other.txt")
    place.ingest()
    report = ingest([place.corpus], tmp_path / "fresh", ENCODER, PARSERS)
    grown, fresh = place.library.store, Library(tmp_path / "fresh", ENCODER).store
    assert grown.manifest.counts == fresh.manifest.counts == report.counts
    assert grown.documents() == fresh.documents()
    for question in (QUESTION, "Box 9-3", "What does Box 2-17 weigh?", "Box 1-17"):
        answers = [ask(store, ENCODER, question, k=20) for store in (grown, fresh)]
        one, other = (replace(answer, index=IndexState(0, ""), took_ms=0.0) for answer in answers)
        assert one == other


def test_an_index_that_is_made_compact_holds_nothing_of_what_was_deleted(place: Place) -> None:
    for n in range(3):
        (place.corpus / "0.txt").write_text(prose(90 + n, 10))
        place.ingest()
    report = ingest([place.corpus], place.index, ENCODER, PARSERS, compact=True)
    again = ingest([place.corpus], place.index, ENCODER, PARSERS, compact=True)
    assert (report.embedded, again.published) == (0, False)
    assert len(place.library.store.manifest.segments) == 1
    assert place.library.store.manifest.next_number >= report.counts.passages
    database = sqlite3.connect(place.index / "embeddings.sqlite")
    assert database.execute("SELECT count(*) FROM embeddings").fetchone()[0] == report.counts.passages
    database.close()


def test_a_text_that_stands_in_two_documents_is_embedded_once(tmp_path: Path) -> None:
    """With the same title, that is: the title is embedded with every passage."""
    corpus = folder(tmp_path / "corpus", {"a/same.txt": prose(1, 5), "b/same.txt": prose(1, 5) + "\n"})
    report = ingest([corpus], tmp_path / "index", ENCODER, PARSERS)
    assert (report.counts.documents, report.counts.passages, report.embedded, report.reused) == (2, 2, 1, 1)


def test_a_deleted_document_never_answers_again(place: Place) -> None:
    place.ingest()
    library = place.library
    gone = next(item for item in library.store.documents() if item.path == "1.txt")
    question = "Which colour is Box 1-17 and what does it weigh?"
    before = ask(library.store, ENCODER, question)
    assert before.passages[0].document.path == "1.txt"
    (place.corpus / "1.txt").unlink()
    report = place.ingest()
    assert report.embedded == 0
    after = ask(library.store, ENCODER, question, k=50)
    assert "1.txt" not in {hit.document.path for hit in after.passages} | {q.document.path for q in after.quotes}
    with pytest.raises(DocumentNotFoundError):
        library.store.document(gone.id)


def test_a_moved_file_keeps_its_identity_and_is_not_embedded_again(place: Place) -> None:
    place.ingest()
    before = {item.path: item.id for item in place.library.store.documents()}
    (place.corpus / "below").mkdir()
    (place.corpus / "1.txt").rename(place.corpus / "below" / "1.txt")
    report = place.ingest()
    after = {item.path: item.id for item in place.library.store.documents()}
    assert report.published
    assert report.embedded == 0
    assert after["below/1.txt"] == before["1.txt"]
    assert "1.txt" not in after


def test_a_renamed_file_keeps_its_identity(place: Place) -> None:
    place.ingest()
    before = {item.path: item.id for item in place.library.store.documents()}
    (place.corpus / "1.txt").rename(place.corpus / "renamed.txt")
    place.ingest()
    after = {item.path: item for item in place.library.store.documents()}
    assert after["renamed.txt"].id == before["1.txt"]
    assert after["renamed.txt"].title == "Renamed"


def test_the_same_content_twice_is_one_document_and_one_duplicate(place: Place) -> None:
    shutil.copy(place.corpus / "1.txt", place.corpus / "copy.txt")
    report = place.ingest()
    assert statuses(report.outcomes)["copy.txt"] == "duplicate"
    assert "1.txt" in next(outcome.reason for outcome in report.outcomes if outcome.path == "copy.txt")
    assert report.counts.documents == 4
    (place.corpus / "1.txt").unlink()
    place.ingest()
    assert place.paths() == ["0.txt", "2.txt", "3.txt", "copy.txt"]


def test_another_encoder_or_chunking_is_refused_with_the_command_that_helps(place: Place) -> None:
    place.ingest(HashingEncoder(fingerprint="other"))
    with pytest.raises(IndexMismatchError, match="other") as caught:
        _ = place.library.store
    assert caught.value.hint
    assert "askreport index" in caught.value.hint
    assert place.ingest().published
    assert place.library.store.state.generation == 2


def test_an_index_of_another_chunking_is_refused_with_the_command_that_helps(place: Place) -> None:
    place.ingest()
    file = generation_folder(place.index, 1) / "manifest.json"
    values = json.loads(file.read_text())
    del values["sha256"]
    file.write_text(seal({**values, "chunking": "by-the-page-v0"}))
    with pytest.raises(IndexMismatchError, match="by-the-page-v0") as caught:
        _ = place.library.store
    assert caught.value.hint
    assert "askreport index" in caught.value.hint


def test_while_another_encoder_embeds_everything_the_old_index_answers_and_progress_is_told(place: Place) -> None:
    place.ingest()
    library = place.library
    told: list[tuple[str, int, int]] = []

    def progress(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))
        if stage == "embedding":
            assert library.search("words").passages
            assert library.store.state.generation == 1

    ingest([place.corpus], place.index, HashingEncoder(fingerprint="other"), PARSERS, progress=progress)
    embedding = [(done, total) for stage, done, total in told if stage == "embedding"]
    assert embedding[0][0] == 0
    assert embedding[-1][0] == embedding[-1][1] > 0
    with pytest.raises(IndexMismatchError, match="other"):
        _ = library.store
    assert Library(place.index, HashingEncoder(fingerprint="other")).search("words").passages


def test_another_encoder_embeds_everything_anew(place: Place) -> None:
    first = place.ingest()
    assert place.ingest(HashingEncoder(fingerprint="other")).embedded == first.counts.passages


def test_vectors_of_another_length_do_not_disturb(place: Place) -> None:
    place.ingest()
    assert place.ingest(HashingEncoder(dimension=16, fingerprint="short")).published


# Damage


@pytest.mark.parametrize("name", ["library.sqlite", "passages.faiss", "numbers.npy", "manifest.json"])
def test_a_truncated_index_is_built_again(place: Place, name: str) -> None:
    place.ingest()
    file = part(place.index, 1, name)
    file.write_bytes(file.read_bytes()[:100])
    report = place.ingest()
    assert (report.published, report.embedded) == (True, 0)
    assert ask(place.library.store, ENCODER, QUESTION).passages


def test_an_index_changed_behind_its_back_is_built_again(place: Place) -> None:
    """The error says to run the command; it must help then, although the size of the file is still right."""
    place.ingest()
    database = sqlite3.connect(part(place.index, 1, "library.sqlite"))
    database.execute("UPDATE documents SET text = replace(text, 'red', 'tan')")
    database.commit()
    database.close()
    assert place.ingest().published
    assert place.library.store.document(place.library.store.documents()[0].id).text == prose(0, 40)


@pytest.mark.parametrize("damage", ["no database", "missing"])
def test_a_lost_cache_costs_nothing_of_what_stays_and_time_for_what_must_be_built_anew(
    place: Place, damage: str
) -> None:
    place.ingest()
    cache = place.index / "embeddings.sqlite"
    cache.unlink() if damage == "missing" else cache.write_bytes(b"damaged" * 1000)
    (place.corpus / "0.txt").write_text("Changed.")
    assert place.ingest().embedded == 1
    part(place.index, 2, "library.sqlite").unlink()
    cache.unlink()
    report = place.ingest()
    assert (report.reused, report.embedded) == (0, report.counts.passages)


def rot(file: Path) -> None:
    """Changes a bit as a failing disk does: no time tells of it."""
    times = file.stat()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("name", ["library.sqlite", "passages.faiss", "numbers.npy"])
def test_damage_that_no_time_tells_of_does_not_get_a_new_checksum(place: Place, tmp_path: Path, name: str) -> None:
    """A service has found the file sound, and the next run takes it over into a segment of its own."""
    integrity = Integrity()
    ingest([place.corpus], place.index, ENCODER, PARSERS, integrity=integrity)
    assert LocalStore(place.index, 1, integrity).is_checked
    rot(part(place.index, 1, name))
    (place.corpus / "new.txt").write_text("Nothing about it.")
    report = ingest([place.corpus], place.index, ENCODER, PARSERS, integrity=integrity)
    assert report.published
    store = place.library.store
    assert not Integrity().damaged(place.index, store.manifest)
    ingest([place.corpus], tmp_path / "fresh", ENCODER, PARSERS)
    assert ask(store, ENCODER, QUESTION).quotes == ask(LocalStore(tmp_path / "fresh", 1), ENCODER, QUESTION).quotes
    # The attempt that met the damage had embedded what is new.
    assert report.embedded == 0


def test_a_lost_manifest_is_damage_and_the_next_run_builds_the_index_anew(place: Place) -> None:
    place.ingest()
    (place.corpus / "1.txt").unlink()
    place.ingest()
    (generation_folder(place.index, 2) / "manifest.json").unlink()
    with pytest.raises(IndexDamagedError):
        _ = place.library.store
    assert place.ingest().embedded == 0
    assert place.paths() == ["0.txt", "2.txt", "3.txt"]


@pytest.mark.parametrize("published", [True, False])
def test_compact_leaves_nothing_of_a_deleted_text_in_any_file(place: Place, published: bool) -> None:
    (place.corpus / "secret.txt").write_text("The word is xylophone-quartz.")
    place.ingest()
    (place.corpus / "secret.txt").unlink()
    if not published:
        place.ingest()
    ingest([place.corpus], place.index, ENCODER, PARSERS, compact=True)
    there = [path for path in place.index.rglob("*") if path.is_file() and b"xylophone" in path.read_bytes()]
    assert there == []


def test_documents_without_a_passage_do_not_become_a_segment_each(place: Place) -> None:
    for n in range(6):
        (place.corpus / f"note-{n}.md").write_text(f"---\nnumber: {n}\n---\n")
        place.ingest()
    assert len(place.library.store.manifest.segments) <= 2


def test_who_wants_a_run_to_end_after_it_has_published_comes_too_late(place: Place) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("writing", 1):
            raise StoppedError("the service ends")

    assert ingest([place.corpus], place.index, ENCODER, PARSERS, progress=stop).published


# Failures


@pytest.mark.parametrize("name", ["nowhere", "loop", "file/below"])
def test_a_corpus_that_cannot_be_read_is_an_error_and_the_old_index_still_answers(place: Place, name: str) -> None:
    place.ingest()
    (place.corpus.parent / "loop").symlink_to("loop")
    (place.corpus.parent / "file").write_text("a file")
    with pytest.raises(AskReportError, match=name) as caught:
        ingest([place.corpus, place.corpus.parent / name], place.index, ENCODER, PARSERS)
    assert caught.value.hint
    assert "ASKREPORT_CORPUS" in caught.value.hint
    assert latest_generation(place.index) == 1
    assert ask(place.library.store, ENCODER, QUESTION).passages


def test_a_second_run_at_once_is_told_to_wait(place: Place) -> None:
    place.ingest()
    with writer_lock(place.index), pytest.raises(IndexBusyError) as caught:
        place.ingest()
    assert caught.value.hint
    assert ask(place.library.store, ENCODER, QUESTION).passages


def test_an_index_folder_that_is_a_file_is_an_error_with_advice(place: Place) -> None:
    place.index.write_text("a file")
    with pytest.raises(IndexWriteError) as caught:
        place.ingest()
    assert caught.value.hint


def test_an_encoder_that_breaks_is_not_taken_for_a_full_disk(place: Place) -> None:
    place.ingest()
    (place.corpus / "0.txt").write_text("Changed.")
    with pytest.raises(ValueError, match="the model is broken"):
        place.ingest(FailingEncoder())
    assert place.names() == BESIDE | {"embeddings.sqlite", "generation-000001"}
    assert place.ingest().published


def test_a_killed_run_leaves_the_published_index_and_its_work_is_not_done_again(place: Place) -> None:
    place.ingest()
    for n in range(10, 30):
        (place.corpus / f"{n}.txt").write_text(prose(n, 120))
    process = start_python(INGEST_SLOWLY, place.corpus, place.index)
    assert process.stdout
    for line in process.stdout:
        stage, done = line.split()
        if stage == "embedding" and int(done) > 0:
            break
    kill(process)
    assert any(name.startswith(".building-") for name in place.names())
    assert ask(place.library.store, ENCODER, QUESTION).index.generation == 1
    report = place.ingest()
    assert (report.published, report.generation, report.counts.documents) == (True, 2, 24)
    assert report.reused >= WINDOW
    assert report.embedded + report.reused == report.counts.passages
    names = {name for name in place.names() if "embeddings" not in name}
    assert names == BESIDE | {"generation-000001", "generation-000002"}


def test_whenever_a_run_is_killed_the_index_answers_and_the_next_run_succeeds(place: Place) -> None:
    place.ingest()
    for n in range(5):
        (place.corpus / "new.txt").write_text(prose(100 + n, 60))
        process = start_python(INGEST_SLOWLY, place.corpus, place.index)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.05 * n)
        kill(process)
        assert ask(place.library.store, ENCODER, QUESTION).passages
    place.ingest()
    assert place.library.store.document(place.library.store.documents()[4].id).text == prose(104, 60)


LIMITS = (0, 100, 1000, 10_000, 25_000, 30_000, 33_000, 40_000, 60_000, 80_000, 90_000)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("dimension", [4, 1024])
def test_a_full_disk_is_an_error_and_the_old_index_still_answers(
    place: Place, tmp_path: Path, dimension: int, cached: bool
) -> None:
    """With few dimensions the texts need most room, with many the vectors; cached ones are not written again."""
    encoder = HashingEncoder(dimension)
    place.ingest(encoder)
    for n in range(10, 80):
        (place.corpus / f"{n}.txt").write_text(" ".join(f"word{n}" for n in range(n, n + 100)))
    if cached:
        ingest([place.corpus], tmp_path / "other", encoder, PARSERS)
        shutil.copy(tmp_path / "other" / "embeddings.sqlite", place.index / "embeddings.sqlite")
    ended = run_python(INGEST_WITH_LITTLE_SPACE, place.corpus, place.index, dimension, *LIMITS).splitlines()
    assert ended == ["index_write_failed True"] * len(LIMITS)
    library = Library(place.index, encoder)
    assert ask(library.store, encoder, QUESTION).index.generation == 1
    assert ingest([place.corpus], place.index, encoder, PARSERS).counts.documents == 74
    assert ask(library.store, encoder, QUESTION).index.generation == 2
    assert not any(name.startswith(".building-") for name in place.names())


# The real thing


def test_the_corpus_that_ships_is_indexed_without_a_bad_outcome(corpus_index: Path, encoder: Encoder) -> None:
    report = ingest([CORPUS], corpus_index, encoder, PARSERS)
    assert not report.published
    assert {outcome.status for outcome in report.outcomes} == {"indexed"}
    assert report.counts.documents == len(report.outcomes) == len([*CORPUS.iterdir()])


def test_one_changed_sentence_of_the_report_costs_its_passages_only(tmp_path: Path, encoder: Encoder) -> None:
    report = tmp_path / REPORT.name
    report.write_text(REPORT.read_text())
    first = ingest([report], tmp_path / "index", encoder, PARSERS)
    report.write_text(REPORT.read_text().replace("dating back to 1992", "dating back to 1991"))
    second = ingest([report], tmp_path / "index", encoder, PARSERS)
    assert 1 <= second.embedded <= 2
    assert second.counts == first.counts


def test_without_an_index_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError) as caught:
        _ = Library(tmp_path / "nowhere", ENCODER).store
    assert caught.value.hint
    assert "askreport index" in caught.value.hint


def test_spans_and_text_of_the_sample_documents_are_consistent() -> None:
    """The sample texts are cut into the sentences that the tests above count on."""
    passages = chunk(document(prose(1, 5)))
    assert passages[0].sentences[0] == Span(0, len(prose(1, 1)))


def test_outcomes_that_were_lost_are_there_after_the_next_run_though_it_publishes_nothing(place: Place) -> None:
    place.ingest()
    right = read_outcomes(place.index)
    (place.index / OUTCOMES).write_bytes(b"{}")
    assert read_outcomes(place.index) == ()
    assert not place.ingest().published
    assert read_outcomes(place.index) == right
