"""Files go in whole or not at all, out without a trace in any answer, and back as they were."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.changes.folder.manage import DELETED, Manager
from askreport.changes.originals import find_document, find_replacement, read_document
from askreport.changes.staging import UPLOADS
from askreport.changes.types import KEEP, MAX_LISTED, Added, FileState, Replacing
from askreport.config import Settings
from askreport.errors import (
    AskReportError,
    CollectionPartError,
    CorpusError,
    CorpusWriteError,
    DocumentNotFoundError,
    DocumentReplacedError,
    IndexBusyError,
    IndexMissingError,
    IndexWriteError,
    NameTakenError,
    OtherKindError,
    OutsideCorpusError,
    ParseError,
    QuestionError,
    SourceChangedError,
)
from askreport.indexing import builder
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.parse import Parsed, ParserPool
from askreport.store import GenerationWriter, latest_generation, writer_lock
from askreport.store.folder.outcomes import read_outcomes
from askreport.types import FloatArray
from tests.tools.parts import PARSERS, HashingEncoder, folder, part, prose

ENCODER = HashingEncoder()
GOATS = "The lighthouse of Kjeungskjær was lit in 1880. Its keeper kept nine goats."
FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."


class FailingEncoder(HashingEncoder):
    """An encoder that breaks at its work."""

    def encode_passages(self, texts: object, sentences: object) -> list[tuple[FloatArray, FloatArray]]:
        raise ValueError("the model is broken")


class Desk:
    """A corpus folder with two files, its index, and a manager of both."""

    def __init__(self, path: Path, encoder: Encoder = ENCODER, patience: float = 5.0) -> None:
        self.corpus = folder(path / "corpus", {"a.txt": prose(1, 5), "b.txt": prose(2, 5)})
        self.settings = Settings(corpus=self.corpus, index=path / "index", max_file_mb=1)
        self.library = Library(self.settings.index, encoder)
        self.manager = Manager(self.settings, self.library, PARSERS, patience)
        self.manager.reindex()

    def add(self, *files: tuple[str, str | bytes], replacing: Replacing = KEEP) -> list[Added]:
        staging = self.manager.stage()
        for name, content in files:
            staging.place(name).write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            return list(self.manager.add(staging.files, replacing=replacing))
        finally:
            staging.close()

    def with_encoder(self, encoder: Encoder) -> Manager:
        return Manager(self.settings, Library(self.settings.index, encoder), PARSERS)

    @property
    def files(self) -> dict[str, str]:
        """All files in the corpus folder, the hidden ones included, by name."""
        found = (path for path in self.corpus.rglob("*") if path.is_file())
        return {path.relative_to(self.corpus).as_posix(): path.read_text() for path in found}

    @property
    def paths(self) -> list[str]:
        return [document.path for document in self.library.store.documents()]

    def id_of(self, path: str) -> str:
        return find_document(self.library.store, path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@contextmanager
def held(index: Path, seconds: float) -> Iterator[None]:
    """Someone else writes the index, for so long."""
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with writer_lock(index):
            holding.set()
            release.wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    yield
    release.set()
    holder.join()


# Adding


def test_added_files_are_in_the_corpus_and_in_the_index(desk: Desk) -> None:
    added = desk.add(("goats.txt", GOATS), ("ferry.md", f"# Ferries\n\n{FERRY}"))
    assert [(each.name, each.path, each.status, each.count) for each in added] == [
        ("goats.txt", "goats.txt", "indexed", 1),
        ("ferry.md", "ferry.md", "indexed", 1),
    ]
    assert desk.paths == ["a.txt", "b.txt", "ferry.md", "goats.txt"]
    assert desk.library.store.document(added[0].documents[0]).text == GOATS
    assert desk.files["goats.txt"] == GOATS
    assert not any(name.startswith(UPLOADS) for name in desk.files)


def test_a_file_that_cannot_be_read_is_not_kept_and_the_others_are(desk: Desk) -> None:
    added = desk.add(
        ("bad.pdf", b"no pdf"), ("goats.txt", GOATS), ("x.exe", b"MZ"), ("none.txt", b""), ("big.txt", b"a " * 600_000)
    )
    assert [each.status for each in added] == ["damaged", "indexed", "unsupported", "no_text", "too_large"]
    assert all(each.reason for each in added if each.status != "indexed")
    assert [each.path for each in added] == ["", "goats.txt", "", "", ""]
    assert desk.files.keys() == {"a.txt", "b.txt", "goats.txt"}


def test_a_file_with_some_bad_parts_is_kept_and_says_which(desk: Desk) -> None:
    lines = [json.dumps({"id": n, "text": f"{GOATS} {n}"}) for n in range(30)]
    (added,) = desk.add(("notes.jsonl", "\n".join([*lines, "{bad", "[]"])))
    assert (added.path, added.status, added.count) == ("notes.jsonl", "indexed", 30)
    assert len(added.documents) == MAX_LISTED
    assert [problem.split(" is")[0] for problem in added.problems] == ["line 31", "line 32"]
    assert set(added.documents) <= {document.id for document in desk.library.store.documents()}


def test_the_same_bytes_are_a_duplicate_of_the_file_that_has_them(desk: Desk) -> None:
    again, first, second = desk.add(("other name.txt", prose(1, 5)), ("goats.txt", GOATS), ("goats too.txt", GOATS))
    assert (again.status, again.path, again.reason) == ("duplicate", "", "same content as a.txt")
    assert again.documents == (desk.id_of("a.txt"),)
    assert first.path == "goats.txt"
    assert (second.status, second.path, second.reason) == ("duplicate", "", "same content as goats.txt")
    assert desk.files.keys() == {"a.txt", "b.txt", "goats.txt"}


def test_a_file_that_could_not_be_read_under_another_ending_is_no_duplicate(desk: Desk) -> None:
    (desk.corpus / "goats").write_text(GOATS)
    (desk.corpus / "goats.pdf").write_text(GOATS)
    (added,) = desk.add(("goats.txt", GOATS))
    assert (added.path, added.status) == ("goats.txt", "indexed")


def test_a_name_that_is_taken_gets_a_number(desk: Desk) -> None:
    added = desk.add(("a.txt", GOATS), ("a.txt", FERRY))
    assert [each.path for each in added] == ["a (2).txt", "a (3).txt"]
    assert desk.files["a.txt"] == prose(1, 5)
    assert desk.files["a (3).txt"] == FERRY


def test_a_file_is_read_once_not_again_when_it_is_indexed(desk: Desk) -> None:
    class CountingPool(ParserPool):
        read = 0

        def parse(self, data: bytes, ending: str, wanted: threading.Event | None = None) -> list[Parsed | ParseError]:
            self.read += 1
            return super().parse(data, ending, wanted)

    with CountingPool(workers=1) as parsers:
        manager = Manager(desk.settings, desk.library, parsers)
        staging = manager.stage()
        staging.place("goats.txt").write_text(GOATS)
        (added,) = manager.add(staging.files)
        staging.close()
        assert added.status == "indexed"
        assert parsers.read == 1


def test_when_indexing_fails_the_corpus_is_as_it_was(desk: Desk) -> None:
    before = desk.files
    manager = desk.with_encoder(FailingEncoder(fingerprint="other"))
    staging = manager.stage()
    staging.place("goats.txt").write_text(GOATS)
    with pytest.raises(ValueError, match="broken"):
        manager.add(staging.files)
    staging.close()
    assert desk.files == before
    assert desk.paths == ["a.txt", "b.txt"]


def test_when_much_is_added_and_indexing_fails_nothing_of_it_was_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "MUCH", 1)
    manager = desk.with_encoder(FailingEncoder())
    staging = manager.stage()
    staging.place("goats.txt").write_text(GOATS)
    with pytest.raises(ValueError, match="broken"):
        manager.add(staging.files)
    staging.close()
    assert desk.paths == ["a.txt", "b.txt"]
    assert latest_generation(desk.settings.index) == 1


def test_progress_goes_from_the_new_files_to_the_index(desk: Desk) -> None:
    stages: list[str] = []
    staging = desk.manager.stage()
    staging.place("goats.txt").write_text(GOATS)
    desk.manager.add(staging.files, lambda stage, done, total: stages.append(stage))
    staging.close()
    assert list(dict.fromkeys(stages)) == ["checking", "reading", "embedding", "writing"]


def test_a_new_corpus_folder_is_made_but_a_lost_one_is_not(tmp_path: Path) -> None:
    settings = Settings(corpus=tmp_path / "new" / "corpus", index=tmp_path / "index")
    manager = Manager(settings, Library(settings.index, ENCODER), PARSERS)
    staging = manager.stage()
    staging.place("goats.txt").write_text(GOATS)
    assert [each.status for each in manager.add(staging.files)] == ["indexed"]
    staging.close()
    shutil.rmtree(settings.corpus)
    with pytest.raises(CorpusWriteError, match="No such file"):
        manager.stage()
    assert not settings.corpus.exists()
    with pytest.raises(CorpusError):
        manager.reindex()


# Deleting


def test_a_deleted_document_is_in_no_index_and_its_files_are_kept(desk: Desk) -> None:
    folder(desk.corpus, {"below/copy.md": prose(1, 5)})
    desk.manager.reindex()
    deleted = desk.manager.delete(desk.id_of("a.txt"))
    assert (deleted.title, sorted(deleted.files)) == ("A", ["a.txt", "below/copy.md"])
    assert desk.paths == ["b.txt"]
    assert desk.files == {
        f"{DELETED}/a.txt": prose(1, 5),
        f"{DELETED}/below/copy.md": prose(1, 5),
        "b.txt": prose(2, 5),
    }
    desk.add(("a.txt", prose(1, 5)))
    desk.manager.delete(deleted.id)
    assert f"{DELETED}/a (2).txt" in desk.files


def test_a_document_that_is_not_there_cannot_be_deleted(desk: Desk) -> None:
    with pytest.raises(DocumentNotFoundError):
        desk.manager.delete("0" * 16)
    shutil.rmtree(desk.settings.index)
    with pytest.raises(IndexMissingError):
        desk.manager.delete("0" * 16)


def test_one_of_several_documents_of_a_collection_cannot_be_deleted_alone(desk: Desk) -> None:
    lines = [json.dumps({"id": f"x/{n}#", "text": f"{GOATS} {n}"}) for n in range(2)]
    folder(desk.corpus, {"below/all.jsonl": "\n".join(lines), "one.jsonl": json.dumps({"id": 1, "text": FERRY}) + "\n"})
    desk.manager.reindex()
    with pytest.raises(CollectionPartError, match=r"part of below/all\.jsonl,"):
        desk.manager.delete(desk.id_of("below/all.jsonl#x/1#"))
    assert desk.manager.delete(desk.id_of("one.jsonl#1")).files == ("one.jsonl",)
    assert desk.paths == ["a.txt", "b.txt", "below/all.jsonl#x/0#", "below/all.jsonl#x/1#"]


def test_a_document_that_two_collections_hold_stays_with_both_files(desk: Desk) -> None:
    line = json.dumps({"id": 1, "text": FERRY})
    folder(desk.corpus, {"one.jsonl": f"{line}\n", "two.jsonl": f"{line}\n\n"})
    desk.manager.reindex()
    before = desk.files
    with pytest.raises(CollectionPartError, match=r"part of two\.jsonl"):
        desk.manager.delete(desk.id_of("one.jsonl#1"))
    assert desk.files == before


def test_files_outside_of_the_corpus_are_left_alone(desk: Desk, tmp_path: Path) -> None:
    elsewhere = folder(tmp_path / "elsewhere", {"goats.txt": GOATS})
    ingest([elsewhere], desk.settings.index, ENCODER, PARSERS)
    with pytest.raises(OutsideCorpusError, match="not in the corpus folder"):
        desk.manager.delete(desk.id_of("goats.txt"))
    (desk.corpus / "linked").symlink_to(elsewhere)
    desk.manager.reindex()
    with pytest.raises(OutsideCorpusError):
        desk.manager.delete(desk.id_of("linked/goats.txt"))
    assert (elsewhere / "goats.txt").exists()


def test_a_link_is_removed_and_not_the_file_it_leads_to(desk: Desk, tmp_path: Path) -> None:
    elsewhere = folder(tmp_path / "elsewhere", {"goats.txt": GOATS})
    (desk.corpus / "goats.txt").symlink_to(elsewhere / "goats.txt")
    desk.manager.reindex()
    assert desk.manager.delete(desk.id_of("goats.txt")).files == ("goats.txt",)
    assert (elsewhere / "goats.txt").read_text() == GOATS
    assert (desk.corpus / DELETED / "goats.txt").is_symlink()


def test_a_file_that_was_changed_is_not_taken_for_the_document(desk: Desk) -> None:
    document = desk.id_of("a.txt")
    (desk.corpus / "a.txt").write_text(GOATS)
    with pytest.raises(SourceChangedError):
        desk.manager.delete(document)
    assert desk.files["a.txt"] == GOATS


def test_a_document_whose_file_is_gone_can_still_be_deleted(desk: Desk) -> None:
    document = desk.id_of("a.txt")
    (desk.corpus / "a.txt").unlink()
    assert desk.manager.delete(document).files == ()
    assert desk.paths == ["b.txt"]


def test_a_document_whose_file_was_renamed_is_found_by_its_bytes(desk: Desk) -> None:
    document = desk.id_of("a.txt")
    (desk.corpus / "a.txt").rename(desk.corpus / "z.txt")
    assert desk.manager.delete(document).files == ("z.txt",)


def test_when_the_index_cannot_be_written_the_deleted_files_are_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise IndexWriteError("the disk is full")

    before = desk.files
    monkeypatch.setattr(GenerationWriter, "publish", broken)
    with pytest.raises(IndexWriteError):
        desk.manager.delete(desk.id_of("a.txt"))
    assert desk.files == before
    assert desk.paths == ["a.txt", "b.txt"]


def test_a_deletion_reads_no_other_file_and_leaves_nothing_of_its_own_behind(desk: Desk) -> None:
    document = desk.id_of("a.txt")
    (desk.corpus / "b.txt").write_text("Something else, which is not read now.")
    # Nothing can be embedded.
    desk.with_encoder(FailingEncoder()).delete(document)
    assert desk.paths == ["b.txt"]
    assert [outcome.path for outcome in read_outcomes(desk.settings.index)] == ["b.txt"]
    kept = b"".join(file.read_bytes() for file in desk.settings.index.glob("files.sqlite*"))
    assert b"a.txt" not in kept
    desk.manager.reindex()
    assert desk.paths == ["b.txt"]


def test_of_a_damaged_index_a_deletion_makes_a_new_one(desk: Desk) -> None:
    document = desk.id_of("a.txt")
    file = part(desk.settings.index, 1, "numbers.npy")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert desk.manager.delete(document).files == ("a.txt",)
    assert desk.paths == ["b.txt"]


@pytest.mark.parametrize("step", ["reading", "embedding"])
def test_a_deletion_goes_first_and_what_is_indexed_meanwhile_goes_on_after_it(tmp_path: Path, step: str) -> None:
    desk, reached = Desk(tmp_path), threading.Event()
    folder(desk.corpus, {"long.txt": prose(3, 3_000)})
    slow = desk.with_encoder(HashingEncoder(seconds=0.01))

    def reindex() -> None:
        slow.reindex(lambda stage, done, total: reached.set() if stage == step else None)

    thread = threading.Thread(target=reindex)
    thread.start()
    assert reached.wait(30)
    desk.manager.delete(desk.id_of("a.txt"))
    # The other one is not done yet, and was not made to fail; it may have published the words of what it embeds.
    assert "a.txt" not in desk.paths
    assert thread.is_alive()
    assert desk.paths == ["b.txt"] or desk.library.store.state.embedded < 1
    thread.join(120)
    assert desk.paths == ["b.txt", "long.txt"]


# One change at a time


def test_a_change_waits_for_another_process_that_writes(desk: Desk) -> None:
    started = time.monotonic()
    with held(desk.settings.index, 1.0):
        desk.manager.delete(desk.id_of("a.txt"))
        assert time.monotonic() - started > 0.9
    assert desk.paths == ["b.txt"]


def test_it_does_not_wait_for_ever_and_then_nothing_has_changed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, patience=0.3)
    before = desk.files
    with held(desk.settings.index, 30):
        with pytest.raises(IndexBusyError):
            desk.manager.delete(desk.id_of("a.txt"))
        with pytest.raises(IndexBusyError):
            desk.add(("goats.txt", GOATS))
    assert desk.files == before
    assert desk.paths == ["a.txt", "b.txt"]


def test_changes_at_once_all_happen(desk: Desk) -> None:
    errors: list[BaseException] = []

    def run(change: int) -> None:
        try:
            if change == 0:
                desk.manager.delete(desk.id_of("a.txt"))
            else:
                desk.add((f"new{change}.txt", prose(10 + change, 3)))
        except AskReportError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(change,)) for change in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert desk.paths == ["b.txt", *(f"new{n}.txt" for n in range(1, 5))]


# What is asked meanwhile


def test_no_question_that_starts_after_a_deletion_quotes_the_document(tmp_path: Path, encoder: Encoder) -> None:
    """Askers ask without a pause while a document comes and goes."""
    desk = Desk(tmp_path, encoder)
    # The number of the change, and whether the document is there; None while that is being changed.
    state: tuple[int, bool | None] = (0, False)
    wrong: list[str] = []
    seen: set[bool] = set()
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            before = state
            answer = ask(desk.library.store, encoder, "When was the lighthouse of Kjeungskjær lit?")
            found = any("1880" in text for text in [answer.answer, *(hit.text for hit in answer.passages)])
            # The whole question fell into one state, which its answer must show.
            if before == state and before[1] is not None:
                seen.add(found)
                wrong.extend([f"in state {before} it was {found}"] if found != before[1] else [])

    askers = [threading.Thread(target=run) for _ in range(3)]
    for asker in askers:
        asker.start()
    for change in range(1, 5):
        state = (change, None)
        (added,) = desk.add(("goats.txt", GOATS))
        state = (change, True)
        time.sleep(0.2)
        state = (change, None)
        desk.manager.delete(added.documents[0])
        state = (change, False)
        time.sleep(0.2)
    ended.set()
    for asker in askers:
        asker.join()
    assert wrong == []
    assert seen == {True, False}


# New versions and names


def test_a_new_version_takes_the_place_of_its_file_and_the_old_document_says_so(desk: Desk) -> None:
    old = desk.id_of("a.txt")
    (added,) = desk.add(("a.txt", GOATS), replacing=Replacing(same_name=True))
    assert (added.path, desk.paths) == ("a.txt", ["a.txt", "b.txt"])
    assert desk.files["a.txt"] == GOATS
    assert f"{DELETED}/a.txt" in desk.files
    found = find_replacement(desk.library.backend, desk.settings.index, old)
    assert found is not None
    assert (found.id,) == added.documents
    with pytest.raises(DocumentReplacedError, match="replaced by a new version") as caught:
        read_document(desk.library.backend, desk.settings.index, old, lambda store: store.document(old))
    assert caught.value.by == found.id
    # Of several versions the last is told.
    (third,) = desk.add(("other.txt", FERRY), replacing=Replacing(file="a.txt"))
    assert third.path == "a.txt"
    newest = find_replacement(desk.library.backend, desk.settings.index, old)
    assert newest is not None
    assert (newest.id,) == third.documents


def test_a_file_of_another_name_or_of_the_same_bytes_replaces_nothing(desk: Desk) -> None:
    (new,) = desk.add(("c.txt", GOATS), replacing=Replacing(same_name=True))
    (same,) = desk.add(("c.txt", GOATS), replacing=Replacing(same_name=True))
    assert (new.path, same.status, desk.paths) == ("c.txt", "duplicate", ["a.txt", "b.txt", "c.txt"])
    with pytest.raises(OtherKindError, match="another kind"):
        desk.add(("c.md", FERRY), replacing=Replacing(file="a.txt"))
    assert desk.paths == ["a.txt", "b.txt", "c.txt"]


def test_a_version_that_cannot_be_indexed_leaves_the_old_one(desk: Desk) -> None:
    before = desk.files
    staging = desk.manager.stage()
    staging.place("a.txt").write_text(GOATS)
    with pytest.raises(ValueError, match="broken"):
        desk.with_encoder(FailingEncoder()).add(staging.files, replacing=Replacing(same_name=True))
    staging.close()
    assert {name: text for name, text in desk.files.items() if not name.startswith(UPLOADS)} == before
    assert desk.paths == ["a.txt", "b.txt"]


def test_a_file_that_is_changed_in_place_is_a_new_version_as_well(desk: Desk) -> None:
    old = desk.id_of("a.txt")
    (desk.corpus / "a.txt").write_text(GOATS)
    desk.manager.reindex()
    found = find_replacement(desk.library.backend, desk.settings.index, old)
    assert found is not None
    assert found.id == desk.id_of("a.txt")


def test_a_deleted_document_was_not_replaced(desk: Desk) -> None:
    old = desk.id_of("a.txt")
    desk.manager.delete(old)
    assert find_replacement(desk.library.backend, desk.settings.index, old) is None


def test_a_file_gets_another_name_and_its_document_stays_the_same(desk: Desk) -> None:
    document_id = desk.id_of("a.txt")
    assert desk.manager.rename(document_id, "../New name") == "New name.txt"
    assert desk.paths == ["New name.txt", "b.txt"]
    assert desk.id_of("New name.txt") == document_id
    assert desk.manager.rename(document_id, "New name.TXT") == "New name.txt"
    with pytest.raises(NameTakenError):
        desk.manager.rename(document_id, "b.txt")
    with pytest.raises(QuestionError):
        desk.manager.rename(document_id, " .txt")
    with pytest.raises(DocumentNotFoundError):
        desk.manager.rename("0" * 16, "x")
    assert "New name.txt" in desk.files


def test_each_file_is_told_of_as_soon_as_it_was_read(desk: Desk) -> None:
    told: list[tuple[int, FileState]] = []
    staging = desk.manager.stage()
    for name, content in (("c.txt", GOATS), ("d.pdf", "no pdf")):
        staging.place(name).write_text(content)
    desk.manager.add(staging.files, said=lambda place, state: told.append((place, state)))
    staging.close()
    assert sorted(told) == [(0, "read"), (0, "reading"), (1, "damaged"), (1, "reading")]
